// Where a moment stands, and what is drawn there.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Axis, FOLD_PX } from '../../public_html/js/replay/axis.js';
import { GUTTER, Ladder } from '../../public_html/js/replay/ladder.js';
import { MARKS, PALETTES, kindOf } from '../../public_html/js/replay/marks.js';
import { clock, duration, plain, short } from '../../public_html/js/replay/plain.js';
import { readText } from '../../public_html/js/replay/recording.js';
import { Story } from '../../public_html/js/replay/story.js';
import { lowered, svg } from '../../public_html/js/replay/svg.js';
import { NAMES, long, made, sample } from './samples.mjs';

const WAYS = [{ fold: true, even: false }, { fold: false, even: false },
  { fold: false, even: true }];

describe('the axis', () => {
  test('is true: px follow ms', () => {
    const axis = new Axis([100, 110, 110, 1110], WAYS[1]);
    axis.scale = 0.5;
    assert.deepEqual([0, 1, 2, 3].map((i) => axis.yOf(i)), [0, 5, 5, 505]);
    assert.equal(axis.timeAt(255), 510);
    assert.equal(axis.yAtTime(510), 255);
    assert.equal(axis.countAt(9), 1);
    assert.equal(axis.countAt(10), 3);
  });

  test('folds long pauses, to draw and to play', () => {
    const axis = new Axis([0, 10, 60_010, 60_020], WAYS[0]);
    axis.scale = 1;
    assert.deepEqual([0, 1, 2, 3].map((i) => axis.yOf(i)),
      [0, 10, 10 + FOLD_PX, 20 + FOLD_PX]);
    assert.equal(axis.end, 420);
    assert.deepEqual([1, 2, 3].map((i) => axis.folded(i)),
      [false, true, false]);
  });

  test('a clock that was set back does not turn the picture', () => {
    const axis = new Axis([1000, 2000, 500, 2500], WAYS[1]);
    assert.deepEqual([...axis.times], [0, 1000, 1000, 1500]);
  });

  test('there and back again, in each way', () => {
    for (const name of NAMES) {
      const at = sample(name).messages.map((message) => message.at);
      for (const way of WAYS) {
        const axis = new Axis(at, way);
        for (let part = 0; part <= 1; part += 0.05) {
          const moment = part * axis.end;
          const back = axis.momentAt(axis.yAt(moment));
          assert.ok(Math.abs(back - moment) < 1e-6, `${moment} ${back}`);
        }
        assert.equal(axis.countAt(axis.end), at.length);
        assert.equal(axis.countAbove(axis.height), at.length);
        assert.equal(axis.countAt(-1), 0);
      }
    }
  });

  test('has a height that browsers can make', () => {
    const axis = new Axis([0, 86_400_000 * 365], WAYS[1]);
    axis.scale = 40;
    assert.ok(axis.height <= 8_000_000);
    for (const at of [[], [5], [5, 5]]) {
      const small = new Axis(at, WAYS[0]);
      assert.deepEqual([small.end, small.height], [0, 0]);
      assert.equal(small.momentAt(10), 0);
    }
  });
});

/** @param {string} text @param {number} [width] @param {number} [way] */
function ladderOf(text, width = 800, way = 0) {
  const { messages } = readText(text);
  const { ids } = new Story(messages);
  return new Ladder(messages, ids, (id) => id,
    new Axis(messages.map(({ at }) => at), WAYS[way]), width);
}

/** @param {Ladder} ladder */
const whole = (ladder) => ladder.shapes(0, ladder.height,
  { count: ladder.messages.length, y: ladder.height, chosen: -1 });

describe('the ladder', () => {
  test('draws each kind in a way of its own', () => {
    const looks = Object.values(MARKS).map(({ dash, head, width, colour }) =>
      JSON.stringify([dash, head, width, colour]));
    assert.equal(new Set(looks).size, looks.length);
    // Without colours too.
    const grey = Object.values(MARKS).map(({ dash, head }) =>
      JSON.stringify([dash, head]));
    assert.ok(new Set(grey).size >= looks.length - 1);
    for (const { colour } of Object.values(MARKS)) {
      assert.ok(PALETTES.light[colour] && PALETTES.dark[colour]);
    }
  });

  test('finds the message at a place', () => {
    for (const way of [0, 1, 2]) {
      const ladder = ladderOf(sample('good').write(), 800, way);
      const offer = ladder.messages.findIndex((message) =>
        kindOf(message) === 'offer');
      const middle = (ladder.x(0) + ladder.x(1)) / 2;
      assert.equal(ladder.hit(middle, ladder.y(offer)), offer);
      assert.equal(ladder.hit(middle, -100), -1);
    }
  });

  test('gives a window the work of a window', () => {
    const ladder = ladderOf(long(10_000), 800, 2);
    const now = { count: 10_000, y: 0, chosen: -1 };
    const some = ladder.shapes(50_000, 50_800, now).length;
    assert.ok(some > 30 && some < 600, String(some));
    assert.ok(whole(ladder).length > 20 * some);
    // However far away one looks.
    const far = ladderOf(long(10_000), 800, 1);
    far.axis.scale = 1e-6;
    far.arrange();
    assert.ok(whole(far).length < 5000, String(whole(far).length));
  });

  test('shows what comes later as what comes later', () => {
    const ladder = ladderOf(sample('good').write());
    const { length } = ladder.shapes(0, ladder.height,
      { count: 2, y: 30, chosen: 4 }).filter(({ fade = 1 }) => fade < 1);
    assert.ok(length > 10);
    assert.deepEqual(whole(ladder).filter(({ fade = 1, colour }) =>
      fade < 1 && colour !== 'paper'), []);
  });

  test('has room for many peers, and for none', () => {
    const many = ladderOf(long(500, 60), 320);
    assert.ok(many.width >= GUTTER + 60 * 100);
    assert.ok(whole(many).length > 60);
    const none = ladderOf(made([]));
    assert.ok(whole(none).length < 5);
    assert.deepEqual(none.heads(), []);
  });
});

describe('a picture of its own', () => {
  test('holds no markup of strangers', () => {
    const evil = '"><script>alert(1)</script>&amp;\u202e\0\ud800';
    const text = made([{ from: evil, type: evil.slice(0, 60), body: evil },
      { from: 'b', type: 'chat', body: evil }]);
    const ladder = ladderOf(text);
    const words = svg([...lowered(ladder.heads(), 10), ...whole(ladder)],
      { width: 800, height: 100, title: evil, palette: PALETTES.light });
    assert.ok(!words.includes('<script'));
    assert.ok(words.includes('&lt;script'));
    assert.doesNotMatch(words, /[\u202e\0\ud800-\udfff]/);
  });
});

describe('words', () => {
  test('what would hide or turn text is written out', () => {
    assert.equal(plain('a\u202eb\0\u2028c\ufeff'),
      'a\\u{202e}b\\u{0}\\u{2028}c\\u{feff}');
    assert.equal(plain('Ünïcödé 👩‍👩‍👧 ❤️'), 'Ünïcödé 👩‍👩‍👧 ❤️');
    assert.equal(plain('\ud800x'), '\\u{d800}x');
    assert.equal(short('abcdef', 4), 'abc…');
    assert.equal(short('abcd', 4), 'abcd');
  });

  test('durations', () => {
    assert.deepEqual([0, 42, 1234, 12_340, 61_000, 3_720_000, -5]
      .map(duration), ['0 ms', '42 ms', '1.23 s', '12.3 s', '1 min 1 s',
      '1 h 2 min', '−5 ms']);
    assert.deepEqual([42, 59_000, 62_345, 1_585_300, 3_720_000].map(clock),
      ['42 ms', '59.0 s', '1:02.3', '26:25.3', '1:02:00']);
  });
});
