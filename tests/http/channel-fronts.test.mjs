// The two texts of 401, as far as each web server carries them: its status line
// is its own under lighttpd, the header comes through everywhere.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { mint } from './channel.mjs';
import { served } from './served.mjs';

/** The head of a reply, line by line.
 * @param {string} base @param {string} path @returns {Promise<string[]>} */
function head(base, path) {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
    let text = '';
    socket.on('data', (data) => { text += data; });
    socket.on('error', reject);
    socket.on('end', () => resolve(text.split('\r\n\r\n')[0].split('\r\n')));
  });
}

for (const [front, own] of /** @type {const} */ ([
  ['lighttpd', false], ['nginx', true], ['apache-proxy', true],
  ['apache-cgid', true], ['lighttpd-cgi', false]]))
  test(`${front} carries the texts of 401`, () =>
    served({ front }, async ({ base, api, ...server }) => {
      const over = mint(/** @type {any} */ (server), { ns: 'channel:x',
        room: 'x', exp: 1000000000 });
      for (const [token, text] of [['x', 'Invalid+token.'],
        [over, 'Token+timed+out.']]) {
        const [status, ...headers] = await head(base, new URL(api).pathname +
          `/_ah/channel/dev?command=poll&channel=${token}`);
        assert.equal(status, `HTTP/1.1 401 ${own ? text : 'Unauthorized'}`);
        assert.ok(headers.some((line) =>
          line.toLowerCase() === `x-letterbox-error: ${text.toLowerCase()}`),
        headers.join('\n'));
      }
    }));
