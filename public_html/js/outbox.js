/**
 * Messages on their way: what is posted in one tick travels together, one
 * request at a time, numbered, repeated until it is answered.
 *
 * The server keeps the last number with a digest of what came under it. A
 * request whose reply was lost is therefore sent again as it was: the answer
 * is the same, and the message is there once. This is also why a batch, once
 * numbered, never changes, not even over a reload.
 */

import {LetterboxError} from './error.js';

/** Room for `{"n":...,"messages":[]}` around the messages. */
const ENVELOPE = 64;

/**
 * @typedef {object} Unanswered what a reload must not lose
 * @property {number} n last number answered
 * @property {string[]} sent under `n` + 1, perhaps stored, perhaps not
 * @property {string[]} queue not sent yet
 */

/**
 * @typedef {object} Pending
 * @property {string} text the message as JSON
 * @property {(seq: number) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/**
 * @typedef {object} Carrier
 * @property {(n: number, texts: string[]) => Promise<{seqs: number[]}>} send
 * @property {(error: unknown, failures: number) => Promise<void>} mend waits
 *   until another attempt makes sense, or throws when there is none
 * @property {(posts: Unanswered) => void} save
 * @property {() => void} renumbered the server knows less than it told us
 */

const bytes = new TextEncoder();

export class Outbox {
  /** @type {Pending[]} */
  #queue;
  /** @type {Pending[]} */
  #batch;
  /** @type {Carrier} */
  #carrier;
  #n = 0;
  /** An earlier attempt of the batch may have reached the server. */
  #tried;
  #opened = false;
  #running = false;
  /** How many of the queue travel alone, after a batch was refused. */
  #alone = 0;
  /** @type {unknown} */
  #closed = null;
  /** @type {(() => void)[]} */
  #waiting = [];
  limits = {body: 98_304, message: 65_536, messages: 32};

  /**
   * @param {Carrier} carrier
   * @param {Unanswered} [left] by the page before a reload
   */
  constructor(carrier, left = {n: 0, sent: [], queue: []}) {
    this.#carrier = carrier;
    this.#n = left.n;
    this.#batch = left.sent.map(orphan);
    this.#tried = left.sent.length > 0;
    this.#queue = left.queue.map(orphan);
  }

  /**
   * Begins to send; until then everything waits, since who sent under numbers
   * of its own would use them twice.
   * @param {number} n the last number the server knows of us
   */
  open(n) {
    this.#opened = true;
    if (!this.#batch.length) this.#n = n;
    this.#run();
  }

  /**
   * @param {string} text
   * @returns {Promise<number>} the message's seq, once it is durable
   */
  add(text) {
    if (this.#closed) return Promise.reject(this.#closed);
    const size = bytes.encode(text).length;
    const most = Math.min(this.limits.message, this.limits.body - ENVELOPE);
    if (size > most) {
      return Promise.reject(new LetterboxError('too-large',
        `A message has at most ${most} bytes; this one has ${size}.`));
    }
    const done = new Promise((resolve, reject) => {
      this.#queue.push({text, resolve, reject});
    });
    this.#save();
    queueMicrotask(() => this.#run());
    return done;
  }

  /** @returns {Promise<void>} when nothing is on its way any more */
  idle() {
    if (!this.#batch.length && !this.#queue.length) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** @param {unknown} error for all who wait */
  close(error) {
    this.#closed = error;
    for (const {reject} of this.#batch.concat(this.#queue)) reject(error);
    this.#batch = [];
    this.#queue = [];
    this.#rest();
  }

  async #run() {
    if (this.#running || !this.#opened) return;
    this.#running = true;
    for (let failures = 0; this.#pack();) {
      try {
        const batch = this.#batch;
        const n = this.#n + 1;
        const texts = batch.map(({text}) => text);
        const {seqs} = await this.#carrier.send(n, texts);
        if (this.#closed) break;
        failures = 0;
        this.#n = n;
        this.#batch = [];
        this.#save();
        batch.forEach(({resolve}, i) => resolve(seqs[i]));
      } catch (error) {
        if (this.#closed) break;
        await this.#failed(error, failures++);
      }
    }
    this.#running = false;
    if (!this.#closed) this.#rest();
  }

  /** Makes the next batch; false when there is nothing to send. */
  #pack() {
    if (this.#closed) return false;
    if (this.#batch.length) return true;
    const {messages, body} = this.limits;
    const most = this.#alone ? 1 : messages;
    let room = body - ENVELOPE;
    let count = 0;
    for (const {text} of this.#queue.slice(0, most)) {
      room -= bytes.encode(text).length + 1;
      if (room < 0 && count) break;
      count++;
    }
    this.#batch = this.#queue.splice(0, count);
    if (this.#alone) this.#alone--;
    this.#tried = false;
    if (count) this.#save();
    return count > 0;
  }

  /**
   * @param {unknown} error
   * @param {number} failures
   */
  async #failed(error, failures) {
    const {code, expected, retryable, status} = /** @type {any} */ (error);
    if (expected && !(code === 'n-old' && this.#tried)) {
      // A restored backup: what we have in hand is not in it.
      this.#n = expected - 1;
      this.#save();
      this.#carrier.renumbered();
      return;
    }
    // A full mailbox may stay full for long and must not stop other mail.
    const final = !retryable && status >= 400 && status !== 401 &&
      status !== 403;
    if (code === 'mailbox-full' || final) return this.#refuse(error, expected);
    this.#tried = true;
    try {
      await this.#carrier.mend(error, failures);
    } catch (end) {
      this.close(end);
    }
  }

  /**
   * All or none: one bad message refuses its whole batch. Nothing was stored,
   * so the same number serves again, for each message by itself. Only of a
   * number gone by nobody can tell what came under it.
   * @param {unknown} error
   * @param {number} [expected]
   */
  #refuse(error, expected) {
    const batch = this.#batch;
    this.#batch = [];
    if (expected) this.#n = expected - 1;
    if (expected || batch.length === 1) {
      for (const {reject} of batch) reject(error);
    } else {
      this.#queue.unshift(...batch);
      this.#alone = batch.length;
    }
    this.#save();
  }

  #save() {
    this.#carrier.save({
      n: this.#n,
      sent: this.#batch.map(({text}) => text),
      queue: this.#queue.map(({text}) => text),
    });
  }

  #rest() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/**
 * A message whose page is gone: sent all the same, but nobody waits for it.
 * @param {string} text
 * @returns {Pending}
 */
function orphan(text) {
  return {text, resolve() {}, reject() {}};
}
