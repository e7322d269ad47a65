// Joining: who one is, what one gets, and that a lost reply makes no ghost.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { Peer, newKey, newRoom, peers } from './peer.mjs';

const server = await startServer();
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

describe('join', { concurrency: together }, () => {
  test('the first peer owns the room and finds nobody', async () => {
    const alice = new Peer(api, newRoom());
    const reply = await alice.join();
    assert.equal(reply.owner, reply.peer);
    assert.deepEqual([reply.peers, reply.messages, reply.n], [[], [], 0]);
    assert.deepEqual([reply.lease, reply.poll.wait], [35, 25]);
    assert.deepEqual(reply.limits, { body: 98304, message: 65536,
      messages: 32, peers: 8, mailbox_messages: 256,
      mailbox_bytes: 1048576 });
    assert.deepEqual(await alice.drain(), [], 'not its own joined');
  });

  test('the others are in the reply, and hear joined', async () => {
    const room = newRoom();
    const alice = new Peer(api, room, 'alice');
    const bob = new Peer(api, room, 'bob');
    const before = Date.now();
    await alice.join({ name: 'Alice \u00e9', info: { a: [1] } });
    const reply = await bob.join({ name: 'Bob' });
    const [{ since, ...other }] = reply.peers;
    assert.deepEqual(other, { peer: 'alice', name: 'Alice \u00e9',
      info: { a: [1] } });
    assert.ok(since >= before - 1 && since <= Date.now() + 1, `${since}`);
    assert.equal(reply.owner, 'alice');
    const [joined, ...more] = await alice.drain();
    assert.deepEqual([joined.from, joined.type, joined.body],
      ['bob', 'joined', { name: 'Bob' }]);
    assert.equal(joined.to, undefined);
    assert.deepEqual(more, []);
    const state = await alice.state();
    assert.deepEqual(state.peers.map((/** @type {any} */ p) => p.peer).sort(),
      ['alice', 'bob']);
    assert.deepEqual(state.rules, { lock: false, capacity: 8 });
  });

  test('name and info come back byte for byte', async () => {
    const room = newRoom();
    const info = '{ "n":9223372036854775807,"x":-0,  "y":1e400,"y":"\\u0000"}';
    const key = newKey();
    const body = `{"key":"${key}","peer":"p","name":"\\u0041\\/\u{1f600}",` +
      `"info":${info}}`;
    await ok(api.request('POST', `/rooms/${room}/peers`, { body }), 201);
    const bob = new Peer(api, room, 'bob');
    const reply = await bob.tryJoin();
    const name = '"name":"\\u0041\\/\u{1f600}"';
    assert.ok(reply.text.includes(name), reply.text);
    assert.ok(reply.text.includes(`"info":${info}`), reply.text);
    bob.token = reply.json.token;
    const state = await api.request('GET', `/rooms/${room}`,
      { token: bob.token });
    assert.ok(state.text.includes(name) && state.text.includes(info));
  });

  test('a repeat by the key is the same peer, told once', async () => {
    const [alice, bob] = await peers(api, ['alice', 'bob']);
    await alice.say('chat', 'before', 'bob');
    const { token, id } = bob;
    const again = await bob.join();
    assert.deepEqual([bob.token, bob.id], [token, id]);
    assert.deepEqual(again.messages.map((/** @type {any} */ m) => m.body),
      ['before'], 'all mail since the first join');
    assert.deepEqual(await alice.drain(), [], 'no second joined');
  });

  test('a repeat gives what was collected already as well', async () => {
    const [alice, bob] = await peers(api, ['alice', 'bob']);
    await alice.say('chat', 1);
    await bob.drain();
    await alice.say('chat', 2);
    await bob.drain();
    const again = await bob.join();
    assert.deepEqual(again.messages.map((/** @type {any} */ m) => m.body),
      [1, 2]);
  });

  test('a repeat tells the last n', async () => {
    const [alice] = await peers(api, ['alice']);
    await alice.say('chat', 1);
    await alice.say('chat', 2);
    assert.equal((await alice.join()).n, 2);
    assert.equal((await alice.resume()).n, 2);
  });

  test('a repeat with more mail than a reply holds loses none', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const text = 'x'.repeat(60000);
    for (let i = 0; i < 30; i++) await a.say('chat', { i, text });
    const { messages } = await b.join();
    messages.push(...await b.collect((all) =>
      all.length + messages.length >= 30));
    assert.deepEqual(messages.map((/** @type {any} */ m) => m.body.i),
      Array.from({ length: 30 }, (_, i) => i));
  });

  test('messages of a join are its first post, once', async () => {
    const room = newRoom();
    const [alice] = await peers(api, ['alice'], room);
    const bob = new Peer(api, room, 'bob');
    const messages = [{ type: 'chat', body: 'hello' },
      { to: 'alice', type: 'description', body: { type: 'offer', sdp: '' } }];
    for (let i = 0; i < 3; i++)
      assert.equal((await bob.join({ messages })).n, 1);
    const got = await alice.drain();
    assert.deepEqual(got.map((m) => m.type),
      ['joined', 'chat', 'description']);
    await bob.say('chat', 'next');
    assert.equal(bob.n, 2);
  });

  test('the token brings the same peer back', async () => {
    const [alice, bob] = await peers(api, ['alice', 'bob']);
    await alice.say('chat', 1);
    const back = await bob.resume({ after: bob.cursor });
    assert.deepEqual(back.messages.map((/** @type {any} */ m) => m.body), [1]);
    assert.equal(back.token, bob.token);
    assert.deepEqual(await bob.drain(), [], 'the cursor is behind them');
    assert.deepEqual(await alice.drain(), [], 'nothing new for the others');
  });

  test('a token may stand in either header or in the body', async () => {
    const [alice] = await peers(api, ['alice']);
    const path = alice.path('peers');
    /** @type {import('./api.mjs').Options[]} */
    const ways = [
      { headers: { authorization: `bearer ${alice.token}` }, json: {} },
      { headers: { 'x-letterbox-token': alice.token }, json: {} },
      { json: { token: alice.token } },
    ];
    for (const way of ways)
      assert.equal((await ok(api.request('POST', path, way), 200)).peer,
        'alice');
  });

  test('an id of somebody else is taken', async () => {
    const room = newRoom();
    const [alice, bob] = await peers(api, ['alice', 'bob'], room);
    await bob.drain();
    await refused(new Peer(api, room, 'alice').tryJoin(), 409, 'peer-taken');
    assert.deepEqual(await bob.drain(), []);
    assert.equal((await alice.state()).peers.length, 2);
  });

  test('two joins at once for one id: one has it', async () => {
    const room = newRoom();
    const replies = await Promise.all(Array.from({ length: 6 },
      () => new Peer(api, room, 'x').tryJoin()));
    assert.deepEqual(replies.map((r) => r.status).sort(),
      [201, 409, 409, 409, 409, 409]);
  });

  test('the same join sent six times at once is one peer', async () => {
    const room = newRoom();
    const [watcher] = await peers(api, ['watcher'], room);
    const bob = new Peer(api, room);
    const replies = await Promise.all(Array.from({ length: 6 },
      () => bob.tryJoin({ messages: [{ type: 'chat', body: 1 }] })));
    const seen = new Set(replies.map((r) => `${r.status} ${r.json.peer} ` +
      `${r.json.token} ${r.json.n}`));
    assert.equal(seen.size, 1, [...seen].join(', '));
    assert.deepEqual((await watcher.drain()).map((m) => m.type),
      ['joined', 'chat']);
  });

  test('the ninth peer finds the room full, the first can come back',
    async () => {
      const room = newRoom();
      const all = await peers(api, [...'abcdefgh'], room);
      const late = new Peer(api, room, 'i');
      await refused(late.tryJoin(), 409, 'room-full');
      assert.equal((await all[0].join()).peers.length, 7);
      await all[7].beacon('leave');
      await late.join();
    });

  test('the first join fixes the secret of the room', async () => {
    const room = newRoom();
    await new Peer(api, room, 'a').join({ secret: 'open sesame' });
    const b = new Peer(api, room, 'b');
    await refused(b.tryJoin(), 403, 'secret');
    await refused(b.tryJoin({ secret: 'Open sesame' }), 403, 'secret');
    await b.join({ secret: 'open sesame' });
  });

  test('a room without a secret has none', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    await refused(new Peer(api, room, 'b').tryJoin({ secret: 'x' }),
      403, 'secret');
    assert.equal((await a.state()).peers.length, 1);
  });

  test('history: the types asked for, said to everybody', async () => {
    const room = newRoom();
    const [a, b] = await peers(api, ['a', 'b'], room);
    await a.say('chat', 1);
    await a.say('candidate', null);
    await a.say('chat', 'for b', 'b');
    await b.say('chat', 2);
    const reply = await new Peer(api, room, 'c').join({ history: ['chat'] });
    assert.deepEqual(reply.messages.map((/** @type {any} */ m) => m.body),
      [1, 2]);
    assert.equal(reply.history_gap, undefined);
    assert.deepEqual((await new Peer(api, room, 'd').join()).messages, []);
  });

  test('history: the newest 100, and a gap is told', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    for (let i = 0; i < 4; i++)
      await a.post(Array.from({ length: 26 },
        (_, j) => ({ type: 'chat', body: 26 * i + j })));
    const reply = await new Peer(api, room, 'b').join({ history: ['chat'] });
    assert.deepEqual(reply.messages.map((/** @type {any} */ m) => m.body),
      Array.from({ length: 100 }, (_, i) => i + 4));
    assert.equal(reply.history_gap, true);
  });

  test('history: at most 256 KiB', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    for (let i = 0; i < 10; i++) await a.say('chat', 'x'.repeat(60000));
    const reply = await new Peer(api, room, 'b').join({ history: ['chat'] });
    assert.equal(reply.messages.length, 4);
    assert.equal(reply.history_gap, true);
  });

  test('a longer lease is granted, up to ten minutes', async () => {
    const peer = new Peer(api, newRoom());
    assert.equal((await peer.join({ lease: 600 })).lease, 600);
  });

  test('a wrong token and an unknown room look the same', async () => {
    const [alice] = await peers(api, ['alice']);
    /** @type {[string, string, unknown][]} */
    const requests = [
      ['GET', 'messages', undefined], ['GET', '', undefined],
      ['POST', 'messages', { n: 1, messages: [{ type: 'a', body: 1 }] }],
      ['POST', 'peers', {}], ['POST', 'rules', { lock: true }],
      ['POST', 'leave', {}], ['DELETE', 'peers/alice', undefined],
    ];
    for (const [method, tail, json] of requests) {
      const both = [];
      for (const room of [alice.room, newRoom()]) {
        const reply = await api.request(method,
          `/rooms/${room}/${tail}`.replace(/\/$/, ''),
          { token: 'A'.repeat(43), json });
        await refused(reply, 401, 'not-a-member');
        both.push(reply.text);
      }
      assert.equal(both[0], both[1]);
    }
    assert.equal((await alice.state()).peers.length, 1);
  });

  test('a token is good for its own room alone', async () => {
    const [a] = await peers(api, ['a']);
    const [b] = await peers(api, ['a']);
    b.token = a.token;
    await refused(b.tryPoll(), 401, 'not-a-member');
  });

  test('without any token nobody is a member', async () => {
    await refused(api.request('GET', `/rooms/${newRoom()}/messages`),
      401, 'not-a-member');
    await refused(api.request('GET', '/ice'), 401, 'not-a-member');
  });
});
