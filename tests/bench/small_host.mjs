// A host as small as many people have: Apache, 20 requests of a program at a
// time, and 200 clients in 100 rooms who poll.
//
//   node tests/bench/small_host.mjs               the table, all of them
//   node tests/bench/small_host.mjs mod_cgid 60   these, for a minute each
//
// What is measured: replies that were not expected, requests in hand at most,
// POST, delivery and a static file, CPU. First at a steady pace, then with all
// clients coming back several times, in the same moment and within a second,
// as they do after a failure. Plain CGI has no bound of its own on processes:
// where the host has one, those above it are answered by the host.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startServer } from '../http/harness.mjs';
import { Crowd, quantile } from './small_crowd.mjs';

/**
 * @typedef {object} Host
 * @property {string} front of tests/http/fronts/table.mjs
 * @property {string} [mpm]
 * @property {number} [most] processes of a pool
 * @property {number} [workers] of the web server
 *
 * @typedef {object} Figures
 * @property {Record<string, number>} odd replies that were not expected
 * @property {number} hand requests in the hands of the program at most
 * @property {number} polls a second
 * @property {number} posts
 * @property {[number, number]} post p50 and p99, ms
 * @property {[number, number]} delivery p50 and p95, ms
 * @property {number} file p99, ms
 * @property {number} cpu of one core, by Apache and the program; what
 *   mod_cgid starts is not counted, for nobody waits for it
 */

/** @type {Record<string, Host>} */
export const HOSTS = {
  'mod_fcgid, event': { front: 'apache-fcgid', mpm: 'event', most: 20 },
  'mod_fcgid, prefork': { front: 'apache-fcgid', mpm: 'prefork', most: 20 },
  'mod_cgid': { front: 'apache-cgid', mpm: 'event' },
  'mod_cgi, prefork': { front: 'apache-cgid', mpm: 'prefork' },
  'mod_proxy_fcgi': { front: 'apache-proxy', mpm: 'event', workers: 150 },
};

/** As the program comes; other tests have seats in plenty. */
const STANDARD = { seats_threads: 64, seats_processes: 8, spare_processes: 5 };

const TICKS = 100; // a second, of /proc/PID/stat

/** Who started whom, and the time each took, with that of its dead children.
 * @returns {Map<number, {parent: number, ticks: number}>} */
function processes() {
  const all = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      all.set(Number(pid), { parent: Number(fields[1]),
        ticks: fields.slice(11, 15).reduce((sum, n) => sum + Number(n), 0) });
    } catch {} // it ended meanwhile
  return all;
}

/** Seconds that these and all they started took so far.
 * @param {number[]} roots */
function cpu(roots) {
  const all = processes();
  const known = new Set(roots);
  // A child may stand before its parent.
  for (let before = 0; before < known.size;) {
    before = known.size;
    for (const [pid, { parent }] of all) if (known.has(parent)) known.add(pid);
  }
  return [...known].reduce((sum, pid) => sum + (all.get(pid)?.ticks ?? 0), 0)
    / TICKS;
}

/** @param {number} pid @returns {number[]} */
function children(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // it ended meanwhile
  }
}

/** Requests that the program has in hand: processes, or connections that it
 * has accepted, beside the descriptors it had in the beginning.
 * @param {import('../http/harness.mjs').Server} server @param {number} idle */
function inHand(server, idle) {
  if (server.front.processes === 'each')
    return children(Number(server.web.pid))
      .reduce((sum, pid) => sum + children(pid).length, 0);
  if (server.front.processes === 'ours') return descriptors(server) - idle;
  return readFileSync('/proc/net/unix', 'utf8').split('\n')
    .filter((line) => line.includes(`${server.dir}/fcgid/`) &&
      line.split(/\s+/)[5] === '03').length;
}

/** @param {import('../http/harness.mjs').Server} server */
const descriptors = (server) => server.front.processes !== 'ours' ? 0
  : readdirSync(`/proc/${server.pids[0]}/fd`).length;

/**
 * Measures while `during` goes on.
 * @param {import('../http/harness.mjs').Server} server @param {number} idle
 * @param {Crowd} crowd @param {() => Promise<void>} during
 * @returns {Promise<Figures>}
 */
async function measure(server, idle, crowd, during) {
  const roots = [/** @type {number} */ (server.web.pid),
    ...(server.front.processes === 'ours' ? server.pids : [])];
  let hand = 0;
  const look = setInterval(() => {
    hand = Math.max(hand, inHand(server, idle));
  }, 25);
  crowd.forget();
  crowd.odd.clear();
  const begun = performance.now();
  const spent = -cpu(roots);
  await during();
  const took = (performance.now() - begun) / 1000;
  clearInterval(look);
  return { odd: Object.fromEntries(crowd.odd), hand,
    polls: crowd.polls / took, posts: crowd.posts.length,
    post: [quantile(crowd.posts, 0.5), quantile(crowd.posts, 0.99)],
    delivery: [quantile(crowd.deliveries, 0.5),
      quantile(crowd.deliveries, 0.95)],
    file: quantile(crowd.files, 0.99), cpu: (spent + cpu(roots)) / took };
}

/**
 * @param {Host} host
 * @param {{rooms?: number, warm?: number, seconds?: number, bursts?: number[]}}
 *   [how] warm: seconds before it is measured; bursts: all come back within
 *   so many ms each, every four seconds
 * @returns {Promise<{steady: Figures, bursts: Figures[], lost: number}>}
 */
export async function smallHost(host, how = {}) {
  const { rooms = 100, warm = 5, seconds = 20, bursts = [0, 1000] } = how;
  const server = await startServer({ ...host, static: true, conf: STANDARD });
  try {
    writeFileSync(join(server.pages, 'page.txt'), 'x'.repeat(4096));
    const idle = descriptors(server);
    const crowd = new Crowd(server.api, `${server.base}/page.txt`);
    await crowd.enter(rooms);
    crowd.start();
    await sleep(warm * 1000);
    const steady = await measure(server, idle, crowd,
      () => sleep(seconds * 1000));
    const all = [];
    for (const within of bursts)
      all.push(await measure(server, idle, crowd, async () => {
        for (let end = performance.now() + seconds * 1000;
          performance.now() < end;) {
          crowd.again(within);
          await sleep(4000);
        }
      }));
    return { steady, bursts: all, lost: await crowd.stop() };
  } finally {
    await server.stop();
  }
}

/** @param {string} name @param {Figures} f */
function row(name, f) {
  const ms = (/** @type {number} */ n) => n < 10 ? n.toFixed(1) : n.toFixed(0);
  const pair = (/** @type {number[]} */ p) => p.map(ms).join('/');
  const odd = Object.entries(f.odd).map((o) => o.join(' x ')).join(', ');
  return `| ${name} | ${odd || 'none'} | ${f.hand} | ${f.polls.toFixed(0)} | ` +
    `${pair(f.post)} | ${pair(f.delivery)} | ${ms(f.file)} | ` +
    `${(f.cpu * 100).toFixed(0)} % |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [only, time] = [process.argv[2] ?? '', Number(process.argv[3] ?? 20)];
  console.log('| host | odd replies | in hand | polls/s | POST p50/p99 ms | ' +
    'delivery p50/p95 ms | file p99 ms | CPU of a core |\n' +
    '|---|---|---|---|---|---|---|---|');
  for (const [name, host] of Object.entries(HOSTS)) {
    if (!name.includes(only)) continue;
    const { steady, bursts, lost } = await smallHost(host, { seconds: time });
    console.log(row(`${name}: steady`, steady));
    console.log(row('all at once', bursts[0]));
    console.log(row('all within a second', bursts[1]));
    if (lost) console.log(`${lost} messages were not heard`);
  }
}
