// The poll as a stream of server-sent events.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, refused } from './api.mjs';
import { Events } from './events.mjs';
import { startServer, together } from './harness.mjs';
import { peers } from './peer.mjs';
import { until } from './until.mjs';

const server = await startServer({ conf: { hold: 3, room_messages: 20 } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

/** What is said next arrives on the same stream.
 * @param {Events} stream @param {import('./peer.mjs').Peer} speaker */
async function goesOn(stream, speaker) {
  const seq = await speaker.say('chat', 'and on it goes');
  await until('the next message', () =>
    stream.messages.some((e) => e.data.seq === seq), { within: 2000 });
  assert.equal(stream.ended, false);
  stream.close();
}

describe('a stream', { concurrency: together }, () => {
  test('opens at once, before there is anything to say', async () => {
    const [a] = await peers(api, ['a']);
    const stream = new Events(a, 3);
    const { statusCode, headers } = await stream.response;
    assert.equal(statusCode, 200);
    assert.match(String(headers['content-type']), /^text\/event-stream/);
    assert.equal(headers['cache-control'], 'no-store');
    // It is nginx that this is said to, and it keeps it to itself.
    assert.equal(headers['x-accel-buffering'] ?? 'no', 'no');
    await until('a comment', () => stream.comments, { within: 1000 });
    stream.close();
  });

  test('carries several messages, each at once, with its cursor',
    async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      const stream = new Events(b, 3);
      await stream.response;
      for (let i = 0; i < 5; i++) {
        await a.say('chat', { i });
        await until(`message ${i}`, () => stream.messages.length === i + 1,
          { within: 1000 });
      }
      assert.equal(stream.ended, false);
      assert.deepEqual(stream.messages.map((e) => e.data.body.i),
        [0, 1, 2, 3, 4]);
      b.cursor = String(stream.messages[2].id);
      assert.deepEqual((await b.drain()).map((m) => m.body.i), [3, 4],
        'an id is the cursor behind its message');
    });

  test('begins with what waited', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.post([1, 2, 3].map((body) => ({ type: 'chat', body })));
    const stream = new Events(b, 3);
    await until('three', () => stream.messages.length === 3,
      { within: 1000 });
    assert.deepEqual(stream.messages.map((e) => e.data.body), [1, 2, 3]);
    await goesOn(stream, a);
  });

  test('ends at the deadline, and says how to go on', async () => {
    const [a] = await peers(api, ['a']);
    const stream = new Events(a, 1);
    await until('the end', () => stream.ended);
    assert.equal(stream.events.at(-1)?.event, 'pause');
    assert.equal(typeof stream.events.at(-1)?.data.wait, 'number');
  });

  test('bodies with line ends stay one event', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const stream = new Events(b, 3);
    await stream.response;
    await api.request('POST', a.path('messages'), { token: a.token,
      body: '{"n":1,"messages":[{"type":"chat","body":[1,\n2,\r\n3]},' +
        '{"type":"chat","body":"a\\nb"}]}' });
    await until('both', () => stream.messages.length === 2,
      { within: 2000 });
    assert.deepEqual(stream.messages.map((e) => e.data.body),
      [[1, 2, 3], 'a\nb']);
    stream.close();
  });

  test('a gap is told', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    for (let i = 0; i < 3; i++)
      await a.post(Array.from({ length: 15 }, () => ({ type: 'chat',
        body: i })));
    const stream = new Events(b, 3);
    await until('a gap', () => stream.events.some((e) => e.event === 'gap'));
    assert.equal(stream.events[0].event, 'gap', 'before what is kept');
    await goesOn(stream, a);
  });

  test('a reset is told', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    b.cursor = 'zzzzzzzz.1';
    const stream = new Events(b, 3);
    await until('a reset',
      () => stream.events.some((e) => e.event === 'reset'));
    await goesOn(stream, a);
  });

  test('Last-Event-ID is a cursor too', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.say('chat', 1);
    const { cursor } = await b.poll();
    await a.say('chat', 2);
    b.cursor = '';
    const stream = new Events(b, 1, { 'last-event-id': cursor });
    await until('it ends', () => stream.ended);
    assert.deepEqual(stream.messages.map((e) => e.data.body), [2]);
  });

  test('a poll supersedes a stream', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const stream = new Events(b, 3);
    await stream.response;
    await until('it is there', () => stream.comments);
    const poll = b.poll(3);
    await until('the stream ends', () => stream.ended, { within: 2000 });
    assert.equal(stream.events.at(-1)?.event, 'superseded');
    await a.say('chat', 1);
    assert.equal((await poll).messages[0].body, 1);
    assert.equal(stream.messages.length, 0);
  });

  test('a refusal is a problem document, not a stream', async () => {
    const [a] = await peers(api, ['a']);
    await refused(api.request('GET', a.path('messages'), {
      token: 'x'.repeat(43), headers: { accept: 'text/event-stream' },
    }), 401, 'not-a-member');
  });

  test('a wildcard asks for no stream', async () => {
    const [a] = await peers(api, ['a']);
    const reply = await api.request('GET', a.path('messages'),
      { token: a.token, headers: { accept: '*/*' } });
    assert.match(String(reply.headers['content-type']), /^application\/json/);
  });
});
