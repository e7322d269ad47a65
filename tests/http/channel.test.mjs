// The Channel API as an application calls it: tokens, messages, limits, and
// the errors by their names.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { Application, Client, newClient } from './channel.mjs';
import { startServer, together } from './harness.mjs';

const server = await startServer({ conf: { hold: 2, key_rate: 100000,
  key_burst: 1000000 } });
const api = new Api(server.api);
const app = await Application.add(server, api);
after(async () => {
  api.close();
  await server.stop();
});

/** A refusal with the name that the original has for it.
 * @param {Promise<import('./api.mjs').Reply>} promise @param {string} code
 * @param {string} exception @param {string} [what] */
async function invalid(promise, code, exception, what) {
  const problem = await refused(promise, 400, code, what);
  assert.equal(problem.exception, exception, what);
  return problem;
}

const CLIENT = /** @type {const} */ ([
  'channel-client-id', 'InvalidChannelClientIdError']);
const DURATION = /** @type {const} */ ([
  'channel-duration', 'InvalidChannelTokenDurationError']);
const MESSAGE = /** @type {const} */ ([
  'channel-message', 'InvalidMessageError']);

/** What a wrong request is sent as. */
const wrong = { bad: true };

describe('create_channel', { concurrency: together }, () => {
  test('a token is another one at every call', async () => {
    const id = newClient();
    const tokens = new Set();
    for (let i = 0; i < 20; i++) tokens.add(await app.create(id));
    assert.equal(tokens.size, 20);
  });

  test('all tokens of a client lead to one mailbox', async () => {
    const id = newClient();
    const [a, b] = [await app.client(id), await app.client(id)];
    await app.send(id, 'one');
    assert.deepEqual(await a.open(), ['one']);
    a.cursor && await a.mail();
    await app.send(id, 'two');
    assert.deepEqual(await b.open(), ['two']);
  });

  test('a client id has 1 to 256 bytes of UTF-8', async () => {
    for (const id of ['x', 'x'.repeat(256), 'é'.repeat(128), '\u{1F600}'
      .repeat(64), ' a/b?c=d&e#f%20"\\\n', '..']) {
      const client = await app.client(id);
      await app.send(id, 'hello');
      assert.deepEqual(await client.open(), ['hello'], id);
    }
    for (const id of ['', 'x'.repeat(257), 'é'.repeat(129), 'a\0b', 7, null,
      true, ['x'], { x: 1 }, undefined])
      await invalid(app.post('create', { client_id: id }, wrong),
        ...CLIENT, JSON.stringify(id));
  });

  test('a duration is 1 to 1440 minutes, 120 by default', async () => {
    const life = async (/** @type {unknown} */ minutes) => {
      const id = newClient();
      const { token } = await ok(app.post('create', { client_id: id,
        duration_minutes: minutes }), 201);
      const client = new Client(api, token, id);
      await client.open();
      return Math.round((client.told.expires - Date.now()) / 60000);
    };
    assert.deepEqual(await Promise.all([1, 1440, undefined, null].map(life)),
      [1, 1440, 120, 120]);
    for (const minutes of [0, 1441, -1, 1.5, '60', true, 1e3, 1e30, [], {}])
      await invalid(app.post('create', { client_id: 'x',
        duration_minutes: minutes }, wrong), ...DURATION,
      JSON.stringify(minutes)).catch((error) => {
        // JSON.stringify writes 1e3 as 1000, which is right.
        if (minutes !== 1e3) throw error;
      });
  });
});

describe('send_message', { concurrency: together }, () => {
  test('nobody need listen, nor exist: it waits', async () => {
    const [id, other] = [newClient(), newClient()];
    await app.send(id, 'before the first token', 'm1');
    await app.send(id, 'before the first token', 'm1');
    await app.send(other, 'for somebody else');
    const client = await app.client(id);
    await app.send(id, 'before it comes');
    assert.deepEqual(await client.open(),
      ['before the first token', 'before it comes']);
    assert.deepEqual((await app.presence()).events.map(
      (/** @type {any} */ e) => e.from).filter((/** @type {any} */ from) =>
      from === id), [id]);
  });

  test('for who has no token yet it waits within bounds', async () => {
    const id = newClient();
    for (let i = 0; i < 64; i++) await app.send(id, `message ${i}`);
    const problem = await refused(app.post('send',
      { client_id: id, message: 'x' }), 507, 'mailbox-full');
    assert.equal(problem.limit, 64);
    const client = await app.client(id);
    await app.send(id, 'now there is a token');
    assert.equal((await client.open()).length, 65);
  });

  test('a token stands for its client', async () => {
    const client = await app.client();
    const other = await app.create(client.id);
    await app.send(client.token, 'one');
    await app.send(other, 'two');
    assert.deepEqual(await client.open(), ['one', 'two']);
  });

  test('a message has 1 to 32767 bytes of UTF-8', async () => {
    const client = await app.client();
    const longest = ['x'.repeat(32767), 'é'.repeat(16383) + 'x', '\u20ac'
      .repeat(10922) + 'x', '"\\\n\t\u0001\u2028</script>', '0'];
    for (const text of longest) await app.send(client.id, text);
    assert.deepEqual(await client.open(), longest);
    for (const text of ['', 'x'.repeat(32768), 'é'.repeat(16384), 7, null,
      true, ['x'], { x: 1 }, undefined])
      await invalid(app.post('send', { client_id: client.id, message: text },
        wrong), ...MESSAGE, JSON.stringify(text)?.slice(0, 30));
    assert.deepEqual(await client.mail(), []);
  });

  test('an escaped message of the longest length is taken', async () => {
    const client = await app.client();
    const escaped = JSON.stringify({ client_id: client.id,
      message: '\u0436'.repeat(16383) })
      .replaceAll('\u0436', '\\u0436');
    const reply = await app.post('send', undefined, { body: escaped });
    assert.equal(reply.status, 204, reply.text);
    assert.deepEqual(await client.open(), ['\u0436'.repeat(16383)]);
  });

  test('a message for a wrong id is refused', async () => {
    for (const id of ['', 'x'.repeat(257), 7, null])
      await invalid(app.post('send', { client_id: id, message: 'x' }, wrong),
        ...CLIENT, JSON.stringify(id));
  });

  test('a repeat of an id is one message', async () => {
    const client = await app.client();
    for (const [text, id] of [['one', 'm1'], ['one', 'm1'], ['two', 'm2'],
      ['three', ''], ['three', ''], ['one', 'm1']])
      await app.send(client.id, text, id);
    assert.deepEqual(await client.open(), ['one', 'two', 'three', 'three']);
    await app.send(client.id, 'one', 'm1');
    assert.deepEqual(await client.mail(), []);
    for (const id of ['', 'x'.repeat(129), 7])
      await refused(app.post('send', { client_id: client.id, message: 'x',
        id }, wrong), 400, 'bad-request', JSON.stringify(id));
  });

  test('a full mailbox says so, and how much it holds', async () => {
    const client = await app.client();
    for (let i = 0; i < 32; i++)
      await Promise.all(Array.from({ length: 8 },
        () => app.send(client.id, 'x')));
    const problem = await refused(app.post('send',
      { client_id: client.id, message: 'x' }), 507, 'mailbox-full');
    assert.equal(problem.limit, 256);
    assert.equal((await client.open()).length, 256);
    await client.mail();
    await app.send(client.id, 'there is room again');
  });
});

describe('messages are in order', { concurrency: together }, () => {
  test('8 of them, 4 before open() and 4 after, once each', async () => {
    const client = await app.client();
    const words = Array.from({ length: 8 }, (_, i) => `message ${i}`);
    for (const word of words.slice(0, 4)) await app.send(client.id, word);
    const heard = await client.open();
    for (const word of words.slice(4)) {
      const mail = client.mail(2);
      await app.send(client.id, word);
      heard.push(...await mail);
    }
    while (heard.length < 8) heard.push(...await client.mail(2));
    assert.deepEqual(heard, words);
    assert.deepEqual(await client.mail(), []);
  });

  test('applications do not hear of each other', async () => {
    const other = await Application.add(server, api);
    const mine = await app.client('same');
    const theirs = await other.client('same');
    await app.send('same', 'for mine');
    await other.send('same', 'for theirs');
    // The token of another application is but an odd client id.
    await invalid(app.post('send', { client_id: 'x'.repeat(60) + theirs.token +
      'x'.repeat(60), message: 'stolen' }), ...CLIENT);
    await app.post('send', { client_id: theirs.token, message: 'stolen' });
    assert.deepEqual(await mine.open(), ['for mine']);
    assert.deepEqual(await theirs.open(), ['for theirs']);
  });
});
