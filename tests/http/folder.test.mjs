// A data folder that will not do is refused in words with the cure: by -t, as
// FastCGI and, to the visitor, as CGI; and nothing is made or changed.

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, lstatSync, mkdirSync, readdirSync,
  readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NOBODY, binary, scratch } from './letterbox.mjs';

const root = process.getuid?.() === 0;
/** A copy, which other accounts reach wherever the tree lies. */
const copies = scratch();
const program = join(copies, 'letterbox');
chmodSync(copies, 0o755);
copyFileSync(binary(), program);

/** Becomes the program, as another account where it can; with a name, a
 * listening socket is its descriptor 0. */
const BECOME = `
import os, socket, sys
name, user = sys.argv[1], int(sys.argv[2])
if name:
    s = socket.socket(socket.AF_UNIX)
    s.bind(name)
    s.listen()
    os.dup2(s.fileno(), 0)
if user != os.getuid():
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
os.execv(sys.argv[3], sys.argv[3:])
`;

/**
 * @typedef {{dir: string, data: string, user: number}} Place
 * @typedef {{says: RegExp, make: (place: Place) => void, status?: number,
 *   mount?: (data: string) => string, path?: (data: string) => string,
 *   skip?: string | false, opened?: boolean}} Case says: the words; make: what
 *   is done with a whole data folder; status: of the CGI reply; mount: a shell
 *   command for a mount namespace of its own; path: data_dir; opened: it
 *   takes a look into the database, which -t does not take and which leaves
 *   files beside it
 */

/** @param {string} sql @param {string} file */
const sqlite = (file, sql) =>
  assert.equal(spawnSync('sqlite3', [file, sql]).status, 0);

const unmountable = !root || spawnSync('unshare', ['-m', 'true']).status !== 0
  ? 'mounting takes root' : false;

/** @type {Record<string, Case>} */
const cases = {
  'others can enter it': {
    make: ({ data }) => chmodSync(data, 0o755),
    says: /data can be read by others: close it with `chmod 700 .*data`/ },
  'somebody else has it': {
    skip: !root && 'giving away takes root',
    make: ({ data }) => chownSync(data, 1, 1),
    says: /data belongs to account 1, and the program runs as 65534: .*chown/ },
  'it is a file': {
    make: ({ data }) => { rmSync(data, { recursive: true });
      writeFileSync(data, ''); },
    says: /data is a file: move it away/ },
  'a link that leads nowhere': {
    make: ({ data }) => { rmSync(data, { recursive: true });
      symlinkSync('/nonexistent/data', data); },
    says: /symbolic link that leads nowhere/ },
  'a link of somebody else': {
    skip: !root && 'making one takes root',
    make: ({ dir, data, user }) => { rmSync(data, { recursive: true });
      mkdirSync(join(dir, 'real'), { mode: 0o700 });
      chownSync(join(dir, 'real'), user, user);
      spawnSync('ln', ['-s', 'real', data]);
      spawnSync('chown', ['-h', '1', data]); },
    says: /symbolic link of account 1/ },
  'no folder to make it in': {
    make: ({ data }) => rmSync(data, { recursive: true }),
    path: (data) => `${data}/not/there`,
    says: /nor the folder that it would be made in: .*mkdir -p -m 700/ },
  'a path that is too long': {
    make: () => undefined,
    path: (data) => data + '/x'.repeat(300),
    says: /has \d+ bytes, and SQLite takes 480: name a shorter/ },
  'a folder that cannot be written': {
    make: ({ data }) => chmodSync(data, 0o500), status: 503,
    says: /cannot be written \(Permission denied\): open it with `chmod 700/ },
  'a disk that is read-only': {
    skip: unmountable, make: () => undefined, status: 503,
    mount: (data) => `mount --bind ${data} ${data} &&
      mount -o remount,bind,ro ${data}`,
    says: /cannot be written \(Read-only file system\)/ },
  'a disk without space': {
    skip: unmountable, make: () => undefined, status: 507,
    mount: (data) => `mount -t tmpfs -o size=1m,mode=700,uid=${NOBODY} \
      none ${data}`,
    says: /disk of .*data is full: make room/ },
  'letterbox.db is a folder': {
    make: ({ data }) => mkdirSync(join(data, 'letterbox.db'), { mode: 0o700 }),
    says: /letterbox.db is a folder, but the program keeps a file/ },
  'letterbox.db is a link': {
    make: ({ data }) => symlinkSync('/etc/passwd', join(data, 'letterbox.db')),
    says: /letterbox.db is a symbolic link/ },
  'letterbox.db is no database': {
    make: ({ data, user }) => own(join(data, 'letterbox.db'), user,
      'This is a letter, not a letterbox.\n'.repeat(200)),
    says: /is not an SQLite database: move it away/ },
  'letterbox.db is somebody else\'s': {
    make: ({ data, user }) => {
      const file = join(data, 'letterbox.db');
      sqlite(file, 'CREATE TABLE shop (item); PRAGMA user_version = 7');
      own(file, user);
    },
    says: /is not a database of Letterbox: move it away/ },
  'letterbox.db can be read by others': {
    make: ({ data, user }) => own(join(data, 'letterbox.db'), user, '', 0o644),
    says: /letterbox.db can be read by others: close it with `chmod 600/ },
  'letterbox.db is of a newer Letterbox': {
    opened: true, status: 503,
    make: ({ data, user }) => {
      const file = join(data, 'letterbox.db');
      sqlite(file, `PRAGMA journal_mode = wal;
        PRAGMA application_id = ${0x4c746278}; PRAGMA user_version = 9999;
        CREATE TABLE meta (compat); INSERT INTO meta VALUES (9999)`);
      own(file, user);
    },
    says: /written by a newer Letterbox \(schema 9999/ },
  'server.key can be read by others': {
    make: ({ data, user }) => own(join(data, 'server.key'), user,
      'A'.repeat(43), 0o640),
    says: /server.key can be read by others: close it with `chmod 600/ },
  'run is a file': {
    make: ({ data, user }) => own(join(data, 'run'), user),
    says: /run is no folder, but the program keeps one/ },
};

/** A file of the account's. @param {string} file @param {number} user
 * @param {string} [text] @param {number} [mode] */
function own(file, user, text, mode = 0o600) {
  if (text !== undefined || !lstatSync(file, { throwIfNoEntry: false }))
    writeFileSync(file, text ?? '');
  chmodSync(file, mode);
  if (root) chownSync(file, user, user);
}

/** @param {string} folder @returns {string[]} all there is, as it is */
const contents = (folder) => readdirSync(folder).sort().flatMap((name) => {
  const path = join(folder, name);
  const st = lstatSync(path);
  const line = `${path} ${st.mode} ${st.uid} ${st.size}`;
  if (st.isDirectory()) return [line, ...contents(path)];
  return st.isFile() ? [`${line} ${createHash('sha256')
    .update(readFileSync(path)).digest('hex')}`] : [line];
});

/**
 * Runs a program to its end.
 * @param {string[]} command @param {Record<string, string>} env
 * @returns {Promise<{status: unknown, stdout: string, stderr: string}>}
 */
const ended = ([file, ...args], env) => new Promise((resolve) => {
  execFile(file, args, { timeout: 20000,
    env: { PATH: process.env.PATH, ...env } }, (error, stdout, stderr) =>
    resolve({ status: error?.code ?? 0, stdout, stderr })).stdin?.end();
});

/** @param {Case} one */
async function check(one) {
  const dir = scratch();
  const user = root ? NOBODY : process.getuid?.() ?? 0;
  const data = join(dir, 'data');
  chmodSync(dir, 0o755);
  mkdirSync(data, { mode: 0o700 });
  if (root) chownSync(data, user, user);
  one.make({ dir, data, user });
  const conf = join(dir, 'letterbox.conf');
  writeFileSync(conf, `data_dir = ${one.path?.(data) ?? data}\n`);
  const sockets = scratch();
  chmodSync(sockets, 0o777);
  const before = contents(dir);

  /** @param {string} socket @param {string[]} args
   * @param {Record<string, string>} [env] */
  const run = (socket, args, env = {}) => {
    const became = ['python3', '-c', BECOME, socket, String(user), program,
      ...args];
    const all = one.mount ? ['unshare', '-m', 'sh', '-c',
      `${one.mount(data)} || exit 99; "$@"; s=$?; ls -A ${data} >&2; exit $s`,
      'sh', ...became] : became;
    return ended(all, env);
  };
  const faces = {
    '-t': () => run('', ['-t', '-c', conf]),
    FastCGI: () => run(join(sockets, 's'), ['-c', conf]),
    CGI: () => run('', [], { LETTERBOX_CONF: conf, REQUEST_METHOD: 'GET',
      GATEWAY_INTERFACE: 'CGI/1.1', PATH_INFO: '/readyz' }),
  };
  for (const [face, start] of Object.entries(faces)) {
    const { status, stderr, stdout } = await start();
    if (face === '-t' && one.opened) {
      assert.equal(status, 0, stderr);
      continue;
    }
    assert.match(stderr, one.says, face);
    assert.equal(status, 1, face);
    assert.doesNotMatch(stderr, /^(letterbox\.db|run\.db|rates)$/m, face);
    if (face !== 'CGI') continue;
    assert.match(stdout, new RegExp(`^Status: ${one.status ?? 500} `));
    assert.match(stdout, /^Content-Type: application\/problem\+json/m);
    const { detail } = JSON.parse(stdout.slice(stdout.indexOf('{')));
    assert.match(detail, one.says);
  }
  const after = contents(dir);
  assert.deepEqual(one.opened ? after.filter((line) => before.includes(line))
    : after, before, 'nothing was made or changed');
}

describe('a data folder is refused in words', { concurrency: 4 }, () => {
  for (const [name, one] of Object.entries(cases))
    test(name, { skip: one.skip ?? false }, () => check(one));
});

test('one that is right, or can be made, is not refused', () => {
  const dir = scratch();
  const conf = join(dir, 'letterbox.conf');
  const data = join(dir, 'data');
  writeFileSync(conf, `data_dir = ${data}\n`);
  const ask = () => spawnSync(program, ['-t', '-c', conf],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  assert.match(ask().stdout, /data is made by the first start/);
  assert.equal(readdirSync(dir).length, 1, 'not by -t');
  const { stdout } = spawnSync(program, [], { encoding: 'utf8', input: '',
    env: { LETTERBOX_CONF: conf, REQUEST_METHOD: 'GET',
      GATEWAY_INTERFACE: 'CGI/1.1', PATH_INFO: '/readyz' } });
  assert.match(stdout, /^Status: 200 /);
  assert.match(ask().stdout, /data is right/);
  assert.equal(ask().status, 0);
});
