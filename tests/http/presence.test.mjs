// Presence is a lease: who vanishes is gone, who comes back is the same.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer } from './harness.mjs';
import { Peer, newRoom, peers } from './peer.mjs';
import { timed } from './until.mjs';

const server = await startServer({ conf: { hold: 1, lease: 2, away: 1 } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

const types = (/** @type {any[]} */ all) => all.map((m) => m.type);

/** Waits for a `left` of somebody, once. @param {Peer} watcher
 * @param {string} id @param {string} reason */
async function leaves(watcher, id, reason) {
  const left = await watcher.next('left');
  assert.deepEqual([left.from, left.body], [id, { reason }]);
  return left;
}

describe('presence', { concurrency: true }, () => {
  test('the lease is in the reply', async () => {
    const reply = await new Peer(api, newRoom()).join();
    assert.deepEqual([reply.lease, reply.poll.wait], [2, 1]);
  });

  test('who does not poll is gone within the lease, told once', async () => {
    const [a] = await peers(api, ['a', 'b']);
    const { ms } = await timed(leaves(a, 'b', 'lease'));
    assert.ok(ms > 1500 && ms < 5000, `${ms} ms`);
    assert.deepEqual(types((await a.poll(1)).messages), []);
    assert.deepEqual((await a.state()).peers.map(
      (/** @type {any} */ p) => p.peer), ['a']);
  });

  test('who polls stays, well beyond the lease', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    for (let i = 0; i < 4; i++)
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
    for (let i = 0; i < 4; i++)
      assert.deepEqual(types((await a.poll(1)).messages), []);
  });

  test('away and back in time: nobody hears of it', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await b.beacon('away');
    await b.resume({ after: b.cursor });
    for (let i = 0; i < 2; i++) {
      const [forA] = await Promise.all([a.poll(1), b.poll(1)]);
      assert.deepEqual(types(forA.messages), []);
    }
  });

  test('away and a poll of the page that came back: the same', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await b.beacon('away');
    await b.poll(1);
    const [forA] = await Promise.all([a.poll(1), b.poll(1)]);
    assert.deepEqual(types(forA.messages), []);
  });

  test('away and gone: left within seconds', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await b.beacon('away');
    const { ms } = await timed(leaves(a, 'b', 'lease'));
    assert.ok(ms < 5000, `${ms} ms`);
  });

  test('away ends the parked poll\'s lease too', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const parked = b.tryPoll(1);
    await b.beacon('away');
    await leaves(a, 'b', 'lease');
    await parked;
  });

  test('leave: told at once, and the id is free', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const held = timed(a.poll(1));
    await b.beacon('leave');
    const { value } = await held;
    assert.deepEqual(types(value.messages), ['left']);
    assert.deepEqual(value.messages[0].body, { reason: 'leave' });
    await refused(b.tryPoll(), 401, 'not-a-member');
    await new Peer(api, a.room, 'b').join();
    assert.deepEqual(types(await a.drain()), ['joined']);
  });

  test('leave by DELETE, and only for oneself', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const remove = (/** @type {Peer} */ who, /** @type {string} */ id) =>
      api.request('DELETE', who.path(`peers/${id}`), { token: who.token });
    await refused(remove(b, 'a'), 403, 'not-owner');
    assert.equal((await b.state()).peers.length, 2);
    await ok(remove(b, 'b'), 204);
    await leaves(a, 'b', 'leave');
  });

  for (const more of [{ json: {} }, {}])
    test(`leave with the token in a header ${JSON.stringify(more)}`,
      async () => {
        const [a, b] = await peers(api, ['a', 'b']);
        await ok(api.request('POST', b.path('leave'),
          { token: b.token, ...more }), 204);
        await leaves(a, 'b', 'leave');
        await ok(api.request('POST', b.path('leave'),
          { token: b.token, ...more }), 204);
        assert.deepEqual(await a.drain(), [], 'told once');
      });

  test('a beacon with a wrong token does nothing', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    for (const how of ['away', 'leave'])
      await refused(api.request('POST', b.path(how), {
        headers: { 'content-type': 'text/plain' },
        body: JSON.stringify({ token: 'x'.repeat(43) }),
      }), 401, 'not-a-member');
    await b.poll(1);
    assert.deepEqual(types(await a.drain()), []);
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
    const room = newRoom();
    const all = await peers(api, [...'abcdefgh'], room);
    const late = new Peer(api, room, 'i');
    await refused(late.tryJoin(), 409, 'room-full');
    await leaves(all[0], 'b', 'lease');
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

  test('the room goes to the oldest who is there', async () => {
    const [a, b, c] = await peers(api, ['a', 'b', 'c']);
    assert.equal((await b.state()).owner, 'a');
    await a.beacon('leave');
    await leaves(b, 'a', 'leave');
    assert.equal((await c.state()).owner, 'b');
    await b.rules({ lock: true });
    await refused(c.tryRules({ lock: false }), 403, 'not-owner');
  });

  test('mail waits for a peer between two polls, in order', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    for (const i of [1, 2, 3]) await a.say('chat', i, 'b');
    assert.deepEqual((await b.drain()).map((m) => m.body), [1, 2, 3]);
  });

  test('everybody gone and back: the log is still there', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.say('chat', 'last words');
    await a.beacon('leave');
    await b.next('left');
    const c = new Peer(api, a.room, 'c');
    const { messages } = await c.join({ history: ['chat'] });
    assert.equal(messages[0].body, 'last words');
  });
});
