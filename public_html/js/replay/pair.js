/**
 * What the log knows of two peers and the connection between them: a fold over
 * their descriptions, candidates and byes. It says what each side's
 * RTCPeerConnection must think (W3C WebRTC, section 4.4.2), as if everything
 * that is posted were read at once.
 *
 * Messages of peer.js name the `session` they are of and the one they are
 * `for`; with these a reload is a new connection and old mail is stale. An
 * application without sessions has one connection a side, and the plain rules
 * of offer and answer (RFC 9429, section 4.1) hold. When offers meet, the peer
 * with the lower id gives way.
 *
 * Nothing is changed in place: each step makes a new pair.
 */

import {candidateOf} from './sdp.js';

/** @typedef {import('./sdp.js').Kind} Kind */
/** @typedef {import('./recording.js').Entry} Entry */

/**
 * @typedef {'stable' | 'have-local-offer' | 'have-remote-offer' |
 *   'have-local-pranswer' | 'have-remote-pranswer' | 'closed'} Signaling
 */

/**
 * @typedef {object} Side one peer's end
 * @property {string} session of its connection, '' unknown
 * @property {string[]} past its sessions that are gone
 * @property {string} remote the session of theirs that it is bound to
 * @property {Signaling} signaling
 * @property {number} offered seq of its offer without an answer, else 0
 * @property {number} asked seq of their offer that it has not answered, else 0
 * @property {number} local seq of its current description, else 0
 * @property {number} theirs seq of their current description, else 0
 * @property {number} said seq of the newest description it posted
 * @property {string[]} ufrags of that one
 * @property {Record<string, number>} candidates by kind, of its generation
 * @property {boolean} ended it has no more of them
 */

/**
 * @typedef {object} Pair
 * @property {string[]} ids two, in their order
 * @property {Record<string, Side>} sides by id
 * @property {number} glares how often offers met
 */

/** @typedef {{pair: Pair, remark: string}} Step a remark is a key of REMARKS */

const PAST_MAX = 32;
/** Of a description; more of them is no call. */
const UFRAGS_MAX = 64;

/** @type {Side} */
const FRESH = Object.freeze({session: '', past: [], remote: '',
  signaling: 'stable', offered: 0, asked: 0, local: 0, theirs: 0, said: 0,
  ufrags: [], candidates: {}, ended: false});

/** @param {string} a @param {string} b @returns {Pair} */
export function pairOf(a, b) {
  return {ids: a < b ? [a, b] : [b, a],
    sides: Object.assign(Object.create(null), {[a]: FRESH, [b]: FRESH}),
    glares: 0};
}

/** @param {string} a @param {string} b */
export function keyOf(a, b) {
  return JSON.stringify(a < b ? [a, b] : [b, a]);
}

/** Another connection. @param {Side} side @param {string} session */
function anew(side, session) {
  const past = side.session
    ? [...side.past, side.session].slice(-PAST_MAX) : side.past;
  return {...FRESH, session, past};
}

/** Is a message for a session that is gone? @param {Side} side
 * @param {string} to */
function isStale(side, to) {
  return to !== '' && (side.session !== '' && side.session !== to ||
    side.past.includes(to));
}

/** @param {unknown} value @returns {string} */
function text(value) {
  return typeof value === 'string' ? value : '';
}

/**
 * @param {Pair} pair
 * @param {string} from
 * @param {string} to
 * @param {Side} mine
 * @param {Side} theirs
 * @param {string} remark
 * @param {number} [glares]
 * @returns {Step}
 */
function step(pair, from, to, mine, theirs, remark, glares = pair.glares) {
  const sides = Object.assign(Object.create(null), {[from]: mine, [to]: theirs});
  return {pair: {ids: pair.ids, sides, glares}, remark};
}

/**
 * @param {Pair} pair
 * @param {string} to
 * @param {Entry} message of type `description`
 * @returns {Step}
 */
export function describe(pair, to, {from, seq, body}) {
  const {type, sdp, re} = body ?? {};
  let mine = pair.sides[from];
  const theirs = pair.sides[to];
  const session = text(body?.session);
  if (mine.signaling === 'closed' || session && session !== mine.session) {
    // Who answers with a connection that is new was asked all the same.
    const asked = mine.asked || theirs.offered;
    mine = {...anew(mine, session), asked: type === 'offer' ? 0 : asked};
  }
  mine = {...mine, ...generation(mine, text(sdp)), said: seq};
  const stale = isStale(theirs, text(body?.for));
  if (type === 'offer') {
    return offer(pair, from, to, {...mine, remote: text(body?.for) ||
      mine.remote}, theirs, seq, stale);
  }
  if (type === 'answer' || type === 'pranswer') {
    return answer(pair, from, to, mine, theirs, {seq, re, stale,
      final: type === 'answer'});
  }
  if (type === 'rollback') {
    return step(pair, from, to,
      {...mine, signaling: 'stable', offered: 0, asked: 0},
      {...theirs, signaling: 'stable', offered: 0, asked: 0}, '');
  }
  return step(pair, from, to, mine, theirs, 'odd');
}

/**
 * Another ufrag is another generation of candidates (RFC 8839, section 4.4).
 * @param {Side} side
 * @param {string} sdp
 */
function generation(side, sdp) {
  const ufrags = [...new Set([...sdp.matchAll(/^a=ice-ufrag:(\S+)/gm)]
    .map(([, ufrag]) => ufrag))].slice(0, UFRAGS_MAX);
  if (ufrags.length && ufrags.every((each) => side.ufrags.includes(each))) {
    return {ufrags};
  }
  /** @type {Record<string, number>} */
  const candidates = {};
  for (const [line] of sdp.matchAll(/^a=candidate:.*$/gm)) {
    const kind = candidateOf(line)?.kind ?? 'other';
    candidates[kind] = (candidates[kind] ?? 0) + 1;
  }
  return {ufrags, candidates, ended: /^a=end-of-candidates/m.test(sdp)};
}

/**
 * @param {Pair} pair @param {string} from @param {string} to
 * @param {Side} mine @param {Side} theirs
 * @param {number} seq @param {boolean} stale
 * @returns {Step}
 */
function offer(pair, from, to, mine, theirs, seq, stale) {
  const offering = {...mine, signaling: /** @type {Signaling} */ (
    'have-local-offer'), offered: seq, asked: 0};
  if (stale) return step(pair, from, to, offering, theirs, 'stale');
  // A page that came anew finds the other side bound to what is gone.
  const touched = theirs.local || theirs.theirs || theirs.asked;
  const other = theirs.signaling === 'closed' ||
    touched && theirs.remote !== mine.session && mine.session
    ? anew(theirs, '') : theirs;
  const asked = {...other, signaling: /** @type {Signaling} */ (
    'have-remote-offer'), offered: 0, asked: seq, remote: mine.session};
  if (other.signaling !== 'have-local-offer') {
    return step(pair, from, to, offering, asked, '');
  }
  // Whoever has the lower id gives way. Others may do it in another way, so
  // that each offer is kept until one of them is answered.
  const glares = pair.glares + 1;
  const [one, two] = [{...offering, asked: other.offered},
    {...asked, offered: other.offered}];
  return to < from ? step(pair, from, to, one, two, 'glare', glares)
    : step(pair, from, to, {...one, signaling: 'have-remote-offer'},
      {...two, signaling: other.signaling, remote: other.remote}, 'glare',
      glares);
}

/**
 * @param {Pair} pair @param {string} from @param {string} to
 * @param {Side} mine @param {Side} theirs
 * @param {{seq: number, re: any, stale: boolean, final: boolean}} how
 * @returns {Step}
 */
function answer(pair, from, to, mine, theirs, {seq, re, stale, final}) {
  const unasked = !mine.asked;
  const done = {...mine, remote: theirs.session, local: seq,
    theirs: mine.asked || mine.theirs, offered: 0,
    asked: final ? 0 : mine.asked, signaling: /** @type {Signaling} */ (
      final ? 'stable' : 'have-local-pranswer')};
  if (stale) return step(pair, from, to, done, theirs, 'stale');
  if (!theirs.offered) {
    return step(pair, from, to, done, theirs, 'unasked');
  }
  const late = Number.isSafeInteger(re) && re !== theirs.offered;
  const taken = {...theirs, remote: mine.session, local: theirs.offered,
    theirs: seq, asked: 0, offered: final ? 0 : theirs.offered,
    signaling: /** @type {Signaling} */ (
      final ? 'stable' : 'have-remote-pranswer')};
  return step(pair, from, to, done, taken,
    late ? 'late' : unasked ? 'unasked' : '');
}

/**
 * @param {Pair} pair
 * @param {string} to
 * @param {Entry} message of type `candidate`
 * @returns {Step}
 */
export function candidate(pair, to, {from, body}) {
  const mine = pair.sides[from];
  const theirs = pair.sides[to];
  const [session, meant, usernameFragment, line] = [text(body?.session),
    text(body?.for), text(body?.usernameFragment), text(body?.candidate)];
  const found = candidateOf(line);
  const remark = isStale(theirs, meant) ? 'stale'
    : session && mine.past.includes(session) ? 'past'
      : !mine.said || session && session !== mine.session ? 'early'
        : !line ? ''
          : !found ? 'odd'
            : usernameFragment && mine.ufrags.length &&
              !mine.ufrags.includes(usernameFragment) ? 'stray' : '';
  if (remark === 'past' || remark === 'odd') {
    return step(pair, from, to, mine, theirs, remark);
  }
  if (!found) {
    return step(pair, from, to, {...mine, ended: true}, theirs, remark);
  }
  const count = (mine.candidates[found.kind] ?? 0) + 1;
  return step(pair, from, to, {...mine,
    candidates: {...mine.candidates, [found.kind]: count}}, theirs, remark);
}

/**
 * @param {Pair} pair
 * @param {string} to
 * @param {Entry} message of type `bye`
 * @returns {Step}
 */
export function hangUp(pair, to, {body}) {
  return isStale(pair.sides[to], text(body?.for)) ? {pair, remark: 'stale'}
    : {pair: close(pair), remark: ''};
}

/**
 * Hung up, or gone.
 * @param {Pair} pair
 * @returns {Pair}
 */
export function close(pair) {
  const [a, b] = pair.ids;
  const closed = (/** @type {Side} */ side) => ({...anew(side, ''),
    signaling: /** @type {Signaling} */ ('closed')});
  return step(pair, a, b, closed(pair.sides[a]), closed(pair.sides[b]), '').pair;
}
