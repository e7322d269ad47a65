/**
 * Polls, one after the other. As a stream of server-sent events where these
 * come through as they are written: a message then costs no request, and those
 * that come in a burst no round trip each. Else as long polls, which always
 * work.
 *
 * Nothing tells beforehand whether a web server or a proxy keeps a stream
 * until it ends. So the first one shows it: the server begins each with a
 * comment. One that does not begin soon is given up, and a poll asks for the
 * same again; nothing is lost, since only what was handed out moves the
 * cursor. It may have been the network: only when the second one, after a
 * poll that had nothing to say, is as late are there no streams any more.
 */

import {LetterboxError} from './error.js';
import {Hold} from './hold.js';

/** @typedef {import('./forms.js').Mail} Mail */
/** @typedef {import('./forms.js').Pace} Pace */

/** How late a stream may begin, in ms: the first, with mail perhaps on its
 * way, and at most. */
const SOON = 500;
const LATEST = 2000;

/** Messages in one stream: only the next poll acknowledges them, and a mailbox
 * that is not emptied is full some day. */
const MOST = 64;

/** How much later than promised a reply may be before it is missed, in ms. */
const LATE = 3000;

/** Why a stream was given up. */
const SLOW = new DOMException('slow', 'AbortError');

export class Polls {
  #wire;
  #host;
  #hold;
  #streams;
  /** The last poll had nothing to say until its end. */
  #quiet = false;
  /** When the one under way must have ended, by the clock on the wall. */
  due = Infinity;

  /**
   * @param {import('./wire.js').Wire} wire
   * @param {boolean} streams may be tried
   */
  constructor(wire, streams) {
    this.#wire = wire;
    this.#host = wire.host;
    this.#hold = new Hold(wire.host);
    this.#streams = streams;
  }

  /**
   * Asks once. Yields mail as it comes; who does not read on ends it.
   * @param {string} token
   * @param {string} after cursor
   * @param {Pace} pace
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<Mail, void, void>}
   */
  async *ask(token, after, pace, signal) {
    const place = {after, wait: this.#hold.of(pace.wait)};
    this.due = Date.now() + place.wait * 1000 + LATE;
    if (!place.wait || pace.pause || !this.#mayStream()) {
      yield await this.#poll(token, place, signal);
      return;
    }
    const why = yield* this.#stream(token, place, signal);
    if (why === 'end') return;
    const begun = performance.now();
    yield await this.#poll(token, {...place, wait: 0}, signal);
    if (why === 'slow') this.#doubt(performance.now() - begun);
  }

  #mayStream() {
    return this.#streams && this.#host.streams &&
      (!this.#host.doubts || this.#quiet);
  }

  /** The longest that this stream may take to begin, in ms. */
  #patience() {
    const usual = Math.max(SOON, 4 * this.#wire.took);
    return this.#host.doubts ? LATEST : Math.min(LATEST, usual);
  }

  /** @param {number} took ms for the poll that came instead */
  #doubt(took) {
    if (!this.#host.doubts) this.#host.doubts = 1;
    // Else the network was slow, or the server: that says nothing.
    else if (took < LATEST) this.#host.unstream();
  }

  /**
   * @param {string} token
   * @param {{after: string, wait: number}} place
   * @param {AbortSignal} signal
   */
  async #poll(token, place, signal) {
    const begun = performance.now();
    try {
      const mail = await this.#wire.poll(token, place, signal);
      this.#hold.lived(performance.now() - begun);
      this.#quiet = place.wait > 0 && !mail.messages.length;
      return mail;
    } catch (error) {
      if (wasCut(error)) this.#hold.cut(performance.now() - begun);
      throw error;
    }
  }

  /**
   * @param {string} token
   * @param {{after: string, wait: number}} place moves with what was read
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<Mail, 'end' | 'slow' | 'loss', void>} why it is
   *   over; slow and loss want a poll that goes on from `place`
   */
  async *#stream(token, place, signal) {
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(SLOW), this.#patience());
    let heard = performance.now();
    let count = 0;
    try {
      for await (const news of this.#wire.stream(token, place,
        AbortSignal.any([signal, slow.signal]))) {
        clearTimeout(timer);
        this.#hold.lived(performance.now() - heard);
        heard = performance.now();
        this.#host.doubts = 0;
        const {mail, end} = news;
        if (mail) {
          place.after = mail.cursor;
          count += mail.messages.length;
          yield mail;
        }
        if (end) return end;
        if (count >= MOST) return 'end';
      }
      throw new LetterboxError('network', 'The stream was cut off.',
        {retryable: true});
    } catch (error) {
      if (error === SLOW) return 'slow';
      if (wasCut(error)) this.#hold.cut(performance.now() - heard);
      if (/** @type {any} */ (error)?.code !== 'no-stream') throw error;
      this.#host.unstream();
      return 'loss';
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Something between the server and us ended it, as far as can be told.
 * @param {any} error
 */
function wasCut(error) {
  return error instanceof LetterboxError &&
    /^(network|http-(200|408|500|502|503|504))$/.test(error.code) &&
    globalThis.navigator?.onLine !== false;
}
