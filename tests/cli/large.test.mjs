// A log that is long: it is shown at once, in little memory, and whoever looks
// at it holds nothing that a server wants.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary, scratch } from '../http/letterbox.mjs';
import { told } from './cli.mjs';

const SCHEMA = fileURLToPath(
  new URL('../../schema/letterbox.sql', import.meta.url));
const MESSAGES = 200_000;
const database = join(scratch(), 'letterbox.db');
const sql = (/** @type {string} */ text) =>
  execFileSync('sqlite3', [database, text], { encoding: 'utf8' }).trim();

sql(`PRAGMA journal_mode = wal; PRAGMA application_id = 1282695800;
  PRAGMA user_version = 4; ${readFileSync(SCHEMA, 'utf8')}
  INSERT INTO meta (one, epoch, newest) VALUES (1, 'fixture0', ${MESSAGES});
  INSERT INTO room (row, namespace, name, created_at) VALUES (1, 'rooms', 'r', 1);
  INSERT INTO peer (row, room, id, state, changed_at) VALUES (1, 1, 'p', 5, 1);
  INSERT INTO message SELECT value, 1, 1, NULL, 'chat', 402, 1795204800000 + value,
    '"' || printf('%0400d', value) || '"' FROM generate_series(1, ${MESSAGES})`);

for (const verb of [['log', 'r'], ['log', 'r', '--json'], ['export', 'r']])
  test(`${verb.join(' ')} begins at once, and holds neither memory nor a read`,
    async () => {
      // Opened by somebody, as by a server, or the last to close it folds it.
      const other = spawn('sqlite3', [database]);
      other.stdin.write('SELECT 1 FROM room;\n');
      await once(other.stdout, 'data');
      const child = spawn(binary(), [...verb, '-d', database],
        { stdio: ['ignore', 'pipe', 'inherit'] });
      const [first] = await once(child.stdout, 'data');
      child.stdout.pause();
      assert.ok(first.length > 0);
      // It waits for us, in the middle of the log: a write-ahead log that is
      // being read could not be emptied.
      sql("INSERT INTO sent VALUES (1, hex(randomblob(9)), 1, 1)");
      assert.equal(sql('PRAGMA wal_checkpoint(truncate)'), '0|0|0');
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
      assert.ok(peak > 0 && peak < 5 * 12 * 1024, `${peak} kB`);
      child.stdout.destroy();
      const [code] = await once(child, 'exit');
      assert.equal(code, 0);
      other.stdin.end();
      await once(other, 'exit');
    });

test('nothing of a long log is left out', () => {
  const lines = told('export', 'r', '-d', database).split('\n');
  assert.equal(lines.length, MESSAGES + 2);
  assert.equal(JSON.parse(lines[MESSAGES]).seq, MESSAGES);
});
