/**
 * The door of a room: joins, resumes after a reload, and joins again when the
 * server has forgotten us.
 */

import {isStrange} from './error.js';
import {backoff} from './pause.js';

/** @typedef {import('./forms.js').Mail} Mail */
/** @typedef {import('./forms.js').Entry} Entry */
/** @typedef {import('./error.js').LetterboxError} LetterboxError */

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

export class Door {
  #wire;
  #identity;
  #wishes;
  #life;
  /** The server forgot us: what is there is not what we knew. */
  #lost;

  /**
   * @param {import('./wire.js').Wire} wire
   * @param {import('./identity.js').Identity} identity
   * @param {Wishes} wishes
   * @param {import('./life.js').Life} life
   */
  constructor(wire, identity, wishes, life) {
    this.#wire = wire;
    this.#identity = identity;
    this.#wishes = wishes;
    this.#life = life;
    // Perhaps just before the page was loaded again.
    const {token, peer, cursor} = identity.kept;
    this.#lost = !token && Boolean(peer ?? cursor);
  }

  /**
   * @param {string} cursor after what was read, '' if nothing was
   * @param {number} until on the clock of performance.now()
   * @returns {Promise<Mail & Entry>}
   */
  async enter(cursor, until) {
    const {signal} = this.#life;
    for (let failures = 0; ; failures++) {
      try {
        await this.#life.awake;
        const entry = await this.#wire.join(this.#request(cursor), signal);
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
        } else if ((retryable || (until === Infinity && isStrange(error))) &&
          performance.now() < until) {
          await backoff(failures, wait, signal);
        } else {
          throw error;
        }
      }
    }
  }

  /**
   * By the token where we have one; else by the key, which repeats safely.
   * @param {string} cursor
   */
  #request(cursor) {
    const {key, token, peer, cursor: after} = this.#identity.kept;
    const {messages, peer: wish, ...rest} = this.#wishes;
    if (token) {
      // With a token the peer is as it was; only these may be said again.
      return {token, after: cursor || after, lease: rest.lease};
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
    return entry;
  }
}
