// kill -9 under load: nothing acknowledged is lost, nothing is doubled.
// SOAK=1 makes it 500 rounds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { integrity, rows } from '../http/sqlite.mjs';
import { until } from '../http/until.mjs';
import { crowd, newHistory, poster, reader } from './load.mjs';

const ROUNDS = process.env.SOAK ? 500 : 10;

/** @param {number} below */
const random = (below) => Math.floor(Math.random() * below);

test(`${ROUNDS} times kill -9 under load: 0 lost, 0 double`, async (t) => {
  const server = await startServer({ processes: 2, conf: {
    lease: 60, room_messages: 1000000, room_bytes: 1 << 30,
  } });
  const api = new Api(server.api);
  const history = newHistory();
  let stop = false;
  let done = false;
  try {
    const { posters, readers } = await crowd(api, { rooms: 3, posters: 3 });
    const work = [
      ...posters.map((peer) => poster(history, peer, () => stop)),
      ...readers.map((peer) => reader(history, peer, () => done)),
    ];
    const failed = Promise.all(work); // rejects as soon as one does

    /** @param {number} count of acknowledgements from now on */
    const acks = (count) => Promise.race([failed,
      new Promise((resolve) => {
        history.onAck = () => --count <= 0 && resolve(undefined);
      })]);

    const restarts = [];
    for (let round = 0; round < ROUNDS; round++) {
      await acks(20 + random(40));
      // Both at once, or one while the other goes on.
      const killed = [server.boxes, server.boxes.slice(0, 1),
        server.boxes.slice(1)][round % 3];
      await Promise.all(killed.map((box) => box.end('SIGKILL')));
      const start = performance.now();
      await Promise.all(killed.map((box) => box.start()));
      await acks(1);
      restarts.push(performance.now() - start);
    }
    restarts.sort((a, b) => a - b);
    t.diagnostic(`first 201 after the restart: median ${
      Math.round(restarts[ROUNDS >> 1])} ms, worst ${
      Math.round(restarts[ROUNDS - 1])} ms`);
    stop = true;
    await Promise.all(work.slice(0, posters.length));

    const log = await rows(server.database, `SELECT message.seq AS seq,
      room.name || '/' || json_extract(message.body, '$') AS what,
      room.name AS room FROM message JOIN room ON room.row = message.room
      WHERE message.type = 'load' ORDER BY message.seq`);
    t.diagnostic(`${log.length} posts, ${history.retries} repeats`);
    assert.ok(log.length > ROUNDS * 20);

    const stored = new Map(log.map((row) => [row.what, row.seq]));
    assert.equal(stored.size, log.length, '0 double');
    for (const [what, seq] of history.acked)
      assert.equal(stored.get(what), seq, `0 lost: ${what}`);
    assert.equal(stored.size, history.acked.size, 'all were acknowledged');
    for (const { room, id } of posters) {
      const mine = log.filter((row) => row.what.startsWith(`${room}/${id}:`));
      assert.deepEqual(mine.map((row) => row.what),
        mine.map((_, i) => `${room}/${id}:${i + 1}`), 'in order');
    }

    await Promise.race([failed, until('the readers have it all', () =>
      [...history.read].every(([room, seqs]) => seqs.at(-1) ===
        log.filter((row) => row.room === room).at(-1)?.seq),
    { within: 10000 })]);
    done = true;
    await failed;
    for (const [room, seqs] of history.read)
      assert.deepEqual(seqs, log.filter((row) => row.room === room)
        .map((row) => row.seq), `${room}: read once each, in order`);

    // Other work on the machine may hold up one of them, not half of them.
    assert.ok(restarts[ROUNDS >> 1] <= 1000, 'first 201 within a second');
    assert.deepEqual(await server.kill('SIGTERM'), [0, 0]);
    assert.equal(await integrity(server.database), 'ok');
  } finally {
    stop = done = true;
    api.close();
    await server.stop();
  }
});
