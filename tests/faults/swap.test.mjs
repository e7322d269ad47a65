// The program is replaced while it works: nothing is lost, nobody is refused.
// SOAK=1 makes it 100 times.

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync,
  readlinkSync, renameSync } from 'node:fs';
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

/** What stands on the disk now, and not what stood there before.
 * @param {number} pid @param {string} program */
function runs(pid, program) {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === program;
  } catch {
    return false; // it has ended
  }
}

/** Processes of programs that were replaced.
 * @param {Server} server */
const countOld = (server) => readdirSync('/proc').filter((name) =>
  /^\d+$/.test(name) && runs(Number(name), `${server.program} (deleted)`))
  .length;

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
        await until('the successor runs', () => runs(pid, server.program));
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

// mod_fcgid tells programs apart by their inode. Old processes would be kept,
// and counted, for minutes; they go by themselves.
test('mod_fcgid: the next request has the new program, the old ones go',
  (t) => underLoad(t, { front: 'apache-fcgid' }, async (server, traffic) => {
    /** @type {number[]} */
    let old = [];
    for (let i = 0; i < SWAPS; i++) {
      old = server.pids;
      replace(server, i === SWAPS >> 1 ? variant('900-additive') : undefined);
      await until('the new program runs', async () => {
        await traffic.acks(5);
        return server.pids.some((pid) => runs(pid, server.program));
      });
      // A pool of so many has no room for many generations.
      await until('there is room', () => server.pids.length +
        countOld(server) < 40, { within: 30000 });
    }
    await until('the old processes have gone', () =>
      old.every((pid) => !existsSync(`/proc/${pid}/exe`)) &&
      countOld(server) === 0, { within: 30000 });
    await traffic.acks(10);
    nobodyWasRefused(traffic);
  }));

for (const front of ['lighttpd-cgi', 'apache-cgid'])
  test(`CGI: ${SWAPS} programs one after the other, ${front}`, (t) =>
    underLoad(t, { front }, async (server, traffic) => {
      for (let i = 0; i < SWAPS; i++) {
        replace(server, i === SWAPS >> 1 ? variant('900-additive') : undefined);
        await traffic.acks(20);
      }
      nobodyWasRefused(traffic);
    }));

test('a breaking schema: the old process leaves, and all is well in 10 s',
  (t) => underLoad(t, { processes: 2 }, async (server, traffic) => {
    const [first, second] = /** @type {Letterbox[]} */ (server.boxes);
    replace(server, variant('901-breaking'));
    const begun = performance.now();
    process.kill(first.pid, 'SIGHUP');
    // As who started it would: systemd, or a web server.
    await until('the old process has ended', () => !second.running,
      { within: 10000 });
    assert.equal(await second.end('SIGTERM'), 1);
    assert.match(second.stderr, /^stop waiters=\d+ why=newer-schema$/m);
    await second.start();
    await traffic.acks(50);
    const { refused } = traffic.history;
    await traffic.acks(50);
    const last = Math.max(begun, ...refused.map(({ at }) => at)) - begun;
    t.diagnostic(`${refused.length} refused, the last after ${
      Math.round(last)} ms`);
    assert.ok(last < 10000);
    assert.deepEqual([...new Set(refused.map(({ what }) => what))]
      .filter((what) => what !== '503 shutting-down'), []);
    assert.equal((await rows(server.database, 'SELECT compat FROM meta'))[0]
      .compat, 901);
  }));

test('an old program refuses the newer database, and says so', async () => {
  const server = await startServer({ copy: true });
  try {
    const [box] = /** @type {Letterbox[]} */ (server.boxes);
    const old = `${server.program}.old`;
    copyFileSync(server.program, old);
    replace(server, variant('901-breaking'));
    await server.restart();
    copyFileSync(old, `${server.program}.new`);
    renameSync(`${server.program}.new`, server.program);
    assert.equal(await box.end('SIGTERM'), 0);
    await box.start();
    await until('it ends', () => !box.running);
    assert.equal(await box.end('SIGTERM'), 1);
    assert.match(box.stderr, /written by a newer Letterbox \(schema 901/);
    replace(server, variant('901-breaking'));
    await server.restart();
  } finally {
    await server.stop();
  }
});
