// Who comes and goes, as an application asks for it.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, refused } from './api.mjs';
import { Application, newClient } from './channel.mjs';
import { startServer, together } from './harness.mjs';
import { timed, until } from './until.mjs';

const server = await startServer({ conf: { hold: 5, lease: 8, away: 1 } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

/** @param {any} reply @returns {string[]} "connected a" */
const words = ({ events }) => events.map(
  (/** @type {any} */ e) => `${e.event} ${e.from}`);

describe('presence', { concurrency: together }, () => {
  test('comes in order, once each, from the cursor on', async () => {
    const app = await Application.add(server, api);
    const nobody = await app.presence();
    assert.deepEqual(nobody.events, []);
    const [a, b] = [await app.client('a/"é"'), await app.client('b')];
    await a.open();
    await b.open();
    await b.close();
    const first = await app.presence({ after: nobody.cursor });
    assert.deepEqual(words(first), ['connected a/"é"', 'connected b',
      'disconnected b']);
    assert.ok(Math.abs(first.events[0].at - Date.now()) < 60000);
    await b.open();
    await a.close();
    assert.deepEqual(words(await app.presence({ after: first.cursor })),
      ['connected b', 'disconnected a/"é"']);
    assert.equal((await app.presence()).events.length, 5);
  });

  test('a reload is not told, nor a second token', async () => {
    const app = await Application.add(server, api);
    const a = await app.client('a');
    await a.open();
    assert.equal((await a.tryPost('away')).status, 204);
    await a.open();
    await (await app.client('a')).open();
    assert.deepEqual(words(await app.presence()), ['connected a']);
  });

  test('who vanishes is gone within the lease', async () => {
    const app = await Application.add(server, api);
    const a = await app.client('a');
    await a.open();
    const { cursor } = await app.presence();
    const { ms } = await timed(until('it is told', async () =>
      words(await app.presence({ after: cursor }))[0] === 'disconnected a',
    { within: 20000, every: 100 }));
    assert.ok(ms > 6000 && ms < 14000, `${ms} ms`);
  });

  test('a page that goes is gone soon', async () => {
    const app = await Application.add(server, api);
    const a = await app.client('a');
    await a.open();
    const { cursor } = await app.presence();
    await a.tryPost('away');
    const { ms } = await timed(until('it is told', async () =>
      words(await app.presence({ after: cursor }))[0] === 'disconnected a',
    { within: 15000, every: 100 }));
    assert.ok(ms < 6000, `${ms} ms`);
  });

  test('who waits hears at once, and the newer one alone', async () => {
    const app = await Application.add(server, api);
    const { cursor } = await app.presence();
    const first = app.post('presence', { after: cursor, wait: 5 });
    await until('it waits', async () => await server.parked() > 0);
    const second = timed(app.presence({ after: cursor, wait: 5 }));
    // Each process knows its own.
    if (server.front.processes === 'ours')
      await refused(first, 409, 'superseded');
    const client = await app.client('a');
    await client.open();
    const { ms, value } = await second;
    assert.deepEqual(words(value), ['connected a']);
    assert.ok(ms < 4000, `${ms} ms`);
    await first;
  });

  test('who waits in vain is answered at the end', async () => {
    const app = await Application.add(server, api);
    const { ms, value } = await timed(app.presence({ wait: 2 }));
    assert.deepEqual(value.events, []);
    assert.ok(ms > 1500 && ms < 8000, `${ms} ms`);
  });

  test('other applications are not told', async () => {
    const [app, other] = [await Application.add(server, api),
      await Application.add(server, api)];
    await (await app.client(newClient())).open();
    assert.deepEqual((await other.presence()).events, []);
  });

  test('a cursor of another log resets', async () => {
    const app = await Application.add(server, api);
    await (await app.client('a')).open();
    const reply = await app.presence({ after: 'aaaaaaaa.5' });
    assert.equal(reply.reset, true);
    assert.deepEqual(words(reply), ['connected a']);
  });

  test('wrong questions are refused', async () => {
    const app = await Application.add(server, api);
    for (const question of [{ after: 7 }, { after: 'x' }, { wait: -1 },
      { wait: 3601 }, { wait: '5' }, { wait: 1.5 }, { more: 1 }])
      await refused(app.post('presence', question, { bad: true }), 400,
        'bad-request', JSON.stringify(question));
  });
});

describe('a strict key', { concurrency: together }, () => {
  test('drops what the original dropped, in the same order', async () => {
    const app = await Application.add(server, api, '--strict');
    const id = newClient();
    await app.send(id, 'before the first token');
    const client = await app.client(id);
    await app.send(client.id, 'too early');
    assert.deepEqual(await client.open(), []);
    await app.send(client.id, 'one');
    await app.send(client.id, 'two');
    assert.deepEqual(await client.mail(), ['one', 'two']);
    await client.mail();
    await client.close();
    await app.send(client.id, 'too late');
    assert.deepEqual(await client.open(), []);
  });
});
