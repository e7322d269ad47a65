// What `make dist` packs: the same bytes wherever and whenever it is built,
// and a program that needs nothing of the machine it comes to.

import { test, before } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from '../http/letterbox.mjs';
import { ROOT } from '../setup/make_run.mjs';

const LIMIT = 300_000;
const dir = scratch();

/** @param {string} tree @returns {string[]} the archives, by their paths */
const archives = (tree) => readdirSync(join(tree, 'build'))
  .filter((name) => /\.(tar\.gz|zip)$/.test(name)).sort()
  .map((name) => join(tree, 'build', name));

/** @param {string} path */
const digest = (path) =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

/** The tree as it would be committed, without its history, elsewhere.
 * @param {string} name */
function copy(name) {
  const tree = join(dir, name);
  mkdirSync(tree, { recursive: true });
  execFileSync('sh', ['-c', 'git ls-files -z -co --exclude-standard | ' +
    'xargs -0 sh -c \'for f; do [ ! -e "$f" ] || printf "%s\\0" "$f"; done\'' +
    ' sh | tar --null -T - -cf - | tar -xf - -C "$1"', 'sh', tree],
  { cwd: ROOT });
  return tree;
}

/** As old as the commit, which a copy does not know. */
const date = spawnSync('git', ['log', '-1', '--format=%ct'],
  { cwd: ROOT, encoding: 'utf8' }).stdout?.trim();
const env = { ...process.env, ...date && { SOURCE_DATE_EPOCH: date } };

/** @param {string} tree */
const make = (tree) => execFileSync('make',
  ['-s', '-j2', 'dist', 'BUILD=build'], { cwd: tree, env, stdio: ['ignore', 'pipe', 'inherit'], timeout: LIMIT });

before(() => {
  make(ROOT);
  for (const file of archives(ROOT).filter((f) => f.endsWith('.gz')))
    execFileSync('tar', ['-xzf', file, '-C', dir]);
});

const file = (/** @type {string} */ name) => join(dir, 'letterbox', name);

test('a program that makes no posts says so, and what to do', () => {
  const { status, stderr } = spawnSync(file('letterbox.cgi'), ['hook'],
    { encoding: 'utf8', env: {} });
  assert.equal(status, 1);
  assert.match(stderr, /without libcurl.*\/channel\/presence/);
});

test('two builds in two folders are the same bytes', { timeout: LIMIT }, () => {
  const tree = copy('elsewhere/and-deeper');
  make(tree);
  const ours = archives(ROOT);
  const theirs = archives(tree);
  assert.equal(ours.length, 2, ours.join());
  assert.deepEqual(theirs.map(digest), ours.map(digest));
});

test('the zip holds the same files with the same modes', () => {
  const [zip] = archives(ROOT).filter((name) => name.endsWith('.zip'));
  const list = execFileSync('python3', ['-c', `
import hashlib, sys, zipfile
for i in zipfile.ZipFile(sys.argv[1]).infolist():
    if not i.is_dir():
        print('%o' % (i.external_attr >> 16 & 0o777), i.filename,
              hashlib.sha256(zipfile.ZipFile(sys.argv[1]).read(i)).hexdigest())
`, zip]).toString().trim().split('\n').sort();
  const names = readdirSync(file(''), { recursive: true }).map(String);
  const unpacked = names.filter((name) => statSync(file(name)).isFile())
    .map((name) => `${(statSync(file(name)).mode & 0o777).toString(8)} ` +
      `letterbox/${name} ${digest(file(name))}`).sort();
  assert.deepEqual(list, unpacked);
});

test('SHA256SUMS names every file and is right', () => {
  const said = execFileSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'],
    { cwd: file('') }).toString();
  for (const name of ['.htaccess', 'README.txt', 'index.html', 'letterbox.cgi',
    'letterbox.fcgi', 'js/letterbox.js'])
    assert.match(said, new RegExp(`^${name}: OK$`, 'm'));
});

test('the pages look for the program beside them', () => {
  for (const page of ['index.html', 'room.html'])
    assert.match(readFileSync(file(page), 'utf8'),
      /<meta name="letterbox-api" content="letterbox\.fcgi letterbox\.cgi">/);
});

test('the program is static and stripped', () => {
  for (const name of ['letterbox.cgi', 'letterbox.fcgi']) {
    const program = readFileSync(file(name));
    assert.equal(statSync(file(name)).mode & 0o777, 0o755);
    const text = program.toString('latin1');
    assert.ok(!text.includes('/ld-linux'), 'it asks for no loader');
    assert.ok(!text.includes('.debug_info'), 'nothing for a debugger');
  }
});

test('it runs with an empty environment in an empty root', (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root may change the root');
  const said = execFileSync('chroot', [file(''), '/letterbox.cgi', '--version'],
    { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } }).toString();
  assert.match(said, /^letterbox \d/);
});

test('its SQLite has no WAL-reset fault', () => {
  const said = execFileSync(file('letterbox.cgi'), ['--version']).toString();
  const [, ...version] = said.match(/\(SQLite (\d+)\.(\d+)\.(\d+)\)/) ?? [];
  const [major, minor, patch] = version.map(Number);
  assert.ok(major * 1e6 + minor * 1e3 + patch >= 3_051_003, said);
});
