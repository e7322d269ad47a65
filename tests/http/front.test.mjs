// The front of the house: paths, methods, mounts, origins, and what operators
// ask for.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer } from './harness.mjs';
import { Peer, newKey, newRoom, peers } from './peer.mjs';
import { routeOf, spec } from './spec.mjs';

const ORIGIN = 'https://pages.example';
const server = await startServer({
  conf: {
    allowed_origins: `${ORIGIN} https://other.example`, metrics_open: 'no',
    ice: 'stun:stun.example:3478', turn: 'turn:turn.example:3478',
    turn_secret_file: '$DIR/turn.secret', turn_ttl: 600,
  },
  files: { 'turn.secret': 'of the relay\n' },
});
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

describe('paths', { concurrency: true }, () => {
  for (const path of ['/', '', '/rooms', '/rooms/', '/rooms/a/', '/room/a',
    '/rooms/a/messages/', '/rooms/a/messages/1', '/rooms/a/peers/b/c',
    '/rooms/a/unknown', '/healthz/', '/Healthz', '/rooms//messages'])
    test(`nothing is at '${path}'`, async () => {
      const reply = await api.request('GET', path, { bad: true });
      if (path !== '/rooms//messages')
        return void await refused(reply, 404, 'not-found');
      // An empty name is wrong as a path or as a name.
      assert.ok(['not-found', 'bad-name'].includes(String(reply.code)));
    });

  for (const [template, item] of Object.entries(spec.paths))
    test(`other methods of ${template} are refused, with Allow`, async () => {
      const path = template.replace('{room}', 'r').replace('{peer}', 'p');
      const known = Object.keys(/** @type {object} */ (item))
        .filter((m) => m !== 'parameters').map((m) => m.toUpperCase());
      for (const method of ['GET', 'POST', 'DELETE', 'PUT', 'PATCH']) {
        if (known.includes(method)) continue;
        const reply = await api.request(method, path, { bad: true });
        await refused(reply, 405, 'method-not-allowed', method);
        const allow = String(reply.headers.allow).split(/, */);
        for (const one of known.filter((m) => m !== 'OPTIONS'))
          assert.ok(allow.includes(one), `${method}: ${allow}`);
        assert.ok(!allow.includes(method));
      }
    });

  const long = 'x'.repeat(64);
  for (const name of ['a', long, 'A.b_c~d-9', '-', '~', '...'])
    test(`a room and a peer may be called ${name}`, async () => {
      const peer = new Peer(api, name, name);
      await peer.join();
      await peer.beacon('leave');
    });

  for (const name of [long + 'x', 'a%20b', 'a%2Fb', '%C3%A9', 'a+b', 'a:b',
    'a@b', "a'b", '%00', 'a*'])
    test(`a room may not be called ${name}`, async () => {
      const reply = await api.request('POST', `/rooms/${name}/peers`,
        { json: { key: newKey() }, bad: true });
      // %2F and %00 may be a web server's to refuse.
      const codes = name === 'a%2Fb' ? ['not-found', 'bad-name']
        : ['bad-name'];
      assert.ok(codes.includes(String(reply.code)), reply.text);
    });

  test('a percent-encoded name is the name', async () => {
    const room = newRoom();
    await peers(api, ['a'], room);
    const encoded = `%72${room.slice(1)}`;
    const reply = await ok(api.request('POST', `/rooms/${encoded}/peers`,
      { json: { key: newKey() } }), 201);
    assert.deepEqual(reply.peers.map((/** @type {any} */ p) => p.peer),
      ['a']);
  });

  test('where there is no PATH_INFO, ?path= does as well', async () => {
    const room = newRoom();
    const ask = (/** @type {string} */ query, /** @type {RequestInit} */ init) =>
      fetch(`${server.api}?${query}`, init);
    const post = (/** @type {unknown} */ json, token = '') => ({
      method: 'POST', body: JSON.stringify(json),
      headers: { 'content-type': 'application/json',
        ...(token && { 'x-letterbox-token': token }) },
    });
    const join = await ask(`path=/rooms/${room}/peers`,
      post({ key: newKey(), peer: 'a' }));
    assert.equal(join.status, 201);
    const { token, cursor } = /** @type {any} */ (await join.json());
    const b = new Peer(api, room, 'b');
    await b.join();
    await b.say('chat', 'hello');
    const path = encodeURIComponent(`/rooms/${room}/messages`);
    const poll = await ask(`path=${path}&after=${cursor}&wait=0`,
      { headers: { authorization: `Bearer ${token}` } });
    const { messages } = /** @type {any} */ (await poll.json());
    assert.equal(messages.at(-1).body, 'hello');
    assert.equal((await ask('path=/healthz', {})).status, 200);
    assert.equal((await ask('path=/nothing', {})).status, 404);
  });
});

describe('origins', { concurrency: true }, () => {
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

describe('operators', { concurrency: true }, () => {
  test('health and readiness', async () => {
    for (const path of ['/healthz', '/readyz'])
      assert.deepEqual(await ok(api.request('GET', path), 200),
        { status: 'ok' });
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
    assert.match(text, /^# TYPE letterbox_polls_parked gauge$/m);
    assert.match(text, /^letterbox_polls_parked \d+$/m);
  });

  test('/openapi.json is the description of the API', async () => {
    const reply = await ok(api.request('GET', '/openapi.json'), 200);
    assert.deepEqual(reply, spec);
    assert.ok(routeOf('GET', '/openapi.json'));
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
    assert.equal(turn.credential, createHmac('sha1', 'of the relay')
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
