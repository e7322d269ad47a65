// Posts to an application by `letterbox hook`: how many a second, how long after
// a client has come, and what the process takes.
//
//   node tests/bench/hook.mjs             20,000 posts, 300 comings; QUICK=1: a tenth
//
// The application is this process, which answers at once.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { Ear, Hook } from '../http/hook.mjs';
import { rows } from '../http/sqlite.mjs';
import { until } from '../http/until.mjs';

const PART = process.env.QUICK ? 10 : 1;
const POSTS = 20000 / PART;
const COMINGS = 300 / PART;
const CLIENTS = 500;

/** @param {number[]} values @param {number} part */
const quantile = (values, part) =>
  [...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))];

const server = await startServer({ conf: { hook: 'off', key_rate: 100000,
  key_burst: 100000 } });
const api = new Api(server.api);
const ear = await new Ear().listen();

/** What waited for the hook, all of it at once. */
async function backlog() {
  await promisify(execFile)('sqlite3', [server.database, `BEGIN;
    INSERT INTO key (name, hash, hook, created_at) VALUES ('bench',
      randomblob(32), '${ear.url}', 1);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
      WHERE i < ${POSTS})
    INSERT INTO outbox SELECT 'bench', i, 'abcdefgh', i % 2,
      'c' || i % ${CLIENTS}, 1 FROM n;
    COMMIT`]);
  const hook = new Hook(server);
  await until('it began', () => ear.all.length > 0, { within: 30000, every: 1 });
  const begun = performance.now();
  await until('all were told', () => ear.all.length >= POSTS,
    { within: 300000 });
  const seconds = (performance.now() - begun) / 1000;
  await until('all is noted', async () => (await rows(server.database,
    'SELECT count(*) AS n FROM outbox'))[0].n === 0, { within: 30000 });
  const status = readFileSync(`/proc/${hook.pid}/status`, 'utf8');
  console.log(`backlog: ${POSTS} posts to one application, ${
    Math.round(POSTS / seconds)} a second`);
  console.log(`memory: ${/VmHWM:\s*(\d+)/.exec(status)?.[1]} kB at most`);
  return hook;
}

async function delay() {
  const app = await ear.application(server, api);
  /** @type {number[]} */
  const times = [];
  for (let i = 0; i < COMINGS; i++) {
    const client = await app.client();
    /** @type {Promise<number>} */
    const told = new Promise((resolve) => {
      ear.answer = () => (resolve(performance.now()), 200);
    });
    const begun = performance.now();
    await client.open();
    if (i > 0) times.push(await told - begun);
    else await told;
  }
  console.log(`from a client's request to open to the application: p50 ${
    quantile(times, 0.5).toFixed(1)} ms, p99 ${
    quantile(times, 0.99).toFixed(1)} ms (${times.length})`);
}

console.log(`hook, ${cpus().length} CPUs (${cpus()[0].model})`);
const hook = await backlog();
try {
  await delay();
} finally {
  await hook.end();
  await ear.close();
  api.close();
  await server.stop();
}
