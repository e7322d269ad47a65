// kill -9 under load: nothing acknowledged is lost, nothing is doubled.
// SOAK=1 makes it 500 rounds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { integrity } from '../http/sqlite.mjs';
import { ROOMY, Traffic } from './traffic.mjs';

const ROUNDS = process.env.SOAK ? 500 : 10;

/** @param {number} below */
const random = (below) => Math.floor(Math.random() * below);

test(`${ROUNDS} times kill -9 under load: 0 lost, 0 double`, async (t) => {
  const server = await startServer({ processes: 2, conf: ROOMY });
  const api = new Api(server.api);
  const traffic = new Traffic();
  try {
    await traffic.begin(api);
    const restarts = [];
    for (let round = 0; round < ROUNDS; round++) {
      await traffic.acks(20 + random(40));
      // Both at once, or one while the other goes on.
      const killed = [server.boxes, server.boxes.slice(0, 1),
        server.boxes.slice(1)][round % 3];
      await Promise.all(killed.map((box) => box.end('SIGKILL')));
      const start = performance.now();
      await Promise.all(killed.map((box) => box.start()));
      await traffic.acks(1);
      restarts.push(performance.now() - start);
    }
    restarts.sort((a, b) => a - b);
    t.diagnostic(`first 201 after the restart: median ${
      Math.round(restarts[ROUNDS >> 1])} ms, worst ${
      Math.round(restarts[ROUNDS - 1])} ms`);
    const posts = await traffic.end(server.database);
    t.diagnostic(`${posts} posts, ${traffic.history.refused.length} repeats`);
    assert.ok(posts > ROUNDS * 20);

    // Other work on the machine may hold up one of them, not half of them.
    assert.ok(restarts[ROUNDS >> 1] <= 1000, 'first 201 within a second');
    assert.deepEqual(await server.kill('SIGTERM'), [0, 0]);
    assert.equal(await integrity(server.database), 'ok');
  } finally {
    traffic.giveUp();
    api.close();
    await server.stop();
  }
});
