// Web servers are restarted and reloaded under load: nothing is lost, nothing
// is doubled, and the clients come back. SOAK=1 makes it 100 times each.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { integrity } from '../http/sqlite.mjs';
import { ROOMY, Traffic } from './traffic.mjs';

const ROUNDS = process.env.SOAK ? 100 : 1;
const BACK_MS = 5000;
const SLOW_MS = 25000;

/**
 * What a web server is told. Those that end at that are started again; `too`:
 * our program is told SIGHUP at the same time, which answers its polls;
 * `slow`: it takes its time, whatever we do.
 * @typedef {{signal: NodeJS.Signals, ends?: true, too?: true, slow?: true}} Way
 */

/** @type {Way[]} */
const LIGHTTPD = [{ signal: 'SIGTERM', ends: true },
  { signal: 'SIGINT', ends: true }, { signal: 'SIGUSR1' }];

/** @type {Record<string, Way[]>} */
const WAYS = {
  'lighttpd': LIGHTTPD,
  'lighttpd-spawned': LIGHTTPD,
  'nginx': [{ signal: 'SIGHUP' }, { signal: 'SIGTERM', ends: true },
    { signal: 'SIGQUIT', ends: true }],
  // Apache waits ten seconds for its threads, which wait for polls of ours.
  'apache-proxy': [{ signal: 'SIGUSR1' }, { signal: 'SIGHUP', too: true },
    { signal: 'SIGTERM', ends: true, too: true }],
  // A request that waits for a process when a graceful restart begins is
  // forgotten, until its client loses patience.
  'apache-fcgid': [{ signal: 'SIGUSR1', slow: true }, { signal: 'SIGHUP' },
    { signal: 'SIGTERM', ends: true }],
  // One that arrives when the daemon of mod_cgid has just ended looks for it
  // until Apache loses patience.
  'apache-cgid': [{ signal: 'SIGUSR1' },
    { signal: 'SIGTERM', ends: true, slow: true }],
};

/** @param {import('../http/harness.mjs').Server} server @param {Way} way */
async function tell(server, { signal, ends, too }) {
  const up = ends ? server.restartWeb(signal) : server.web.kill(signal);
  if (too) process.kill(server.pids[0], 'SIGHUP');
  await up;
}

describe('restarts', { concurrency: 3 }, () => {
  for (const [front, ways] of Object.entries(WAYS))
    test(`${front}: ${ways.map((way) => way.signal)}, ${ROUNDS} times`,
      async (t) => {
        const server = await startServer({ front, conf: ROOMY });
        const api = new Api(server.api);
        const traffic = new Traffic();
        /** @type {number[][]} */
        const times = ways.map(() => []);
        try {
          await traffic.begin(api, { rooms: 2, posters: 2, waiters: 3 });
          for (let i = 0; i < ROUNDS * ways.length; i++) {
            await traffic.acks(20);
            const start = performance.now();
            await tell(server, ways[i % ways.length]);
            await traffic.everybody();
            times[i % ways.length].push(performance.now() - start);
          }
          const posts = await traffic.end(server.database);
          t.diagnostic(`${posts} posts, ${traffic.history.refused.length
          } repeats; all are back after:`);
          ways.forEach(({ signal, slow }, i) => {
            times[i].sort((x, y) => x - y);
            const [median, worst] =
              [times[i][ROUNDS >> 1], times[i][ROUNDS - 1]].map(Math.round);
            t.diagnostic(`${signal} median ${median} ms, worst ${worst} ms`);
            // Other work on the machine may hold up one of them, not half.
            assert.ok(median <= (slow || ROUNDS < 3 ? SLOW_MS : BACK_MS),
              `${signal} ${median}`);
          });
          assert.equal(await integrity(server.database), 'ok');
        } finally {
          traffic.giveUp();
          api.close();
          await server.stop();
        }
      });
});
