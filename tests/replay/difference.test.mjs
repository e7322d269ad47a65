// What is not the same in two texts, and in two calls.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { align, lineDifference }
  from '../../public_html/js/replay/difference.js';
import { compare, stepsOf } from '../../public_html/js/replay/meaning.js';
import { readText } from '../../public_html/js/replay/recording.js';
import { NAMES, long, sample } from './samples.mjs';

/** @typedef {import('../../public_html/js/replay/recording.js').Entry} Entry */

describe('lines', () => {
  test('each is kept, gone or new', () => {
    const lines = lineDifference('a\r\nb\r\nc\r\n', 'a\nx\nc\nd\n')
      .map(({ sign, text, line }) => sign + text + line);
    assert.deepEqual(lines, ['=a1', '-b0', '+x2', '=c3', '+d4']);
  });

  test('both texts can be read off', () => {
    let random = 7;
    const next = () => random = random * 48271 % 2147483647;
    for (let i = 0; i < 300; i++) {
      const [a, b] = [0, 1].map(() => Array.from({ length: next() % 12 },
        () => 'abc'[next() % 3]));
      const rows = align(a, b);
      assert.deepEqual(rows.filter(([i]) => i >= 0).map(([i]) => a[i]), a);
      assert.deepEqual(rows.filter(([, j]) => j >= 0).map(([, j]) => b[j]), b);
      for (const [i, j] of rows) if (i >= 0 && j >= 0) assert.equal(a[i], b[j]);
    }
  });

  test('what is too much to compare is told as replaced, soon', () => {
    const many = (/** @type {number} */ by) => Array.from({ length: 30_000 },
      (_, i) => String(by * i + 1));
    const begun = performance.now();
    assert.ok(align(many(2), many(-3)).length > 30_000);
    assert.ok(performance.now() - begun < 5000);
  });
});

describe('calls', () => {
  test('each is the same as itself', () => {
    for (const name of NAMES) {
      const { messages } = sample(name);
      const { rows, first } = compare(messages, messages);
      assert.equal(first, -1, name);
      assert.ok(rows.length >= 3);
    }
  });

  /** The same call at another time, between others, by another way.
   * @param {Entry[]} messages @returns {Entry[]} */
  const again = (messages) => JSON.parse(JSON.stringify(messages)
    .replaceAll('ice-pwd:', 'ice-pwd:x').replaceAll('127.0.0.1', '10.0.0.9'))
    .map((/** @type {Entry} */ message) => ({ ...message,
      seq: message.seq + 100, at: message.at + 5e6,
      body: message.body?.re ? { ...message.body, re: message.body.re + 100 }
        : message.body, from: `z${message.from}`, ...(message.to && { to: `z${message.to}` }) }));

  test('made again they are the same: ids, seqs, times, words do not matter',
    () => {
      const { messages } = sample('good');
      assert.equal(compare(messages, again(messages)).first, -1);
    });

  test('candidates may come in another order and number', () => {
    const { messages } = sample('good');
    const fewer = messages.filter(({ type, body }, i) =>
      type !== 'candidate' || !body || i % 2 === 0 ||
      !body.candidate.includes('udp'));
    assert.equal(compare(messages, fewer).first, -1);
  });

  /** @type {[string, (messages: Entry[]) => Entry[], RegExp, string[]][]} */
  const changes = [
    ['an answer that never came', (all) => all.filter(({ body }) =>
      body?.type !== 'answer'), /B?A→B answer/, []],
    ['a codec', (all) => JSON.parse(JSON.stringify(all)
      .replaceAll('opus/48000', 'G723/48000')), /B→A offer/,
    ['codecs of 0 audio']],
    ['a direction', (all) => JSON.parse(JSON.stringify(all).replace(
      'a=sendrecv', 'a=recvonly')), /B→A offer/, ['direction of 0 audio']],
    ['the kinds of candidates', (all) => JSON.parse(JSON.stringify(all)
      .replaceAll('typ host', 'typ relay')), /B→A offer/, ['candidates']],
    ['why one left', (all) => JSON.parse(JSON.stringify(all)
      .replace('"leave"', '"lease"')), /B left/, ['reason']],
  ];
  for (const [what, change, key, differs] of changes) {
    test(`part where they do: ${what}`, () => {
      const { messages } = sample('good');
      const { rows, first } = compare(messages, change(messages));
      assert.match(rows[first].a?.key ?? '', key);
      assert.deepEqual(rows[first].differs.filter((each) => each !== 'time'),
        differs);
    });
  }

  test('who is slower is told, and parts nothing', () => {
    const { messages } = sample('good');
    const index = messages.findIndex(({ body }) => body?.type === 'answer');
    const slow = messages.map((message, i) => i < index ? message
      : { ...message, at: message.at + 9000 });
    const { rows, first } = compare(messages, slow);
    assert.equal(first, -1);
    assert.deepEqual(rows.filter(({ differs }) => differs.length)
      .map(({ a, differs }) => [a?.key, differs]), [['A→B answer', ['time']]]);
  });

  test('a good call and one without answer', () => {
    const { rows, first } = compare(sample('three').messages,
      sample('silence').messages);
    assert.equal(rows[first].a?.key, 'A→B answer');
    assert.equal(rows[first].b, null);
  });

  test('long ones', () => {
    const { messages } = readText(long(10_000));
    assert.equal(compare(messages, messages.slice(0, 9000)).first > 0, true);
    assert.ok(stepsOf(messages).steps.length < 5000);
  });
});
