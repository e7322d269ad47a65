// Bounds: who is over one is told, nobody else suffers, and loss is told.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { Peer, newRoom, peers } from './peer.mjs';
import { served } from './served.mjs';
import { until } from './until.mjs';

const server = await startServer({ conf: {
  room_messages: 50, room_bytes: 100000, mailbox_messages: 10,
  mailbox_bytes: 8000, stranger_ids: 4, stranger_messages: 5,
  stranger_bytes: 2000, stranger_ttl: 2,
} });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

const many = (/** @type {number} */ count, /** @type {string} */ to) =>
  Array.from({ length: count }, (_, i) => ({ type: 'chat', body: i,
    ...(to && { to }) }));
const bodies = (/** @type {any[]} */ all) => all
  .filter((m) => m.type === 'chat').map((m) => m.body);

describe('bounds', { concurrency: together }, () => {
  test('the largest messages come through, whatever stands before them',
    () => served({ conf: { body_max: 1048576, message_max: 1048576,
      mailbox_bytes: 8388608, stranger_bytes: 8388608 } }, async (_, large) => {
      const [a, b] = await peers(large, ['a', 'b']);
      const big = 'x'.repeat(1000000);
      await a.say('chat', 'x'.repeat(200000), 'b');
      await a.say('chat', big, 'b');
      await a.say('chat', big, 'c');
      assert.deepEqual((await b.drain()).map((m) => m.body.length),
        [200000, 1000000]);
      const c = new Peer(large, a.room, 'c');
      assert.equal((await c.join()).messages[0].body, big);
    }));

  test('the limits in force are in the reply', async () => {
    const { limits } = await new Peer(api, newRoom()).join();
    assert.deepEqual([limits.mailbox_messages, limits.mailbox_bytes],
      [10, 8000]);
  });

  test('a full mailbox is told to the poster, and nothing stored',
    async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      await a.post(many(9, 'b'));
      const problem = await refused(a.tryPost(2, many(2, 'b')),
        507, 'mailbox-full');
      assert.equal(problem.limit, 10);
      assert.equal(problem.retryable, true);
      await a.post(many(1, 'b'));
      assert.equal(bodies(await b.drain()).length, 10);
    });

  test('what was collected makes room: the next poll says so', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.post(many(10, 'b'));
    await refused(a.tryPost(2, many(1, 'b')), 507, 'mailbox-full');
    await b.drain(); // carries them
    await b.drain(); // acknowledges them
    await a.post(many(10, 'b'));
  });

  test('a cursor beyond the newest acknowledges nothing, and is reset',
    async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      await a.post(many(10, 'b'));
      const after = b.cursor.replace(/\..*/, '.900000000000000');
      const { reset, messages } = await b.resume({ after });
      assert.deepEqual([reset, bodies(messages).length], [true, 10]);
      const sent = await b.post(many(1, 'a'), { after });
      assert.deepEqual([sent.reset, bodies(sent.messages).length], [true, 10]);
      await refused(a.tryPost(2, many(1, 'b')), 507, 'mailbox-full');
    });

  test('a mailbox is bounded in bytes as well', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.say('chat', 'x'.repeat(5000), 'b');
    const big = { type: 'chat', body: 'x'.repeat(5000), to: 'b' };
    const problem = await refused(a.tryPost(2, [big]), 507, 'mailbox-full');
    assert.equal(problem.limit, 8000);
    await a.say('chat', 'small', 'b');
    assert.equal(bodies(await b.drain()).length, 2);
  });

  test('one full mailbox does not stop what is for others', async () => {
    const [a, b, c] = await peers(api, ['a', 'b', 'c']);
    await a.post(many(10, 'b'));
    await refused(a.tryPost(2, [...many(1, 'c'), ...many(1, 'b')]),
      507, 'mailbox-full');
    assert.deepEqual(bodies(await c.drain()), [], 'all or none');
    await a.post(many(10, 'c'));
    await a.say('chat', 'all');
    assert.equal(bodies(await b.drain()).length, 11);
    assert.equal(bodies(await c.drain()).length, 11);
  });

  test('broadcasts never fail for a slow reader, who gets a gap',
    async () => {
      const [a, b, c] = await peers(api, ['a', 'b', 'c']);
      for (let i = 0; i < 6; i++) {
        await a.post(many(20, ''));
        await c.drain();
      }
      const reply = await b.poll();
      assert.equal(reply.gap, true);
      const got = bodies(reply.messages);
      assert.ok(got.length > 0 && got.length <= 50, `${got.length}`);
      assert.equal(got.at(-1), 19, 'the newest are kept');
      assert.equal((await b.poll()).gap, undefined, 'told once');
      const ofC = await c.poll();
      assert.equal(ofC.gap, undefined, 'not to the one who kept up');
    });

  test('a room is bounded in bytes as well', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    // Not each message has the room trimmed, but some of so many do.
    for (let i = 0; i < 40; i++) await a.say('chat', 'x'.repeat(20000));
    const reply = await b.poll();
    assert.equal(reply.gap, true);
    assert.ok(bodies(reply.messages).length < 40);
  });

  test('a resume below what is kept gets a gap', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const { cursor } = b;
    for (let i = 0; i < 4; i++) await a.post(many(20, ''));
    assert.equal((await b.resume({ after: cursor })).gap, true);
  });

  test('a post that collects tells the gap as well', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    for (let i = 0; i < 4; i++) await a.post(many(20, ''));
    assert.equal((await b.post(many(1, ''), { after: b.cursor })).gap, true);
  });

  test('mail for somebody not there yet waits', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    await a.say('description', { type: 'offer', sdp: '' }, 'later');
    await a.say('chat', 'not for later', 'x');
    const later = new Peer(api, room, 'later');
    const { messages } = await later.join();
    assert.deepEqual(messages.map((/** @type {any} */ m) =>
      [m.from, m.to, m.type]), [['a', 'later', 'description']]);
    assert.deepEqual(bodies(await later.drain()), []);
  });

  test('mail for strangers is bounded: messages each', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    await a.post(many(5, 'x'));
    await refused(a.tryPost(2, many(1, 'x')), 507, 'mailbox-full');
    await a.post(many(1, 'y'));
    const { messages } = await new Peer(api, room, 'x').join();
    assert.equal(bodies(messages).length, 5);
  });

  test('mail for strangers is bounded: bytes each', async () => {
    const [a] = await peers(api, ['a']);
    const big = { type: 'chat', body: 'x'.repeat(1500), to: 'x' };
    await a.post([big]);
    await refused(a.tryPost(2, [big]), 507, 'mailbox-full');
  });

  test('mail for strangers is bounded: ids a room', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    for (const id of ['s1', 's2', 's3', 's4']) await a.post(many(1, id));
    await refused(a.tryPost(5, many(1, 's5')), 507, 'mailbox-full');
    await new Peer(api, room, 's1').join();
    await a.post(many(1, 's5'));
  });

  test('mail for strangers expires', async () => {
    const room = newRoom();
    const [a] = await peers(api, ['a'], room);
    await a.post(many(5, 'x'));
    await until('there is room again', async () =>
      (await a.tryPost(2, many(1, 'x'))).status === 201,
    { within: 8000, every: 50 });
    const { messages } = await new Peer(api, room, 'x').join();
    assert.equal(bodies(messages).length, 1);
  });

  test('capacity below the server\'s bound is kept to', async () => {
    const [a] = await peers(api, ['a', 'b']);
    await a.rules({ capacity: 2 });
    await refused(new Peer(api, a.room, 'c').tryJoin(), 409, 'room-full');
  });
});
