// A new program that another process finds in its way, or that is no good.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, renameSync, unlinkSync, writeFileSync }
  from 'node:fs';
import { test } from 'node:test';
import { startServer } from '../http/harness.mjs';
import { rows } from '../http/sqlite.mjs';
import { until } from '../http/until.mjs';
import { nobodyWasRefused, replace, runs, underLoad, variant }
  from './swap.mjs';

/** @typedef {import('../http/letterbox.mjs').Letterbox} Letterbox */

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

test('a successor that is not fit is left on the disk', (t) =>
  underLoad(t, {}, async (server, traffic) => {
    const [box] = /** @type {Letterbox[]} */ (server.boxes);
    const { pid, conf } = box;
    const settings = readFileSync(conf, 'utf8');
    /** @param {RegExp} why */
    const refuses = async (why) => {
      const said = box.stderr.length;
      process.kill(pid, 'SIGHUP');
      await until(String(why), () => why.test(box.stderr.slice(said)));
      await traffic.acks(10);
    };
    /** @param {string} text @param {number} mode */
    const put = (text, mode) => {
      writeFileSync(`${server.program}.new`, text, { mode });
      renameSync(`${server.program}.new`, server.program);
    };
    copyFileSync(server.program, `${server.program}.good`);
    put('#!/bin/sh\nexit 7\n', 0o755);
    await refuses(/^successor why=status number=7$/m);
    put('#!/bin/sh\nkill -SEGV $$\n', 0o755);
    await refuses(/^successor why=signal number=11$/m);
    put('half a program', 0o644);
    await refuses(/^successor why=start number=13$/m);
    unlinkSync(server.program);
    await refuses(/^successor why=start number=2$/m);

    renameSync(`${server.program}.good`, server.program);
    writeFileSync(conf, `${settings}holt = 20\n`);
    await refuses(/^successor why=status number=3$/m);
    assert.match(box.stderr, /letterbox\.conf:\d+: .*holt/);
    writeFileSync(conf, settings);
    process.kill(pid, 'SIGHUP');
    await until('the successor runs', () => runs(pid, server.program));
    assert.equal(box.pid, pid);
    nobodyWasRefused(traffic);
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
