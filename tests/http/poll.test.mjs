// Polling: held until there is something, superseded by a newer one, freed by
// a hang-up, complete after any cursor.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { peers } from './peer.mjs';
import { timed, until } from './until.mjs';

const server = await startServer({ conf: { hold: 3 } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

const parked = () => server.parked();

describe('poll', { concurrency: together }, () => {
  test('with mail: at once', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.say('chat', 1);
    const { ms, value } = await timed(b.poll(20));
    assert.equal(value.messages.length, 1);
    assert.ok(ms < 1000, `${ms} ms`);
  });

  test('without `wait`: empty at once', async () => {
    const [a] = await peers(api, ['a']);
    const reply = await ok(api.request('GET', a.path('messages'),
      { token: a.token, query: { after: a.cursor } }), 200);
    assert.deepEqual(reply.messages, []);
  });

  test('held: answered when something comes', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const held = timed(b.poll(3));
    await a.say('chat', 1);
    const { ms, value } = await held;
    assert.equal(value.messages[0].body, 1);
    assert.ok(ms < 1500, `${ms} ms`);
  });

  test('held: empty at the deadline, not before and not late', async () => {
    const [a] = await peers(api, ['a']);
    const { ms, value } = await timed(a.poll(1));
    assert.deepEqual(value.messages, []);
    assert.ok(ms > 900 && ms < 3000, `${ms} ms`);
  });

  test('a wait beyond the hold is cut, and the reply says so', async () => {
    const [a] = await peers(api, ['a']);
    const { ms, value } = await timed(a.poll(3600));
    assert.equal(value.poll.wait, 3);
    assert.ok(ms > 2900 && ms < 6000, `${ms} ms`);
  });

  test('Prefer: wait=N holds as the query member does', async () => {
    const [a] = await peers(api, ['a']);
    const poll = (/** @type {string} */ prefer) => timed(ok(api.request('GET',
      a.path('messages'), { token: a.token, headers: { prefer },
        query: { after: a.cursor } }), 200));
    assert.ok((await poll('wait=1')).ms > 900);
    assert.ok((await poll('respond-async, wait=1')).ms > 900);
    assert.ok((await poll('return=minimal')).ms < 900);
  });

  test('from joining, without a cursor', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    for (const i of [1, 2, 3]) await a.say('chat', i);
    await b.drain();
    b.cursor = '';
    const again = await b.drain();
    assert.deepEqual(again.filter((m) => m.type === 'chat')
      .map((m) => m.body), [1, 2, 3]);
  });

  test('more than a reply holds comes in several, complete', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const text = 'x'.repeat(60000);
    for (let i = 0; i < 50; i++) await a.say('chat', { i, text });
    const got = await b.collect((all) => all.length >= 50);
    assert.deepEqual(got.map((m) => m.body.i),
      Array.from({ length: 50 }, (_, i) => i));
    assert.deepEqual(await b.drain(), []);
  });

  test('the same cursor again brings the same again', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.say('chat', 1);
    const { cursor } = b;
    const first = await b.drain();
    b.cursor = cursor;
    assert.deepEqual(await b.drain(), first);
  });

  test('a poll of another peer supersedes nobody', async () => {
    const [a, b, c] = await peers(api, ['a', 'b', 'c']);
    const both = [b.poll(3), c.poll(3)];
    await a.say('chat', 1);
    for (const reply of await Promise.all(both))
      assert.equal(reply.messages.length, 1);
  });

  test('a malformed cursor is refused', async () => {
    const [a] = await peers(api, ['a']);
    const [epoch] = a.cursor.split('.');
    for (const after of ['x', '1', `${epoch}`, `${epoch}.`, `${epoch}.x`,
      `${epoch}.-1`, `${epoch}.1.2`, '.1', ` ${a.cursor}`,
      `${epoch}.99999999999999999999`, `${epoch.toUpperCase()}!.1`])
      await refused(api.request('GET', a.path('messages'), { token: a.token,
        query: { after }, bad: true }), 400, 'bad-request', after);
  });

  test('a cursor beyond the newest: reset, and all that is kept', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.say('chat', 1);
    b.cursor = `${b.cursor.split('.')[0]}.999999999`;
    const reply = await b.poll();
    assert.equal(reply.reset, true);
    assert.deepEqual(reply.messages.filter((/** @type {any} */ m) =>
      m.type === 'chat').length, 1);
    assert.equal((await b.poll()).reset, undefined, 'told once');
  });

  test('a cursor of another epoch: reset, and all that is kept', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.say('chat', 1);
    b.cursor = 'zzzzzzzz.1';
    const { ms, value } = await timed(b.poll(3));
    assert.equal(value.reset, true);
    assert.ok(value.messages.some((/** @type {any} */ m) => m.body === 1));
    assert.ok(ms < 1000, `${ms} ms`);
    assert.equal((await b.poll()).reset, undefined);
  });

  test('joined, left and messages: one order for all', async () => {
    const [a, b, c] = await peers(api, ['a', 'b', 'c']);
    await Promise.all([
      (async () => {
        for (let i = 0; i < 10; i++) await a.say('chat', i);
      })(),
      (async () => {
        for (let i = 0; i < 5; i++) {
          const [d] = await peers(api, [`d${i}`], a.room);
          await d.beacon('leave');
        }
      })(),
    ]);
    const enough = (/** @type {any[]} */ got) =>
      got.filter((m) => m.type === 'left').length === 5 &&
      got.filter((m) => m.type === 'chat').length === 10;
    const [forB, forC] = await Promise.all([b.collect(enough),
      c.collect(enough)]);
    assert.deepEqual(forC, forB);
    for (let i = 0; i < 5; i++)
      assert.deepEqual(forB.filter((m) => m.from === `d${i}`)
        .map((m) => m.type), ['joined', 'left']);
  });
});

test('a newer poll supersedes the older', async () => {
  const [a, b] = await peers(api, ['a', 'b']);
  await until('nobody waits', async () => await parked() === 0);
  const older = timed(b.tryPoll(3));
  await until('it waits', async () => await parked() === 1);
  const newer = b.poll(3);
  const { ms, value } = await older;
  await refused(value, 409, 'superseded');
  assert.ok(ms < 1500, `${ms} ms`);
  assert.equal(await parked(), 1);
  await a.say('chat', 'for the newer');
  assert.equal((await newer).messages[0].body, 'for the newer');
});

const { hangups } = server.front;
const freed = hangups ? 'at once' : 'at its deadline';

test(`a hang-up frees the waiter ${freed}`, async () => {
  const all = await peers(api, ['a', 'b', 'c', 'd']);
  // A browser each, on a connection that it used before: lighttpd does not
  // watch one whose first request was there when it was accepted.
  const browsers = all.map(() => new Api(server.api));
  for (const [i, peer] of all.entries()) peer.api = browsers[i];
  await Promise.all(all.map((peer) => peer.drain()));
  await until('nobody waits', async () => await parked() === 0);
  const closing = new AbortController();
  const polls = all.map((peer) => peer.tryPoll(3, { signal: closing.signal })
    .catch((error) => error.name));
  await until('all wait', async () => await parked() === 4);
  closing.abort();
  assert.deepEqual(await Promise.all(polls), Array(4).fill('AbortError'));
  const { ms } = await timed(until('nobody waits',
    async () => await parked() === 0));
  assert.ok(ms < (hangups ? 1000 : 4000), `freed after ${ms} ms`);
  for (const browser of browsers) browser.close();
});

test('what a hung-up poll might have got comes with the next', async () => {
  const [a, b] = await peers(api, ['a', 'b']);
  for (let i = 0; i < 20; i++) {
    const browser = new AbortController();
    const poll = b.tryPoll(3, { signal: browser.signal })
      .catch(() => undefined);
    const said = a.say('chat', i);
    browser.abort();
    await Promise.all([poll, said]);
  }
  const got = await b.drain();
  assert.deepEqual(got.map((m) => m.body), Array.from({ length: 20 },
    (_, i) => i));
});

test('HEAD is answered like GET, without the body', async () => {
  const reply = await fetch(`${server.api}/healthz`, { method: 'HEAD' });
  assert.equal(reply.status, 200);
  assert.equal(await reply.text(), '');
});
