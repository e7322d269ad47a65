// `letterbox key` for people and for programs: what it prints where, and how
// it ends.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync }
  from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { binary, scratch } from './letterbox.mjs';

const dir = scratch();
const data = join(dir, 'data');
const conf = join(dir, 'letterbox.conf');
writeFileSync(conf, `data_dir = ${data}\n`);
after(() => rmSync(dir, { recursive: true, force: true }));

/** @param {string[]} words */
function key(...words) {
  const { status, stdout, stderr } = spawnSync(binary(), ['key', ...words,
    '-c', conf], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('letterbox key', () => {
  test('add makes the folder, and shows the key once', () => {
    const { status, stdout, stderr } = key('add', 'shop', '--hook',
      'https://shop.example/app', '--strict');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^[A-Za-z0-9_-]{43}\n$/);
    assert.match(stderr, /shown once/);
    assert.equal(statSync(data).mode & 0o777, 0o700);
    const secret = Buffer.from(stdout.trim());
    for (const file of ['letterbox.db', 'letterbox.db-wal'])
      assert.ok(!readFileSync(join(data, file)).includes(secret), file);
  });

  test('list tells all but the key', () => {
    assert.equal(key('add', 'another').status, 0);
    const people = key('list');
    assert.equal(people.status, 0);
    assert.match(people.stdout, new RegExp('^another +\\d{4}-\\d\\d-\\d\\d\n' +
      'shop +\\d{4}-\\d\\d-\\d\\d strict https://shop.example/app\n$'));
    const programs = JSON.parse(key('list', '--json').stdout);
    assert.deepEqual(programs.map((/** @type {any} */ k) =>
      [k.name, k.strict, k.hook, Object.keys(k).length]),
    [['another', false, null, 4], ['shop', true, 'https://shop.example/app', 4]]);
  });

  test('a name is given once, until it is removed', () => {
    const again = key('add', 'shop');
    assert.equal(again.status, 1);
    assert.equal(again.stdout, '');
    assert.match(again.stderr, /Take another name/);
    assert.equal(key('remove', 'shop').status, 0);
    const gone = key('remove', 'shop');
    assert.equal(gone.status, 1);
    assert.match(gone.stderr, /no key of this name/);
    assert.equal(key('add', 'shop').status, 0);
  });

  test('what it does not understand is an error of usage', () => {
    for (const words of [[], ['nix'], ['add'], ['add', 'a', 'b'],
      ['add', 'Shop'], ['add', 'a'.repeat(33)], ['add', ''], ['remove'],
      ['list', 'shop'], ['list', '--strict'], ['add', 'x', '--json'],
      ['add', 'x', '--hook', 'ftp://x'], ['add', 'x', '--hook', 'http://u@x'],
      ['add', 'x', '--hook', 'http://x?y'], ['add', 'x', '--nix']]) {
      const { status, stderr, stdout } = key(...words);
      assert.equal(status, 2, words.join(' '));
      assert.ok(stderr || stdout.startsWith('letterbox key'), words.join(' '));
    }
    assert.match(key('--help').stdout, /^letterbox key:/);
  });

  test('a folder that others can read is refused, with the cure', () => {
    const open = join(dir, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    const { status, stdout, stderr } = spawnSync(binary(), ['key', 'add', 'x'],
      { encoding: 'utf8', env: { ...process.env, LETTERBOX_DATA: open } });
    assert.notEqual(status, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /chmod 700/);
  });
});
