// Web servers and relays that stand in the way, in front of a real server:
// they keep streams back, cut what is silent, answer for programs that do not
// run. Pages come through them too, so that all is of one origin.

import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from '../http/letterbox.mjs';
import { freePort } from '../http/port.mjs';
import { until } from '../http/until.mjs';

/** @typedef {import('../http/harness.mjs').Server} Server */
/** @typedef {import('node:http').IncomingMessage} Incoming */
/** @typedef {import('node:http').ServerResponse} Reply */

const PAGES = fileURLToPath(new URL('../../public_html/', import.meta.url));

/** lighttpd as it is by default: a reply goes out when it is whole.
 * @param {string} dir @param {number} port @param {string} socket */
const lighttpd = (dir, port, socket) => `server.modules = ( "mod_fastcgi" )
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${PAGES}"
server.errorlog = "${dir}/error.log"
server.stream-response-body = 0
server.feature-flags = ( "server.graceful-shutdown-timeout" => 1 )
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html", ".js" => "text/javascript",
  ".css" => "text/css", ".svg" => "image/svg+xml" )
fastcgi.server = ( "/api" => (( "socket" => "${socket}",
  "check-local" => "disable", "tcp-fin-propagate" => "enable" )) )
`;

/** nginx that waits 4 s for a word of the program.
 * @param {string} dir @param {number} port @param {string} socket */
const nginx = (dir, port, socket) => `pid ${dir}/pid;
error_log ${dir}/error.log;
events { worker_connections 256; }
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) =>
    `${kind}_temp_path ${dir}/${kind};`).join('\n  ')}
  types { text/html html; text/javascript js; text/css css;
    image/svg+xml svg; }
  access_log off;
  server {
    listen 127.0.0.1:${port};
    root ${PAGES};
    location ~ ^/api(?<mounted>/.*)?$ {
      fastcgi_pass unix:${socket};
      fastcgi_read_timeout 4s;
      ${['REQUEST_METHOD $request_method', 'SCRIPT_NAME /api',
    'PATH_INFO $mounted', 'QUERY_STRING $query_string',
    'CONTENT_TYPE $content_type', 'CONTENT_LENGTH $content_length',
    'REMOTE_ADDR $remote_addr', 'SERVER_NAME $server_name',
    'SERVER_PORT $server_port', 'GATEWAY_INTERFACE CGI/1.1',
    'SERVER_PROTOCOL $server_protocol', 'REQUEST_SCHEME $scheme']
    .map((line) => `fastcgi_param ${line};`).join('\n      ')}
    }
  }
}
`;

const KINDS = {
  lighttpd: { text: lighttpd, args: ['-D', '-f'] },
  nginx: { text: nginx, args: ['-g',
    `${process.getuid?.() === 0 ? 'user root; ' : ''}daemon off;`, '-c'] },
};

/**
 * @param {keyof typeof KINDS} kind
 * @param {Server} server
 */
export async function startFront(kind, server) {
  const dir = mkdtempSync(join(server.dir, kind));
  chmodSync(dir, 0o755);
  mkdirSync(join(dir, 'tmp'));
  const port = await freePort();
  const file = join(dir, 'conf');
  writeFileSync(file, KINDS[kind].text(dir, port, server.sockets[0]));
  const child = start(kind, [...KINDS[kind].args, file],
    { log: join(dir, 'out'), cwd: dir,
      env: { PATH: `${process.env.PATH}:/usr/sbin` } });
  const base = `http://127.0.0.1:${port}`;
  await until(`${kind} answers`, () => fetch(base + '/api/healthz')
    .then((reply) => reply.status === 200, () => false));
  return {
    base,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null && !child.signalCode)
        await once(child, 'exit');
    },
  };
}

/**
 * A relay in front of the server that may answer by itself.
 * @param {Server} server
 * @param {(incoming: Incoming, reply: Reply, pass: (change?: Change) => void)
 *   => void} work pass hands a request on
 * @typedef {{path?: string, text?: (text: string) => string | Promise<string>,
 *   most?: number}} Change path: asked for instead; text: of the reply, when it
 *   is whole; most: bytes of the reply, then it is cut off
 */
export async function startRelay(server, work) {
  const { port } = new URL(server.base);
  const relay = createServer((incoming, reply) => work(incoming, reply,
    (change = {}) => {
      const { path = incoming.url, text, most = Infinity } = change;
      const onward = request({ port, path, method: incoming.method,
        headers: incoming.headers, agent: false }, (answer) => {
        const headers = { ...answer.headers };
        if (text) delete headers['content-length'];
        reply.writeHead(answer.statusCode ?? 500, headers);
        reply.flushHeaders();
        let left = most;
        const whole = /** @type {Buffer[]} */ ([]);
        answer.on('data', (piece) => {
          if (text) whole.push(piece);
          else reply.write(piece.subarray(0, left));
          left -= piece.length;
          if (left <= 0) setImmediate(() => reply.destroy());
        });
        answer.on('end', async () => left > 0 && reply.end(text &&
          await text(Buffer.concat(whole).toString())));
        answer.on('error', () => reply.destroy());
      });
      onward.on('error', () => reply.destroy());
      reply.on('close', () => onward.destroy());
      incoming.pipe(onward);
    }));
  relay.keepAliveTimeout = 60_000;
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const at = /** @type {import('node:net').AddressInfo} */ (relay.address());
  return {
    base: `http://127.0.0.1:${at.port}`,
    async stop() {
      relay.closeAllConnections();
      relay.close();
      await once(relay, 'close');
    },
  };
}
