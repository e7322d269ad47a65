// Presence is a lease: who vanishes is gone, who comes back is the same.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { Peer, leaves, newRoom, peers, types } from './peer.mjs';
import { timed } from './until.mjs';

const server = await startServer({ conf: { hold: 1, lease: 3 } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

describe('a lease', { concurrency: together }, () => {
  test('the lease is in the reply', async () => {
    const reply = await new Peer(api, newRoom()).join();
    assert.deepEqual([reply.lease, reply.poll.wait], [3, 1]);
  });

  test('who does not poll is gone within the lease, told once', async () => {
    const [a] = await peers(api, ['a', 'b']);
    const { ms } = await timed(leaves(a, 'b', 'lease'));
    assert.ok(ms > 2500 && ms < 6000, `${ms} ms`);
    assert.deepEqual(types((await a.poll(1)).messages), []);
    assert.deepEqual((await a.state()).peers.map(
      (/** @type {any} */ p) => p.peer), ['a']);
  });

  test('who polls stays, well beyond the lease', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    for (let i = 0; i < 5; i++)
      for (const { messages } of await Promise.all([a.poll(1), b.poll(1)]))
        assert.deepEqual(types(messages), []);
  });

  test('a poll that hung up ends with the lease, not before', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const browser = new AbortController();
    const poll = b.tryPoll(1, { signal: browser.signal })
      .catch(() => undefined);
    assert.deepEqual(await a.drain(), []);
    browser.abort();
    await poll;
    await leaves(a, 'b', 'lease');
  });

  test('a longer lease is kept', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    const b = new Peer(api, room, 'b');
    await b.join({ lease: 35 });
    await a.next('joined');
    for (let i = 0; i < 5; i++)
      assert.deepEqual(types((await a.poll(1)).messages), []);
  });

  for (const how of ['resume', 'poll', 'post'])
    test(`a ${how} after the lapse: the same peer, joined again`, async () => {
      const room = newRoom();
      const [a] = await peers(api, ['a'], room);
      const b = new Peer(api, room, 'b');
      await b.join({ name: 'Bob', messages: [{ type: 'chat', body: 1 }] });
      const { token } = b;
      await leaves(a, 'b', 'lease');
      await a.say('chat', 'while away', 'b');
      if (how === 'resume') {
        const reply = await b.resume({ after: b.cursor });
        assert.deepEqual([reply.n, reply.token], [1, token]);
        assert.ok(reply.messages.some((/** @type {any} */ m) =>
          m.body === 'while away'), 'mail waited');
      } else if (how === 'poll') {
        assert.equal((await b.next('chat')).body, 'while away');
      } else {
        await b.say('chat', 2);
        assert.equal(b.n, 2, 'n goes on');
      }
      const joined = await a.next('joined');
      assert.deepEqual([joined.from, joined.body], ['b', { name: 'Bob' }]);
    });

  test('a repeat of the join after the lapse: the same peer', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const { token } = b;
    await leaves(a, 'b', 'lease');
    await b.join();
    assert.equal(b.token, token);
    assert.equal((await a.next('joined')).from, 'b');
  });

  test('after the lapse the id is kept for its peer', async () => {
    const [a] = await peers(api, ['a', 'b']);
    await leaves(a, 'b', 'lease');
    await refused(new Peer(api, a.room, 'b').tryJoin(), 409, 'peer-taken');
  });

  test('after the lapse the place is free', async () => {
    const [a] = await peers(api, ['a', 'b']);
    await a.rules({ capacity: 2 });
    const late = new Peer(api, a.room, 'late');
    await refused(late.tryJoin(), 409, 'room-full');
    await leaves(a, 'b', 'lease');
    await late.join();
  });

  test('who comes back finds its place taken', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.rules({ capacity: 2 });
    await leaves(a, 'b', 'lease');
    await new Peer(api, a.room, 'c').join({ lease: 35 });
    await refused(b.tryPoll(), 409, 'room-full');
    await refused(b.tryPost(1, [{ type: 'chat', body: 1 }]),
      409, 'room-full');
    await refused(b.tryJoin(), 409, 'room-full');
    assert.deepEqual(types(await a.drain()), ['joined']);
  });
});
