// Bad requests through each front end: refused by the program or by the web
// server, nobody falls, and nothing is stored. And what a good one's reply
// says to a browser, which is the same everywhere.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Api } from '../http/api.mjs';
import { FRONTS } from '../http/fronts/table.mjs';
import { startServer } from '../http/harness.mjs';
import { newKey, peers } from '../http/peer.mjs';
import { rows } from '../http/sqlite.mjs';

/** @typedef {import('../http/harness.mjs').Server} Server */

/**
 * Sends bytes as they are, and reads what comes until it is enough, or the end,
 * or silence after a reply.
 * @param {string} base @param {string | Buffer} bytes
 * @param {(got: string) => boolean} [enough]
 * @returns {Promise<string>}
 */
function hurl(base, bytes, enough = () => false) {
  const { hostname, port } = new URL(base);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let got = '';
    socket.setTimeout(10000, () => socket.destroy());
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
      socket.setTimeout(300);
      if (enough(got)) socket.destroy();
    });
    socket.on('error', () => undefined); // the web server hung up
    socket.on('close', () => resolve(got));
    socket.write(bytes);
  });
}

/** A head is. @param {string} got */
const head = (got) => got.includes('\r\n\r\n');

/** @param {string} reply */
const statusOf = (reply) => Number(/^HTTP\/1\.[01] (\d+)/.exec(reply)?.[1]);

/** @param {string} line @param {string[]} [headers] @param {string} [body] */
const http = (line, headers = [], body = '') => [
  `${line} HTTP/1.1`, 'Host: letterbox.test', ...headers, '', body,
].join('\r\n');

const JOIN = JSON.stringify({ key: newKey(), peer: 'intruder' });
const JSON_TYPE = 'Content-Type: application/json';
const chunk = (/** @type {string} */ text) =>
  `${text.length.toString(16)}\r\n${text}\r\n`;

/** What is refused wherever it goes. `X` stands for a room.
 * @type {[string, string][]} */
const REFUSED = [
  ['no Content-Length', http('POST /api/rooms/X/peers', [JSON_TYPE], JOIN)],
  ['a Content-Length that is no number', http('POST /api/rooms/X/peers',
    [JSON_TYPE, 'Content-Length: x'], JOIN)],
  ['a Content-Length below zero', http('POST /api/rooms/X/peers',
    [JSON_TYPE, 'Content-Length: -1'], JOIN)],
  ['a Content-Length beyond all numbers', http('POST /api/rooms/X/peers',
    [JSON_TYPE, `Content-Length: ${'9'.repeat(40)}`], JOIN)],
  ['two Content-Lengths', http('POST /api/rooms/X/peers',
    [JSON_TYPE, 'Content-Length: 5', 'Content-Length: 6'], JOIN)],
  ['a Content-Length that is too small', http('POST /api/rooms/X/peers',
    [JSON_TYPE, 'Content-Length: 5', 'Connection: close'], JOIN)],
  ['chunks that are none', http('POST /api/rooms/X/peers',
    [JSON_TYPE, 'Transfer-Encoding: chunked'], `zz\r\n${JOIN}\r\n0\r\n\r\n`)],
  ['a header of 64 KB', http('GET /api/healthz',
    [`X-Long: ${'x'.repeat(65536)}`])],
  ['a path of 64 KB', http(`GET /api/rooms/${'x'.repeat(65536)}`)],
  ['a NUL in the path', http('GET /api/rooms/X%00/messages')],
  ['a NUL in ?path=', http('GET /api?path=/rooms/X%00/messages')],
  ['an encoded slash', http('POST /api/rooms/X%2Fpeers/peers',
    [JSON_TYPE, `Content-Length: ${JOIN.length}`], JOIN)],
  ['dots that leave the mount', http('GET /api/rooms/../../../etc/passwd')],
  ['encoded dots', http('GET /api/rooms/%2e%2e/%2e%2e/healthz')],
  ['dots for a name', http('POST /api?path=/rooms/../peers',
    [JSON_TYPE, `Content-Length: ${JOIN.length}`], JOIN)],
  ['two slashes in ?path=', http('POST /api?path=/rooms//X/peers',
    [JSON_TYPE, `Content-Length: ${JOIN.length}`], JOIN)],
  ['the query as an argument', http('GET /api/nothing?log+X')],
  ['an option as the query', http('GET /api/nothing?-c+/etc/passwd')],
  ['a line feed in a header', http('GET /api/rooms/X/messages',
    ['Authorization: Bearer x\n y'])],
];

/** What is answered well: the query and the arguments mean nothing. */
const ANSWERED = ['/healthz?log+X', '/healthz?-c+/etc/passwd', '/healthz?-t',
  '/healthz?--help'];

/** @param {Server} server */
const stored = async (server) => {
  const [{ count }] = await rows(server.database,
    'SELECT count(*) AS count FROM message');
  return count;
};

for (const front of Object.keys(FRONTS))
  describe(`through ${front}`, () => {
    /** @type {Server} */
    let server;
    /** @type {Api} */
    let api;
    before(async () => {
      server = await startServer({ front, cold: true });
      api = new Api(server.api);
    });
    after(async () => {
      api.close();
      await server.stop(); // throws when a process fell
    });

    test('what is wrong is refused, and nothing is stored', async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      const before = await stored(server);
      for (const [name, bytes] of REFUSED) {
        const reply = await hurl(server.base,
          bytes.replace('/X', `/${a.room}`), head);
        const status = statusOf(reply);
        assert.ok(status >= 400 && status < 500, `${name}: ${status}\n` +
          reply.slice(0, 600));
        assert.equal((await fetch(server.api + '/healthz')).status, 200, name);
      }
      assert.equal(await stored(server), before);
      await a.say('chat', 'all is well');
      assert.equal((await b.drain())[0].body, 'all is well');
    });

    test('chunks are a body like any other, or refused', async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      const post = JSON.stringify({ n: 1, messages: [
        { type: 'chat', body: 'in chunks' }] });
      const reply = await hurl(server.base, http(
        `POST /api${a.path('messages')}`, [JSON_TYPE,
          `X-Letterbox-Token: ${a.token}`, 'Transfer-Encoding: chunked',
          'Connection: close'],
        chunk(post.slice(0, 20)) + chunk(post.slice(20)) + '0\r\n\r\n'));
      const status = statusOf(reply);
      const got = (await b.drain()).map((m) => m.body);
      // A program gets no body without its length; then it says so.
      assert.deepEqual([status, got], status === 201
        ? [201, ['in chunks']] : [status, []], reply.slice(0, 400));
      assert.ok(status === 201 || [400, 411, 501].includes(status), reply);
    });

    test('a query is no command line', async () => {
      for (const path of ANSWERED) {
        const reply = await fetch(server.api + path);
        assert.equal(reply.status, 200, path);
        assert.deepEqual(await reply.json(), { status: 'ok' }, path);
      }
      // Some web servers would rather not pass it on.
      const { status } = await fetch(server.api + '/healthz?%00');
      assert.ok([200, 400].includes(status), `${status}`);
    });

    test('Authorization reaches the program', async () => {
      const [a] = await peers(api, ['a']);
      const reply = await fetch(`${server.api}${a.path('messages')}?wait=0`,
        { headers: { authorization: `Bearer ${a.token}` } });
      assert.equal(reply.status, 200);
    });

    test('browsers are told the same, once each', async () => {
      const page = await hurl(server.base,
        http('GET /', ['Connection: close']));
      const reply = await hurl(server.base,
        http('GET /api/healthz', ['Connection: close']));
      for (const [text, wanted] of /** @type {const} */ ([
        [page, ['content-security-policy: default-src \'none\'; script-src',
          'referrer-policy: no-referrer', 'x-content-type-options: nosniff',
          'x-frame-options: deny', 'cross-origin-opener-policy: same-origin',
          'permissions-policy: camera=(self)', 'cache-control: no-cache']],
        [reply, ['content-security-policy: default-src \'none\'; frame-',
          'referrer-policy: no-referrer', 'x-content-type-options: nosniff',
          'cache-control: no-store']]])) {
        const lines = text.split('\r\n\r\n')[0].toLowerCase().split('\r\n');
        for (const begin of wanted) {
          const name = begin.slice(0, begin.indexOf(':') + 1);
          const found = lines.filter((line) => line.startsWith(name));
          assert.equal(found.length, 1, `${name} ${text}`);
          assert.ok(found[0].startsWith(begin), found[0]);
        }
      }
    });
  });

for (const front of ['apache-proxy', 'apache-fcgid', 'apache-cgid'])
  test(`${front} under prefork keeps no process for an idle browser`,
    async () => {
      const server = await startServer({ front, mpm: 'prefork', cold: true });
      try {
        const reply = await hurl(server.base, http('GET /api/healthz'));
        assert.match(reply, /^HTTP\/1\.1 200 [^]*^connection: close\r$/im);
      } finally {
        await server.stop();
      }
    });
