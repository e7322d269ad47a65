/**
 * What this page found out about the host of an API: whether streams come
 * through, how long a poll lives, where posts go. Shared by the rooms of a
 * page, and kept for the session: a reload does not find out anew.
 */

import {keep, kept} from './memory.js';

/**
 * @typedef {object} Known
 * @property {boolean} [whole] streams come as a whole, at their end
 * @property {number} [ceiling] ms that a poll lives
 * @property {number} [since] when that was found out, ms of Unix time
 * @property {string} [spoilt] a place for posts that does not work
 */

/** @type {Map<string, Host>} */
const hosts = new Map();

export class Host {
  #key;
  /** @type {Known} */
  #known;
  #posts = '';
  /** Streams that did not begin in time, on this page. */
  doubts = 0;
  /** Something was answered where the posts go. */
  proven = false;

  /** @param {string} base address of the API */
  constructor(base) {
    this.base = base;
    this.#key = `letterbox host ${base}`;
    this.#known = kept(this.#key) ?? {};
  }

  /** @param {string} base @returns {Host} the one of this page */
  static at(base) {
    const host = hosts.get(base) ?? new Host(base);
    hosts.set(base, host);
    return host;
  }

  /** Streams come through as they are written, as far as we know. */
  get streams() {
    return !this.#known.whole;
  }

  /** They do not. For good: a poll always works. */
  unstream() {
    this.#know({whole: true});
  }

  /** ms that a poll lives; 0 when it is not known, and `since` when it was */
  get ceiling() {
    const {ceiling = 0, since = 0} = this.#known;
    return {ms: ceiling, since};
  }

  /** @param {number} ms 0: as long as the server likes */
  limit(ms) {
    this.#know(ms ? {ceiling: ms, since: Date.now()}
      : {ceiling: undefined, since: undefined});
  }

  /** Address of the API for all but polls; its own when there is no other. */
  get posts() {
    return this.#posts || this.base;
  }

  /** @param {string} path where the server says that posts go */
  direct(path) {
    const url = placeOf(path, this.base);
    if (url === this.#posts) return;
    this.proven = false;
    this.#posts = url === this.#known.spoilt ? '' : url;
  }

  /**
   * Posts come home.
   * @param {boolean} [forever] do not believe it a second time
   */
  undirect(forever = false) {
    if (forever) this.#know({spoilt: this.#posts});
    this.#posts = '';
    this.proven = false;
  }

  /** @param {Known} news */
  #know(news) {
    Object.assign(this.#known, news);
    keep(this.#key, this.#known);
  }
}

/**
 * @param {string} path absolute, of the same origin: mail goes nowhere else
 * @param {string} base it is mounted in the same way as this
 */
function placeOf(path, base) {
  if (!path.startsWith('/')) return '';
  const url = new URL(path, base);
  if (url.origin !== new URL(base).origin || url.search || url.hash) return '';
  const query = base.endsWith('?path=') ? '?path=' : '';
  return url.href.replace(/\/$/, '') + query;
}
