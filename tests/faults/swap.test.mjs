// The program is replaced while it works: nothing is lost, nobody is refused.
// SOAK=1 makes it 100 times.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { rows } from '../http/sqlite.mjs';
import { until } from '../http/until.mjs';
import { countOld, nobodyWasRefused, readlink, replace, runs, underLoad,
  variant } from './swap.mjs';

const SWAPS = process.env.SOAK ? 100 : 10;

test(`SIGHUP: ${SWAPS} successors behind a lighttpd that lends its socket`,
  (t) => underLoad(t, { front: 'lighttpd-spawned' },
    async (server, traffic) => {
      const [pid] = server.pids;
      const open = () => readdirSync(`/proc/${pid}/fd`)
        .map((fd) => readlink(`/proc/${pid}/fd/${fd}`))
        .filter((name) => name && !name.startsWith('socket:')).length;
      const before = open();
      for (let i = 0; i < SWAPS; i++) {
        replace(server, i === SWAPS >> 1 ? variant('900-additive') : undefined);
        process.kill(pid, 'SIGHUP');
        await until('the successor runs', () => runs(pid, server.program));
        await traffic.acks(20);
      }
      assert.deepEqual(server.pids, [pid]);
      await until('no descriptor is left over', () => open() <= before);
      assert.equal((await rows(server.database, 'PRAGMA user_version'))[0]
        .user_version, 900);
      nobodyWasRefused(traffic);
    }));

for (const front of ['lighttpd', 'nginx'])
  test(`SIGTERM: ${SWAPS} times a new process beside the old one, ${front}`,
    (t) => underLoad(t, { front }, async (server, traffic) => {
      /** @type {import('../http/letterbox.mjs').Letterbox} */
      let old = /** @type {any} */ (server.boxes[0]);
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
  (t) => underLoad(t, { front: 'apache-fcgid', cold: true, most: 200 },
    async (server, traffic) => {
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
          countOld(server) < 150, { within: 30000 });
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
