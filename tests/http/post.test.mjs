// Posting: counted, all or none, never twice.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { peers } from './peer.mjs';
import { timed } from './until.mjs';

const server = await startServer();
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

const chat = (/** @type {unknown} */ body) => ({ type: 'chat', body });

describe('post', { concurrency: together }, () => {
  test('seqs rise, and are those that the reader gets', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const first = await a.post([chat(1), chat(2), chat(3)]);
    const second = await a.post([chat(4)]);
    const seqs = [...first.seqs, ...second.seqs];
    assert.deepEqual((await b.drain()).map((m) => m.seq), seqs);
    assert.deepEqual([...seqs].sort((x, y) => x - y), seqs);
    assert.equal(second.n, 2);
  });

  test('a repeat after a lost reply: the same answer, stored once',
    async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      const replies = [];
      for (let i = 0; i < 3; i++)
        replies.push(await ok(a.tryPost(1, [chat('x'), chat('y')]), 201));
      assert.deepEqual(replies[1], replies[0]);
      assert.deepEqual(replies[2], replies[0]);
      assert.deepEqual((await b.drain()).map((m) => m.body), ['x', 'y']);
    });

  test('the same post sent six times at once is stored once', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const replies = await Promise.all(Array.from({ length: 6 },
      () => ok(a.tryPost(1, [chat('x')]), 201)));
    assert.equal(new Set(replies.map((r) => r.seqs[0])).size, 1);
    assert.equal((await b.drain()).length, 1);
  });

  test('n-reused: the same n with other messages', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.say('chat', 1);
    const problem = await refused(a.tryPost(1, [chat(2)]), 409, 'n-reused');
    assert.equal(problem.expected, 2);
    assert.deepEqual((await b.drain()).map((m) => m.body), [1]);
  });

  test('n-reused: the receiver and the type count as well', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.say('chat', 1);
    await refused(a.tryPost(1, [{ ...chat(1), to: 'b' }]), 409, 'n-reused');
    await refused(a.tryPost(1, [{ type: 'c', body: 1 }]), 409, 'n-reused');
    await refused(a.tryPost(1, [chat(1), chat(1)]), 409, 'n-reused');
    assert.equal((await b.drain()).length, 1);
  });

  test('n-old: below the last', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    for (const i of [1, 2, 3]) await a.say('chat', i);
    const problem = await refused(a.tryPost(1, [chat(1)]), 409, 'n-old');
    assert.equal(problem.expected, 4);
    assert.equal((await b.drain()).length, 3);
  });

  test('n-gap: beyond the next, and the cure works', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const problem = await refused(a.tryPost(5, [chat(1)]), 409, 'n-gap');
    assert.equal(problem.expected, 1);
    await ok(a.tryPost(problem.expected, [chat(1)]), 201);
    assert.equal((await b.drain()).length, 1);
  });

  test('all or none: one bad message refuses its neighbours', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await refused(api.request('POST', a.path('messages'), {
      token: a.token, bad: true,
      json: { n: 1, messages: [chat(1), { type: 'joined', body: {} }] },
    }), 400, 'bad-request');
    assert.deepEqual(await b.drain(), []);
    await a.say('chat', 'n is still 1');
    assert.equal((await b.drain()).length, 1);
  });

  test('a refused post leaves its neighbours of the same moment alone',
    async () => {
      const [a, b, c] = await peers(api, ['a', 'b', 'c']);
      await Promise.all([ok(a.tryPost(1, [chat('a')]), 201),
        refused(b.tryPost(9, [chat('b')]), 409, 'n-gap')]);
      assert.deepEqual((await c.drain()).map((m) => m.body), ['a']);
    });

  test('mail for one is seen by that one', async () => {
    const [a, b, c] = await peers(api, ['a', 'b', 'c']);
    await a.say('chat', 'secret', 'b');
    await a.say('chat', 'all');
    const [mail] = await b.drain();
    assert.deepEqual([mail.from, mail.to, mail.body], ['a', 'b', 'secret']);
    assert.deepEqual((await c.drain()).map((m) => m.body), ['all']);
    assert.deepEqual(await a.drain(), [], 'others only');
  });

  test('with `after` the reply collects as well', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await b.say('chat', 'waiting');
    const reply = await a.post([chat('mine')], { after: a.cursor });
    assert.deepEqual(reply.messages.map((/** @type {any} */ m) => m.body),
      ['waiting']);
    assert.deepEqual(await a.drain(), [], 'the cursor is behind it');
    assert.equal((await a.post([chat(2)])).messages, undefined);
  });

  test('with `wait` the reply is held for an answer', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const held = a.post([chat('ask')], { after: a.cursor, wait: 20 });
    assert.equal((await b.next('chat')).body, 'ask');
    await b.say('chat', 'answer');
    const { messages } = await held;
    assert.equal(messages[0].body, 'answer');
  });

  test('a newer post has the held one answered at once', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const held = timed(ok(a.tryPost(1, [chat(1)],
      { after: a.cursor, wait: 20 }), 201));
    await b.next('chat');
    a.n = 1;
    await a.say('chat', 2);
    const { ms, value } = await held;
    assert.deepEqual(value.messages, []);
    assert.ok(ms < 5000, `${ms} ms`);
  });

  test('a held reply is not a repeat: the repeat collects too', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const { cursor } = a;
    await a.post([chat(1)], { after: cursor });
    await b.say('chat', 'news');
    const again = await ok(a.tryPost(1, [chat(1)], { after: cursor }), 201);
    assert.deepEqual(again.messages.map((/** @type {any} */ m) => m.body),
      ['news']);
    assert.equal((await b.drain()).length, 1);
  });

  test('32 messages are a post, 33 are not', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.post(Array.from({ length: 32 }, (_, i) => chat(i)));
    assert.equal((await b.drain()).length, 32);
    await refused(api.request('POST', a.path('messages'), {
      token: a.token, bad: true,
      json: { n: 2, messages: Array.from({ length: 33 }, (_, i) => chat(i)) },
    }), 413, 'too-large');
    assert.deepEqual(await b.drain(), []);
  });

  test('a message may be 64 KiB, not a byte more', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.say('chat', 'x'.repeat(65534));
    assert.equal((await b.drain())[0].body.length, 65534);
    const problem = await refused(
      a.tryPost(2, [chat('x'.repeat(65535))]), 413, 'too-large');
    assert.equal(problem.limit, 65536);
    assert.deepEqual(await b.drain(), []);
  });

  test('a request may be 96 KiB, not a byte more', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const text = JSON.stringify({ n: 1, messages:
      [chat('x'.repeat(60000)), chat('y')] });
    const pad = (/** @type {number} */ to) => text.padEnd(to, ' ');
    const send = (/** @type {string} */ body) => api.request('POST',
      a.path('messages'), { token: a.token, body });
    for (const size of [98305, 120000]) {
      const problem = await refused(send(pad(size)), 413, 'too-large');
      assert.equal(problem.limit, 98304);
    }
    assert.deepEqual(await b.drain(), []);
    await ok(send(pad(98304)), 201);
    assert.equal((await b.drain()).length, 2);
  });

  test('an absurd request is refused before the program sees it', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const { status } = await api.exchange('POST', a.path('messages'), {
      token: a.token, body: ' '.repeat(server.bodyMax + 1),
    });
    // mod_fcgid looks at the body before it looks at its length.
    assert.equal(status, server.front.processes === 'pool' ? 400 : 413,
      'in the words of the web server');
    assert.deepEqual(await b.drain(), []);
  });

  test('only JSON is taken', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const body = JSON.stringify({ n: 1, messages: [chat(1)] });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded',
      'application/jsonp', 'text/json', ''])
      await refused(api.request('POST', a.path('messages'), {
        token: a.token, body, bad: true, headers: { 'content-type': type },
      }), 415, 'media-type', type);
    assert.deepEqual(await b.drain(), []);
    await ok(api.request('POST', a.path('messages'), {
      token: a.token, body,
      headers: { 'content-type': 'application/json; charset=utf-8' },
    }), 201);
  });

  test('parallel posters: all readers see one order', async () => {
    const all = await peers(api, ['a', 'b', 'c', 'd', 'e', 'f']);
    const posters = all.slice(0, 4);
    await Promise.all(posters.map(async (peer) => {
      for (let i = 0; i < 25; i++) await peer.say('chat', `${peer.id}${i}`);
    }));
    const [e, f] = await Promise.all(all.slice(4).map((reader) =>
      reader.collect((got) => got.length === 100)));
    assert.deepEqual(f, e);
    for (const { id } of posters)
      assert.deepEqual(e.filter((m) => m.from === id).map((m) => m.body),
        Array.from({ length: 25 }, (_, i) => `${id}${i}`));
  });
});
