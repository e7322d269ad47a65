// recover: what can be read of a damaged database is saved as it was, nothing
// is made up, and the damaged one stays as it is.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync,
  writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { scratch } from '../http/letterbox.mjs';
import { Peer } from '../http/peer.mjs';
import { databaseOf, judges, letterbox } from './cli.mjs';

const SCHEMA = fileURLToPath(
  new URL('../../schema/letterbox.sql', import.meta.url));
const MESSAGES = 3000, PAGE = 4096;
const dir = scratch();
let number = 0;
const fresh = () => join(dir, String(number++));

/** @param {string} database @param {string} text */
const sql = (database, text) => execFileSync('sqlite3', [database, text],
  { encoding: 'utf8', maxBuffer: 1 << 28 }).trim();

/** Rooms, peers with tokens, long bodies and short ones; some seqs are gone.
 * @param {string} folder */
function furnish(folder) {
  mkdirSync(folder);
  sql(databaseOf(folder), `PRAGMA application_id = 1282695800;
    PRAGMA user_version = 4; ${readFileSync(SCHEMA, 'utf8')}
    INSERT INTO meta (one, epoch, newest) VALUES (1, 'fixture0', ${MESSAGES + 50});
    INSERT INTO key (name, hash, created_at)
      VALUES ('shop', CAST(printf('%032d', 7) AS BLOB), 1);
    INSERT INTO room (row, namespace, name, created_at)
      SELECT value, 'rooms', 'r' || value, 1 FROM generate_series(1, 100);
    INSERT INTO peer (row, room, id, state, changed_at, token)
      SELECT value, 1 + value % 100, 'p' || value, 2, 1,
      CAST(printf('%032d', value) AS BLOB) FROM generate_series(1, 400);
    INSERT INTO message SELECT value, 1 + value % 100, 1 + (value - 1) % 400,
      NULL, 'chat', 0, 1795204800000 + value, '"' || value || ' ' ||
      printf('%0' || (CASE WHEN value % 50 = 0 THEN 9000 ELSE value % 300 END)
      || 'd', value * 7919) || '"' FROM generate_series(1, ${MESSAGES})
      WHERE value % 11 > 0;
    UPDATE message SET room = (SELECT room FROM peer WHERE row = sender),
      size = length(body);`);
  return folder;
}

const whole = furnish(fresh());
const bytes = readFileSync(databaseOf(whole));

/** All that is known of messages, by seq. @param {string} folder
 * @returns {Map<number, string>} */
const logOf = (folder) => new Map(sql(databaseOf(folder),
  'SELECT * FROM message ORDER BY seq').split('\n').filter((line) => line)
  .map((line) => [parseInt(line), line]));
const original = logOf(whole);

/** @param {Buffer} image */
function damaged(image) {
  const folder = fresh();
  mkdirSync(folder);
  writeFileSync(databaseOf(folder), image);
  return folder;
}

/** @param {string} folder @param {string} [out] */
function recover(folder, out = fresh()) {
  const files = () => readdirSync(folder).filter((name) => /\.db(-wal)?$/.test(name))
    .map((name) => readFileSync(join(folder, name)).toString('latin1'));
  const before = files();
  const { status, stdout, stderr } =
    letterbox(['recover', out, '-d', folder, '--json']);
  assert.deepEqual(files(), before);
  const told = stdout ? JSON.parse(stdout) : undefined;
  if (told) assert.ok(judges.recover(told), stdout);
  return { status, told, stderr, out };
}

/** Nothing is made up, and all that is missing is told.
 * @param {ReturnType<typeof recover>} result */
function judge({ told, out, stderr }) {
  assert.ok(told, stderr);
  const saved = logOf(out);
  for (const [seq, line] of saved) assert.equal(line, original.get(seq));
  const missing = [...original.keys()].filter((seq) => !saved.has(seq));
  const unsaid = missing.filter((seq) => !told.lost.some(
    (/** @type {number[]} */ [from, to]) => from <= seq && seq <= to));
  assert.ok(unsaid.length <= told.refused.messages, unsaid.join());
  assert.equal(told.saved.messages, saved.size);
  assert.equal(told.whole, missing.length === 0 && told.whole);
  const check = letterbox(['check', '-d', out]);
  assert.equal(check.status, 0, check.stdout);
  assert.deepEqual(readdirSync(out), ['letterbox.db']);
  return saved.size;
}

/** Numbers that are the same each time. @param {string} seed */
function numbers(seed) {
  let at = 0;
  return (/** @type {number} */ n) => createHash('sha256')
    .update(`${seed} ${at++}`).digest().readUInt32BE() % n;
}

describe('what is damaged', () => {
  test('nothing: all is there', () => {
    const result = recover(whole);
    assert.equal(result.status, 0, result.stderr);
    assert.equal(judge(result), original.size);
    assert.equal(result.told.newest, MESSAGES + 50);
    for (const table of ['meta', 'room', 'peer', 'key'])
      assert.equal(sql(databaseOf(result.out), `SELECT * FROM ${table}`),
        sql(databaseOf(whole), `SELECT * FROM ${table}`));
  });

  const pages = bytes.length / PAGE;
  for (const seed of Array.from({ length: 12 }, (_, i) => `seed ${i}`))
    test(`pages here and there, ${seed}`, () => {
      const image = Buffer.from(bytes), next = numbers(seed);
      for (let i = 1 + next(6); i > 0; i--) {
        const at = PAGE * (1 + next(pages - 1));
        if (next(2)) image.fill(0, at, at + PAGE);
        else
          for (let b = 0; b < PAGE; b++) image[at + b] = next(256);
      }
      const result = recover(damaged(image));
      if (result.told) judge(result);
      else assert.match(result.stderr, /nothing of it can be read/);
    });

  test('a leaf: the rest is there', () => {
    const image = Buffer.from(bytes);
    // The page of the first short message behind the middle.
    const at = bytes.indexOf('"1501 ');
    const page = at - at % PAGE;
    image.fill(0, page, page + PAGE);
    const result = recover(damaged(image));
    assert.equal(result.status, 1);
    assert.ok(judge(result) > original.size - 150);
    assert.ok(result.told.lost.some((/** @type {number[]} */ [from, to]) =>
      from <= 1501 && 1501 <= to));
  });

  test('rooms and peers: what was said there is', () => {
    const image = Buffer.from(bytes);
    for (const text of ['roomsr57', 'p211\x02']) {
      const at = bytes.indexOf(text);
      assert.ok(at > 0, text);
      image.fill(0, at - at % PAGE, at - at % PAGE + PAGE);
    }
    const result = recover(damaged(image));
    assert.equal(judge(result), original.size);
    assert.ok(result.told.lost_rooms > 0 && result.told.lost_peers > 0);
  });

  test('the header', () => {
    const image = Buffer.from(bytes);
    image.fill(0x55, 0, 100);
    const result = recover(damaged(image));
    assert.equal(judge(result), original.size);
    assert.ok(result.told.header_is_new);
  });

  test('the first page', () => {
    const image = Buffer.from(bytes);
    image.fill(0, 0, PAGE);
    const result = recover(damaged(image));
    assert.equal(judge(result), original.size);
  });

  for (const share of [0.3, 0.9])
    test(`the end: ${share} of it is left`, () => {
      const result = recover(damaged(
        bytes.subarray(0, Math.floor(bytes.length * share))));
      assert.equal(result.status, 1);
      judge(result);
    });

  test('the epoch: there is a new one', () => {
    const image = Buffer.from(bytes);
    const at = bytes.indexOf('fixture0');
    image.fill(0, at - at % PAGE, at - at % PAGE + PAGE);
    const result = recover(damaged(image));
    assert.ok(result.told.epoch_is_new);
    assert.equal(judge(result), original.size);
  });

  test('a text within a message: it is not passed on', () => {
    const image = Buffer.from(bytes);
    const at = bytes.indexOf('"1501 ');
    image[at + 3] = 1;
    const result = recover(damaged(image));
    assert.equal(result.told.refused.messages, 1);
    assert.equal(judge(result), original.size - 1);
  });
});

describe('what is no database', () => {
  /** @type {[string, Buffer | null, RegExp][]} */
  const none = [
    ['an empty file', Buffer.alloc(0), /is empty/],
    ['no file', null, /No such file/],
    ['a text', Buffer.from('hello\n'.repeat(9999)), /no database of Letterbox/],
    ['zeros', Buffer.alloc(1 << 16), /no database of Letterbox/],
  ];
  for (const [what, image, why] of none)
    test(`${what}: it is said, and no folder is made`, () => {
      const folder = image ? damaged(image) : fresh();
      if (!image) mkdirSync(folder);
      const { status, stderr, out, told } = recover(folder);
      assert.equal(status, 1);
      assert.equal(told, undefined);
      assert.match(stderr, why);
      assert.ok(!existsSync(out));
    });

  test('that of another program', () => {
    const folder = fresh();
    mkdirSync(folder);
    sql(databaseOf(folder), 'CREATE TABLE x (y); INSERT INTO x VALUES (1)');
    const { status, stderr, out } = recover(folder);
    assert.equal(status, 1);
    assert.match(stderr, /no database of Letterbox/);
    assert.ok(!existsSync(out));
  });

  test('a folder that is there is left alone', () => {
    const { status, stderr } = recover(whole, whole);
    assert.equal(status, 1);
    assert.match(stderr, /it is there already/);
  });
});

test('a server that was killed: its log is in it; that which runs is left alone',
  async (t) => {
    const server = await startServer({ conf: { journal: 'wal' } });
    t.after(() => server.stop());
    const peer = new Peer(new Api(server.api), 'blue', 'alice');
    await peer.join();
    await peer.say('chat', 'hello');
    const { status, stderr, out } = recover(server.data);
    assert.equal(status, 1);
    assert.match(stderr, /in use: end the server first/);
    assert.ok(!existsSync(out));
    await server.kill();
    const result = recover(server.data);
    assert.equal(result.status, 0, result.stderr);
    assert.equal(result.told.saved.messages, 2);
    // It goes on from there, for those who were there too.
    for (const name of readdirSync(server.data))
      if (/^(letterbox|run)\.db/.test(name))
        execFileSync('rm', [join(server.data, name)]);
    copyFileSync(databaseOf(result.out), server.database);
    await server.restart();
    await peer.resume();
    await peer.say('chat', 'again');
  });

test('it is told in words', () => {
  const { status, stdout } = letterbox(['recover', fresh(), '-d', whole]);
  assert.equal(status, 0);
  assert.match(stdout, /saved +2\d\d\d messages, 400 peers, 100 rooms, 1 keys/);
  assert.match(stdout, /server\.key/);
});
