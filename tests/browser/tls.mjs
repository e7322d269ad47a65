// A second web server of the same kind before the same processes, with TLS and
// HTTP/2, and with the old address of the script: its configuration is that of
// the first one, and these lines. The last of them stand in docs/channel.md.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { start } from '../http/letterbox.mjs';
import { define } from '../http/fronts/apache.mjs';
import { replaceEach, setEach } from '../http/fronts/text.mjs';
import { freePort } from '../http/port.mjs';
import { until } from '../http/until.mjs';

/** @param {string} dir @returns {string} a file with key and certificate */
function certificate(dir) {
  const [key, cert, both] = ['tls.key', 'tls.crt', 'tls.pem'].map((file) =>
    join(dir, file));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj',
    '/CN=127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  writeFileSync(both, readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'));
  return both;
}

const MOVING = readFileSync(
  new URL('../../public_html/docs/channel.md', import.meta.url), 'utf8');

/** The one block of the document with these words.
 * @param {string | RegExp} words */
export function documented(words) {
  const blocks = MOVING.split('\n\n').filter((text) =>
    text.startsWith('    ') && text.search(words) >= 0);
  if (blocks.length !== 1)
    throw new Error(`channel.md tells ${blocks.length} times of ${words}`);
  return blocks[0].replace(/^ {4}/gm, '').trim();
}

/** @typedef {{text: string, from: string, pem: string, dir: string,
 *   port: number}} Stage from: the port of the first one */

const KINDS = {
  nginx: (/** @type {Stage} */ { text, from, pem, dir, port }) =>
    replaceEach(text, {
      [`listen 127.0.0.1:${from};`]: `listen 127.0.0.1:${port} ssl http2;
		ssl_certificate ${pem};
		ssl_certificate_key ${pem};
		${documented(/^ {4}rewrite /)}`,
      [`pid ${dir}/nginx.pid`]: `pid ${dir}/tls/nginx.pid`,
    }),
  lighttpd: (/** @type {Stage} */ { text, from, pem, port }) =>
    `${replaceEach(text, { [from]: String(port) })}
server.modules += ( "mod_openssl" )
ssl.engine = "enable"
ssl.pemfile = "${pem}"
${documented('url.rewrite-once')}
`,
  apache2: (/** @type {Stage} */ { text, pem, dir, port }) => {
    const own = setEach(text, define,
      { run: `${dir}/tls`, logs: `${dir}/tls`, port });
    return `${own}
LoadModule ssl_module \${modules}/mod_ssl.so
LoadModule socache_shmcb_module \${modules}/mod_socache_shmcb.so
LoadModule http2_module \${modules}/mod_http2.so
SSLEngine on
SSLCertificateFile ${pem}
Protocols h2 http/1.1
${documented(text.includes('ProxyPass') ? '<Location' : 'LoadModule')}
`;
  },
};

/** How each is started, as itself and in the foreground.
 * @type {Record<keyof typeof KINDS, (file: string) => string[]>} */
const WORDS = {
  lighttpd: (file) => ['-D', '-f', file],
  nginx: (file) => ['-c', file, '-g',
    (process.getuid?.() === 0 ? 'user root; ' : '') + 'daemon off;'],
  apache2: (file) => ['-D', 'FOREGROUND', '-f', file],
};

/**
 * @param {import('../http/harness.mjs').Server} server
 * @returns {Promise<{base: string, stop(): Promise<void>}>}
 */
export async function startTls(server) {
  const kind = /** @type {keyof typeof KINDS} */ (server.front.server);
  const { dir } = server;
  mkdirSync(join(dir, 'tls'));
  const port = await freePort();
  const file = join(dir, 'tls', 'web.conf');
  writeFileSync(file, KINDS[kind]({ dir, port, pem: certificate(dir),
    from: new URL(server.base).port,
    text: readFileSync(join(dir, 'web.conf'), 'utf8') }));
  const child = start(kind, WORDS[kind](file), { log: join(dir, 'tls', 'web.out'),
    cwd: dir, group: true, env: { PATH: `${process.env.PATH}:/usr/sbin` } });
  const base = `https://127.0.0.1:${port}`;
  await until(`${kind} answers`, () => {
    if (child.exitCode !== null)
      throw new Error(readFileSync(join(dir, 'tls', 'web.out'), 'utf8'));
    return new Promise((resolve) => {
      const probe = createConnection(port, '127.0.0.1');
      probe.once('connect', () => { probe.destroy(); resolve(true); });
      probe.once('error', () => resolve(false));
    });
  });
  return {
    base,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null && !child.signalCode)
        await once(child, 'exit');
    },
  };
}
