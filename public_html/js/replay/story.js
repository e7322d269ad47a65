/**
 * The state of a room at any moment, as its log has it: who is there, and how
 * far each two of them are (pair.js). A fold over the messages, with snapshots
 * now and then, so that any moment is a few hundred messages away.
 */

import {candidate, close, describe, hangUp, keyOf, pairOf} from './pair.js';

/** @typedef {import('./recording.js').Entry} Entry */
/** @typedef {import('./pair.js').Pair} Pair */

/**
 * @typedef {object} Person
 * @property {string} id
 * @property {string} name '' when it has none
 * @property {'present' | 'knocking' | 'left' | 'unknown'} state unknown: it is
 *   known only because others write to it
 * @property {string} reason why it left
 * @property {number} since seq of its newest joined or left, else 0
 */

/**
 * @typedef {object} State after some messages
 * @property {number} count how many
 * @property {Map<string, Person>} people by id, in the order they appear
 * @property {Map<string, Pair>} pairs
 * @property {any} rules as last told, else null
 * @property {boolean} over the room was ended
 */

/** What is odd about a message; the key is in `story.remarks`. */
export const REMARKS = {
  stale: 'It is for a connection that was gone by then. The other side drops it.',
  past: 'It is of a connection that was given up before.',
  early: 'A candidate before the description it belongs to.',
  stray: 'The candidate is of another generation than the newest description.',
  glare: 'The offers of both sides met. The peer with the lower id gives way.',
  unasked: 'An answer where no offer waits for one.',
  late: 'It answers another offer than the newest.',
  absent: 'Whom it is for is not in the room. It waits.',
  nobody: 'Nobody else is in the room to read it.',
  odd: 'It cannot be read.',
};

/** Readers of what is said to everybody: a call has fewer. */
const READERS_MAX = 64;

/** Messages between snapshots, at the least. */
const STRIDE = 256;

export class Story {
  #messages;
  /** @type {State[]} by rising count */
  #snapshots = [];
  /** Remarks by index of the message. @type {Map<number, string>} */
  remarks = new Map();
  /** Every id there is, in the order they appear. @type {string[]} */
  ids;

  /** @param {Entry[]} messages */
  constructor(messages) {
    this.#messages = messages;
    const state = blank();
    for (const message of messages) {
      const {count, people, pairs} = state;
      // A room of many makes snapshots dear, so they are rarer there.
      const due = (this.#snapshots.at(-1)?.count ?? -Infinity) +
        Math.max(STRIDE, people.size + pairs.size);
      if (count >= due) this.#snapshots.push(copy(state));
      const remark = take(state, message);
      if (remark) this.remarks.set(count, remark);
    }
    if (!messages.length) this.#snapshots.push(copy(state));
    this.ids = [...state.people.keys()];
  }

  /**
   * @param {number} count of messages: 0 is before the first
   * @returns {State} the caller's own
   */
  at(count) {
    const end = Math.max(0, Math.min(count, this.#messages.length));
    let low = 0;
    let high = this.#snapshots.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#snapshots[middle].count <= end) low = middle;
      else high = middle;
    }
    const state = copy(this.#snapshots[low]);
    while (state.count < end) take(state, this.#messages[state.count]);
    return state;
  }
}

/** Before the first message. @returns {State} */
export function blank() {
  return {count: 0, people: new Map(), pairs: new Map(), rules: null,
    over: false};
}

/** Pairs and people are never changed in place. @param {State} state */
function copy(state) {
  return {...state, people: new Map(state.people), pairs: new Map(state.pairs)};
}

/**
 * What a message does between two peers.
 * @typedef {object} Deed
 * @property {string} to who reads it
 * @property {Pair} before
 * @property {Pair} after
 * @property {string} remark of these two
 * @property {boolean} absent the reader is not in the room
 */

/**
 * The next message happens.
 * @param {State} state
 * @param {Entry} message
 * @param {(deed: Deed) => void} [seen] called for each reader of a message of
 *   negotiation
 * @returns {string} a remark, or ''
 */
export function take(state, message, seen = () => {}) {
  state.count++;
  const {from, to, type, body, seq} = message;
  const who = person(state, from);
  if (to !== undefined && to !== from) person(state, to);
  switch (type) {
    case 'joined':
      state.people.set(from, {...who, state: 'present', reason: '', since: seq,
        name: typeof body?.name === 'string' ? body.name : ''});
      return '';
    case 'left': return leave(state, who, message);
    case 'room-knock':
      if (who.state !== 'present') {
        state.people.set(from, {...who, state: 'knocking',
          name: typeof body?.name === 'string' ? body.name : who.name});
      }
      return '';
    case 'room-rules':
      state.rules = body;
      return '';
    case 'room-full': return '';
    case 'room-ended':
      state.over = true;
      return '';
    default: return negotiate(state, who, message, seen);
  }
}

/** @param {State} state @param {string} id */
function person(state, id) {
  const known = state.people.get(id);
  if (known) return known;
  /** @type {Person} */
  const one = {id, name: '', state: 'unknown', reason: '', since: 0};
  state.people.set(id, one);
  return one;
}

/** @param {State} state @param {Person} who @param {Entry} message */
function leave(state, who, {from, body, seq}) {
  const reason = typeof body?.reason === 'string' ? body.reason : '';
  state.people.set(from, {...who, state: 'left', reason, since: seq});
  // Out of reach of the server is not out of reach of the others.
  if (reason === 'lease') return '';
  for (const [key, pair] of state.pairs) {
    if (pair.ids.includes(from)) state.pairs.set(key, close(pair));
  }
  return '';
}

/** @param {State} state @param {Person} who @param {Entry} message
 * @param {(deed: Deed) => void} seen */
function negotiate(state, who, message, seen) {
  const {from, to, type} = message;
  // The log may begin in the middle; who speaks is there.
  if (who.state === 'unknown') {
    state.people.set(from, {...who, state: 'present'});
  }
  const absent = to !== undefined && state.people.get(to)?.state !== 'present';
  if (!['description', 'candidate', 'bye'].includes(type)) {
    return absent ? 'absent' : '';
  }
  const readers = to === undefined ? others(state, from) : [to];
  let remark = absent ? 'absent' : readers.length ? '' : 'nobody';
  for (const reader of readers) {
    if (reader === from) continue;
    const key = keyOf(from, reader);
    const pair = state.pairs.get(key) ?? pairOf(from, reader);
    const next = type === 'description' ? describe(pair, reader, message)
      : type === 'candidate' ? candidate(pair, reader, message)
        : hangUp(pair, reader, message);
    state.pairs.set(key, next.pair);
    seen({to: reader, before: pair, after: next.pair, remark: next.remark,
      absent});
    remark = next.remark || remark;
  }
  return remark;
}

/** @param {State} state @param {string} from @returns {string[]} who reads */
function others(state, from) {
  const ids = [];
  for (const {id, state: there} of state.people.values()) {
    if (there === 'present' && id !== from) ids.push(id);
    if (ids.length === READERS_MAX) break;
  }
  return ids;
}
