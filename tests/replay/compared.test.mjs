// Two calls side by side: the program says the same as the page.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { comparisonText } from '../../public_html/js/replay/compared.js';
import { readText } from '../../public_html/js/replay/recording.js';
import { EDITED, broken } from './faults.mjs';
import { letterbox, outcome, schemaOf } from './program.mjs';
import { NAMES, long, textOf } from './samples.mjs';

const valid = schemaOf('diff.json');
const dir = mkdtempSync(join(tmpdir(), 'letterbox-diff-'));
after(() => rmSync(dir, { recursive: true }));

/** @param {string} name @param {string} text */
function put(name, text) {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

/** @param {string} a @param {string} b @param {string} [name] */
function same(a, b, name) {
  const { stdout, status } = outcome(['diff', put('a', a), put('b', b),
    '--json']);
  const expected = comparisonText(readText(a), readText(b));
  assert.equal(stdout, expected, name);
  assert.equal(valid(stdout), '');
  const { first, rows } = JSON.parse(expected);
  assert.equal(status, first < 0 ? 0 : 1);
  assert.ok(rows.length > 0);
}

describe('byte for byte', () => {
  test('each recording beside each', () => {
    NAMES.forEach((a, i) => {
      for (const b of NAMES.slice(i)) same(textOf(a), textOf(b), `${a} ${b}`);
    });
  });

  test('each fault beside the good call that it was', () => {
    // Some of them: most are told apart by the rules alone.
    EDITED.forEach((fault, i) => {
      if (i % 3) return;
      same(textOf(fault[1]), broken(fault, 1), `${fault[0]} ${i}`);
    });
  });

  test('long ones', () => {
    same(long(2000, 3), long(1700, 4));
    same(long(900, 40), long(700, 40));
  });

  test('one in which nothing is as it should be', () => {
    const odd = textOf('good').replaceAll('m=audio', 'm=audio\\"\\u0001é')
      .replace('a=group:BUNDLE 0', 'a=group:BUNDLE  0 ').replaceAll('opus',
        'oPuS').replace('"leave"', '5').replace('a=mid:0', 'a=mid:');
    same(textOf('good'), odd);
  });
});

describe('for people', () => {
  test('a call is the same as itself', () => {
    const path = put('a', textOf('good'));
    assert.match(letterbox(['diff', path, path]),
      /^The same happens in both\.\n/);
  });

  test('where they part, and in what', () => {
    const fault = EDITED.find(([rule]) => rule === 'dtls-role');
    assert.ok(fault);
    const { stdout } = outcome(['diff', put('a', textOf(fault[1])),
      put('b', broken(fault, 1))]);
    assert.match(stdout, /^They part at step \d+ of \d+\.\n/);
    assert.match(stdout, /^! .* answer .*\n +role of 0 .*: active \| actpass$/m);
  });

  test('what cannot be read is said with its file and line', () => {
    const { status, stderr } = outcome(['diff', put('a', textOf('good')),
      put('b', textOf('good').slice(0, -9))]);
    assert.equal(status, 1);
    assert.match(stderr, /\/b, line \d+: it is cut off/);
  });
});
