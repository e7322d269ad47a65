/**
 * The line to the server: joins, resumes, keeps one poll open, and decides
 * after each failure whether to wait, to join again, or to end.
 *
 *   entering -> listening <-> waiting
 *   any -> resting (the page is in the back/forward cache) -> listening
 *   any -> ended
 */

import {LetterboxError} from './error.js';
import {backoff, sleep} from './pause.js';

/** @typedef {import('./wire.js').Mail} Mail */
/** @typedef {import('./wire.js').Entry} Entry */

/**
 * @typedef {object} Wishes what a join may ask for; a page that reloads is the
 *   peer it was, and of these only the lease counts again
 * @property {string} [name] shown to the others
 * @property {any} [info] any JSON value, given to the others as it is
 * @property {string} [peer] the id we would like
 * @property {string} [secret] of the room
 * @property {string} [ticket] an application's permission to join
 * @property {string[]} [history] types whose last messages we want to see
 * @property {{to?: string, type: string, body: any}[]} [messages] posted with
 *   the join itself
 * @property {number} [lease] seconds
 */

/**
 * @typedef {object} Ear
 * @property {(entry: Mail & Entry) => void} entered
 * @property {(mail: Mail) => void} mail
 * @property {(state: 'open' | 'waiting') => void} state
 * @property {(error: unknown) => void} ended
 */

/** How much later than promised a reply may be before it is missed, in ms. */
const LATE = 3000;

/** Between polls of a server that neither holds them nor names a pause. */
const IDLE = 1000;

/** Why a request was cut: not a failure, it shall begin anew. */
const AGAIN = new DOMException('again', 'AbortError');

export class Line {
  #wire;
  #identity;
  #wishes;
  #ear;
  /** Ends every request. */
  #life = new AbortController();
  /** Cuts the requests under way, which then begin anew. */
  #cut = new AbortController();
  /** Pending while the page rests. */
  #awake = Promise.resolve();
  #wake = () => {};
  #cursor = '';
  /** Seconds a poll is held. */
  #hold = 0;
  /** When the poll under way must be answered, by the clock on the wall. */
  #due = Infinity;
  /** The server forgot us: what is there is not what we knew. */
  #lost = false;
  /** @type {Promise<void> | null} */
  #entering = null;

  /**
   * @param {import('./wire.js').Wire} wire
   * @param {import('./identity.js').Identity} identity
   * @param {Wishes} wishes
   * @param {Ear} ear
   */
  constructor(wire, identity, wishes, ear) {
    this.#wire = wire;
    this.#identity = identity;
    this.#wishes = wishes;
    this.#ear = ear;
    const {signal} = this.#life;
    const on = globalThis.addEventListener?.bind(globalThis) ?? (() => {});
    // The old connection may hang for long after the network has changed.
    on('online', () => this.#again(), {signal});
    // So it may after the computer has slept, when timers have slept too.
    on('visibilitychange', () => {
      if (Date.now() > this.#due) this.#again();
    }, {signal});
    on('pagehide', () => this.#rest(), {signal});
    on('pageshow', (event) => {
      if (event.persisted) void this.#rise();
    }, {signal});
  }

  get token() {
    return this.#identity.kept.token ?? '';
  }

  /**
   * Joins, then listens until the end.
   * @param {number} patience milliseconds
   */
  async open(patience) {
    await this.#enter(performance.now() + patience);
    void this.#listen();
  }

  /**
   * @param {number} n
   * @param {string[]} texts
   */
  async post(n, texts) {
    await this.#awake;
    return this.#wire.post(this.token, n, texts, this.#signal());
  }

  /**
   * Waits until another attempt makes sense; ends the line and throws when
   * there is none.
   * @param {any} error
   * @param {number} failures so far in a row
   */
  async mend(error, failures) {
    this.#life.signal.throwIfAborted();
    if (error === AGAIN) return;
    const forgotten = error?.code === 'not-a-member';
    if (!error?.retryable && !forgotten) {
      this.end(error);
      throw error;
    }
    this.#ear.state('waiting');
    if (failures || !forgotten) {
      await backoff(failures, error.wait, this.#life.signal);
    }
    if (forgotten) await this.#enterAgain();
  }

  /** @param {unknown} error null when it was our wish */
  end(error) {
    if (this.#life.signal.aborted) return;
    this.#life.abort(error ??
      new LetterboxError('left', 'This page has left the room.'));
    this.#ear.ended(error);
  }

  get ended() {
    return this.#life.signal.aborted;
  }

  async #listen() {
    for (let failures = 0; !this.ended;) {
      try {
        await this.#awake;
        // After a failure ask without waiting, to know that all is well.
        const wait = failures ? 0 : this.#hold;
        const place = {after: this.#cursor, wait};
        this.#due = Date.now() + wait * 1000 + LATE;
        const mail = await this.#wire.poll(this.token, place, this.#signal());
        failures = 0;
        this.#heard(mail);
        // Who came and went may be among what was dropped.
        if (mail.gap || mail.reset) await this.#enterAgain();
        const pause = mail.poll.pause || (this.#hold ? 0 : IDLE);
        if (pause > 0) await sleep(pause, this.#life.signal);
      } catch (error) {
        await this.mend(error, failures++).catch(() => {});
      }
    }
  }

  /** Both the poll and a post may find that they are forgotten: join once. */
  #enterAgain() {
    this.#entering ??= this.#enter(Infinity)
      .catch((error) => {
        this.end(error);
        throw error;
      })
      .finally(() => { this.#entering = null; });
    return this.#entering;
  }

  /** @param {number} until on the clock of performance.now() */
  async #enter(until) {
    const {signal} = this.#life;
    for (let failures = 0; ; failures++) {
      try {
        await this.#awake;
        const entry = await this.#wire.join(this.#request(), signal);
        return this.#entered(entry);
      } catch (error) {
        signal.throwIfAborted();
        const {code, retryable, wait} = /** @type {LetterboxError} */ (error);
        const {kept} = this.#identity;
        if (code === 'not-a-member' && kept.token) {
          kept.token = undefined;
          this.#lost = true;
        } else if (code === 'peer-taken' && this.#lost && kept.peer) {
          kept.peer = undefined;
        } else if (retryable && performance.now() < until) {
          await backoff(failures, wait, signal);
        } else {
          throw error;
        }
      }
    }
  }

  /** By the token where we have one; else by the key, which repeats safely. */
  #request() {
    const {key, token, peer, cursor} = this.#identity.kept;
    const {messages, peer: wish, ...rest} = this.#wishes;
    if (token) {
      // With a token the peer is as it was; only these may be said again.
      return {token, after: this.#cursor || cursor, lease: rest.lease};
    }
    if (this.#lost) return {...rest, key, peer};
    return {...rest, key, peer: wish, messages};
  }

  /** @param {Mail & Entry} entry */
  #entered(entry) {
    const {kept} = this.#identity;
    kept.token = entry.token;
    kept.peer = entry.peer;
    this.#identity.save();
    if (this.#lost) entry.reset = true;
    this.#lost = false;
    this.#ear.entered(entry);
    this.#heard(entry);
  }

  /** @param {Mail} mail */
  #heard(mail) {
    this.#cursor = mail.cursor;
    this.#hold = mail.poll.wait;
    this.#ear.mail(mail);
    this.#ear.state('open');
  }

  #signal() {
    return AbortSignal.any([this.#life.signal, this.#cut.signal]);
  }

  #again() {
    const old = this.#cut;
    this.#cut = new AbortController();
    old.abort(AGAIN);
  }

  /** The page goes. Whether it reloads, closes or comes back is not known. */
  #rest() {
    this.#awake = new Promise((resolve) => { this.#wake = () => resolve(); });
    if (this.token) this.#wire.beacon('away', this.token);
    this.#again();
    this.#identity.rest();
  }

  async #rise() {
    if (await this.#identity.wake()) this.#wake();
    else {
      this.end(new LetterboxError('superseded',
        'Another page of this browser has taken this place in the room.'));
    }
  }
}
