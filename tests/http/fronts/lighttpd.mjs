// lighttpd: httpd-conf/lighttpd.conf as it stands or on processes that run
// already, and httpd-conf/lighttpd-cgi.conf.

import { configuration, replace, setEach } from './text.mjs';

const variable = (/** @type {string} */ name) =>
  new RegExp(`^(var\\.${name}\\s*=\\s*)("[^"]*"|\\d+)`, 'gm');

/** @param {unknown} text */
const quoted = (text) => `"${text}"`;

/** @param {import('./table.mjs').Stage} stage @param {number} port */
const values = ({ dir, pages, conf }, port) => ({
  pages: quoted(pages), conf: quoted(conf), run: quoted(dir),
  logs: quoted(dir), address: quoted('127.0.0.1'), port, files: 8192,
});

/** The limit of a body, in KiB; root would rather be somebody else.
 * @param {string} text @param {import('./table.mjs').Stage} stage */
function limited(text, { bodyMax, user }) {
  const account = user ? 'server.username = "nobody"\n' : '';
  return account + replace(text, 'server.max-request-size = 128',
    `server.max-request-size = ${Math.ceil(bodyMax / 1024)}`);
}

/** AppRTC on a port of its own, on the first process or the one started.
 * @param {import('./table.mjs').Stage} stage */
function apprtc({ apprtc: port, sockets }) {
  if (!port) return '';
  const text = setEach(configuration('lighttpd-apprtc.conf'), variable,
    { apprtc: quoted(`127.0.0.1:${port}`) });
  return !sockets.length ? text : replace(text,
    'var.run + "/fastcgi.sock-0"', quoted(sockets[0]));
}

/** @param {import('./table.mjs').Stage} stage @param {number} port */
export function fastcgi(stage, port) {
  const text = setEach(limited(configuration('lighttpd.conf'), stage),
    variable, { ...values(stage, port), program: quoted('') });
  const [entry, inner] = text.match(/fastcgi\.server = \( "\/api" => \(\(([^]*?)\n\t\)\)\)/) ?? [];
  // The processes are there: the entry says where, and no more how to start
  // one. All of it stands once for each of them.
  const found = replace(replace(String(inner),
    /^\s*"bin-path".*,\n/gm, ''),
  /^\s*# One process parks[^]*?"bin-copy-environment" .*,\n/gm, '');
  const hosts = stage.sockets.map((socket) => '(' + replace(found,
    /("socket" +=> ).*,/g, (_, head) => `${head}"${socket}",`) + '\n)');
  const mounts = [`"/api" => (${hosts.join(', ')})`,
    ...hosts.map((one, i) => `"/p${i}" => (${one})`)];
  return replace(
    replace(text, String(entry), `fastcgi.server = ( ${mounts.join(',\n')} )`),
    '"^/api(/|\\?|$)"', '"^/(api|p\\d+)(/|\\?|$)"') + apprtc(stage);
}

/** @param {import('./table.mjs').Stage} stage @param {number} port */
export const spawned = (stage, port) =>
  setEach(limited(configuration('lighttpd.conf'), stage), variable,
    { ...values(stage, port), program: quoted(stage.program) }) +
    apprtc(stage);

/** @param {import('./table.mjs').Stage} stage @param {number} port */
export const cgi = (stage, port) =>
  setEach(limited(configuration('lighttpd-cgi.conf'), stage), variable,
    { ...values(stage, port), program: quoted(stage.program) });
