/**
 * The requests of one room: which address, which members, which events. Only
 * this file knows what the API looks like. It repeats nothing, except at home
 * what another place did not understand.
 */

import {LetterboxError} from './error.js';
import {Host} from './host.js';
import {newsOf} from './news.js';
import {listen, send} from './request.js';

/** @typedef {import('./forms.js').Mail} Mail */
/** @typedef {import('./forms.js').Entry} Entry */

export class Wire {
  #path;
  /** ms that the last join took. */
  took = 0;

  /**
   * @param {string | URL} url where the API is mounted; where a host has no
   *   PATH_INFO it ends in `?path=`
   * @param {string} room
   */
  constructor(url, room) {
    const {href} = new URL(url, globalThis.location?.href);
    this.host = Host.at(href.replace(/\/$/, ''));
    this.room = room;
    this.#path = `/rooms/${encodeURIComponent(room)}`;
    this.address = this.host.base + this.#path;
  }

  /**
   * @param {object} body
   * @param {AbortSignal} signal
   * @returns {Promise<Mail & Entry>}
   */
  async join(body, signal) {
    const begun = performance.now();
    const entry = await this.#write('peers', {method: 'POST', signal,
      body: JSON.stringify(body), expect: 'token'});
    this.took = performance.now() - begun;
    // The place where posts go knows of no other.
    if (entry.posts) this.host.direct(entry.posts);
    return entry;
  }

  /**
   * @param {string} token
   * @param {{after: string, wait: number}} place seconds to be held
   * @param {AbortSignal} signal
   * @returns {Promise<Mail>}
   */
  poll(token, {after, wait}, signal) {
    return send(this.#poll(after, wait), {method: 'GET', token, signal,
      hold: wait * 1000, expect: 'cursor'});
  }

  /**
   * The same poll as a stream.
   * @param {string} token
   * @param {{after: string, wait: number}} place
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<import('./news.js').News, void, void>} whenever bytes have come
   */
  async *stream(token, {after, wait}, signal) {
    let cursor = after;
    for await (const events of listen(this.#poll(after, wait),
      {method: 'GET', token, signal, hold: wait * 1000})) {
      const {mail, end} = newsOf(events, cursor);
      cursor = mail?.cursor ?? cursor;
      yield {mail, end};
      if (events.at(-1)?.event === 'superseded') {
        throw new LetterboxError('superseded',
          'Another poll of this peer has taken the place of this one.');
      }
    }
  }

  /**
   * @param {string} token
   * @param {number} n
   * @param {string[]} texts messages, each as JSON: a repeat is made of the
   *   same bytes, so the server knows it again
   * @param {AbortSignal} signal
   * @returns {Promise<{seqs: number[], n: number}>}
   */
  post(token, n, texts, signal) {
    const body = `{"n":${n},"messages":[${texts.join(',')}]}`;
    return this.#write('messages',
      {method: 'POST', token, body, signal, expect: 'seqs'});
  }

  /**
   * @param {string} token
   * @param {import('./forms.js').Rules} changes
   * @param {AbortSignal} signal
   * @returns {Promise<{rules: {lock: boolean, capacity: number}}>}
   */
  rules(token, changes, signal) {
    return this.#write('rules', {method: 'POST', token, signal,
      body: JSON.stringify(changes), expect: 'rules'});
  }

  /**
   * @param {string} token
   * @param {AbortSignal} signal
   * @returns {Promise<{ice: RTCIceServer[], ttl: number}>} ttl in seconds
   */
  ice(token, signal) {
    return send(`${this.host.base}/ice`,
      {method: 'GET', token, signal, expect: 'ice'});
  }

  /** @param {string} token */
  leave(token) {
    return this.#write('leave', {method: 'POST', token,
      body: JSON.stringify({token}), keepalive: true});
  }

  /**
   * The word of a page that is going: no reply is awaited.
   * @param {'away' | 'leave'} word
   * @param {string} token
   */
  beacon(word, token) {
    // text/plain, because a beacon may not ask another origin for permission.
    const body = new Blob([JSON.stringify({token})], {type: 'text/plain'});
    // Nobody would repeat it: it goes where something was answered.
    const {proven, posts, base} = this.host;
    globalThis.navigator?.sendBeacon?.(
      `${proven ? posts : base}${this.#path}/${word}`, body);
  }

  /**
   * @param {string} after '' for all
   * @param {number} wait
   */
  #poll(after, wait) {
    const query = new URLSearchParams({wait: String(wait)});
    // Without it from the beginning, that is our joining.
    if (after) query.set('after', after);
    const glue = this.address.includes('?') ? '&' : '?';
    return `${this.address}/messages${glue}${query}`;
  }

  /**
   * @param {string} last
   * @param {import('./request.js').Request} request
   */
  async #write(last, request) {
    const {host} = this;
    if (host.posts !== host.base) {
      try {
        const answer = await send(`${host.posts}${this.#path}/${last}`,
          request);
        host.proven = true;
        return answer;
      } catch (error) {
        request.signal?.throwIfAborted();
        const {status} = /** @type {LetterboxError} */ (error);
        if (isOurs(error)) throw error;
        host.undirect(status > 0);
      }
    }
    return send(`${this.address}/${last}`, request);
  }
}

/**
 * A refusal to believe. What is no Letterbox has no code of one; one that is
 * ill, or that does not know us, is perhaps not ours.
 * @param {any} error
 */
function isOurs({code, status}) {
  return !/^(network|timeout|http-.*)$/.test(code) &&
    ![401, 500, 503].includes(status);
}
