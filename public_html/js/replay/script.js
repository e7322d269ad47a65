/**
 * One side of a recorded call as a list of what its RTCPeerConnection was asked
 * to do: its own descriptions are made anew, what the other side sent is taken
 * as it was. The rules are those of peer.js: mail for a connection that is gone
 * is dropped, a session that is new is a new connection, and when offers meet
 * the peer with the lower id gives way.
 */

/** @typedef {import('./recording.js').Entry} Entry */
/** @typedef {import('./story.js').Story} Story */

/**
 * @typedef {object} Act
 * @property {number} seq of the message
 * @property {'offer' | 'answer' | 'take' | 'candidate' | 'close' | 'leave'} act
 *   offer, answer: ours, made anew; take: a description of theirs; leave: a
 *   message that is dropped
 * @property {boolean} anew on a new connection
 * @property {any} body of the message
 * @property {string} why it is dropped, else ''
 */

/**
 * @param {Entry[]} messages
 * @param {Story} story of them
 * @param {string} self whose connection it is
 * @param {string} other
 * @returns {Act[]}
 */
export function scriptOf(messages, story, self, other) {
  const side = new Played(self > other);
  messages.forEach((message, index) => {
    const {from, to} = message;
    const ours = from === self && (to === other || to === undefined);
    const mail = from === other && (to === self || to === undefined);
    if (!ours && !mail) return;
    side.read(message, ours, story.remarks.get(index) ?? '');
  });
  return side.acts;
}

/** One side, as it is while its messages are read. */
class Played {
  /** @type {Act[]} */
  acts = [];
  /** When offers meet, ours stands. */
  #stands;
  /** Of the connection there is: its session, and theirs. */
  #own = '';
  #theirs = '';
  #used = false;
  #offering = false;
  /** Their offer met ours; its candidates fit to nothing. */
  #ignoring = false;

  /** @param {boolean} stands */
  constructor(stands) {
    this.#stands = stands;
  }

  /** @param {Entry} message @param {boolean} ours @param {string} remark */
  read({seq, type, body}, ours, remark) {
    if (type === 'bye' || type === 'left' && body?.reason !== 'lease') {
      if (remark !== 'stale' && this.#used) this.#put(seq, 'close', body);
      this.#own = this.#theirs = '';
      this.#used = this.#offering = this.#ignoring = false;
    } else if (type === 'candidate' && !ours) {
      const why = remark === 'stale' || remark === 'past' ? remark
        : this.#ignoring ? 'glare' : '';
      this.#put(seq, why ? 'leave' : 'candidate', body, false, why);
    } else if (type === 'description' && ours) {
      this.#describe(seq, body, remark);
    } else if (type === 'description') this.#take(seq, body, remark);
  }

  /** @param {number} seq @param {any} body @param {string} remark */
  #describe(seq, body, remark) {
    const session = sessionOf(body);
    const answers = body?.type === 'answer' || body?.type === 'pranswer';
    if (!answers && body?.type !== 'offer') return;
    if (!answers && remark === 'glare' && this.#cross(seq, body)) return;
    const anew = this.#used && this.#own !== '' && session !== this.#own;
    if (anew) this.#theirs = '';
    this.#own = session;
    this.#put(seq, answers ? 'answer' : 'offer', body, anew || !this.#used);
    this.#offering = !answers;
  }

  /** Our offer stands behind theirs in the log, but was made before theirs was
   * read. @param {number} seq @param {any} body */
  #cross(seq, body) {
    const at = this.acts.map(({act}) => act).lastIndexOf('take');
    const take = this.acts[at];
    if (take?.body?.type !== 'offer') return false;
    /** @type {Act} */
    const offer = {seq, act: 'offer', body, anew: true, why: ''};
    if (!this.#stands) {
      this.acts.splice(at, 1, offer, {...take, anew: true});
      return true;
    }
    const later = this.acts.splice(at).map((act) =>
      ({...act, act: /** @type {const} */ ('leave'), why: 'glare',
        anew: false}));
    this.acts.push(offer, ...later);
    this.#own = sessionOf(body);
    this.#offering = this.#ignoring = true;
    return true;
  }

  /** @param {number} seq @param {any} body @param {string} remark */
  #take(seq, body, remark) {
    const session = sessionOf(body);
    const offer = body?.type === 'offer';
    const met = offer && this.#offering;
    if (remark === 'stale' || met && this.#stands) {
      this.#ignoring ||= met;
      this.#put(seq, 'leave', body, false, met ? 'glare' : remark);
      return;
    }
    const anew = this.#used && offer && (met ||
      this.#theirs !== '' && session !== this.#theirs);
    if (anew) this.#own = '';
    this.#theirs = session;
    this.#ignoring = false;
    this.#put(seq, 'take', body, anew || !this.#used);
    this.#offering = this.#offering && !offer && body?.type !== 'answer';
  }

  /**
   * @param {number} seq @param {Act['act']} act @param {any} body
   * @param {boolean} [anew] @param {string} [why]
   */
  #put(seq, act, body, anew = false, why = '') {
    this.acts.push({seq, act, anew, body, why});
    this.#used ||= act !== 'leave';
  }
}

/** @param {any} body */
function sessionOf(body) {
  return typeof body?.session === 'string' ? body.session : '';
}

/**
 * Who can be played, and towards whom: those who sent or got a description.
 * @param {Entry[]} messages
 * @returns {[string, string][]}
 */
export function rolesOf(messages) {
  const seen = new Set();
  /** @type {[string, string][]} */
  const roles = [];
  for (const {type, from, to} of messages) {
    if (type !== 'description' || to === undefined || to === from) continue;
    for (const role of /** @type {[string, string][]} */ (
      [[to, from], [from, to]])) {
      const key = JSON.stringify(role);
      if (!seen.has(key)) roles.push(role);
      seen.add(key);
    }
  }
  return roles;
}
