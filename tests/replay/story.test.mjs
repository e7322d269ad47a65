// The state of a room at any moment, as the log has it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Story } from '../../public_html/js/replay/story.js';
import { readText } from '../../public_html/js/replay/recording.js';
import { NAMES, long, made, sample } from './samples.mjs';

/** @typedef {import('../../public_html/js/replay/recording.js').Entry} Entry */

/** @param {Partial<Entry>[]} messages */
const storyOf = (messages) => new Story(readText(made(messages)).messages);

/** Signaling states of the first pair, by the order of ids.
 * @param {Story} story @param {number} count */
function states(story, count) {
  const [pair] = story.at(count).pairs.values();
  return pair.ids.map((id) => pair.sides[id].signaling);
}

/** @param {string} from @param {string} to @param {string} type
 * @param {object} [more] */
const says = (from, to, type, more) =>
  ({ from, to, type: 'description', body: { type, sdp: '', ...more } });

const BOTH = [{ from: 'a', type: 'joined', body: { name: 'Ada' } },
  { from: 'b', type: 'joined', body: {} }];

describe('who is there', () => {
  test('comes, goes, comes again', () => {
    const story = storyOf([...BOTH,
      { from: 'b', type: 'left', body: { reason: 'lease' } },
      { from: 'c', type: 'room-knock', body: { name: 'Cleo' } }, BOTH[1],
      { from: 'd', to: 'e', type: 'chat', body: 'hi' }]);
    const at = (/** @type {number} */ count) =>
      [...story.at(count).people.values()].map(({ id, state }) => id + state);
    assert.deepEqual(at(0), []);
    assert.deepEqual(at(2), ['apresent', 'bpresent']);
    assert.deepEqual(at(3), ['apresent', 'bleft']);
    assert.deepEqual(at(4), ['apresent', 'bleft', 'cknocking']);
    assert.deepEqual(at(6), ['apresent', 'bpresent', 'cknocking', 'dpresent',
      'eunknown']);
    assert.equal(story.at(1).people.get('a')?.name, 'Ada');
    assert.equal(story.remarks.get(5), 'absent');
    assert.deepEqual(story.ids, ['a', 'b', 'c', 'd', 'e']);
  });

  test('rules and the end of a room', () => {
    const rules = { lock: true, capacity: 2 };
    const story = storyOf([...BOTH,
      { from: 'a', type: 'room-rules', body: rules },
      { from: 'a', type: 'room-ended', body: {} }]);
    assert.equal(story.at(2).rules, null);
    assert.deepEqual(story.at(3).rules, rules);
    assert.deepEqual([story.at(3).over, story.at(4).over], [false, true]);
  });
});

describe('signaling', () => {
  test('offer and answer, and again', () => {
    const story = storyOf([...BOTH, says('b', 'a', 'offer'),
      says('a', 'b', 'pranswer', { re: 3 }), says('a', 'b', 'answer', { re: 3 }),
      says('a', 'b', 'offer'), says('a', 'b', 'rollback')]);
    assert.deepEqual(states(story, 3),
      ['have-remote-offer', 'have-local-offer']);
    assert.deepEqual(states(story, 4),
      ['have-local-pranswer', 'have-remote-pranswer']);
    assert.deepEqual(states(story, 5), ['stable', 'stable']);
    const [pair] = story.at(5).pairs.values();
    assert.deepEqual([pair.sides.a.local, pair.sides.a.theirs], [5, 3]);
    assert.deepEqual([pair.sides.b.local, pair.sides.b.theirs], [3, 5]);
    assert.deepEqual(states(story, 6),
      ['have-local-offer', 'have-remote-offer']);
    assert.deepEqual(states(story, 7), ['stable', 'stable']);
    assert.equal(story.remarks.size, 0);
  });

  test('glare: the lower id gives way, whoever was first', () => {
    for (const [first, second] of [['a', 'b'], ['b', 'a']]) {
      const story = storyOf([...BOTH, says(first, second, 'offer'),
        says(second, first, 'offer'), says('a', 'b', 'answer')]);
      assert.deepEqual(states(story, 4),
        ['have-remote-offer', 'have-local-offer']);
      assert.deepEqual(states(story, 5), ['stable', 'stable']);
      assert.equal(story.remarks.get(3), 'glare');
      const [pair] = story.at(4).pairs.values();
      assert.equal(pair.glares, 1);
    }
  });

  test('glare: who gives way in another manner is understood', () => {
    const story = storyOf([...BOTH, says('a', 'b', 'offer'),
      says('b', 'a', 'offer'), says('b', 'a', 'answer')]);
    assert.deepEqual(states(story, 5), ['stable', 'stable']);
    assert.equal(story.remarks.get(4), undefined);
  });

  test('answers nobody waits for, or to an older offer', () => {
    const story = storyOf([...BOTH, says('a', 'b', 'answer'),
      says('a', 'b', 'offer'), says('a', 'b', 'offer'),
      says('b', 'a', 'answer', { re: 4 })]);
    assert.equal(story.remarks.get(2), 'unasked');
    assert.equal(story.remarks.get(5), 'late');
    assert.deepEqual(states(story, 5),
      ['have-local-offer', 'have-remote-offer']);
  });

  test('a reload is a new connection; mail for the old one is stale', () => {
    const story = storyOf([...BOTH,
      says('b', 'a', 'offer', { session: 'b1' }),
      says('a', 'b', 'answer', { session: 'a1', for: 'b1' }),
      says('b', 'a', 'offer', { session: 'b2' }),
      { from: 'a', to: 'b', type: 'candidate',
        body: { candidate: '', session: 'a1', for: 'b1' } },
      says('a', 'b', 'answer', { session: 'a2', for: 'b2' })]);
    assert.deepEqual(states(story, 5),
      ['have-remote-offer', 'have-local-offer']);
    assert.equal(story.remarks.get(5), 'stale');
    assert.deepEqual(states(story, 7), ['stable', 'stable']);
    const [pair] = story.at(7).pairs.values();
    assert.equal(pair.sides.a.session, 'a2');
    assert.deepEqual(pair.sides.b.past, ['b1']);
    assert.deepEqual([pair.sides.a.local, pair.sides.a.theirs], [7, 5]);
  });

  test('hanging up and leaving close, a lapse does not', () => {
    const call = [...BOTH, says('a', 'b', 'offer'), says('b', 'a', 'answer')];
    for (const [message, state] of /** @type {const} */ ([
      [{ from: 'a', to: 'b', type: 'bye', body: null }, 'closed'],
      [{ from: 'a', type: 'left', body: { reason: 'leave' } }, 'closed'],
      [{ from: 'a', type: 'left', body: { reason: 'lease' } }, 'stable']])) {
      assert.deepEqual(states(storyOf([...call, message]), 5), [state, state]);
    }
    const again = storyOf([...call, { from: 'a', to: 'b', type: 'bye',
      body: null }, says('b', 'a', 'offer')]);
    assert.deepEqual(states(again, 6),
      ['have-remote-offer', 'have-local-offer']);
  });

  test('without an address a description is for everybody there', () => {
    const story = storyOf([...BOTH,
      { from: 'a', type: 'description', body: { type: 'offer', sdp: '' } }]);
    assert.deepEqual(states(story, 3),
      ['have-local-offer', 'have-remote-offer']);
    const alone = storyOf([BOTH[0],
      { from: 'a', type: 'description', body: { type: 'offer', sdp: '' } }]);
    assert.equal(alone.remarks.get(1), 'nobody');
  });
});

describe('candidates', () => {
  const line = (kind = 'host') => `candidate:1 1 udp 1 192.0.2.1 9 typ ${kind}`;
  /** @param {object | null} body */
  const finds = (body) => ({ from: 'a', to: 'b', type: 'candidate', body });

  test('by kind, of one generation', () => {
    const sdp = (/** @type {string} */ ufrag) => `a=ice-ufrag:${ufrag}\r\n`;
    const story = storyOf([...BOTH, says('a', 'b', 'offer',
      { sdp: `${sdp('x')}a=${line('relay')}\r\n` }),
    finds({ candidate: line() }), finds({ candidate: line() }),
    finds({ candidate: line('srflx'), usernameFragment: 'x' }),
    finds({ candidate: line(), usernameFragment: 'y' }), finds(null),
    says('a', 'b', 'offer', { sdp: sdp('x') }),
    says('a', 'b', 'offer', { sdp: sdp('z') })]);
    const mine = (/** @type {number} */ count) =>
      [...story.at(count).pairs.values()][0].sides.a;
    assert.deepEqual(mine(6).candidates, { relay: 1, host: 2, srflx: 1 });
    assert.equal(story.remarks.get(6), 'stray');
    assert.equal(mine(7).ended, false);
    assert.equal(mine(8).ended, true);
    assert.deepEqual(mine(9).candidates, mine(8).candidates);
    assert.deepEqual(mine(10).candidates, {});
    assert.equal(mine(10).ended, false);
  });

  test('before the description, and unreadable', () => {
    const story = storyOf([...BOTH, finds({ candidate: line() }),
      finds({ candidate: 'candidate:nonsense' })]);
    assert.equal(story.remarks.get(2), 'early');
    assert.equal(story.remarks.get(3), 'early');
  });
});

describe('the recordings', () => {
  test('end as they did', () => {
    /** @type {Record<string, string[][]>} */
    const ends = { good: [['closed', 'closed']], reload: [['stable', 'stable']],
      glare: [['stable', 'stable']],
      three: [['stable', 'stable'], ['stable', 'stable'], ['stable', 'stable']],
      candidates: [['stable', 'stable']] };
    for (const [name, expected] of Object.entries(ends)) {
      const { messages } = sample(name);
      const { pairs } = new Story(messages).at(messages.length);
      const found = [...pairs.values()].map(({ ids, sides }) =>
        ids.map((id) => sides[id].signaling).sort().reverse());
      assert.deepEqual(found, expected, name);
    }
    const { messages } = sample('silence');
    const [pair] = new Story(messages).at(messages.length).pairs.values();
    assert.deepEqual(pair.ids.map((id) => pair.sides[id].signaling).sort(),
      ['have-local-offer', 'have-remote-offer']);
  });

  test('have the remarks that belong to them', () => {
    const remarks = (/** @type {string} */ name) =>
      [...new Set(new Story(sample(name).messages).remarks.values())].sort();
    assert.deepEqual(remarks('good'), []);
    assert.deepEqual(remarks('three'), []);
    assert.deepEqual(remarks('silence'), []);
    assert.ok(remarks('glare').includes('glare'));
    assert.deepEqual(remarks('candidates'), ['early', 'odd', 'stray']);
  });
});

test('any moment is the fold of all before it', () => {
  for (const text of [long(1500), ...NAMES.map((name) =>
    sample(name).write())]) {
    const { messages } = readText(text);
    const story = new Story(messages);
    for (let i = 0; i <= messages.length; i += messages.length > 99 ? 97 : 1) {
      const { pairs, people } = new Story(messages.slice(0, i)).at(i);
      const state = story.at(i);
      assert.deepEqual([...state.pairs], [...pairs]);
      assert.deepEqual([...state.people], [...people]);
    }
  }
});

test('what anybody may post harms no story', () => {
  const bodies = [null, 0, '', [], {}, { type: 'offer' }, { type: 5 },
    { type: 'answer', sdp: {} }, { session: {}, for: [] },
    { candidate: {}, usernameFragment: [] }, { name: {} }, { reason: [] },
    { type: 'offer', session: '__proto__', for: 'constructor' }];
  const types = ['description', 'candidate', 'bye', 'joined', 'left',
    'room-knock', 'room-rules', 'room-ended', 'x'];
  const ids = ['a', '__proto__', 'constructor', 'a'];
  /** @type {Partial<Entry>[]} */
  const messages = [];
  for (const body of bodies) {
    for (const type of types) {
      for (const from of ids) {
        for (const to of [undefined, ...ids]) {
          messages.push({ from, to, type, body });
        }
      }
    }
  }
  const story = storyOf(messages);
  assert.equal(story.at(messages.length).count, messages.length);
  assert.deepEqual(story.ids, ['a', '__proto__', 'constructor']);
});
