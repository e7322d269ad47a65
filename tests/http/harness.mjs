// The real thing in a scratch folder: lighttpd on a free port in front of one
// or more Letterbox processes over one data folder.
//
//   /api      spread over all processes
//   /p0 /p1   one process each

import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync,
  writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Letterbox, NOBODY, binary, scratch, start } from './letterbox.mjs';
import { until } from './until.mjs';

const PAGES = fileURLToPath(new URL('../../public_html/', import.meta.url));

/** Rates are for tests of rates; everything else runs as fast as it can. */
const DEFAULTS = {
  post_rate: 100000, post_burst: 1000000, join_rate: 10000,
  join_burst: 100000, polls_per_address: 5000, metrics_open: 'yes',
};

/** A port of the loopback interface that was free a moment ago. */
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */
    (probe.address());
  probe.close();
  await once(probe, 'close');
  return port;
}

/**
 * @param {string} dir
 * @param {number} port
 * @param {string} pages
 * @param {string[]} sockets
 */
function lighttpdConf(dir, port, pages, sockets) {
  // The front end learns that a browser hung up only by tcp-fin-propagate.
  const host = (/** @type {string} */ socket) => `( "socket" => "${socket}",
    "check-local" => "disable", "tcp-fin-propagate" => "enable" )`;
  const mounts = sockets.map((s, i) => `"/p${i}" => ( ${host(s)} )`);
  return `server.modules = ( "mod_fastcgi" )
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${pages}"
server.errorlog = "${dir}/lighttpd.log"
server.max-fds = 8192
server.max-request-size = 2048
server.max-keep-alive-requests = 1000000
server.stream-response-body = 1
server.feature-flags = ( "server.graceful-shutdown-timeout" => 1 )
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html; charset=utf-8",
  ".js" => "text/javascript", ".mjs" => "text/javascript",
  ".css" => "text/css", ".json" => "application/json",
  ".svg" => "image/svg+xml" )
fastcgi.server = ( "/api" => ( ${sockets.map(host).join(', ')} ),
  ${mounts.join(',\n  ')} )
`;
}

/** @param {string} dir @param {string} pages @param {string[]} sockets */
async function startLighttpd(dir, pages, sockets) {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    const file = join(dir, 'lighttpd.conf');
    writeFileSync(file, lighttpdConf(dir, port, pages, sockets));
    const child = start('lighttpd', ['-D', '-f', file],
      { log: join(dir, 'lighttpd.out'),  cwd: dir,
        env: { PATH: `${process.env.PATH}:/usr/sbin` } });
    const base = `http://127.0.0.1:${port}`;
    const up = await until('lighttpd answers', async () => {
      if (child.exitCode !== null) return 'no';
      return fetch(base + '/').then(() => 'yes', () => '');
    });
    if (up === 'yes') return { child, base };
    // Somebody took the port in between.
    if (tries === 5)
      throw new Error(readFileSync(join(dir, 'lighttpd.log'), 'utf8'));
  }
}

/** @param {string} url of a mount @param {Letterbox} box behind it */
const healthy = (url, box) => until(`${url} is healthy`, () => {
  if (!box.running) throw new Error(`letterbox ended: ${box.stderr}`);
  return fetch(url + '/healthz', { signal: AbortSignal.timeout(1000) })
    .then((r) => r.status === 200, () => false);
});

/**
 * @typedef {Awaited<ReturnType<typeof startServer>>} Server
 * @param {{conf?: Record<string, string | number>, processes?: number,
 *   static?: boolean, hostile?: boolean, files?: Record<string, string>,
 *   unprivileged?: boolean, dataMode?: number}} [options] conf: keys of the configuration;
 *   static: serve public_html; hostile: the sanitized program, if there is
 *   one; files: text files to put into the scratch folder first (`$DIR` in
 *   conf is that folder); unprivileged: Letterbox never runs as root;
 *   dataMode: of the data folder
 */
export async function startServer(options = {}) {
  const { conf = {}, processes = 1, hostile = false, files = {} } = options;
  const dir = scratch();
  const data = join(dir, 'data');
  mkdirSync(data);
  chmodSync(data, options.dataMode ?? 0o700);
  mkdirSync(join(dir, 'www'));
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(dir, name), text, { mode: 0o600 });
  const settings = { data_dir: data, ...DEFAULTS, ...conf };
  const confFile = join(dir, 'letterbox.conf');
  writeFileSync(confFile, Object.entries(settings).map(([key, value]) =>
    `${key} = ${String(value).replaceAll('$DIR', dir)}\n`).join(''));

  const user = options.unprivileged && process.getuid?.() === 0 ? NOBODY : 0;
  if (user) {
    chmodSync(dir, 0o711);
    for (const path of [dir, data, ...Object.keys(files).map((f) =>
      join(dir, f))]) chownSync(path, user, user);
  }
  const boxes = Array.from({ length: processes }, (_, i) => new Letterbox({
    program: binary({ hostile }), socket: join(dir, `${i}.sock`),
    conf: confFile, log: join(dir, `letterbox-${i}.log`), user,
  }));
  const pages = options.static ? PAGES : join(dir, 'www');
  for (const box of boxes) await box.start();
  const { child, base } =
    await startLighttpd(dir, pages, boxes.map((b) => b.socket));
  const mounts = boxes.map((_, i) => `${base}/p${i}`);
  await Promise.all(mounts.map((mount, i) => healthy(mount, boxes[i])))
    .catch(async (error) => {
      await end();
      throw error;
    });

  /** Ends everything. @returns how the processes ended */
  async function end() {
    const ends = await Promise.all(boxes.map((b) => b.end('SIGTERM')));
    for (const box of boxes) box.close();
    child.kill('SIGTERM');
    if (child.exitCode === null && !child.signalCode)
      await once(child, 'exit');
    return ends;
  }

  return {
    base, api: base + '/api', mounts, dir, data, boxes,
    conf: settings,
    database: join(data, 'letterbox.db'),
    sockets: boxes.map((b) => b.socket),
    get pids() {
      return boxes.map((b) => b.pid);
    },
    get stderr() {
      return boxes.map((b) => b.stderr).join('');
    },
    /** @param {NodeJS.Signals} [signal] @returns exit codes or signals */
    kill(signal = 'SIGKILL') {
      return Promise.all(boxes.map((b) => b.end(signal)));
    },
    /** Starts what was ended. Healthy when it returns. */
    async restart() {
      await Promise.all(boxes.map((b) => b.end('SIGTERM')));
      for (const box of boxes) await box.start();
      await Promise.all(mounts.map((mount, i) => healthy(mount, boxes[i])));
    },
    /** Ends all; throws when a process did not end well by itself. */
    async stop() {
      const ends = await end();
      const bad = ends.filter((end) => end !== 0 && end !== 'SIGKILL');
      const said = boxes.map((b) => b.stderr).join('');
      rmSync(dir, { recursive: true, force: true });
      if (bad.length) throw new Error(`ended with ${bad}:\n${said}`);
    },
  };
}
