// What is refused, by every verb that reads a database: databases that are
// none, rooms that are not there, options that make no sense. Each is told in
// one line, with the exit code of its kind, and nothing is printed as data.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync }
  from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer } from '../http/harness.mjs';
import { NOBODY, binary, scratch } from '../http/letterbox.mjs';
import { letterbox, objects, told } from './cli.mjs';

const GOOD = fileURLToPath(new URL('../recordings/good.jsonl', import.meta.url));
const ROOM = JSON.parse(readFileSync(GOOD, 'utf8').split('\n', 1)[0]).room;
const dir = scratch();
let number = 0;
const fresh = () => join(dir, String(number++));

/** A database with one room. */
const whole = fresh();
told('import', GOOD, whole);

/** A copy of it in which something was done by SQL. @param {string} sql */
function changed(sql) {
  const file = fresh();
  execFileSync('sqlite3', [join(whole, 'letterbox.db'), `VACUUM INTO '${file}'`]);
  execFileSync('sqlite3', [file, `PRAGMA application_id = 1282695800;
    PRAGMA user_version = 4; ${sql}`]);
  return file;
}

/** Those that read a room. @param {string} room @returns {string[][]} */
const roomVerbs = (room) => [['log', room], ['peers', room], ['show', room, '1'],
  ['export', room], ['explain', room], ['report', room], ['diff', room, room],
  ['diagram', room, '--whole'],
  ['replay', room, '--to', 'http://127.0.0.1:9/api', '-r', 'x']];
const VERBS = [['rooms'], ['stats'], ['check'], ...roomVerbs(ROOM)];

/** @param {string[]} line @param {number} code @param {RegExp} why */
function refused(line, code, why) {
  const { status, stdout, stderr } = letterbox(line);
  assert.equal(status, code, `${line.join(' ')}: ${stderr}`);
  assert.equal(stdout, '');
  assert.match(stderr, why, line.join(' '));
  assert.doesNotMatch(stderr, /[^\n -~]/);
}

describe('what is no database for this program', () => {
  const junk = fresh(), short = fresh(), empty = fresh();
  writeFileSync(junk, Buffer.alloc(8192, 0xa5));
  writeFileSync(short, readFileSync(join(whole, 'letterbox.db')).subarray(0, 60));
  writeFileSync(empty, '');
  const foreign = fresh();
  execFileSync('sqlite3', [foreign, 'CREATE TABLE message (seq)']);
  /** @type {[string, string, RegExp][]} */
  const files = [
    ['noise', junk, /is no database of Letterbox/],
    ['sixty bytes of one', short, /is no database of Letterbox/],
    ['an empty file', empty, /no database of Letterbox/],
    ['that of another program', foreign, /is no database of Letterbox/],
    ['one of a newer version', changed('PRAGMA user_version = 99; ' +
      'UPDATE meta SET compat = 99'), /newer/],
    ['none', fresh(), /There is no /],
  ];
  for (const [what, file, why] of files)
    test(what, () => {
      for (const verb of file === junk ? VERBS : VERBS.slice(0, 4))
        refused([...verb, '-d', file], 1, why);
    });

  test('none of them is changed by keep and expire', () => {
    for (const [what, file, why] of files) {
      const folder = fresh(), conf = fresh();
      mkdirSync(folder, { mode: 0o700 });
      const database = join(folder, 'letterbox.db');
      if (existsSync(file)) writeFileSync(database, readFileSync(file));
      writeFileSync(conf, `data_dir = ${folder}\n`);
      for (const verb of [['keep', 'x'], ['expire']]) {
        if (what === 'an empty file' || (what === 'none' && verb[0] === 'expire'))
          continue; // a database is made
        refused([...verb, '-c', conf], 1, why);
        if (existsSync(file))
          assert.deepEqual(readFileSync(database), readFileSync(file), what);
      }
    }
  });
});

describe('what is not there, and what makes no sense', () => {
  test('a room', () => {
    for (const verb of roomVerbs('nix'))
      refused([...verb, '-d', whole], 4, /there is no room nix/);
  });

  test('options and arguments', () => {
    for (const verb of [...VERBS, ['import', GOOD, fresh()], ['recover', fresh()],
      ['keep', 'x'], ['expire'], ['doctor'], ['hook'], ['key', 'list']])
      refused([...verb, '--bogus'], 2, /there is no option --bogus/);
    refused(['log', ROOM, '-Z'], 2, /there is no option -Z/);
    refused(['log', ROOM, 'x'], 2, /log wants ROOM/);
    refused(['stats', 'x'], 2, /unknown command or argument `x'/);
    refused(['bogus'], 2, /unknown command or argument `bogus'/);
    refused(['log', ROOM, '-d'], 2, /-d wants a value/);
  });

  test('times', () => {
    for (const since of ['', 'yesterday', '-5', '1e3', '99999999999999999999',
      '2026-13-01', '10 m', '5mm', '#'])
      refused(['log', ROOM, '-d', whole, `--since=${since}`], 2,
        /--since wants a time, a while or a seq/);
  });
});

describe('where there is no room', () => {
  const many = fresh();
  writeFileSync(many, readFileSync(GOOD, 'utf8').split('\n', 1)[0] + '\n' +
    Array.from({ length: 3000 }, (_, i) => JSON.stringify({ seq: i + 1, at: i,
      from: 'a', type: 'chat', body: 'x'.repeat(1000) }) + '\n').join(''));

  /** With files no larger than so many blocks of 512 bytes.
   * @param {number} blocks @param {string[]} line */
  const limited = (blocks, ...line) => spawnSync('sh', ['-c',
    'ulimit -f "$1"; shift; exec "$@"', 'sh', String(blocks), binary(), ...line],
  { encoding: 'utf8' });

  test('an import says so, leaves nothing, and goes through later', () => {
    for (const blocks of [1, 100, 1000]) {
      const folder = fresh();
      const { status, stderr } = limited(blocks, 'import', many, folder);
      assert.equal(status, 1, stderr);
      assert.match(stderr, /^letterbox: .*, line \d+: .* full\. Nothing was imported\.\n$/);
      told('import', many, folder);
      assert.equal(objects('room', 'rooms', '-d', folder)[0].messages, 3000);
      assert.equal(letterbox(['check', '-d', folder]).status, 0);
    }
  });

  test('a database that is changed by hand says so, and stays whole', () => {
    const folder = fresh(), conf = fresh();
    told('import', GOOD, folder);
    writeFileSync(conf, `data_dir = ${folder}\n`);
    const { status, stderr } = limited(1, 'keep', ROOM, '--not', '-c', conf);
    assert.equal(status, 1, stderr);
    assert.equal(letterbox(['check', '-d', folder]).status, 0);
    told('keep', ROOM, '--not', '-c', conf);
  });

  test('an output that cannot be written', () => {
    const at = ['-d', whole], conf = fresh();
    writeFileSync(conf, `data_dir = ${whole}\n`);
    for (const verb of [...VERBS.filter(([name]) => name !== 'replay')
      .map((line) => [...line, ...at]), ['expire', '-c', conf],
    ['key', 'add', 'shop', '-c', conf], ['key', 'list', '-c', conf], ['help'],
    ['help', 'log'], ['completion', 'bash'], ['--version'], ['--example']]) {
      const { status, stderr } = spawnSync(binary(), verb,
        { encoding: 'utf8', stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] });
      assert.equal(status, 1, verb.join(' '));
      assert.match(stderr, /cannot be written: No space left/);
    }
  });
});

describe('beside a server', () => {
  /** @type {import('../http/harness.mjs').Server} */
  let server;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  test('nothing is imported into its database', () => {
    refused(['import', GOOD, server.data], 1,
      /A server works in .*: name a folder of its own\. Nothing was imported/);
    assert.deepEqual(objects('room', 'rooms', '-d', server.data), []);
  });

  test('what is kept may be kept again, by the account that has it', () => {
    const conf = join(server.dir, 'letterbox.conf');
    told('replay', GOOD, '--to', server.api, '-r', 'blue', '-s', 'max');
    for (const more of [[], [], ['--not'], ['--not'], []]) {
      told('keep', 'blue', ...more, '-c', conf);
      assert.deepEqual(objects('room', 'rooms', '-d', server.data)
        .map(({ kept }) => kept), [more.length === 0]);
    }
    if (process.getuid?.() !== 0) return;
    chmodSync(server.dir, 0o755);
    const { status, stderr } = letterbox(['keep', 'blue', '-c', conf],
      { uid: NOBODY });
    assert.equal(status, 1);
    assert.match(stderr, /belongs to the account root: ask as that one/);
  });
});
