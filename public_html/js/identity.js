/**
 * Who we are in a room, kept over a reload in sessionStorage and held under a
 * Web Lock while in use.
 *
 * A duplicated tab begins with a copy of sessionStorage. Two tabs with one
 * identity would cut off each other's polls; the lock tells the second that it
 * is the second, and it becomes a peer of its own.
 */

import {kept, storage} from './memory.js';

/**
 * @typedef {object} Kept
 * @property {string} id name of the lock; not a secret
 * @property {string} key secret
 * @property {string} [token] secret
 * @property {string} [peer]
 * @property {string} [cursor] after the last message handed out
 * @property {number} [seq] of the last message handed out
 * @property {string} [heard] cursor after the last message heard, handed out or
 *   not: for the server it is as if it were
 * @property {import('./outbox.js').Unanswered} [posts]
 */

/** A page that reloads may hold its lock a moment longer than it lives. */
const PATIENCE = 500;

/** Places this document uses: a second join of the same room takes another. */
const used = new Set();

/** @param {number} bytes of randomness, as base64url */
export function random(bytes) {
  const raw = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...raw))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export class Identity {
  /** @type {string} */
  #place;
  /** @type {(() => void) | null} */
  #unlock = null;
  /** What stood there at last: another page that took over writes other
   * things. @type {string | null} */
  #left = null;

  /**
   * @param {string} place
   * @param {Kept} kept
   */
  constructor(place, kept) {
    this.#place = place;
    this.kept = kept;
  }

  /**
   * Takes the identity kept for an address and a room, or makes a new one.
   * @param {string} where
   */
  static async take(where) {
    let slot = 0;
    while (used.has(`letterbox ${slot} ${where}`)) slot++;
    const place = `letterbox ${slot} ${where}`;
    used.add(place);
    const left = kept(place);
    if (left?.id && left?.key) {
      const old = new Identity(place, left);
      if (await old.#lock()) return old;
    }
    const own = new Identity(place, {id: random(16), key: random(32)});
    await own.#lock();
    return own;
  }

  save() {
    // Without locks the place stays empty while a page uses it, so that a
    // duplicate finds nothing; the page writes when it goes.
    if (this.#unlock && navigator.locks) this.#write();
  }

  /** The page goes, and may come back: leave everything ready for either. */
  rest() {
    // Not held, it may be another page's by now, and what it wrote stands.
    if (this.#unlock) this.#write();
    this.#unlock?.();
    this.#unlock = null;
  }

  /** The page is back. False if another one took the identity meanwhile. */
  async wake() {
    return this.#read() === this.#left && await this.#lock();
  }

  /** Not in use any more; a later page may resume with it. */
  release() {
    this.rest();
    used.delete(this.#place);
  }

  forget() {
    this.release();
    storage()?.removeItem(this.#place);
  }

  #read() {
    return storage()?.getItem(this.#place) ?? null;
  }

  #write() {
    const {posts, ...rest} = this.kept;
    // Full: a reload will not find everything, and the call goes on. What was
    // not sent goes first: later it might be sent already, and is sent twice.
    const less = posts && {...posts, queue: []};
    const least = posts && {...less, sent: []};
    for (const some of [posts, less, least]) {
      try {
        storage()?.setItem(this.#place, JSON.stringify({...rest, posts: some}));
        break;
      } catch {
        // With less of it, then.
      }
    }
    this.#left = this.#read();
  }

  /** @returns {Promise<boolean>} */
  async #lock() {
    const {locks} = globalThis.navigator ?? {};
    if (!locks) {
      this.#unlock = () => {};
      storage()?.removeItem(this.#place);
      return true;
    }
    this.#unlock = await new Promise((resolve) => {
      const signal = AbortSignal.timeout(PATIENCE);
      locks.request(`letterbox ${this.kept.id}`, {signal},
        () => new Promise((release) => resolve(() => release(null))),
      ).catch(() => resolve(null));
    });
    if (this.#unlock) this.#write();
    return this.#unlock !== null;
  }
}
