// Each configuration of httpd-conf works as it stands, but for the paths.
// lighttpd's are what make run uses, and are tested there.

import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { chmodSync, mkdirSync, readFileSync, writeFileSync }
  from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { Letterbox, binary, scratch, start } from '../http/letterbox.mjs';
import { until } from '../http/until.mjs';
import { ROOT } from './make_run.mjs';

const dir = scratch();
mkdirSync(join(dir, 'data'), { mode: 0o700 });
const conf = join(dir, 'letterbox.conf');
writeFileSync(conf, `data_dir = ${dir}/data\n`);
const box = new Letterbox({ program: binary(), socket: join(dir, 'fcgi.sock'),
  conf, log: join(dir, 'letterbox.log') });

before(() => box.start());
after(async () => {
  await box.end('SIGTERM');
  box.close();
});

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = /** @type {import('net').AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, 'close');
  return port;
}

/** @param {string} text @param {Record<string, string>} changes */
const change = (text, changes) =>
  Object.entries(changes).reduce((before, [from, to]) => {
    assert.ok(before.includes(from), `${from} stands in the file`);
    return before.replaceAll(from, to);
  }, text);

test('nginx.conf carries a join, a held poll and a post', async () => {
  const port = await freePort();
  const file = join(dir, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${dir}/${kind};`).join('\n');
  writeFileSync(file, change(
    readFileSync(join(ROOT, 'httpd-conf/nginx.conf'), 'utf8'), {
      '/run/letterbox-nginx.pid': `${dir}/nginx.pid`,
      '/var/log/letterbox/nginx.log': `${dir}/nginx.log`,
      'unix:/run/letterbox/fastcgi.sock': `unix:${box.socket}`,
      '/usr/local/share/letterbox/public_html': join(ROOT, 'public_html'),
      '127.0.0.1:8080': `127.0.0.1:${port}`,
      'worker_rlimit_nofile 32768': 'worker_rlimit_nofile 4096',
      'worker_connections 16384': 'worker_connections 1024',
      'http {': `http {\n${temporary}`,
    }));
  chmodSync(dir, 0o755);
  const user = process.getuid?.() === 0 ? 'user root; ' : '';
  const nginx = start('nginx', ['-c', file, '-g', user + 'daemon off;'],
    { log: join(dir, 'nginx.out'), cwd: dir,
      env: { PATH: `${process.env.PATH}:/usr/sbin` } });
  try {
    const base = `http://127.0.0.1:${port}`;
    await until('nginx answers', () =>
      fetch(base + '/api/healthz').then((r) => r.status === 200, () => false));

    const room = base + '/api/rooms/nginx';
    const ask = async (/** @type {string} */ path, /** @type {any} */ json,
      token = '') => {
      const reply = await fetch(room + path, {
        method: json ? 'POST' : 'GET',
        body: json && JSON.stringify(json),
        headers: { ...(json && { 'content-type': 'application/json' }),
          ...(token && { authorization: `Bearer ${token}` }) },
      });
      const body = /** @type {any} */ (await reply.json());
      return { status: reply.status, ...body };
    };
    const ada = await ask('/peers', { key: 'a'.repeat(22) });
    const bob = await ask('/peers', { key: 'b'.repeat(22) });
    const held = ask(`/messages?after=${bob.cursor}&wait=20`, null, bob.token);
    const post = await ask('/messages',
      { n: 1, messages: [{ type: 'chat', body: 'through nginx' }] }, ada.token);
    assert.equal(post.status, 201);
    const poll = await held;
    assert.equal(poll.status, 200);
    assert.equal(poll.messages[0].body, 'through nginx');

    const page = await fetch(base + '/');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-security-policy') ?? '',
      /script-src 'self'/);
    assert.match(page.headers.get('permissions-policy') ?? '', /camera/);
    const api = await fetch(base + '/api/healthz');
    assert.match(api.headers.get('content-security-policy') ?? '',
      /default-src 'none'; frame/);
  } finally {
    nginx.kill('SIGTERM');
    await once(nginx, 'exit');
  }
});
