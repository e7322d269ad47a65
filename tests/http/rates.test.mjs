// Rates, polls of an address and the space for it all: small ones, on servers of their own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { Peer, newRoom, peers } from './peer.mjs';
import { served } from './served.mjs';
import { until } from './until.mjs';

const chat = { type: 'chat', body: 1 };

test('rates: posts of one peer, with Retry-After that works', () => served(
  { conf: { post_rate: 1, post_burst: 5 } }, async (_, api) => {
    const [a, b] = await peers(api, ['a', 'b']);
    const post = () => a.tryPost(a.n + 1, [chat]);
    const last = await until('it is too fast', async () => {
      const reply = await post();
      if (reply.status !== 201) return reply;
      a.n += 1;
      return undefined;
    }, { every: 0 });
    const { retry_after: wait } = await refused(last, 429, 'too-fast');
    assert.ok(a.n >= 5, `${a.n} were let through`);
    assert.ok(wait > 0 && wait <= 1000, `${wait} ms`);
    await b.say('chat', 'others are not slowed');
    await until('it goes on', async () => (await post()).status === 201,
      { within: 3000, every: 50 });
    assert.equal((await b.drain()).length, a.n + 1,
      'nothing of the refused is stored');
  }));

test('rates: joins of one address', () => served(
  { conf: { join_rate: 1, join_burst: 3 } }, async (_, api) => {
    const room = newRoom();
    const last = await until('it is too fast', async () => {
      const reply = await new Peer(api, room).tryJoin();
      return reply.status !== 201 && reply;
    }, { every: 0 });
    const problem = await refused(last, 429, 'too-fast');
    assert.ok(problem.retry_after <= 1000, `${problem.retry_after} ms`);
    await until('it goes on', async () =>
      (await new Peer(api, newRoom()).tryJoin()).status === 201,
    { within: 3000, every: 50 });
  }));

test('limits are shared by two processes: the burst of an address',
  () => served({ processes: 2, conf: { join_rate: 1, join_burst: 4 } },
    async (server) => {
      const apis = server.mounts.map((url) => new Api(url));
      const start = performance.now();
      let joined = 0;
      const last = await until('it is too fast', async () => {
        const reply = await new Peer(apis[joined % 2], newRoom()).tryJoin();
        if (reply.status !== 201) return reply;
        joined += 1;
        return undefined;
      }, { every: 0 });
      await refused(last, 429, 'too-fast');
      const most = 5 + (performance.now() - start) / 1000;
      assert.ok(joined >= 4 && joined <= most, `${joined} of ${most}`);
      for (const api of apis) api.close();
    }));

test('polls of one address: above them likewise', () => served(
  { conf: { polls_per_address: 1, hold: 2 } }, async ({ front }, api) => {
    const [a, b] = await peers(api, ['a', 'b']);
    const replies = await Promise.all([a.poll(2), b.poll(2)]);
    // Each process counts its own, and where it is there for one request it
    // has one.
    assert.equal(replies.some((r) => r.poll.pause > 0),
      front.processes === 'ours');
  }));

test('a database at its bound: 507, polls go on', () => served(
  { conf: { db_max: 1048576, room_bytes: 100000000,
    mailbox_bytes: 100000000 } }, async (_, api) => {
    const [a, b] = await peers(api, ['a', 'b']);
    const body = 'x'.repeat(30000);
    const last = await until('it is full', async () => {
      const reply = await a.tryPost(a.n + 1, [{ type: 'chat', body }]);
      if (reply.status !== 201) return reply;
      a.n += 1;
      return undefined;
    }, { every: 0, within: 20000 });
    await refused(last, 507, 'disk-full');
    assert.ok(a.n > 3, `${a.n} were stored`);
    const got = await b.collect((all) => all.length >= a.n);
    assert.equal(got.length, a.n);
    await ok(api.request('GET', '/healthz'), 200);
  }));
