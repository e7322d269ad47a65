// A program on the disk, the processes that run it, and a crowd meanwhile.

import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readlinkSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { integrity } from '../http/sqlite.mjs';
import { ROOMY, Traffic } from './traffic.mjs';

/** Ours with one more migration. @param {string} name */
export const variant = (name) =>
  fileURLToPath(new URL(`../../build/variant/${name}`, import.meta.url));

/** @typedef {import('../http/harness.mjs').Server} Server */

/** Puts a program in the place of another, as an installation does.
 * @param {Server} server @param {string} [by] */
export function replace(server, by = server.program) {
  copyFileSync(by, `${server.program}.new`);
  renameSync(`${server.program}.new`, server.program);
}

/** @param {string} path of a link, which may be gone */
export function readlink(path) {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** What stands on the disk now, and not what stood there before.
 * @param {number} pid @param {string} program */
export const runs = (pid, program) => readlink(`/proc/${pid}/exe`) === program;

/** Processes of programs that were replaced.
 * @param {Server} server */
export const countOld = (server) => readdirSync('/proc').filter((name) =>
  /^\d+$/.test(name) && runs(Number(name), `${server.program} (deleted)`))
  .length;

/**
 * A crowd works while the body is at it; then the verdict.
 * @param {import('../http/harness.mjs').Options} options
 * @param {(server: Server, traffic: Traffic) => Promise<void>} body
 * @param {import('node:test').TestContext} t
 */
export async function underLoad(t, options, body) {
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
export const nobodyWasRefused = (traffic) =>
  assert.deepEqual(traffic.history.refused.map(({ what }) => what), []);
