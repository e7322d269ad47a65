// Going: for a moment, for good, and who owns the room then.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { Peer, leaves, peers, types } from './peer.mjs';
import { timed, until } from './until.mjs';

const server = await startServer({ conf: { hold: 1, away: 2 } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

describe('presence', { concurrency: together }, () => {
  test('away and back in time: nobody hears of it', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await b.beacon('away');
    await b.resume({ after: b.cursor });
    for (let i = 0; i < 3; i++) {
      const [forA] = await Promise.all([a.poll(1), b.poll(1)]);
      assert.deepEqual(types(forA.messages), []);
    }
  });

  test('away and a poll of the page that came back: the same', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await b.beacon('away');
    await b.poll(1);
    for (let i = 0; i < 2; i++) {
      const [forA] = await Promise.all([a.poll(1), b.poll(1)]);
      assert.deepEqual(types(forA.messages), []);
    }
  });

  test('away and gone: left within seconds', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await b.beacon('away');
    const { ms } = await timed(leaves(a, 'b', 'lease'));
    assert.ok(ms < 10000, `${ms} ms`); // five times `away`
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

test('away ends the parked poll\'s lease too', async () => {
  const [a, b] = await peers(api, ['a', 'b']);
  await until('nobody waits', async () => await server.parked() === 0);
  const parked = b.tryPoll(1);
  await until('it waits', async () => await server.parked() === 1);
  await b.beacon('away');
  await leaves(a, 'b', 'lease');
  await parked;
});
