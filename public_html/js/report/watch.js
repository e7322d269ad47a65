/**
 * What a browser sees of a call while it lasts: which states there were and
 * when, and every few seconds how much flows. Bounded, however long that is.
 */

import {seen} from './stats.js';

/** @typedef {import('../peer.js').Peer} Peer */
/** @typedef {import('../room.js').Room} Room */
/** @typedef {import('../call.js').Call} Call */

/**
 * @typedef {object} Noted something that happened
 * @property {number} at ms of Unix time
 * @property {string} what kind of it
 * @property {string} to what it is now
 * @property {string} [who] a peer's id; absent: this page
 */

/**
 * @typedef {object} Sample how much there was by then
 * @property {number} at ms of Unix time
 * @property {number} [rtt] ms
 * @property {number} [sent] bytes
 * @property {number} [received] bytes
 * @property {number} [lost] packets that did not come
 * @property {number} [frames] decoded
 */

/**
 * @typedef {object} Other another peer, as this page saw it
 * @property {string} peer
 * @property {number} at ms of Unix time: when it came
 * @property {string} state
 * @property {import('./stats.js').Seen | null} seen the last time
 * @property {Sample[]} samples
 */

/** Notes of the beginning and of the end that are kept. */
const FIRST = 100;
const LAST = 200;
const OTHERS_MAX = 12;
const SAMPLES_MAX = 30;
/** Between two samples, ms; twice as long whenever there are too many. */
const PACE = 5000;
/** What a script calls its errors may be anything. */
const WORD = /^[A-Za-z][A-Za-z0-9 -]{0,47}$/;

export class Watch {
  /** When it began. */
  from = Date.now();
  self = '';
  /** @type {Noted[]} */
  notes = [];
  /** Notes that were dropped behind the first ones. */
  dropped = 0;
  /** @type {Map<Peer, Other & {wait: number}>} */
  #others = new Map();
  /** Of the page before this one. @type {Other[]} */
  #before = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @returns {Other[]} */
  get others() {
    return [...this.#before, ...this.#others.values()]
      .map(({at, peer, state, seen, samples}) =>
        ({peer, at, state, seen, samples})).slice(-OTHERS_MAX);
  }

  /** For resume() of the page that comes after this one; JSON. */
  get past() {
    const {from, notes, dropped, others} = this;
    return {from, notes, dropped, others};
  }

  /**
   * Goes on where another page ended: who has a problem loads it anew.
   * @param {{from: number, notes: Noted[], dropped: number, others: Other[]}}
   *   past
   */
  resume({from, notes, dropped, others}) {
    this.from = from;
    this.dropped += dropped;
    this.#before = others;
    const since = this.notes;
    this.notes = [...notes];
    this.note('page', 'reloaded');
    for (const note of since) this.#add(note);
  }

  /**
   * @param {string} what
   * @param {string} to a word, or two
   * @param {string} [who]
   */
  note(what, to, who) {
    this.#add({at: Date.now(), what, to: WORD.test(to) ? to : 'other', who});
  }

  /** @param {Noted} note */
  #add(note) {
    this.notes.push(note);
    if (this.notes.length <= FIRST + LAST) return;
    this.notes.splice(FIRST, 1);
    this.dropped++;
  }

  /** Only what it is called: its words may hold anything.
   * @param {string} what @param {any} error */
  failed(what, error) {
    const {code, name} = error ?? {};
    this.note(what, typeof code === 'string' ? code : String(name));
  }

  /** @param {Room} room */
  room(room) {
    this.self = room.peer;
    this.note('room', room.state);
    room.addEventListener('state', () => this.note('room', room.state));
    for (const loss of ['gap', 'reset']) {
      room.addEventListener(loss, () => this.note('room', loss));
    }
    room.addEventListener('closed', (/** @type {CustomEvent} */ {detail}) => {
      if (detail) this.failed('room', detail);
      this.end();
    });
  }

  /** @param {Call} call before it starts */
  call(call) {
    call.addEventListener('peer', (event) =>
      this.#came(/** @type {CustomEvent} */ (event).detail));
    call.addEventListener('gone', (event) => {
      const {peer, reason} = /** @type {CustomEvent} */ (event).detail;
      this.note('gone', reason, peer.id);
    });
    this.#timer = setInterval(() => void this.sample(false), PACE);
  }

  /** Nothing comes any more; what was seen stays. */
  end() {
    clearInterval(this.#timer);
  }

  /** @param {boolean} [all] those whose turn it is not, too */
  async sample(all = true) {
    await Promise.all([...this.#others].map(([peer, other]) => {
      if (!all && Date.now() - (other.samples.at(-1)?.at ?? 0) < other.wait) {
        return null;
      }
      return this.#look(peer, other);
    }));
  }

  /** @param {Peer} peer */
  #came(peer) {
    const other = {peer: peer.id, at: Date.now(), state: peer.state, seen: null,
      samples: [], wait: PACE / 2};
    this.#others.set(peer, other);
    if (this.#others.size > OTHERS_MAX) {
      this.#others.delete([...this.#others.keys()][0]);
    }
    this.note('came', peer.state, peer.id);
    peer.addEventListener('state', () => {
      other.state = peer.state;
      this.note('state', peer.state, peer.id);
    });
    peer.addEventListener('note', (event) => {
      const {what, to} = /** @type {CustomEvent} */ (event).detail;
      this.note(what, to, peer.id);
      // While it still is: what comes next may be its end.
      if (what === 'connection') void this.#look(peer, other);
    });
  }

  /** @param {Peer} peer @param {Other & {wait: number}} other */
  async #look(peer, other) {
    const report = await peer.stats().catch(() => null);
    // A connection that is closed meanwhile has nothing to say.
    if (!report?.size) return;
    other.seen = seen(report);
    if (!Object.keys(other.seen.pair).length) return;
    other.samples.push(sampleOf(other.seen));
    if (other.samples.length <= SAMPLES_MAX) return;
    other.samples = other.samples.filter((_, i) => i % 2 === 0);
    other.wait *= 2;
  }
}

/** @param {import('./stats.js').Seen} seen @returns {Sample} */
function sampleOf({pair, media}) {
  const sum = (/** @type {string} */ name) => media
    .filter(({type}) => type === 'inbound-rtp')
    .reduce((all, each) => all + (Number(each[name]) || 0), 0);
  const rtt = pair.currentRoundTripTime;
  return {
    at: Date.now(),
    rtt: rtt === undefined ? undefined : Math.round(Number(rtt) * 1000),
    sent: Number(pair.bytesSent) || 0,
    received: Number(pair.bytesReceived) || 0,
    lost: sum('packetsLost'),
    frames: sum('framesDecoded'),
  };
}
