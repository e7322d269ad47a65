// What the client makes of a stream's bytes, and of polls that are cut.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { load } from './modules.mjs';

const { EventParser, events } = await load('stream.js');
const { newsOf } = await load('news.js');
const { Hold } = await load('hold.js');

/** @param {string[]} pieces */
const parse = (...pieces) => {
  const parser = new EventParser();
  return pieces.flatMap((piece) => parser.push(piece));
};
/** @param {string} data @param {object} [rest] */
const event = (data, rest = {}) => ({ event: 'message', data, id: '', ...rest });

/** Streams, and the events in them, by section 9.2.6 of HTML. */
const STREAMS = {
  'one event': ['data: a\n\n', [event('a')]],
  'several lines of data': ['data: a\ndata:b\ndata\n\n', [event('a\nb\n')]],
  'one space goes, the next stays': ['data:  a\n\n', [event(' a')]],
  'a name, for one event only': ['event: gap\ndata: {}\n\ndata: x\n\n',
    [event('{}', { event: 'gap' }), event('x')]],
  'an id, for all that follow': ['id: 7\ndata: a\n\ndata: b\n\n',
    [event('a', { id: '7' }), event('b', { id: '7' })]],
  'an id that is taken back': ['id: 7\ndata: a\n\nid\ndata: b\n\n',
    [event('a', { id: '7' }), event('b')]],
  'an id with NUL is none': ['id: 7\0\ndata: a\n\n', [event('a')]],
  'an id without data counts later': ['id: 8\n\ndata: a\n\n',
    [event('a', { id: '8' })]],
  'comments and strangers': [': open\n\n:\nretry: 5\nfoo: bar\ndata: a\n\n',
    [event('a')]],
  'a name without data is nothing': ['event: x\n\ndata: a\n\n', [event('a')]],
  'empty data is data': ['data\n\ndata:\n\n', [event(''), event('')]],
  'data of nothing but a line': ['data\ndata\n\n', [event('\n')]],
  'every end of line': ['data: a\r\rdata: b\r\n\r\ndata: c\n\r\n',
    [event('a'), event('b'), event('c')]],
  'a mark of byte order': ['\uFEFFdata: a\n\n', [event('a')]],
  'the second is text': ['\uFEFF\uFEFFdata: a\n\n', []],
  'half an event at the end': ['data: a\n\ndata: b\n', [event('a')]],
  'a colon in the value': ['data: {"a":1}\n\n', [event('{"a":1}')]],
};

describe('a stream', () => {
  for (const [name, [text, expected]] of Object.entries(STREAMS)) {
    test(name, () => {
      const whole = String(text);
      assert.deepEqual(parse(whole), expected);
      for (let at = 0; at <= whole.length; at++) {
        assert.deepEqual(parse(whole.slice(0, at), whole.slice(at)), expected,
          `cut at ${at}`);
      }
      assert.deepEqual(parse(...whole, ''), expected, 'one by one');
    });
  }

  test('characters are cut between their bytes', async () => {
    const bytes = new TextEncoder().encode('\uFEFFdata: ä€😀\n\n');
    let cancelled = false;
    const body = new ReadableStream({
      start(control) {
        for (const byte of bytes) control.enqueue(new Uint8Array([byte]));
      },
      cancel() { cancelled = true; },
    });
    for await (const some of events(body)) {
      if (!some.length) continue;
      assert.deepEqual(some, [event('ä€😀')]);
      break;
    }
    assert.ok(cancelled, 'nobody reads on');
  });

  test('a loss ends it, and what came before is kept', () => {
    const said = (/** @type {number} */ seq) =>
      event(`{"seq":${seq}}`, { id: `e.${seq}` });
    for (const loss of ['gap', 'reset']) {
      assert.deepEqual(newsOf([said(1), event('{}', { event: loss,
        id: 'e.1' }), said(2)], 'e.0'),
      { mail: { messages: [{ seq: 1 }], cursor: 'e.1' }, end: 'loss' });
      assert.deepEqual(newsOf([event('{}', { event: loss })], 'e.0'),
        { mail: null, end: 'loss' });
    }
  });

  test('its end says how to go on, and from where', () => {
    assert.deepEqual(newsOf([event('{"wait":0,"pause":70}',
      { event: 'pause', id: 'e.9' })], 'e.1'),
    { mail: { messages: [], cursor: 'e.9', poll: { wait: 0, pause: 70 } },
      end: 'end' });
    assert.deepEqual(newsOf([event('{"wait":3,"pause":0}',
      { event: 'pause' })], 'e.1').mail.cursor, 'e.1');
  });

  test('what is no JSON is an error that may pass', () => {
    assert.throws(() => newsOf([event('{')], ''), { code: 'bad-stream',
      retryable: true });
  });
});

/** A host that remembers as the real one does. */
function host() {
  return {
    ceiling: { ms: 0, since: 0 },
    limit(/** @type {number} */ ms) {
      this.ceiling = { ms, since: Date.now() };
    },
  };
}

describe('how long a poll is held', () => {
  test('cut twice at one age, it stays below', () => {
    const hold = new Hold(host());
    assert.equal(hold.of(25), 25);
    hold.cut(15_000);
    assert.equal(hold.of(25), 25);
    hold.cut(15_400);
    assert.equal(hold.of(25), 12);
    assert.equal(hold.of(10), 10, 'the server offers less');
    assert.equal(hold.of(0), 0);
  });

  test('cut anyhow, it is not', () => {
    const hold = new Hold(host());
    for (const age of [15_000, 4000, 9000, 20_000, 2900, 2900, 2900]) {
      hold.cut(age);
    }
    assert.equal(hold.of(25), 25);
  });

  test('one that lived longer speaks against it', () => {
    const hold = new Hold(host());
    hold.cut(5000);
    hold.lived(25_000);
    hold.cut(5000);
    assert.equal(hold.of(25), 25);
    hold.lived(100);
    hold.cut(5000);
    assert.equal(hold.of(25), 4, 'one with mail soon says nothing');
  });

  test('each hour it tries more, until the server\'s own', (t) => {
    let now = 1e12;
    t.mock.method(Date, 'now', () => now);
    const hold = new Hold(host());
    hold.cut(10_000);
    hold.cut(10_000);
    const tried = [];
    for (let hour = 0; hour < 8; hour++) {
      tried.push(hold.of(25));
      now += 3_600_001;
    }
    assert.deepEqual(tried, [8, 10, 12, 15, 19, 24, 25, 25]);
    hold.cut(20_000);
    hold.cut(20_000);
    assert.equal(hold.of(25), 16);
  });
});
