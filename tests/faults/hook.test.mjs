// 1,000 comings and goings for an application that fails every third request,
// while the hook and the server are killed: each arrives, in order per client,
// and twice only if it was under way. SOAK=1 makes it 10,000.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { Ear, Hook } from '../http/hook.mjs';
import { integrity, rows } from '../http/sqlite.mjs';
import { until } from '../http/until.mjs';

const CLIENTS = 50;
const ROUNDS = process.env.SOAK ? 100 : 10;
const EVENTS = 2 * CLIENTS * ROUNDS;
const FLIGHTS = 8;

/** Until it is answered: the server may be killed at any time.
 * @param {() => Promise<unknown>} ask */
async function stubborn(ask) {
  for (const end = Date.now() + 60000; ;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > end) throw error;
      await pause(20);
    }
  }
}

/** @param {import('../http/hook.mjs').Told} told */
const seqOf = ({ event }) => Number(event.split('.')[1]);

/** @param {Ear} ear @param {string} id */
function checkOrder(ear, id) {
  const seqs = ear.all.filter(({ from }) => from === id).map(seqOf);
  assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b), `${id} in order`);
  const words = new Map(ear.taken.filter(({ from }) => from === id)
    .map(({ event, word }) => [event, word]));
  assert.deepEqual([...words.values()], Array.from({ length: 2 * ROUNDS },
    (_, i) => i % 2 ? 'disconnected' : 'connected'), id);
}

test(`${EVENTS} comings and goings, every third refused`, async (t) => {
  const server = await startServer({ conf: { hook: 'off', key_rate: 100000,
    key_burst: 100000 } });
  const api = new Api(server.api);
  const ear = await new Ear().listen();
  let kills = 0;
  let over = false;
  let hook = new Hook(server);
  try {
    ear.answer = (_, n) => n % 3 === 0 ? 500 : 200;
    const app = await ear.application(server, api);
    const clients = await Promise.all(Array.from({ length: CLIENTS },
      (_, i) => app.client(`c${i}`)));
    const traffic = Promise.all(clients.map(async (client) => {
      for (let round = 0; round < ROUNDS; round++) {
        await stubborn(() => client.open());
        await stubborn(() => client.close());
      }
    })).then(() => {
      over = true;
    });
    for (let step = 1; step <= 6; step++) {
      const enough = ear.taken.length + Math.ceil(EVENTS / 9);
      await until('it goes on', () => ear.taken.length >= enough,
        { within: 60000 });
      await hook.end('SIGKILL');
      kills++;
      if (step % 3 === 0) {
        await server.kill();
        await server.restart();
      }
      hook = new Hook(server);
    }
    await traffic;
    const names = () => new Set(ear.taken.map(({ event }) => event));
    await until('all were told', () => names().size >= EVENTS,
      { within: 120000, every: 100 });
    await until('the outbox is empty', async () => (await rows(
      server.database, 'SELECT count(*) AS n FROM outbox'))[0].n === 0,
    { within: 30000 });
    assert.equal(await hook.end(), 0);
    assert.equal(names().size, EVENTS);
    for (const { id } of clients) checkOrder(ear, id);
    const doubles = ear.taken.length - EVENTS;
    t.diagnostic(`${ear.all.length} posts; ${doubles} repeated after ` +
      `${kills} kills`);
    assert.ok(doubles <= FLIGHTS * kills, `${doubles} doubles`);
    assert.ok(ear.most <= 2 * FLIGHTS);
    assert.equal(await integrity(server.database), 'ok');
  } finally {
    assert.ok(over || kills > 0);
    api.close();
    await hook.end('SIGKILL');
    await ear.close();
    await server.stop();
  }
});
