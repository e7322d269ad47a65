// A key that is removed takes its channels with it, for good.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, refused } from './api.mjs';
import { Application, keys, newClient } from './channel.mjs';
import { startServer, together } from './harness.mjs';

const server = await startServer({ processes: 2, conf: { hold: 3 } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

/** @param {Promise<import('./api.mjs').Reply>} promise */
async function unwelcome(promise) {
  const reply = await promise;
  await refused(promise, 401, 'channel-token');
  assert.equal(reply.headers['x-letterbox-error'], 'Invalid+token.');
}

/** The key of the same name, made anew. @param {Application} app */
async function again(app) {
  await keys(server, 'remove', app.name);
  return new Application(api, app.name, await keys(server, 'add', app.name));
}

describe('a key that is removed', { concurrency: together }, () => {
  test('ends what was open, on both wires', async () => {
    const app = await Application.add(server, api);
    const [open, waits, old] = [await app.client(), await app.client(),
      await app.client()];
    await open.open();
    await old.dev('connect');
    const poll = open.mail(3);
    await keys(server, 'remove', app.name);
    // What is held may end as it would have.
    assert.deepEqual(await poll, []);
    await unwelcome(open.tryMail(3));
    await unwelcome(open.tryPost('open'));
    await unwelcome(waits.tryPost('open'));
    await unwelcome(waits.tryMail());
    for (const command of ['connect', 'poll'])
      await unwelcome(old.dev(command));
    // Who goes is let go.
    assert.equal((await open.tryPost('away')).status, 204);
    await open.close();
    await refused(app.post('send', { client_id: open.id, message: 'x' }), 401,
      'key');
  });

  test('gives out what was sent before, and then refuses', async () => {
    const app = await Application.add(server, api);
    const client = await app.client();
    await client.open();
    await app.send(client.id, 'the last one');
    await keys(server, 'remove', app.name);
    assert.deepEqual(await client.mail(), ['the last one']);
    await unwelcome(client.tryMail());
  });
});

describe('a key of the same name', { concurrency: together }, () => {
  test('knows no token of the one before', async () => {
    const before = await Application.add(server, api);
    const [client, other] = [await before.client(), await before.client()];
    await client.open();
    const app = await again(before);
    await unwelcome(client.tryPost('open'));
    await unwelcome(client.tryMail());
    await unwelcome(other.dev('connect'));
    const renewed = await app.client(client.id);
    await renewed.open();
    await app.send(client.id, 'for the new one');
    await unwelcome(client.tryPost('open'));
    await unwelcome(client.tryMail());
    assert.deepEqual(await renewed.mail(), ['for the new one']);
  });

  test('has no mail, mark or event of the one before', async () => {
    const before = await Application.add(server, api);
    const [id, never] = [newClient(), newClient()];
    const client = await before.client(id);
    await client.open();
    await client.close();
    await before.send(id, 'old', 'm1');
    await before.send(never, 'old');
    const app = await again(before);
    assert.deepEqual((await app.presence()).events, []);
    await app.send(id, 'new', 'm1');
    assert.deepEqual(await (await app.client(id)).open(), ['new']);
    assert.deepEqual(await (await app.client(never)).open(), []);
    assert.deepEqual((await app.presence()).events.map(
      (/** @type {any} */ e) => `${e.event} ${e.from}`),
    [`connected ${id}`, `connected ${never}`]);
  });
});
