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
import { Call, EDITED, REAL, broken } from './faults.mjs';
import { letterbox, schemaOf } from './program.mjs';
import { NAMES, long, made, sample } from './samples.mjs';

const file = (/** @type {string} */ path) =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { rules: RULES } =
  JSON.parse(readFileSync(file('schema/explain.json'), 'utf8'));

/** @param {string} form */
const formed = (form) => execFileSync('python3',
  [file('schema/explain.py'), form], { encoding: 'utf8' });
/** @param {string} text */
const explained = (text) => explain(readText(text));
/** @param {string} text */
const named = (text) => explained(text).findings.map(({ rule }) => rule);

describe('the table of rules', () => {
  test('is the same for pages', () => {
    assert.equal(
      readFileSync(file('public_html/js/replay/explain/table.js'), 'utf8'),
      formed('module'));
  });

  test('is the same in the guide', () => {
    assert.ok(readFileSync(file('public_html/docs/explain.md'), 'utf8')
      .includes(formed('table')));
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

  test('names the two who found no way, and not their friends', () => {
    const call = new Call('three', 1);
    const { from, to } = call.one('answer');
    call.say({ from, to, type: 'error', body: { code: 'connection-failed' } });
    const { findings } = explained(call.write());
    const ways = findings.filter(({ rule }) =>
      rule === 'no-relay' || rule === 'only-mdns');
    assert.deepEqual(ways.map(({ peers }) => new Set(peers)),
      [new Set([from, to])]);
  });

  test('is one line of JSON', () => {
    const valid = schemaOf('explain.json');
    for (const each of all) {
      assert.equal(valid(explanationText(explained(each.text))), '');
    }
    const text = explanationText(explained(sample('silence').write()));
    assert.match(text, /^\{"explain":1,"namespace":"rooms","room":"silence",/);
    assert.equal(text.indexOf('\n'), text.length - 1);
  });
});

/** Three people who post anything to anybody. @param {number} seed */
function anything(seed) {
  const sdp = sample('good').messages.find(({ body }) => body?.sdp)?.body.sdp;
  const bodies = [null, 0, '', [], {}, { type: 'offer' }, { type: 5 },
    { type: 'answer', sdp: {} }, { type: 'offer', sdp: 'v=0\r\nm=\r\n' },
    { type: 'pranswer', sdp: 'v=0\r\no=- __proto__\r\nm=audio\r\n' },
    { session: {}, for: [] }, { candidate: {}, usernameFragment: [] },
    { name: {} }, { name: 'a' }, { name: 'Ünï"\\\n\u0001' }, { reason: [] },
    { reason: 'lease' }, { reason: 'leave' }, { code: {}, re: 1e300 },
    { code: 'gap', re: 3 }, { code: 'ice-failed' }, { type: 'rollback' },
    { type: 'offer', sdp, session: 's1' }, { type: 'answer', sdp, for: 's1' },
    { type: 'offer', sdp }, { type: 'answer', sdp, re: 5 },
    { type: 'offer', sdp: sdp.replace('ice-ufrag:', 'ice-ufrag:x') },
    { candidate: 'candidate:1 1 udp 1 a.local 9 typ host', session: 's1' },
    { candidate: 'candidate:1 1 udp 1 a.local 9 typ host' },
    { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ relay' },
    { type: 'offer', session: '__proto__', for: 'constructor' }];
  const types = ['description', 'candidate', 'description', 'candidate', 'bye',
    'joined', 'left', 'error', 'room-full', 'room-knock', 'room-rules',
    'room-ended', 'chat', '__proto__'];
  const ids = ['a', '__proto__', 'constructor', 'Zoë'];
  let random = seed;
  const one = (/** @type {any[]} */ list) => {
    random = random * 48271 % 2147483647;
    return list[random % list.length];
  };
  let at = 0;
  return made(Array.from({ length: 40 + seed % 300 }, () => ({
    from: one(ids), to: one([...ids, undefined]), type: one(types),
    body: one(bodies), at: at += one([1, 20, 3000, 12_000, -2000]) })));
}

test('what anybody may post harms nothing', () => {
  for (let seed = 1; seed < 200; seed++) {
    const { findings } = explained(anything(seed));
    assert.ok(findings.length <= FINDINGS_MAX);
  }
});

describe('the program says the same, byte for byte', () => {
  /** @param {string} text @param {string} name */
  const same = (text, name) => assert.equal(
    letterbox(['explain', '-', '--json'], text),
    explanationText(explained(text)), name);

  test('of each recording', () => {
    for (const name of NAMES) same(sample(name).write(), name);
    for (const name of Object.keys(REAL)) {
      same(readFileSync(file(`tests/recordings/faults/${name}.jsonl`), 'utf8'),
        name);
    }
  });

  test('of each fault', () => {
    EDITED.forEach((fault, i) => same(broken(fault, 1), `${fault[0]} ${i}`));
  });

  test('of anything', () => {
    for (let seed = 1; seed < 20; seed++) same(anything(seed), `seed ${seed}`);
  });

  test('of long ones', () => {
    same(long(1500, 2), 'of two');
    same(long(1500, 9), 'of nine');
  });

  test('and to people it says the words', () => {
    const text = sample('silence').write();
    const [{ words, title }] = explained(text).findings;
    const shown = letterbox(['explain', '-'], text);
    assert.ok(shown.includes(`1. ${title} (answer-missing)\n`));
    assert.ok(shown.replaceAll(/\s+/g, ' ').includes(words));
    assert.match(letterbox(['explain', '-'], sample('good').write()),
      /No message tells of a failure/);
  });

  test('and control characters of names are no more than that', () => {
    const text = sample('silence').write().replace('"Ada"',
      JSON.stringify('A\u001b[31m\u202eda\n'));
    assert.doesNotMatch(letterbox(['explain', '-'], text),
      /[\u001b\u202e]/);
  });

  test('and a file that is none is refused with its line', () => {
    const cut = sample('silence').write().slice(0, -10);
    assert.throws(() => letterbox(['explain', '-'], cut),
      /line 13: it is cut off/);
  });
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
