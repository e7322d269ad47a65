/**
 * What the rules look at: for each two peers what they said to each other, what
 * answered what, and which candidates belong to it. Made in one pass over the
 * messages, by the state that story.js keeps.
 */

import {candidateOf} from '../sdp.js';
import {blank, take} from '../story.js';
import {briefOf} from './brief.js';
import {lastOf} from './fate.js';

/** @typedef {import('../recording.js').Entry} Entry */
/** @typedef {import('../story.js').Deed} Deed */
/** @typedef {import('./brief.js').Line} Line */

/**
 * @typedef {object} Tally the candidates of one generation
 * @property {number} count
 * @property {Record<string, number>} kinds
 */

/**
 * @typedef {object} Said a description
 * @property {number} seq
 * @property {number} at ms, by a clock that never goes back
 * @property {number} index in its link
 * @property {string} from
 * @property {string} to
 * @property {string} kind of RTCSdpType, or 'odd'
 * @property {string} connection a word for it, '' unknown
 * @property {string} ufrag
 * @property {number} size bytes of its body
 * @property {Line[]} lines
 * @property {string} remark see REMARKS
 * @property {boolean} absent whom it is for was not in the room
 * @property {Said | null} met an offer that this one met
 * @property {boolean} wasMet by another offer
 * @property {Said | null} takes the offer that it was applied to
 * @property {Said | null} answer the one that settled this offer
 * @property {Said | null} before the same connection's one before
 * @property {boolean} restart an offer with another ufrag than `before`
 * @property {boolean} renewal an offer of another connection than before
 * @property {boolean} past of a connection that another had replaced
 * @property {Tally} tally
 * @property {{seq: number, time: number} | null} slow a candidate
 */

/** @typedef {{seq: number, from: string}} Mark */
/** @typedef {{seq: number, at: number, from: string, why: string}} End */

/**
 * @typedef {object} Link two peers
 * @property {string[]} ids in their order
 * @property {Said[]} said
 * @property {Record<string, Said[]>} by the same, of each
 * @property {number} settled index of the newest offer with an answer, or -1
 * @property {Mark[]} early candidates
 * @property {Mark[]} odd candidates
 * @property {Mark[]} past candidates
 * @property {End[]} ends byes, and who left
 */

/**
 * @typedef {object} Facts
 * @property {Map<string, Link>} links
 * @property {Map<string, string>} names by id
 * @property {Map<string, number[]>} joins seqs by id
 * @property {End[]} left
 * @property {Mark[]} alone offers that nobody reads
 * @property {{seq: number, from: string, to: string | undefined,
 *   code: string, re: number}[]} told
 * @property {{seq: number, from: string, type: string}[]} refused
 * @property {{seq: number, other: number, time: number}[]} jumps
 */

/** Connections of a peer that are remembered. */
const PAST_MAX = 32;
/** Smaller steps back are those of several processes. */
const JUMP_MS = 1000;
export const SLOW_MS = 10_000;
/** Later ones are of another network. */
const LATE_MS = 600_000;

/**
 * @param {Entry[]} messages
 * @param {(index: number) => number} sizeOf bytes of a body
 * @returns {Facts}
 */
export function factsOf(messages, sizeOf) {
  /** @type {Facts} */
  const facts = {links: new Map(), names: new Map(), joins: new Map(), left: [],
    alone: [], told: [], refused: [], jumps: []};
  const state = blank();
  let clock = -Infinity;
  messages.forEach((message, index) => {
    const {seq, at, from, to, type, body} = message;
    const last = messages[index - 1];
    if (last && last.at - at > JUMP_MS) {
      facts.jumps.push({seq, other: last.seq, time: last.at - at});
    }
    clock = Math.max(clock, at);
    let readers = 0;
    const remark = take(state, message, (deed) => {
      readers++;
      const link = linkOf(facts, deed.after);
      if (type === 'description') {
        describe(link, message, deed, clock, sizeOf(index));
      } else if (type === 'candidate') {
        candidate(facts, link, message, deed, clock);
      } else link.ends.push({seq, at: clock, from, why: 'bye'});
    });
    if (type === 'joined' || type === 'left') {
      presence(facts, message, clock);
    } else if (type === 'error') {
      facts.told.push({seq, from, to,
        code: typeof body?.code === 'string' ? body.code : '',
        re: Number.isSafeInteger(body?.re) ? body.re : 0});
    } else if (type === 'room-full') {
      facts.refused.push({seq, from, type});
    } else if (type === 'description' && body?.type === 'offer' && !readers &&
      to === undefined && remark === 'nobody') {
      facts.alone.push({seq, from});
    }
  });
  return facts;
}

/** @param {Facts} facts @param {import('../pair.js').Pair} pair */
function linkOf(facts, {ids}) {
  const key = JSON.stringify(ids);
  const known = facts.links.get(key);
  if (known) return known;
  /** @type {Link} */
  const link = {ids, said: [], settled: -1,
    by: Object.assign(Object.create(null), {[ids[0]]: [], [ids[1]]: []}),
    early: [], odd: [], past: [], ends: []};
  facts.links.set(key, link);
  return link;
}

/** @param {Facts} facts @param {Entry} message @param {number} clock */
function presence(facts, {seq, from, type, body}, clock) {
  if (type === 'joined') {
    const seqs = facts.joins.get(from);
    if (seqs) seqs.push(seq);
    else facts.joins.set(from, [seq]);
    if (typeof body?.name === 'string') facts.names.set(from, body.name);
    return;
  }
  const end = {seq, at: clock, from, why: body?.reason === 'lease' ? 'lease'
    : 'leave'};
  facts.left.push(end);
  for (const link of facts.links.values()) {
    if (link.ids.includes(from)) link.ends.push(end);
  }
}

/**
 * @param {Link} link
 * @param {Entry} message
 * @param {Deed} deed
 * @param {number} at
 * @param {number} size
 */
function describe(link, {seq, from, body}, {to, before, after, remark, absent},
  at, size) {
  const {kind, connection, ufrag, lines, kinds, count} = briefOf(body);
  const mine = link.by[from];
  const last = mine.at(-1) ?? null;
  const same = last && last.connection === connection ? last : null;
  const find = (/** @type {number} */ wanted) =>
    lastOf(link.said, (one) => one.seq === wanted) ?? null;
  const answers = kind === 'answer' || kind === 'pranswer';
  const taken = answers && remark !== 'stale' &&
    after.sides[to].theirs === seq;
  const offer = kind === 'offer';
  /** @type {Said} */
  const said = {seq, at, index: link.said.length, from, to, kind, connection,
    ufrag, size, lines, remark, absent, answer: null, slow: null, before: same,
    met: remark === 'glare' ? find(before.sides[to].offered) : null,
    takes: taken ? find(after.sides[to].local) : null,
    wasMet: false, restart: offer && same !== null && same.ufrag !== ufrag,
    renewal: offer && last !== null && same === null,
    past: same === null && connection !== '' &&
      mine.slice(-PAST_MAX).some((one) => one.connection === connection),
    tally: same && same.ufrag === ufrag ? same.tally
      : {count: 0, kinds: {}}};
  for (const [name, more] of Object.entries(kinds)) {
    said.tally.kinds[name] = (said.tally.kinds[name] ?? 0) + more;
  }
  said.tally.count += count;
  if (said.met) said.met.wasMet = true;
  if (said.takes && remark !== 'late') {
    said.takes.answer = said;
    link.settled = Math.max(link.settled, said.takes.index);
  }
  link.said.push(said);
  mine.push(said);
}

/**
 * @param {Facts} facts
 * @param {Link} link
 * @param {Entry} message
 * @param {Deed} deed
 * @param {number} at
 */
function candidate(facts, link, {seq, from, body}, {before, remark, absent},
  at) {
  if (typeof body?.candidate !== 'string' || !body.candidate) return;
  if (remark === 'odd') link.odd.push({seq, from});
  if (remark === 'past') link.past.push({seq, from});
  // Of a log that begins in the middle nobody knows what came before.
  if (remark === 'early' && !absent && facts.joins.has(from) &&
    before.sides[from].signaling !== 'closed') link.early.push({seq, from});
  const newest = link.by[from].at(-1);
  if (!newest || remark) return;
  const kind = candidateOf(body.candidate)?.kind ?? 'other';
  newest.tally.count++;
  newest.tally.kinds[kind] = (newest.tally.kinds[kind] ?? 0) + 1;
  const time = at - newest.at;
  if (time >= SLOW_MS && time < LATE_MS && !newest.slow) {
    newest.slow = {seq, time};
  }
}
