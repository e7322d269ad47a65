// nginx: httpd-conf/nginx.conf, with a mount for each process besides /api.

import { configuration, replaceEach } from './text.mjs';

const KINDS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** @param {import('./table.mjs').Stage} stage @param {number} port */
export function fastcgi({ dir, pages, sockets, bodyMax, apprtc }, port) {
  const folders = KINDS.map((kind) => `\t${kind}_temp_path ${dir}/${kind};\n`);
  const text = replaceEach(configuration('nginx.conf'), {
    '/run/letterbox-nginx.pid': `${dir}/nginx.pid`,
    '/var/log/letterbox/nginx.log': `${dir}/nginx.log`,
    '/usr/local/share/letterbox/public_html': pages,
    '127.0.0.1:8080': `127.0.0.1:${port}`,
    'worker_rlimit_nofile 32768': 'worker_rlimit_nofile 8192',
    'worker_connections 16384': 'worker_connections 4000',
    'client_max_body_size 128k': `client_max_body_size ${bodyMax}`,
    'http {\n': `http {\n${folders.join('')}`,
  });

  const pool = text.match(/\tupstream letterbox \{[^]*?\n\t\}\n/)?.[0] ?? '';
  const upstream = (/** @type {string} */ name,
    /** @type {string[]} */ of) => replaceEach(pool, {
    'upstream letterbox': `upstream ${name}`,
    'server unix:/run/letterbox/fastcgi.sock;':
      of.map((socket) => `server unix:${socket};`).join(' '),
  });
  const place = text.match(/\t\tlocation ~ \^\/api[^]*?\n\t\t\}\n/)?.[0] ?? '';
  const location = (/** @type {number} */ i) => replaceEach(place, {
    '/api': `/p${i}`, 'fastcgi_pass letterbox': `fastcgi_pass letterbox_${i}`,
  });

  // At the end of http { }.
  const own = !apprtc ? '' : replaceEach(configuration('nginx-apprtc.conf'),
    { '127.0.0.1:8090': `127.0.0.1:${apprtc}`,
      '/usr/local/share/letterbox/public_html': pages });
  return replaceEach(text.replace(/\}\s*$/, () => `${own}}\n`), {
    [pool]: [upstream('letterbox', sockets), ...sockets.map((socket, i) =>
      upstream(`letterbox_${i}`, [socket]))].join(''),
    [place]: [place, ...sockets.map((_, i) => location(i))].join(''),
    '~^/api(/|$)': '~^/(api|p\\d+)(/|$)',
  });
}
