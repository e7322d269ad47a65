// The front of the house: origins, and what operators ask for.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { peers } from './peer.mjs';
import { routeOf, spec } from './spec.mjs';
import { until } from './until.mjs';

const ORIGIN = 'https://pages.example';
const server = await startServer({
  conf: {
    allowed_origins: `${ORIGIN}, https://other.example`, metrics_open: 'no',
    ice: 'stun:stun.example:3478', turn: 'turn:turn.example:3478',
    turn_secret_file: '$DIR/turn.secret', turn_ttl: 600,
  },
  files: { 'turn.secret': 'of the relay, shared\n' },
});
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

describe('origins', { concurrency: together }, () => {
  /** @param {string} origin @param {string} path @param {string} method */
  const preflight = (origin, path, method) => api.request('OPTIONS', path, {
    bad: true, headers: { origin, 'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type,prefer' },
  });

  test('a preflight of an allowed origin is answered', async () => {
    const { status, headers, body } =
      await preflight(ORIGIN, '/rooms/r/messages', 'POST');
    assert.equal(status, 204);
    assert.equal(body.length, 0);
    assert.equal(headers['access-control-allow-origin'], ORIGIN);
    assert.match(String(headers['access-control-allow-methods']), /POST/);
    for (const name of ['authorization', 'content-type', 'prefer',
      'x-letterbox-token'])
      assert.ok(String(headers['access-control-allow-headers']).toLowerCase()
        .includes(name), name);
    assert.match(String(headers.vary), /origin/i);
    assert.equal(headers['access-control-allow-credentials'], undefined);
  });

  test('a preflight of another origin allows nothing', async () => {
    const { headers } = await preflight('https://evil.example',
      '/rooms/r/messages', 'POST');
    assert.equal(headers['access-control-allow-origin'], undefined);
  });

  test('an allowed origin is named in each reply, refusals too', async () => {
    for (const origin of [ORIGIN, 'https://other.example'])
      for (const path of ['/healthz', '/ice']) {
        const { headers } = await api.request('GET', path,
          { headers: { origin } });
        assert.equal(headers['access-control-allow-origin'], origin);
        assert.match(String(headers.vary), /origin/i);
      }
  });

  test('another origin is refused, and nothing is stored', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    for (const origin of ['https://evil.example', `${ORIGIN}.evil.example`,
      `${ORIGIN}:444`, 'http://pages.example', 'null'])
      await refused(api.request('POST', a.path('messages'), {
        token: a.token, headers: { origin },
        json: { n: 1, messages: [{ type: 'chat', body: 1 }] },
      }), 403, 'origin', origin);
    assert.deepEqual(await b.drain(), []);
  });

  test('without Origin nothing is asked', async () => {
    const { headers } = await api.request('GET', '/healthz');
    assert.equal(headers['access-control-allow-origin'], undefined);
  });

  test('a page of the server itself may, though not in the list',
    async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      await ok(api.request('POST', a.path('messages'), {
        token: a.token, headers: { origin: server.base },
        json: { n: 1, messages: [{ type: 'chat', body: 1 }] },
      }), 201);
      assert.equal((await b.drain()).length, 1);
    });
});

describe('operators', { concurrency: together }, () => {
  test('health and readiness', async () => {
    for (const path of ['/healthz', '/readyz']) {
      // Another process may be writing just now.
      const reply = await until(`${path} answers`, async () => {
        const one = await api.request('GET', path);
        return one.status === 200 && one;
      });
      assert.deepEqual(reply.json, { status: 'ok' });
    }
  });

  test('figures for the holder of the admin key', async () => {
    await refused(api.request('GET', '/metrics'), 403, 'admin');
    await refused(api.request('GET', '/metrics', { token: 'x'.repeat(43) }),
      403, 'admin');
    const [a] = await peers(api, ['a']);
    await refused(api.request('GET', '/metrics', { token: a.token }),
      403, 'admin');
    const key = readFileSync(join(server.data, 'admin.key'), 'utf8').trim();
    const { text } = await api.request('GET', '/metrics', { token: key });
    assert.match(text, /^# TYPE letterbox_waiters gauge$/m);
    assert.match(text, /^letterbox_waiters \d+$/m);
  });

  test('/openapi.json is the description of the API', async () => {
    const reply = await ok(api.request('GET', '/openapi.json'), 200);
    assert.deepEqual(reply, spec);
    assert.ok(routeOf('GET', '/openapi.json'));
  });

  test('files of the program are kept while they are the same', async () => {
    for (const [path, accept] of [['/_ah/channel/jsapi', '*/*'],
      ['/websocket.js', '*/*'], ['/openapi.json', 'application/json'],
      ['/doctor', 'text/html'], ['/', 'text/html'],
      ['/?room=lobby', 'text/html']]) {
      const ask = (/** @type {string} */ tag, method = 'GET') => {
        const [name, room] = path.split('?room=');
        return api.exchange(method, name, { query: room ? { room } : {},
          headers: { accept, ...(tag && { 'if-none-match': tag }) } });
      };
      const first = await ask('');
      assert.equal(first.status, 200, path);
      assert.equal(first.headers['cache-control'], 'no-cache');
      const tag = String(first.headers.etag);
      assert.match(tag, /^"[0-9a-f]{16}"$/);
      for (const same of [tag, `W/${tag}`, `"x", ${tag}`, '*',
        tag.replace(/"$/, '-gzip"')]) {
        const { status, headers, text } = await ask(same);
        assert.deepEqual([status, text], [304, ''], `${path} ${same}`);
        assert.equal(headers.etag, tag);
        assert.equal(headers['cache-control'], 'no-cache');
        // Or it would take the place of the page's own.
        const policy = headers['content-security-policy'];
        assert.ok(!policy ||
          policy === first.headers['content-security-policy'], path);
      }
      for (const other of ['"x"', tag.slice(1, -1), 'W/', '"', '""']) {
        const { status, text } = await ask(other);
        assert.deepEqual([status, text === first.text], [200, true], other);
      }
    }
  });

  test('replies cannot be kept, sniffed or leak an address', async () => {
    const [a] = await peers(api, ['a']);
    const { headers } = await a.tryPoll();
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.ok(headers['content-length'], 'its length is known');
  });

  test('ICE: servers and a fresh credential, for members', async () => {
    const [a] = await peers(api, ['a']);
    const { ice, ttl } = await ok(api.request('GET', '/ice',
      { token: a.token }), 200);
    assert.equal(ttl, 600);
    const turn = ice.find((/** @type {any} */ s) =>
      s.urls[0].startsWith('turn:'));
    assert.ok(ice.some((/** @type {any} */ s) =>
      s.urls.includes('stun:stun.example:3478')));
    const [expiry] = turn.username.split(':');
    assert.ok(Math.abs(Number(expiry) - Date.now() / 1000 - 600) < 5);
    assert.equal(turn.credential, createHmac('sha1', 'of the relay, shared')
      .update(turn.username).digest('base64'));
    assert.deepEqual((await a.resume()).ice.length, ice.length);
  });

  test('what holds secrets is for the owner of the account alone', () => {
    for (const name of ['letterbox.db', 'server.key', 'admin.key'])
      assert.equal(statSync(join(server.data, name)).mode & 0o777, 0o600,
        name);
  });

  test('the log holds no token, no body, no address', async () => {
    const [a] = await peers(api, ['a']);
    await a.say('chat', 'not for the log');
    await a.tryPost(9, [{ type: 'chat', body: 'nor this' }]);
    assert.ok(!/not for the log|nor this|127\.0\.0\.1/.test(server.stderr));
    assert.ok(!server.stderr.includes(a.token));
    assert.ok(!server.stderr.includes(a.key));
  });
});
