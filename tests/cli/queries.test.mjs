// Every query of the page of queries, on its fixture: the answer is the one
// that stands below it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scratch } from '../http/letterbox.mjs';
import { letterbox } from './cli.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(ROOT, 'public_html/docs/queries.md'), 'utf8');
const database = join(scratch(), 'letterbox.db');
execFileSync('sqlite3', [database], { input: [
  'PRAGMA application_id = 1282695800;', 'PRAGMA user_version = 4;',
  readFileSync(join(ROOT, 'schema/letterbox.sql'), 'utf8'),
  readFileSync(join(ROOT, 'tests/cli/queries.sql'), 'utf8')].join('\n') });

const queries = [...page.matchAll(
  /^## (.*)\n[^]*?^```sql\n([^]*?)^```\n\n```\n([^]*?)^```$/gm)];

test('the page has no query without an answer', () => {
  assert.equal(queries.length, [...page.matchAll(/^```sql$/gm)].length);
  assert.ok(queries.length >= 6);
  for (const view of ['timeline', 'call', 'delivery'])
    assert.match(page, new RegExp(`(FROM|JOIN) ${view}\\b`), view);
});

for (const [, title, query, answer] of queries)
  test(title, () => {
    assert.equal(execFileSync('sqlite3', ['-readonly', '-box', database, query],
      { encoding: 'utf8' }), answer);
  });

test('the fixture is a database that is whole', () => {
  const { status, stdout, stderr } = letterbox(['check', '-d', database]);
  assert.equal(status, 0, stdout + stderr);
});
