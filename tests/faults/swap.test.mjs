// The program is replaced while it works: nothing is lost, nobody is refused.
// SOAK=1 makes it 100 times.

import assert from 'node:assert/strict';
import { copyFileSync, readlinkSync, renameSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { Letterbox } from '../http/letterbox.mjs';
import { integrity, rows } from '../http/sqlite.mjs';
import { until } from '../http/until.mjs';
import { ROOMY, Traffic } from './traffic.mjs';

const SWAPS = process.env.SOAK ? 100 : 10;

/** Ours with one more migration. @param {string} name */
const variant = (name) =>
  fileURLToPath(new URL(`../../build/variant/${name}`, import.meta.url));

/** @typedef {import('../http/harness.mjs').Server} Server */

/** Puts a program in the place of another, as an installation does.
 * @param {Server} server @param {string} [by] */
function replace(server, by = server.program) {
  copyFileSync(by, `${server.program}.new`);
  renameSync(`${server.program}.new`, server.program);
}

/** The process runs what stands on the disk now.
 * @param {number} pid @param {string} program */
function isNew(pid, program) {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === program;
  } catch {
    return false; // it has ended
  }
}

/**
 * A crowd works while the body is at it; then the verdict.
 * @param {import('../http/harness.mjs').Options} options
 * @param {(server: Server, traffic: Traffic) => Promise<void>} body
 * @param {import('node:test').TestContext} t
 */
async function underLoad(t, options, body) {
  const server = await startServer({ copy: true, conf: ROOMY, ...options });
  const api = new Api(server.api);
  const traffic = new Traffic();
  try {
    await traffic.begin(api, { waiters: 4 });
    await traffic.acks(10);
    await body(server, traffic);
    await traffic.acks(10);
    const posts = await traffic.end(server.database);
    t.diagnostic(`${posts} posts, longest silence ${
      Math.round(traffic.silence)} ms`);
    assert.equal(await integrity(server.database), 'ok');
  } finally {
    traffic.giveUp();
    api.close();
    await server.stop();
  }
}

/** @param {Traffic} traffic */
const nobodyWasRefused = (traffic) =>
  assert.deepEqual(traffic.history.refused.map(({ what }) => what), []);

test(`SIGHUP: ${SWAPS} successors behind a lighttpd that lends its socket`,
  (t) => underLoad(t, { front: 'lighttpd-spawned' },
    async (server, traffic) => {
      const [pid] = server.pids;
      for (let i = 0; i < SWAPS; i++) {
        replace(server, i === SWAPS >> 1 ? variant('900-additive') : undefined);
        process.kill(pid, 'SIGHUP');
        await until('the successor runs', () => isNew(pid, server.program));
        await traffic.acks(20);
      }
      assert.deepEqual(server.pids, [pid]);
      assert.equal((await rows(server.database, 'PRAGMA user_version'))[0]
        .user_version, 900);
      nobodyWasRefused(traffic);
    }));

for (const front of ['lighttpd', 'nginx'])
  test(`SIGTERM: ${SWAPS} times a new process beside the old one, ${front}`,
    (t) => underLoad(t, { front }, async (server, traffic) => {
      /** @type {Letterbox} */
      let old = /** @type {Letterbox} */ (server.boxes[0]);
      for (let i = 0; i < SWAPS; i++) {
        replace(server, i === SWAPS >> 1 ? variant('900-additive') : undefined);
        const next = old.beside();
        await next.start();
        await until('the new one is up', () => /^start /m.test(next.stderr));
        await traffic.acks(10);
        assert.equal(await old.end('SIGTERM'), 0);
        await traffic.acks(10);
        server.boxes[0] = old = next;
      }
      nobodyWasRefused(traffic);
    }));
