// Several processes, several modes, one database: a hundred thousand
// operations (SOAK=1: a million), each compared with what was promised.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { peers } from '../http/peer.mjs';
import { integrity, rows } from '../http/sqlite.mjs';
import { until } from '../http/until.mjs';

const STRESS = fileURLToPath(new URL('../../build/stress', import.meta.url));
const run = promisify(execFile);
const SOAK = !!process.env.SOAK;

const OPEN = { lease: 120, room_messages: 1000000, room_bytes: 1 << 30,
  peers_max: 64, body_max: 1 << 20 };

/** What is in the log, as far as the program does not see it.
 * @param {string} database */
async function audit(database) {
  const [found] = await rows(database, `SELECT count(*) AS messages,
    count(DISTINCT sender || '/' || json_extract(body, '$.k')) AS different
    FROM message WHERE type = 'bench'`);
  const [{ wrong }] = await rows(database, `SELECT count(*) AS wrong FROM (
    SELECT json_extract(body, '$.k') AS k, row_number() OVER (
      PARTITION BY sender ORDER BY seq) AS expected
    FROM message WHERE type = 'bench') WHERE k <> expected`);
  assert.equal(wrong, 0, 'each writer\'s messages stand in their order');
  assert.equal(found.different, found.messages, 'none is there twice');
  return found.messages;
}

/**
 * @param {import('../http/harness.mjs').Server} server
 * @param {(string | number)[]} options
 */
async function stress(server, ...options) {
  const { host } = new URL(server.base);
  const mounts = server.mounts.map((url) => new URL(url).pathname);
  const { stdout } = await run(STRESS, ['-a', host, '-m', mounts.join(','),
    ...options.map(String)], { timeout: SOAK ? 1800000 : 120000 });
  return JSON.parse(stdout);
}

/** @param {number} operations */
async function many(operations, /** @type {any} */ t) {
  const server = await startServer({ processes: 4,
    conf: { ...OPEN, durability: 'power' } });
  try {
    const told = await stress(server, '-n', operations);
    t.diagnostic(JSON.stringify(told));
    assert.ok(told.operations >= operations);
    assert.equal(await audit(server.database), told.messages);
    assert.deepEqual(await server.kill('SIGTERM'), [0, 0, 0, 0]);
    assert.equal(await integrity(server.database), 'ok');
    assert.deepEqual(readdirSync(join(server.data, 'run')), [],
      'no socket is left behind');
  } finally {
    await server.stop();
  }
}

const count = SOAK ? 1000000 : 100000;
test(`${count} operations through four processes: one order, no gap, none twice`,
  (t) => many(count, t));

test('the same with CGI programs and the command line among them', async (t) => {
  const server = await startServer({ processes: 2, conf: OPEN });
  let done = false;
  // Readers at the shell, of the database and of the program's own state.
  const shell = (async () => {
    for (let n = 0; ; n++) {
      await rows(server.database, 'SELECT count(*) FROM timeline');
      await run(server.program, ['-c', join(server.dir, 'letterbox.conf'),
        '-t']);
      if (done) return n;
    }
  })();
  try {
    const told = await stress(server, '-n', SOAK ? 100000 : 10000, '-r', 2,
      '-g', server.program, '-c', join(server.dir, 'letterbox.conf'));
    done = true;
    t.diagnostic(JSON.stringify({ ...told, shells: await shell }));
    assert.equal(told.cgi_peers, 4);
    assert.equal(await audit(server.database), told.messages);
    assert.equal(await integrity(server.database), 'ok');
  } finally {
    done = true;
    await shell.catch(() => undefined);
    await server.stop();
  }
});

/** The sockets of the run folder. @param {string} data */
const sockets = (data) => readdirSync(join(data, 'run')).length;

test('the socket of a process that was killed is removed', async () => {
  const server = await startServer({ processes: 3 });
  const api = new Api(server.mounts[0]);
  try {
    const [a] = await peers(api, ['a']);
    assert.equal(sockets(server.data), 3);
    await server.boxes[1].end('SIGKILL');
    assert.equal(sockets(server.data), 3, 'nobody could');
    await a.say('chat', 'is anybody there?');
    await until('it is gone', () => sockets(server.data) === 2);
    assert.ok(statSync(join(server.data, 'run')).isDirectory());
  } finally {
    api.close();
    await server.stop();
  }
});

test('a process that does not read its socket misses nothing', async () => {
  const server = await startServer({ processes: 2, conf: OPEN });
  const [one, two] = server.mounts.map((url) => new Api(url));
  const { pid } = server.boxes[1];
  try {
    const [a] = await peers(one, ['a']);
    const [b] = await peers(two, ['b'], a.room);
    await b.drain();
    const parked = b.poll(20);
    await until('it waits', async () => await server.parked(1) === 1);
    process.kill(pid, 'SIGSTOP');
    // One datagram a commit, more than any socket's buffer takes.
    for (let i = 0; i < 700; i++) await a.say('chat', i);
    process.kill(pid, 'SIGCONT');
    const { messages } = await parked;
    const all = [...messages, ...await b.collect((rest) =>
      messages.length + rest.length >= 700)].map((m) => m.body);
    assert.deepEqual(all, Array.from({ length: 700 }, (_, i) => i));
    // And it is woken again.
    const next = b.poll(20);
    await until('it waits', async () => await server.parked(1) === 1);
    const begun = performance.now();
    await a.say('chat', 'now');
    assert.equal((await next).messages[0].body, 'now');
    assert.ok(performance.now() - begun < 5 * 500, 'the net is the worst');
  } finally {
    process.kill(pid, 'SIGCONT');
    one.close();
    two.close();
    await server.stop();
  }
});
