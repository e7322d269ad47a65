// stats, keep, expire and check, and what shells complete.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { binary, scratch } from '../http/letterbox.mjs';
import { Peer } from '../http/peer.mjs';
import { letterbox, objects, told } from './cli.mjs';

/** @type {import('../http/harness.mjs').Server} */
let server;
/** @type {string[]} */
let at;

before(async () => {
  server = await startServer();
  const api = new Api(server.api);
  for (const name of ['blue', 'green']) {
    const peer = new Peer(api, name, 'alice');
    await peer.join();
    await peer.say('chat', 'hello');
    await peer.say('chat', 'again');
  }
  await server.kill('SIGTERM');
  at = ['-c', join(server.dir, 'letterbox.conf')];
});
after(() => server.stop());

test('stats counts everything once', () => {
  const [stats] = objects('stats', 'stats', ...at);
  assert.deepEqual([stats.rooms, stats.peers, stats.messages, stats.newest],
    [2, 2, 6, 6]);
  assert.deepEqual(stats.types.map((/** @type {any} */ t) =>
    [t.type, t.messages, t.bytes]), [['chat', 4, 28], ['joined', 2, 4]]);
  assert.match(told('stats', ...at), /^rooms +2, 2 open, 0 kept\n/);
});

test('what is kept stays, what is old goes, and it is said', () => {
  assert.equal(told('keep', 'blue', ...at), '');
  assert.deepEqual(objects('room', 'rooms', ...at).map((r) => r.kept),
    [true, false]);
  assert.match(told('rooms', ...at), /rooms\/blue  kept\n/);
  assert.deepEqual(objects('expire', 'expire', ...at),
    [{ messages: 0, peers: 0, rooms: 0 }]);
  // All of it was posted an hour and more ago.
  spawnSync('sqlite3', [server.database,
    'UPDATE message SET posted_at = posted_at - 7200000']);
  const [gone] = objects('expire', 'expire', ...at);
  assert.equal(gone.messages, 3);
  assert.deepEqual(objects('room', 'rooms', ...at).map((r) => r.messages),
    [3, 0]);
  told('keep', '--not', 'blue', ...at);
  assert.match(told('expire', ...at), /^Gone: 3 messages, /);
  assert.equal(letterbox(['keep', 'nix', ...at]).status, 4);
});

test('check says of each thing that it is well', () => {
  const [report] = objects('check', 'check', ...at);
  assert.equal(report.wrong, 0);
  assert.equal(report.checks.length, 7);
  assert.match(told('check', '--quick', ...at), /^the pages of the file: ok\n/);
});

describe('the shells', () => {
  const dir = scratch();

  /** What bash offers for a line. @param {string[]} words */
  function offered(...words) {
    const script = join(dir, 'letterbox.bash');
    writeFileSync(script, told('completion', 'bash'));
    const { stdout, stderr, status } = spawnSync('bash', ['-c',
      `letterbox() { "${binary()}" "$@" ${at.join(' ')}; }
      . "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _letterbox; printf '%s\\n' "\${COMPREPLY[@]}"`, 'bash', script,
      ...words], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
    return stdout.trimEnd().split('\n').filter((w) => w);
  }

  test('bash completes verbs, actions, options and rooms', () => {
    assert.deepEqual(offered('letterbox', 'lo'), ['log']);
    assert.deepEqual(offered('letterbox', 'key', 're'), ['remove']);
    assert.deepEqual(offered('letterbox', 'log', '--fo'), ['--follow']);
    assert.deepEqual(offered('letterbox', 'log', 'b'), ['blue']);
    assert.deepEqual(offered('letterbox', 'help', 'st'), ['stats']);
    assert.deepEqual(offered('letterbox', 'rooms', '--na'), ['--names']);
  });

  test('bash completes files where an option takes one', () => {
    const file = join(dir, 'secret of a room');
    writeFileSync(file, '');
    for (const option of ['-c', '--database', '--secret-file'])
      assert.deepEqual(offered('letterbox', 'replay', option, join(dir, 'sec')),
        [file]);
  });

  test('a name that a shell would run is not offered', () => {
    spawnSync('sqlite3', [server.database, `INSERT INTO room (namespace, name,
      created_at) VALUES ('rooms', '$(touch ${dir}/run)', 1)`]);
    assert.doesNotMatch(told('rooms', '--names', ...at), /touch/);
    assert.match(told('rooms', ...at), /touch/);
  });

  for (const [shell, check] of [['zsh', '-n'], ['fish', '--no-execute']])
    test(`what ${shell} reads is understood by it`, () => {
      const file = join(dir, `letterbox.${shell}`);
      writeFileSync(file, told('completion', shell));
      const { status, stderr } = spawnSync(shell, [check, file],
        { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.match(readFileSync(file, 'utf8'), /follow/);
    });
});
