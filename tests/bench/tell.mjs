// What looking at a large log takes, and what it costs those who work on it.
//
//   node tests/bench/tell.mjs            a million messages
//   MESSAGES=100000 node tests/bench/tell.mjs
//
// Of `log` and `rooms` the time until the first byte is there, the time until
// the end, and the memory at most; then posts to a server on the same database
// while nobody looks, and while `log` runs over and over, with the size of its
// write-ahead log.

import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { Peer } from '../http/peer.mjs';
import { binary } from '../http/letterbox.mjs';

const MESSAGES = Number(process.env.MESSAGES ?? 1e6);
const ROUNDS = 5;
/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** The most memory it had until now, in MiB. @param {number} pid */
function peakOf(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it has ended
  }
}

/**
 * Runs it to its end.
 * @param {string[]} args
 * @returns {Promise<{first: number, all: number, peak: number}>}
 */
function look(args) {
  const begun = performance.now();
  const child = spawn(binary(), args);
  let first = 0, peak = 0;
  child.stdout.on('data', () => {
    first ||= performance.now() - begun;
    peak = Math.max(peak, peakOf(child.pid ?? 0));
  });
  return new Promise((done) => child.on('close', () =>
    done({ first, peak, all: performance.now() - begun })));
}

const server = await startServer({ conf: { ttl: 86400 } });
const peer = new Peer(new Api(server.api), 'blue', 'alice');
await peer.join();
console.error(`filling ${MESSAGES} messages`);
const body = JSON.stringify({ candidate: 'candidate:1 1 udp 2122260223 ' +
  '192.0.2.7 50000 typ host generation 0 ufrag Ab3d', sdpMid: '0' });
execFileSync('sqlite3', [server.database, `
  PRAGMA foreign_keys = off; BEGIN;
  INSERT INTO room (row, namespace, name, created_at, kept)
    SELECT 1000 + value, 'rooms', 'r' || value, 1, 1
    FROM generate_series(1, 100);
  INSERT INTO peer (row, room, id, state, changed_at)
    SELECT 1000 + value, 1000 + value, 'p', 5, 1
    FROM generate_series(1, 100);
  INSERT INTO message (seq, room, sender, type, size, posted_at, body)
    SELECT 100 + value, iif(value % 2, 1001, 1001 + value % 100),
      iif(value % 2, 1001, 1001 + value % 100), 'candidate', ${body.length},
      unixepoch() * 1000, '${body}' FROM generate_series(1, ${MESSAGES});
  UPDATE meta SET newest = ${MESSAGES + 200}; COMMIT;`]);
const file = statSync(server.database).size + statSync(`${server.database}-wal`).size;
console.log(`${MESSAGES} messages, half of them in one room, ` +
  `${(file / 1048576).toFixed(0)} MiB`);

for (const args of [['log', 'r1'], ['log', 'r1', '--json'], ['rooms'],
  ['stats'], ['export', 'r1'], ['log', 'r1', '--since', String(MESSAGES)]]) {
  /** @type {Awaited<ReturnType<typeof look>>[]} */
  const runs = [];
  for (let i = 0; i < ROUNDS; i++)
    runs.push(await look([...args, '-d', server.data]));
  const of = (/** @type {'first' | 'all' | 'peak'} */ name) => median(runs.map((r) => r[name]));
  console.log(`${args.join(' ').padEnd(24)} first ${of('first')
    .toFixed(0).padStart(5)} ms  all ${of('all').toFixed(0)
    .padStart(6)} ms  peak ${of('peak').toFixed(1).padStart(5)} MiB`);
}

/** Posts for some seconds. */
async function posts() {
  const until = performance.now() + 4000;
  const times = [];
  while (performance.now() < until) {
    const begun = performance.now();
    await peer.say('chat', 'x');
    times.push(performance.now() - begun);
  }
  const wal = statSync(`${server.database}-wal`).size / 1048576;
  times.sort((a, b) => a - b);
  return `p50 ${times[times.length >> 1].toFixed(2)} ms  ` +
    `p99 ${times[Math.floor(times.length * 0.99)].toFixed(2)} ms  ` +
    `write-ahead log ${wal.toFixed(1)} MiB`;
}

console.log(`posts, nobody looks      ${await posts()}`);
let stop = false;
const reader = (async () => {
  while (!stop) await look(['log', 'r1', '-d', server.data]);
})();
console.log(`posts while log runs     ${await posts()}`);
stop = true;
await reader;
console.log(`check --quick            ${((await look(
  ['check', '--quick', '-d', server.data])).all / 1000).toFixed(1)} s`);
await server.kill('SIGTERM');
await server.stop();
