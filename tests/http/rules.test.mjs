// The owner's rules: lock, knock and admit, capacity, remove, end.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { Peer, newRoom, peers } from './peer.mjs';
import { timed } from './until.mjs';

const server = await startServer();
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

describe('rules', { concurrency: together }, () => {
  test('a change is told to everybody else', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    assert.deepEqual(await a.rules({ lock: true, capacity: 3 }),
      { rules: { lock: true, capacity: 3 } });
    const told = await b.next('room-rules');
    assert.deepEqual([told.from, told.to, told.body],
      ['a', undefined, { lock: true, capacity: 3 }]);
    assert.deepEqual((await b.state()).rules, { lock: true, capacity: 3 });
  });

  test('a rule that is not named stays', async () => {
    const [a] = await peers(api, ['a']);
    await a.rules({ capacity: 3 });
    assert.deepEqual((await a.rules({ lock: true })).rules,
      { lock: true, capacity: 3 });
  });

  test('the owner alone may', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    for (const rules of [{ lock: true }, { capacity: 2 }, { remove: 'a' },
      { end: true }, { admit: 'c' }])
      await refused(b.tryRules(rules), 403, 'not-owner');
    assert.deepEqual((await a.state()).rules, { lock: false, capacity: 8 });
    assert.deepEqual(await a.drain(), []);
  });

  test('a locked room: the knock reaches the owner alone', async () => {
    const room = newRoom();
    const [a, b] = await peers(api, ['a', 'b'], room);
    await a.rules({ lock: true });
    const c = new Peer(api, room, 'c');
    await refused(c.tryJoin({ name: 'Carol' }), 403, 'locked');
    const knock = await a.next('room-knock');
    assert.deepEqual([knock.from, knock.to, knock.body],
      ['c', 'a', { name: 'Carol' }]);
    await b.next('room-rules');
    assert.deepEqual(await b.drain(), []);
    assert.equal((await a.state()).peers.length, 2);
  });

  test('knocking again within the minute is not told again', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    await a.rules({ lock: true });
    const c = new Peer(api, room, 'c');
    for (let i = 0; i < 3; i++) await refused(c.tryJoin(), 403, 'locked');
    assert.equal((await a.drain()).length, 1);
    const d = new Peer(api, room, 'd');
    await refused(d.tryJoin(), 403, 'locked');
    assert.equal((await a.drain()).length, 1);
  });

  test('a knock without a wished id can be admitted', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    await a.rules({ lock: true });
    const c = new Peer(api, room);
    await refused(c.tryJoin(), 403, 'locked');
    const knock = await a.next('room-knock');
    await a.rules({ admit: knock.from });
    assert.equal((await c.join()).peer, knock.from);
  });

  test('who is admitted gets in, with that key alone', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    await a.rules({ lock: true });
    const c = new Peer(api, room, 'c');
    await refused(c.tryJoin(), 403, 'locked');
    await a.next('room-knock');
    await a.rules({ admit: 'c' });
    const thief = new Peer(api, room, 'c');
    await refused(thief.tryJoin(), 409, 'peer-taken');
    await c.join();
    assert.equal((await a.next('joined')).from, 'c');
  });

  test('who is in stays in when the room is locked', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.rules({ lock: true });
    await b.join();
    await b.resume();
    await b.say('chat', 'still here');
    assert.equal((await a.next('chat')).body, 'still here');
  });

  test('unlocked: everybody gets in', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    await a.rules({ lock: true });
    const c = new Peer(api, room, 'c');
    await refused(c.tryJoin(), 403, 'locked');
    await a.rules({ lock: false });
    await c.join();
  });

  test('a removed peer is out, told, and kept out', async () => {
    const room = newRoom();
    const [a, b, c] = await peers(api, ['a', 'b', 'c'], room);
    await a.rules({ remove: 'b' });
    const left = await c.next('left');
    assert.deepEqual([left.from, left.body], ['b', { reason: 'removed' }]);
    await refused(b.tryPoll(), 401, 'not-a-member');
    await refused(b.tryPost(1, [{ type: 'chat', body: 1 }]),
      401, 'not-a-member');
    await refused(b.tryJoin(), 403, 'removed');
    assert.deepEqual((await a.state()).peers.map(
      (/** @type {any} */ p) => p.peer).sort(), ['a', 'c']);
    assert.deepEqual(await c.drain(), []);
  });

  test('a removed peer\'s parked poll hears nothing more', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const parked = timed(b.tryPoll(20));
    await a.rules({ remove: 'b' });
    await a.say('chat', 'now that it is gone');
    const { ms, value } = await parked;
    // Another process has it come again, and then it is told why.
    if (value.status === 200) {
      assert.deepEqual(value.json.messages, []);
      await refused(b.tryPoll(), 401, 'not-a-member');
    } else {
      await refused(value, 401, 'not-a-member');
    }
    assert.ok(ms < 2000, `${ms} ms`);
  });

  test('to remove somebody who is not there is refused', async () => {
    const [a] = await peers(api, ['a']);
    await refused(a.tryRules({ remove: 'nobody' }), 400, 'bad-request');
  });

  test('to admit somebody who did not knock is refused', async () => {
    const [a] = await peers(api, ['a']);
    await refused(a.tryRules({ admit: 'nobody' }), 400, 'bad-request');
  });

  test('one bad rule, and none is taken', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await refused(a.tryRules({ lock: true, remove: 'nobody' }),
      400, 'bad-request');
    assert.equal((await a.state()).rules.lock, false);
    assert.deepEqual(await b.drain(), []);
  });

  test('capacity below who is there puts nobody out', async () => {
    const [a, b, c] = await peers(api, ['a', 'b', 'c']);
    await a.rules({ capacity: 1 });
    await b.say('chat', 1);
    await c.beacon('leave');
    await refused(c.tryJoin({ key: c.key.replace(/^./, 'Z') }),
      409, 'room-full');
    assert.equal((await a.state()).peers.length, 2);
  });

  test('end: told to all, nothing more is posted, mail is delivered',
    async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      await a.say('chat', 'goodbye');
      await a.rules({ end: true });
      const got = await b.drain();
      assert.deepEqual(got.map((m) => [m.type, m.body]),
        [['chat', 'goodbye'], ['room-ended', {}]]);
      await refused(b.tryPost(1, [{ type: 'chat', body: 1 }]), 403, 'ended');
      await refused(api.request('POST', b.path('peers'),
        { token: b.token, json: {} }), 403, 'ended');
      await refused(b.tryPoll(), 403, 'ended', 'it has everything');
    });

  test('end wakes a parked poll', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const parked = b.poll(20);
    await a.rules({ end: true });
    assert.equal((await parked).messages.at(-1).type, 'room-ended');
  });

  test('after the end a join by key makes a new room', async () => {
    const room = newRoom();
    const [a, b] = await peers(api, ['a', 'b'], room);
    await a.say('chat', 'old');
    await a.rules({ lock: true });
    await a.rules({ end: true });
    const c = new Peer(api, room, 'a');
    const reply = await c.join({ history: ['chat'], secret: 'new' });
    assert.deepEqual([reply.peers, reply.messages, reply.owner],
      [[], [], 'a']);
    assert.equal((await c.state()).rules.lock, false);
    await c.say('chat', 'new');
    assert.ok(!(await b.drain()).some((m) => m.body === 'new'));
    await refused(a.tryPost(a.n + 1, [{ type: 'chat', body: 1 }]),
      403, 'ended');
  });

  test('rules by the token in the body', async () => {
    const [a] = await peers(api, ['a']);
    await ok(api.request('POST', a.path('rules'),
      { json: { token: a.token, lock: true } }), 200);
    await refused(api.request('POST', a.path('rules'),
      { json: { token: 'x'.repeat(43), lock: true } }), 401, 'not-a-member');
  });
});
