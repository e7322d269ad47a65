// What is wrong with a call is named, and nothing is named of a good one.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SEQS_MAX } from '../../public_html/js/replay/explain/words.js';
import { FINDINGS_MAX, explain, explanationText }
  from '../../public_html/js/replay/explain.js';
import { readText } from '../../public_html/js/replay/recording.js';
import { EDITED, REAL, broken } from './faults.mjs';
import { NAMES, long, made, sample } from './samples.mjs';

const file = (/** @type {string} */ path) =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { rules: RULES } =
  JSON.parse(readFileSync(file('schema/explain.json'), 'utf8'));

/** @param {string} text */
const explained = (text) => explain(readText(text));
/** @param {string} text */
const named = (text) => explained(text).findings.map(({ rule }) => rule);

describe('the table of rules', () => {
  test('is the same for pages', () => {
    assert.equal(
      readFileSync(file('public_html/js/replay/explain/table.js'), 'utf8'),
      execFileSync('python3', [file('schema/explain.py')],
        { encoding: 'utf8' }));
  });

  test('says all there is to say of each', () => {
    for (const { id, severity, title, words, cure, source } of RULES) {
      assert.match(id, /^[a-z-]+$/);
      assert.match(severity, /^(failed|odd|slow)$/, id);
      for (const text of [title, cure, source, ...Object.values(words)]) {
        assert.ok(text.length > 10, id);
      }
      for (const text of [cure, ...Object.values(words)]) {
        assert.match(text, /[.]$/, id);
      }
    }
    assert.equal(new Set(RULES.map((/** @type {any} */ { id }) => id)).size,
      RULES.length);
  });

  test('has two faults for each rule, and forty in all', () => {
    const faults = [...EDITED.map(([rule]) => rule), ...Object.values(REAL)];
    for (const { id } of RULES) {
      assert.ok(faults.filter((rule) => rule === id).length >= 2, id);
    }
    assert.ok(faults.length >= 40);
  });
});

describe('the cause is named first', () => {
  for (const [name, rule] of Object.entries(REAL)) {
    test(`${rule}: ${name}`, () => {
      const text = readFileSync(
        file(`tests/recordings/faults/${name}.jsonl`), 'utf8');
      assert.equal(named(text)[0], rule);
    });
  }
  EDITED.forEach((fault, i) => {
    test(`${fault[0]}: ${fault[1]}, changed (${i})`, () => {
      for (let seed = 1; seed <= 5; seed++) {
        assert.equal(named(broken(fault, seed))[0], fault[0], `seed ${seed}`);
      }
    });
  });
});

describe('of a good call nothing is named', () => {
  for (const name of ['good', 'reload', 'three', 'glare']) {
    test(name, () => assert.deepEqual(named(sample(name).write()), []));
  }

  test('nor of one whose beginning is gone', () => {
    for (const name of ['good', 'reload', 'three']) {
      const { messages } = sample(name);
      const answer = messages.findIndex(({ body }) => body?.type === 'answer');
      assert.deepEqual(named(made(messages.slice(answer + 1))), [], name);
    }
  });

  test('nor when somebody hangs up in the middle', () => {
    const { messages } = sample('good');
    const answer = messages.findIndex(({ body }) => body?.type === 'answer');
    const { from, at, seq } = messages[answer];
    const end = { seq: seq + 1, at: at + 900, from, type: 'left',
      body: { reason: 'leave' } };
    for (const count of [answer - 3, answer, answer + 1]) {
      assert.deepEqual(named(made([...messages.slice(0, count), end])), []);
    }
  });
});

describe('what is found', () => {
  /** Every explanation there is to make. */
  const all = EDITED.map((fault) => ({ text: broken(fault, 1) }))
    .map(({ text }) => ({ text, ...explained(text) }));

  test('has all its words', () => {
    for (const { findings } of all) {
      for (const { words } of findings) {
        assert.doesNotMatch(words, /[{}]|undefined|NaN/);
      }
    }
  });

  test('has evidence that is there', () => {
    for (const { text, findings } of all) {
      const seqs = new Set(readText(text).messages.map(({ seq }) => seq));
      for (const { rule, seqs: evidence } of findings) {
        assert.ok(evidence.length > 0 && evidence.length <= SEQS_MAX, rule);
        for (const seq of evidence) assert.ok(seqs.has(seq), `${rule} ${seq}`);
      }
    }
  });

  test('stands in the order of the table', () => {
    const rank = RULES.map((/** @type {any} */ { id }) => id);
    for (const { findings } of all) {
      const ranks = findings.map(({ rule }) => rank.indexOf(rule));
      assert.deepEqual(ranks, [...ranks].sort((a, b) => a - b));
    }
  });

  test('names people who have a name of their own', () => {
    const [{ words }] = explained(sample('silence').write()).findings;
    assert.match(words, /^Bob offered in 3, and Ada did not answer/);
    const twins = sample('silence').write().replace('"Ada"', '"Bob"');
    assert.doesNotMatch(explained(twins).findings[0].words, /Bob/);
  });

  test('is one line of JSON', () => {
    const text = explanationText(explained(sample('silence').write()));
    assert.match(text, /^\{"explain":1,"namespace":"rooms","room":"silence",/);
    assert.equal(text.indexOf('\n'), text.length - 1);
  });
});

test('what anybody may post harms nothing', () => {
  const bodies = [null, 0, '', [], {}, { type: 'offer' }, { type: 5 },
    { type: 'answer', sdp: {} }, { type: 'offer', sdp: 'v=0\r\nm=\r\n' },
    { type: 'pranswer', sdp: 'v=0\r\no=- __proto__\r\nm=audio\r\n' },
    { session: {}, for: [] }, { candidate: {}, usernameFragment: [] },
    { name: {} }, { reason: [] }, { code: {}, re: 1e300 },
    { type: 'offer', session: '__proto__', for: 'constructor' }];
  const types = ['description', 'candidate', 'bye', 'joined', 'left', 'error',
    'room-full', 'room-rules', 'room-ended', '__proto__'];
  const ids = ['a', '__proto__', 'constructor'];
  /** @type {any[]} */
  const messages = [];
  for (let i = 0; i < 3000; i++) {
    messages.push({ from: ids[i % 3], to: ids[(i * 7 + i % 5) % 4],
      type: types[i * 13 % types.length], body: bodies[i * 5 % bodies.length] });
  }
  const { findings } = explained(made(messages));
  assert.ok(findings.length > 0 && findings.length <= FINDINGS_MAX);
});

test('each moment of each recording can be explained', () => {
  for (const name of NAMES) {
    const { messages } = sample(name);
    for (let i = 0; i < messages.length; i++) {
      named(made(messages.slice(0, i)));
    }
  }
});

test('long ones too, soon', () => {
  const begun = performance.now();
  explained(long(20_000, 2));
  explained(long(20_000, 30));
  assert.ok(performance.now() - begun < 30_000);
});
