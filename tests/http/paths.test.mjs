// Paths, methods, names and mounts.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { Peer, newKey, newRoom, peers } from './peer.mjs';
import { spec } from './spec.mjs';

const server = await startServer();
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

describe('paths', { concurrency: together }, () => {
  for (const path of ['/', '', '/rooms', '/rooms/', '/rooms/a/', '/room/a',
    '/rooms/a/messages/', '/rooms/a/messages/1', '/rooms/a/peers/b/c',
    '/rooms/a/unknown', '/healthz/', '/Healthz'])
    test(`nothing is at '${path}'`, async () => {
      const reply = await api.request('GET', path, { bad: true });
      await refused(reply, 404, 'not-found');
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

  for (const name of [long + 'x', 'a%20b', '%C3%A9', 'a+b', 'a:b', 'a@b',
    "a'b", 'a*', '%22'])
    test(`a room may not be called ${name}`, async () => {
      const reply = await api.request('POST', `/rooms/${name}/peers`,
        { json: { key: newKey() }, bad: true });
      await refused(reply, 400, 'bad-name');
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
