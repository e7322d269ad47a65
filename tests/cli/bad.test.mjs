// Files that are no good recordings, for every verb that reads one: each is
// told with its line, and its end is not waited for.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { binary, scratch } from '../http/letterbox.mjs';
import { letterbox, objects } from './cli.mjs';

const dir = scratch();
let number = 0;
const fresh = () => join(dir, String(number++));

const HEADER = '{"letterbox":1,"epoch":"abcdefgh","namespace":"rooms",' +
  '"room":"blue","redacted":false}\n';
/** @param {number} seq */
const line = (seq) => `{"seq":${seq},"at":1,"from":"a","type":"x","body":"x"}\n`;
const PAGE = '<!doctype html>\n<title>x</title>\n' +
  '<script id="recording" type="application/jsonl">\n';
const GOOD = HEADER + line(1) + line(2);

/** Each verb that reads a file, with the rest of its arguments.
 * @type {Record<string, (file: string) => string[]>} */
const VERBS = {
  import: (file) => ['import', file, fresh()],
  explain: (file) => ['explain', file],
  diff: (file) => ['diff', file, file],
  diagram: (file) => ['diagram', file],
  replay: (file) => ['replay', file, '--to', 'http://127.0.0.1:9/api', '-r', 'x'],
};

/** @type {[string, string, number][]} what, the file, the line at fault */
const FILES = [
  ['truncated', GOOD.slice(0, -9), 3],
  ['doubled', GOOD + GOOD, 4],
  ['with a message doubled', GOOD + line(2), 4],
  ['reordered', HEADER + line(2) + line(1), 3],
  ['foreign', '{"log":{"version":"1.2","entries":[]}}\n', 1],
  ['of another version', GOOD.replace('1', '9'), 1],
  ['with a NUL at its end', GOOD + '\0', 4],
  ['with a NUL in a line', GOOD.replace('"x"}', '"\0"}'), 2],
  ['of NUL alone', '\0'.repeat(4096) + '\n', 1],
  ['with a mark of byte order', '\ufeff' + GOOD, 1],
  ['that is a page without a recording', '<!doctype html>\n<p>x</p>\n', 3],
  ['that is a page, cut off', PAGE + GOOD, 7],
  ['that is a page with nothing in its place', PAGE + '</script>\n', 4],
  ['that is a page with a bad recording', PAGE + GOOD + line(2), 7],
  ['of UTF-16', [...GOOD].map((c) => c + '\0').join(''), 1],
];

for (const [verb, args] of Object.entries(VERBS))
  describe(verb, () => {
    for (const [what, text, at] of FILES)
      test(`a file ${what}`, () => {
        const file = fresh();
        writeFileSync(file, text);
        const { status, stdout, stderr } = letterbox(args(file));
        assert.equal(status, 1, stderr);
        assert.equal(stdout, '');
        assert.match(stderr, new RegExp(`, line ${at}: `));
        assert.doesNotMatch(stderr, /[^\n -~]/);
      });
  });

test('a line of a gigabyte is let go of when it is too long', async () => {
  for (const verb of Object.keys(VERBS)) {
    const child = spawn(binary(), VERBS[verb]('-'));
    const peak = () => Number(/^VmHWM:\s+(\d+) kB/m.exec(
      readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
    let said = '', most = 0, sent = 0;
    child.stderr.on('data', (more) => said += more);
    const closed = once(child, 'close');
    child.stdin.on('error', () => {});
    child.stdin.write(HEADER + '{"seq":1,"body":"');
    const piece = Buffer.alloc(1 << 20, 'x');
    for (; sent < 1 << 30 && child.exitCode === null; sent += piece.length) {
      if (!child.stdin.write(piece))
        await Promise.race([once(child.stdin, 'drain'), closed])
          .catch(() => {});
      if (child.stdin.destroyed) break;
      try {
        most = Math.max(most, peak() || 0);
      } catch {
        break; // it has ended
      }
    }
    child.stdin.end();
    const [code] = await closed;
    assert.equal(code, 1, verb);
    assert.match(said, /line 2: it is longer than \d+ bytes/);
    assert.ok(most > 0 && most < 5 * 12 * 1024, `${most} kB`);
    assert.ok(sent < 1 << 28, `${sent} bytes were read`);
  }
});

test('lines may end as on Windows', () => {
  const file = fresh(), folder = fresh();
  writeFileSync(file, GOOD.replaceAll('\n', '\r\n'));
  assert.equal(letterbox(['import', file, folder]).status, 0);
  assert.deepEqual(objects('message', 'log', 'blue', '-d', folder)
    .map(({ seq }) => seq), [1, 2]);
});

test('after a file that was refused the folder takes the right one', () => {
  const folder = fresh(), bad = fresh(), good = fresh();
  writeFileSync(bad, GOOD + line(2));
  writeFileSync(good, GOOD);
  assert.equal(letterbox(['import', bad, folder]).status, 1);
  assert.deepEqual(objects('room', 'rooms', '-d', folder), []);
  assert.equal(letterbox(['import', good, folder]).status, 0);
  writeFileSync(bad, GOOD.replace('abcdefgh', 'xxxxxxxx').replace('blue', 'red'));
  const { status, stderr } = letterbox(['import', bad, folder]);
  assert.equal(status, 1);
  assert.match(stderr, /line 1: .*another epoch.*Nothing was imported/);
  assert.equal(objects('room', 'rooms', '-d', folder).length, 1);
});
