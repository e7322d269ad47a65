// The units of systemd, as systemd reads them. Nothing is started by it here:
// the socket it passes on is tested with the installed program.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, scratch } from '../http/letterbox.mjs';
import { ROOT } from './make_run.mjs';

const EXPOSURE = 2.0;
const SERVICES = ['letterbox.service', 'letterbox-hook.service'];

/** @param {string} name of a file of httpd-conf */
const source = (name) => readFileSync(join(ROOT, 'httpd-conf', name), 'utf8');

/** The unit in a folder of its own, with the program that was built.
 * @param {string} name @param {string} text @returns {string} its path */
function unit(name, text) {
  const folder = scratch();
  for (const file of ['letterbox.socket', 'letterbox.service'])
    writeFileSync(join(folder, file), source(file)
      .replace('/usr/local/bin/letterbox', binary()));
  const path = join(folder, name);
  writeFileSync(path, text.replace('/usr/local/bin/letterbox', binary()));
  return path;
}

/** @param {string[]} args */
function analyze(...args) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze',
    [...args, '--no-pager'], { encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8', SYSTEMD_COLORS: '0' } });
  return { status, out: stdout + stderr };
}

/** @param {string} name @param {string} text of a service
 * @returns {number} */
function exposure(name, text) {
  const { out } = analyze('security', '--offline=true', unit(name, text));
  const found = /Overall exposure level .*: ([\d.]+)/.exec(out);
  assert.ok(found, out);
  return Number(found[1]);
}

test('systemd has nothing to say against the units', () => {
  for (const name of SERVICES) {
    const { status, out } = analyze('verify', '--man=no',
      unit(name, source(name)));
    assert.equal(out, '');
    assert.equal(status, 0);
  }
});

test('a key that systemd does not know would be told', () => {
  const { out } = analyze('verify', '--man=no',
    unit('letterbox.service',
      source('letterbox.service').replace('User=', 'Usher=')));
  assert.match(out, /Usher/);
});

for (const name of SERVICES)
  test(`${name} is exposed by at most ${EXPOSURE.toFixed(1)}`, (t) => {
    const text = source(name);
    const level = exposure(name, text);
    t.diagnostic(`exposure ${level}`);
    assert.ok(level <= EXPOSURE, String(level));
    // Without what stands below the comment on hardening it is another figure.
    const bare = text.replace(/^NoNewPrivileges[\s\S]*?(?=\n\[Install\])/m,
      '');
    assert.ok(exposure(name, bare) > 2 * EXPOSURE);
  });

test('the account is one that systemd-sysusers can make', () => {
  const { status, stderr } = spawnSync('systemd-sysusers', ['--dry-run',
    join(ROOT, 'httpd-conf/letterbox.sysusers')], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  // Nothing to be done where the account is already.
  assert.match(stderr, /^(Creating user 'letterbox' .*|)$/m);
});
