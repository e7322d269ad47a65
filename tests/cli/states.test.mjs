// A database in every state it may be met in: in use, left, killed, copied,
// of somebody else.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync,
  readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { NOBODY, scratch } from '../http/letterbox.mjs';
import { Peer } from '../http/peer.mjs';
import { rows } from '../http/sqlite.mjs';
import { databaseOf, letterbox, objects, told } from './cli.mjs';

const root = process.getuid?.() === 0;

/** @param {string} folder */
const seqs = (folder) => objects('message', 'log', 'blue', '-d', folder)
  .map((m) => m.seq);

/** A server with two messages. @param {string} journal */
async function furnished(journal) {
  const server = await startServer({ conf: { journal } });
  const peer = new Peer(new Api(server.api), 'blue', 'alice');
  await peer.join();
  await peer.say('chat', 'hello');
  return { server, peer };
}

/** The files of a database, without those of processes.
 * @param {string} from @param {string} to */
function copy(from, to) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from))
    if (/^letterbox\.db(-wal|-journal)?$/.test(name))
      copyFileSync(join(from, name), join(to, name));
}

for (const journal of ['wal', 'rollback'])
  describe(`journal ${journal}`, () => {
    test('it is read while the server runs, when it was killed, and when it stopped',
      async () => {
        const { server, peer } = await furnished(journal);
        assert.deepEqual(seqs(server.data), [1, 2]);
        await peer.say('chat', 'again');
        assert.deepEqual(seqs(server.data), [1, 2, 3]);
        await server.kill();
        assert.deepEqual(seqs(server.data), [1, 2, 3]);
        assert.equal(letterbox(['check', '-d', server.data]).status, 0);
        await server.restart();
        await peer.resume();
        await peer.say('chat', 'and again');
        assert.deepEqual(seqs(server.data), [1, 2, 3, 4]);
        await server.kill('SIGTERM');
        assert.deepEqual(seqs(server.data), [1, 2, 3, 4]);
        await server.stop();
      });

    test('a copy on what cannot be written to is read', async () => {
      const { server } = await furnished(journal);
      await server.kill('SIGTERM');
      const folder = join(scratch(), 'copy');
      copy(server.data, folder);
      // Folded back, as a backup is: else the newest part would be missing.
      await rows(databaseOf(folder), 'SELECT 1');
      execFileSync('sqlite3', [databaseOf(folder),
        'PRAGMA wal_checkpoint(truncate)']);
      for (const name of readdirSync(folder))
        chmodSync(join(folder, name), 0o444);
      chmodSync(folder, 0o555);
      chmodSync(join(folder, '..'), 0o755);
      const { status, stdout, stderr } = letterbox(
        ['log', 'blue', '--json', '-d', folder], root ? { uid: NOBODY } : {});
      assert.equal(status, 0, stderr);
      assert.equal(stdout.split('\n').length, 3);
      chmodSync(folder, 0o755);
      await server.stop();
    });
  });

test('reading makes no log grow and leaves no file of another account',
  async () => {
    const { server } = await furnished('wal');
    const wal = databaseOf(server.data) + '-wal';
    const size = statSync(wal).size;
    for (let i = 0; i < 3; i++) told('rooms', '-d', server.data);
    assert.equal(statSync(wal).size, size);
    await server.kill('SIGTERM');
    const owner = statSync(server.data).uid;
    told('rooms', '-d', server.data);
    for (const name of readdirSync(server.data))
      assert.equal(statSync(join(server.data, name)).uid, owner, name);
    await server.stop();
  });

test('a folder of another account is refused, with the cure',
  { skip: !root && 'only root can be two accounts' }, async () => {
    const { server } = await furnished('wal');
    chmodSync(server.dir, 0o755);
    const { status, stderr } = letterbox(['rooms', '-d', server.data],
      { uid: NOBODY });
    assert.equal(status, 1);
    assert.match(stderr, /belongs to the account root: .*sudo -u root/);
    await server.stop();
  });

test('what is no database of ours is told', () => {
  const dir = scratch();
  const missing = letterbox(['rooms', '-d', dir]);
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /There is no .*letterbox\.db/);
  assert.ok(!existsSync(databaseOf(dir)));
  writeFileSync(databaseOf(dir), 'x'.repeat(5000));
  const foreign = letterbox(['rooms', '-d', dir]);
  assert.equal(foreign.status, 1);
  assert.match(foreign.stderr, /is no database of Letterbox/);
  assert.equal(letterbox(['rooms', '-c', join(dir, 'nix')]).status, 3);
});

test('of two rooms with one name the namespace decides', async () => {
  const { server } = await furnished('wal');
  await server.kill('SIGTERM');
  execFileSync('sqlite3', [databaseOf(server.data),
    `INSERT INTO room (namespace, name, created_at)
     VALUES ('channel:shop', 'blue', 1), ('x', 'a/b', 1)`]);
  const at = ['-d', server.data];
  const { status, stdout, stderr } = letterbox(['log', 'blue', ...at]);
  assert.equal(status, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /2 rooms .*\n +rooms\/blue +\(#1\)\n +channel:shop\/blue +\(#2\)\n/);
  assert.equal(objects('message', 'log', 'rooms/blue', ...at).length, 2);
  assert.equal(objects('message', 'log', 'channel:shop/blue', ...at).length, 0);
  assert.equal(objects('message', 'log', '#1', ...at).length, 2);
  assert.equal(letterbox(['log', 'a/b', ...at]).status, 0);
  await server.stop();
});

test('a damaged database is named, and crashes nobody', async () => {
  const { server } = await furnished('wal');
  await server.kill('SIGTERM');
  const sql = (/** @type {string} */ text) =>
    execFileSync('sqlite3', [databaseOf(server.data), text]);
  sql('PRAGMA foreign_keys = off; UPDATE message SET sender = 99 WHERE seq = 1;' +
    "UPDATE message SET body = '{' WHERE seq = 2; UPDATE meta SET newest = 1;" +
    'INSERT INTO sent VALUES (77, \'m\', 1, 1); DROP VIEW delivery');
  const [report] = objectsOf(server.data);
  const wrong = Object.fromEntries(report.checks.map(
    (/** @type {any} */ c) => [c.what, c.wrong.join()]));
  assert.match(wrong['what rows refer to is there'], /of sent refers to no room/);
  assert.match(wrong['tables, views and indices'], /view delivery/);
  assert.match(wrong['the order of the log'], /message 2, but 1 is the highest/);
  assert.match(wrong['who messages are from'], /message 1 is from nobody/);
  assert.match(wrong['bodies and their sizes'], /message 2 is not JSON/);
  // The log is still shown, as far as it goes.
  assert.equal(letterbox(['log', 'blue', '-d', server.data]).status, 0);
  await server.stop();
});

/** The report of a check that finds something. @param {string} folder */
function objectsOf(folder) {
  const { status, stdout } = letterbox(['check', '--json', '-d', folder]);
  assert.equal(status, 1);
  return [JSON.parse(stdout)];
}

test('a check by another account changes nothing',
  { skip: !root && 'only root can be two accounts' }, async () => {
    const { server } = await furnished('wal');
    await server.kill('SIGTERM');
    const folder = join(scratch(), 'theirs');
    copy(server.data, folder);
    for (const name of [folder, join(folder, '..'), databaseOf(folder)])
      chownSync(name, NOBODY, NOBODY);
    assert.equal(letterbox(['check', '-d', folder]).status, 0);
    for (const name of readdirSync(folder))
      if (/^letterbox\.db(-shm|-wal)?$/.test(name))
        assert.ok([0, NOBODY].includes(statSync(join(folder, name)).uid));
    await server.stop();
  });

const TORN = `
import shutil, sqlite3, sys
path, to = sys.argv[1:]
db = sqlite3.connect(path, isolation_level=None)
db.execute('PRAGMA journal_mode = delete')
db.execute('PRAGMA synchronous = off')
db.execute('PRAGMA cache_size = 1')
db.execute('BEGIN IMMEDIATE')
db.execute("UPDATE message SET body = '\\"torn\\"', size = 6")
db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
           "WHERE i < 2000) INSERT INTO sent SELECT 1, 'm' || i, 1, 1 FROM n")
shutil.copy(path, to)
shutil.copy(path + '-journal', to + '-journal')
db.execute('ROLLBACK')
`;

test('what a process was about to commit when it was killed is not shown',
  async () => {
    const { server } = await furnished('rollback');
    await server.kill('SIGTERM');
    const folder = scratch();
    execFileSync('python3', ['-c', TORN, server.database, databaseOf(folder)]);
    assert.ok(statSync(databaseOf(folder) + '-journal').size > 512);
    const [, chat] = objects('message', 'log', 'blue', '-d', folder);
    assert.equal(chat.body, 'hello');
    assert.equal(letterbox(['check', '-d', folder]).status, 0);
    await server.stop();
  });
