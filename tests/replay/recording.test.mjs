// Reading exports: what is good stays the same bytes, what is not is refused
// with its line.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { LINE_MAX, Reader, RecordingError, readBlob, readText }
  from '../../public_html/js/replay/recording.js';
import { HEADER, NAMES, made, sample, textOf } from './samples.mjs';

const MESSAGE = '{"seq":1,"at":5,"from":"a","type":"chat","body":"x"}';

/** @param {string} text @param {number} line @param {RegExp} words */
function refused(text, line, words) {
  assert.throws(() => readText(text), (/** @type {any} */ error) => {
    assert.ok(error instanceof RecordingError);
    assert.equal(error.line, line, error.message);
    assert.match(error.message, words);
    return true;
  });
}

describe('a good recording', () => {
  for (const name of NAMES) {
    test(`${name} is written as it was read`, () => {
      assert.equal(sample(name).write(), textOf(name));
    });

    test(`${name} is what the schema says`, () => {
      const ajv = new /** @type {any} */ (Ajv).default();
      const valid = ajv.compile(JSON.parse(readFileSync(
        new URL('../../schema/export.json', import.meta.url), 'utf8')));
      for (const line of textOf(name).trimEnd().split('\n')) {
        assert.ok(valid(JSON.parse(line)), ajv.errorsText(valid.errors));
      }
    });
  }

  test('keeps numbers, doubled members and escapes as they are', () => {
    const body = '{"a":1.0,"a":1e2,"b":"\\u00e9\\/, \\"body\\":"}';
    const text = `${HEADER}\n{"seq":9007199254740991,"at":-5,"from":` +
      `",\\"body\\":1}","type":"x","body":${body}}\n`;
    const recording = readText(text);
    assert.equal(recording.bodyText(0), body);
    assert.equal(recording.write(), text);
    assert.equal(recording.messages[0].from, ',"body":1}');
  });

  test('may have its members in another order', () => {
    const recording = readText(`${HEADER}\n` +
      '{"body": {"a": 1}, "type":"x","from":"a","at":1,"seq":1}\n');
    assert.equal(recording.bodyText(0), '{"a":1}');
  });

  test('may hold no message at all', () => {
    assert.equal(readText(`${HEADER}\n`).messages.length, 0);
  });

  test('comes in pieces of any size', async () => {
    const text = textOf('good').replaceAll('Ada', 'Åda');
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 7, 4096]) {
      const reader = new Reader();
      for (let i = 0; i < bytes.length; i += size) {
        reader.push(bytes.subarray(i, i + size));
      }
      assert.equal(reader.end().write(), text);
    }
    assert.equal((await readBlob(new Blob([text]))).write(), text);
  });
});

describe('a bad one is refused', () => {
  const good = `${HEADER}\n${MESSAGE}\n`;
  /** @type {[string, string, number, RegExp][]} */
  const cases = [
    ['empty', '', 0, /empty/],
    ['cut off in a line', good.slice(0, -9), 2, /cut off/],
    ['cut off at the newline', good.slice(0, -1), 2, /cut off/],
    ['a picture', '\u0089PNG\r\n\u001a\n', 1, /no export/],
    ['other JSON', '{"log":{"version":"1.2"}}\n', 1, /no export/],
    ['a list', '[]\n', 1, /no export/],
    ['without its header', `${MESSAGE}\n`, 1, /no export/],
    ['with a mark of byte order', `\ufeff${good}`, 1, /no export/],
    ['of another version', good.replace(':1,', ':2,'), 1, /version 2/],
    ['of no version', good.replace(':1,', ':"1",'), 1, /version "1"/],
    ['a header without room', good.replace(',"room":"r"', ''), 1,
      /lacks `room`/],
    ['a header with more', good.replace(',"room"', ',"x":1,"room"'), 1,
      /nothing is called `x`/],
    ['a message doubled', `${good}${MESSAGE}\n`, 3, /twice/],
    ['lines in another order', made([{ seq: 5 }, { seq: 3 }]), 3,
      /not in their order/],
    ['a second recording', good + good, 3, /second recording/],
    ['an empty line', `${HEADER}\n\n${MESSAGE}\n`, 2, /empty/],
    ['half a line within', `${HEADER}\n{"seq":1,\n${MESSAGE}\n`, 2, /not JSON/],
    ['a number for a line', `${HEADER}\n5\n`, 2, /not a message/],
    ['no body', good.replace(',"body":"x"', ''), 2, /lacks `body`/],
    ['no sender', good.replace('"from":"a",', ''), 2, /lacks `from`/],
    ['an empty sender', good.replace('"from":"a"', '"from":""'), 2, /`from`/],
    ['a sender too long', good.replace('"a"', `"${'a'.repeat(257)}"`), 2,
      /`from`/],
    ['to: null', good.replace('"type"', '"to":null,"type"'), 2, /`to`/],
    ['a type too long', good.replace('"chat"', `"${'x'.repeat(65)}"`), 2,
      /`type`/],
    ['seq 0', good.replace('"seq":1', '"seq":0'), 2, /`seq`/],
    ['a seq that is text', good.replace('"seq":1', '"seq":"1"'), 2, /`seq`/],
    ['half a millisecond', good.replace('"at":5', '"at":5.5'), 2, /`at`/],
    ['more members', good.replace('"at"', '"x":1,"at"'), 2, /called `x`/],
    ['a line too long', `${HEADER}\n${'x'.repeat(LINE_MAX + 1)}`, 2,
      /longer than/],
  ];
  for (const [what, text, line, words] of cases) {
    test(what, () => refused(text, line, words));
  }

  test('what is no UTF-8', () => {
    const reader = new Reader();
    reader.push(new TextEncoder().encode(`${HEADER}\n`));
    assert.throws(() => reader.push(new Uint8Array([0x22, 0xff, 0x22, 10])),
      /Line 2: it is not UTF-8/);
  });

  test('a gigabyte without a newline, when the first of it was seen',
    async () => {
      let given = 0;
      const piece = new Uint8Array(65536).fill(120);
      const endless = /** @type {any} */ ({ stream: () => new ReadableStream({
        pull(controller) {
          given += piece.length;
          controller.enqueue(piece);
        } }) });
      await assert.rejects(readBlob(endless), /Line 1: it is longer/);
      assert.ok(given < 2 * LINE_MAX);
    });
});
