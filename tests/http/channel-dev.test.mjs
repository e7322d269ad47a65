// The wire of the development server, for clients that ship its script.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, refused } from './api.mjs';
import { Application, Client } from './channel.mjs';
import { startServer, together } from './harness.mjs';
import { timed, until } from './until.mjs';

const server = await startServer({ processes: 2 });
const api = new Api(server.api);
const app = await Application.add(server, api);
after(async () => {
  api.close();
  await server.stop();
});

/** @param {Client} client @param {string} command @param {{}} [more]
 * @returns {Promise<string>} the text of a 200 */
async function dev(client, command, more) {
  const reply = await client.dev(command, more);
  assert.equal(reply.status, 200, reply.text);
  assert.match(String(reply.headers['content-type']), /^text\/plain/);
  return reply.text;
}

describe('the development wire', { concurrency: together }, () => {
  test('connect says 1', async () => {
    const client = await app.client();
    assert.equal(await dev(client, 'connect'), '1');
    assert.equal(await dev(client, 'connect', { client: client.id }), '1');
  });

  test('a poll has one message, as it was sent', async () => {
    const client = await app.client();
    await dev(client, 'connect');
    const sent = ['one', '{"two": 2}', 'drei \u20ac\n"', '4', ' '];
    for (const text of sent) await app.send(client.id, text);
    for (const text of sent) assert.equal(await dev(client, 'poll'), text);
  });

  test('mail before connect and after comes once and in order', async () => {
    const client = await app.client();
    const sent = Array.from({ length: 8 }, (_, i) => `message ${i}`);
    for (const text of sent.slice(0, 4)) await app.send(client.id, text);
    await dev(client, 'connect');
    const heard = [await dev(client, 'poll')];
    for (const text of sent.slice(4)) await app.send(client.id, text);
    while (heard.length < 8) heard.push(await dev(client, 'poll'));
    assert.deepEqual(heard, sent);
  });

  test('a poll without mail is held a moment, and hears at once', async () => {
    const client = await app.client();
    await dev(client, 'connect');
    // Where two processes are after one lease, a poll may end at once.
    let longest = 0;
    for (let i = 0; i < 5 && longest < 3000; i++) {
      const { ms, value } = await timed(dev(client, 'poll'));
      assert.equal(value, '');
      assert.ok(ms < 15000, `${ms} ms`);
      longest = Math.max(longest, ms);
    }
    assert.ok(longest > 3000, `${longest} ms`);
    const poll = timed(dev(client, 'poll'));
    await app.send(client.id, 'now');
    const heard = await poll;
    assert.equal(heard.value, 'now');
    assert.ok(heard.ms < 3000, `${heard.ms} ms`);
  });

  test('a poll connects who is not', async () => {
    const client = await app.client();
    await app.send(client.id, 'one');
    assert.equal(await dev(client, 'poll'), 'one');
  });

  test('disconnect is told at once, and what follows waits', async () => {
    const client = await app.client();
    await dev(client, 'connect');
    assert.equal(await dev(client, 'disconnect'), '');
    const events = (await app.presence()).events.filter(
      (/** @type {any} */ e) => e.from === client.id);
    assert.deepEqual(events.map((/** @type {any} */ e) => e.event),
      ['connected', 'disconnected']);
    await app.send(client.id, 'later');
    await dev(client, 'connect');
    assert.equal(await dev(client, 'poll'), 'later');
  });

  test('a poll that is held ends quietly when its page disconnects', async () => {
    // Some, for it is another thing when another process hears of it.
    const clients = [await app.client(), await app.client(),
      await app.client(), await app.client()];
    for (const client of clients) await dev(client, 'connect');
    const polls = clients.map((client) => client.dev('poll', { client: '1' }));
    await until('they are held', async () => await server.parked() >= 4);
    for (const client of clients)
      assert.equal(await dev(client, 'disconnect', { client: '1' }), '');
    for (const { status, text } of await Promise.all(polls))
      assert.deepEqual([status, text], [200, '']);
  });

  test('both wires lead to one mailbox', async () => {
    const client = await app.client();
    for (const text of ['one', 'two', 'three'])
      await app.send(client.id, text);
    assert.equal(await dev(client, 'poll'), 'one');
    assert.deepEqual(await client.open(), ['two', 'three']);
  });

  test('a missing or unknown command is 400, before the token', async () => {
    const client = await app.client();
    for (const query of [{}, { command: '' }, { command: 'nix', channel: 'x' },
      { command: 'poll' }, { channel: client.token },
      { command: 'Poll', channel: client.token }])
      await refused(api.exchange('GET', '/_ah/channel/dev',
        { query: /** @type {{}} */ (query) }), 400, 'bad-request',
      JSON.stringify(query));
    await refused(api.exchange('POST', '/_ah/channel/dev', { query:
      { command: 'poll', channel: client.token }, json: {} }), 405,
    'method-not-allowed');
  });

  test('a token that is wrong or over is 401, in the old words', async () => {
    const over = app.mint(server, -1);
    for (const [token, code, text] of [
      ['x', 'channel-token', 'Invalid+token.'],
      [over, 'channel-expired', 'Token+timed+out.']])
      for (const command of ['connect', 'poll', 'disconnect']) {
        const reply = await new Client(api, token).dev(command);
        await refused(Promise.resolve(reply), 401, code, command);
        assert.equal(reply.headers['x-letterbox-error'], text);
      }
  });
});
