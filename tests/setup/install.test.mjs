// make install: everything in its place, running from there, and gone again.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync,
  writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { ask } from '../http/fcgi.mjs';
import { scratch, start } from '../http/letterbox.mjs';
import { until } from '../http/until.mjs';
import { ROOT } from './make_run.mjs';

/** Every file below a folder, by its path from there.
 * @param {string} folder @returns {string[]} */
const files = (folder, below = '') => readdirSync(join(folder, below),
  { withFileTypes: true }).flatMap((entry) => entry.isDirectory()
  ? files(folder, join(below, entry.name)) : [join(below, entry.name)]).sort();

/** @param {string} folder of the sources */
const shown = (folder) => files(join(ROOT, folder))
  .filter((path) => !/(^|\/)\./.test(path));

/** @param {string} target @param {Record<string, string>} variables */
const make = (target, variables) => execFileSync('make', ['-s', target,
  ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)],
{ cwd: ROOT, encoding: 'utf8' });

/** What belongs where, below the prefix. */
const PLACES = [
  'bin/letterbox',
  'lib/systemd/system/letterbox-hook.service',
  'lib/systemd/system/letterbox.service',
  'lib/systemd/system/letterbox.socket',
  'lib/sysusers.d/letterbox.conf',
  ...['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md',
    ...readdirSync(join(ROOT, 'httpd-conf'))
      .filter((name) => /^[^.].*\.(conf|md)$/.test(name))
      .map((name) => `examples/${name}`)]
    .map((name) => `share/doc/letterbox/${name}`),
  ...shown('public_html').map((name) => `share/letterbox/public_html/${name}`),
  ...shown('schema').filter((name) => !name.endsWith('.py'))
    .map((name) => `share/letterbox/schema/${name}`),
  ...readdirSync(join(ROOT, 'cgi-src/man'))
    .map((name) => `share/man/man${name.at(-1)}/${name}`),
  'share/bash-completion/completions/letterbox',
  'share/zsh/site-functions/_letterbox',
  'share/fish/vendor_completions.d/letterbox.fish',
].sort();

test('a staged installation is all of it, and nothing stays of it', () => {
  const stage = join(scratch(), 'a stage');
  const where = { DESTDIR: stage, PREFIX: '/usr' };
  make('install', where);
  assert.deepEqual(files(join(stage, 'usr')), PLACES);
  assert.deepEqual(files(join(stage, 'etc')), ['letterbox.conf']);
  for (const path of PLACES)
    assert.equal(statSync(join(stage, 'usr', path)).mode & 0o777,
      path === 'bin/letterbox' ? 0o755 : 0o644, path);
  const text = (/** @type {string} */ path) =>
    readFileSync(join(stage, 'usr', path), 'utf8');
  assert.match(text('lib/systemd/system/letterbox.service'),
    /^ExecStart=\/usr\/bin\/letterbox --no-hook$/m);
  assert.match(text('share/doc/letterbox/examples/lighttpd.conf'),
    /^var\.program = "\/usr\/bin\/letterbox"$/m);
  for (const path of PLACES.filter((name) => /systemd|examples.*conf$/.test(name)))
    assert.doesNotMatch(text(path), /\/usr\/local|DESTDIR/, path);

  make('uninstall', where);
  assert.deepEqual(files(stage), []);
  for (const own of ['share/letterbox', 'share/doc/letterbox'])
    assert.ok(!existsSync(join(stage, 'usr', own)), own);
});

test('it runs from where it was installed, and keeps its configuration',
  async () => {
    // As systemd passes it: descriptor 3, not 0.
    const prefix = join(scratch(), 'opt');
    const where = { DESTDIR: '', PREFIX: prefix };
    make('install', where);
    const conf = join(prefix, 'etc/letterbox.conf');
    const data = join(prefix, 'data');
    writeFileSync(conf, readFileSync(conf, 'utf8')
      .replace('data_dir = /var/lib/letterbox', `data_dir = ${data}`));
    const changed = readFileSync(conf, 'utf8');

    const unit = readFileSync(
      join(prefix, 'lib/systemd/system/letterbox.service'), 'utf8');
    const [program, ...options] =
      (/^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '').split(' ');
    const [, name, value] =
      /^Environment=(\w+)=(.*)$/m.exec(unit) ?? ['', '', ''];
    assert.equal(program, join(prefix, 'bin/letterbox'));
    assert.equal(value, conf);

    const outside = scratch();
    const socket = join(outside, 'fcgi.sock');
    const log = join(outside, 'log');
    const holder = start('systemd-socket-activate',
      ['-l', socket, '-E', `${name}=${value}`, program, ...options],
      { log, cwd: outside });
    try {
      const reply = await until('it answers', () =>
        ask(socket, 'GET', '/healthz').catch(() => {
          assert.equal(holder.exitCode, null, readFileSync(log, 'utf8'));
          return undefined;
        }), { within: 15000 });
      assert.equal(reply.status, 200);
      assert.ok(existsSync(join(data, 'letterbox.db')));
    } finally {
      holder.kill('SIGTERM');
      await once(holder, 'exit');
    }

    assert.match(make('install', where), /^kept .*letterbox\.conf$/m);
    assert.equal(readFileSync(conf, 'utf8'), changed);
    assert.match(make('uninstall', where), /^kept .*letterbox\.conf$/m);
    assert.deepEqual(files(prefix).filter((path) => !/^data/.test(path)),
      ['etc/letterbox.conf']);
  });
