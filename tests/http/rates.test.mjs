// Rates, seats and the space for it all: small ones, on servers of their own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer } from './harness.mjs';
import { Peer, newRoom, peers } from './peer.mjs';
import { until } from './until.mjs';

const chat = { type: 'chat', body: 1 };

test('rates: posts of one peer, with Retry-After that works', async () => {
  const slow = await startServer({ conf: { post_rate: 5, post_burst: 10 } });
  try {
    const quick = new Api(slow.api);
    const [a, b] = await peers(quick, ['a', 'b']);
    const replies = [];
    for (let n = 1; n <= 12; n++) replies.push(await a.tryPost(
      a.n + 1, [chat]).then((reply) => {
      a.n += reply.status === 201 ? 1 : 0;
      return reply;
    }));
    const fast = replies.filter((r) => r.status === 429);
    assert.ok(fast.length >= 1, 'the burst is over');
    const { retry_after: wait } =
      await refused(fast[0], 429, 'too-fast');
    assert.ok(wait > 0 && wait <= 1000, `${wait} ms`);
    await b.say('chat', 'others are not slowed');
    await until('it goes on', async () =>
      (await a.tryPost(a.n + 1, [chat])).status === 201,
    { within: 2000, every: 50 });
    const got = await b.drain();
    assert.equal(got.length, a.n + 1, 'nothing of the refused is stored');
    quick.close();
  } finally {
    await slow.stop();
  }
});

test('rates: joins of one address', async () => {
  const slow = await startServer({ conf: { join_rate: 1, join_burst: 3 } });
  try {
    const quick = new Api(slow.api);
    const room = newRoom();
    for (const id of ['a', 'b', 'c']) await new Peer(quick, room, id).join();
    const d = new Peer(quick, room, 'd');
    const problem = await refused(d.tryJoin(), 429, 'too-fast');
    assert.ok(problem.retry_after <= 1100);
    await until('it goes on', async () => (await d.tryJoin()).status === 201,
      { within: 3000, every: 100 });
    quick.close();
  } finally {
    await slow.stop();
  }
});

test('seats: above them a poll is answered at once, with a pause',
  async () => {
    const small = await startServer({ conf: { seats: 1, hold: 2 } });
    try {
      const two = new Api(small.api);
      const [a, b] = await peers(two, ['a', 'b']);
      const start = performance.now();
      const replies = await Promise.all([a.poll(2), b.poll(2)]);
      assert.ok(performance.now() - start > 1800, 'one of them is held');
      const pauses = replies.map((r) => r.poll.pause).sort((x, y) => x - y);
      assert.ok(pauses[1] > 0, `a pause for who had no seat: ${pauses}`);
      two.close();
    } finally {
      await small.stop();
    }
  });

test('a database at its bound: 507, polls go on', async () => {
  const full = await startServer({ conf: { db_max: 1048576,
    room_bytes: 100000000, mailbox_bytes: 100000000 } });
  try {
    const it = new Api(full.api);
    const [a, b] = await peers(it, ['a', 'b']);
    let accepted = 0;
    const body = 'x'.repeat(30000);
    const last = await until('it is full', async () => {
      const reply = await a.tryPost(a.n + 1, [{ type: 'chat', body }]);
      if (reply.status !== 201) return reply;
      a.n += 1;
      accepted += 1;
      return undefined;
    }, { every: 0, within: 20000 });
    await refused(last, 507, 'disk-full');
    assert.ok(accepted > 3, `${accepted}`);
    let got = 0;
    await b.collect((all) => (got = all.length) >= accepted);
    assert.equal(got, accepted);
    await ok(it.request('GET', '/healthz'), 200);
    it.close();
  } finally {
    await full.stop();
  }
});
