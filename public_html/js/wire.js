/**
 * The requests of one room, and nothing else: addresses, headers, JSON.
 * Only this file knows what the API looks like; it keeps no state and repeats
 * nothing.
 */

import {LetterboxError, errorOf} from './error.js';

/** How long a request may take beyond the time it asks to be held, in ms. */
const PATIENCE = 10_000;

/**
 * @typedef {object} Message
 * @property {number} seq
 * @property {string} from
 * @property {string} [to]
 * @property {string} type
 * @property {any} body
 * @property {number} at milliseconds of Unix time
 */

/**
 * @typedef {object} Member
 * @property {string} peer
 * @property {string} [name]
 * @property {any} [info]
 * @property {number} since milliseconds of Unix time
 */

/**
 * @typedef {object} Mail what a poll brings
 * @property {Message[]} messages
 * @property {string} cursor
 * @property {boolean} [gap]
 * @property {boolean} [reset]
 * @property {{wait: number, pause: number}} poll seconds; milliseconds
 */

/**
 * @typedef {object} Entry what only joining tells
 * @property {string} peer
 * @property {string} token
 * @property {number} n
 * @property {Member[]} peers the others
 * @property {string} [owner]
 * @property {RTCIceServer[]} [ice]
 * @property {number} lease seconds
 * @property {boolean} [history_gap]
 * @property {{body: number, message: number, messages: number}} limits
 */

export class Wire {
  /**
   * @param {string | URL} url where the API is mounted; where a host has no
   *   PATH_INFO it ends in `?path=`
   * @param {string} room
   */
  constructor(url, room) {
    const {href} = new URL(url, globalThis.location?.href);
    const base = href.replace(/\/$/, '');
    this.room = room;
    this.address = `${base}/rooms/${encodeURIComponent(room)}`;
  }

  /**
   * @param {object} body
   * @param {AbortSignal} signal
   * @returns {Promise<Mail & Entry>}
   */
  join(body, signal) {
    return this.#send(this.#at('peers'),
      {method: 'POST', body: JSON.stringify(body), signal});
  }

  /**
   * @param {string} token
   * @param {{after: string, wait: number}} place seconds to be held
   * @param {AbortSignal} signal
   * @returns {Promise<Mail>}
   */
  poll(token, {after, wait}, signal) {
    const query = new URLSearchParams({after, wait: String(wait)});
    return this.#send(this.#at('messages', query),
      {method: 'GET', token, signal, hold: wait * 1000});
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
    return this.#send(this.#at('messages'),
      {method: 'POST', token, body, signal});
  }

  /** @param {string} token */
  leave(token) {
    return this.#send(this.#at('leave'),
      {method: 'POST', token, body: JSON.stringify({token}), keepalive: true});
  }

  /**
   * The word of a page that is going: no reply is awaited.
   * @param {'away' | 'leave'} word
   * @param {string} token
   */
  beacon(word, token) {
    // text/plain, because a beacon may not ask another origin for permission.
    const body = new Blob([JSON.stringify({token})], {type: 'text/plain'});
    globalThis.navigator?.sendBeacon?.(this.#at(word), body);
  }

  /**
   * @param {string} last
   * @param {URLSearchParams} [query]
   */
  #at(last, query) {
    const glue = this.address.includes('?') ? '&' : '?';
    return `${this.address}/${last}${query ? glue + query : ''}`;
  }

  /**
   * @param {string} address
   * @param {{method: string, token?: string, body?: string,
   *   signal?: AbortSignal, hold?: number, keepalive?: boolean}} request
   * @returns {Promise<any>}
   */
  async #send(address, {method, token, body, signal, hold = 0, keepalive}) {
    /** @type {Record<string, string>} */
    const headers = {};
    // Not `Authorization`: some hosts take it away before a CGI program.
    if (token) headers['X-Letterbox-Token'] = token;
    if (body) headers['Content-Type'] = 'application/json';
    const late = AbortSignal.timeout(hold + PATIENCE);
    try {
      const reply = await fetch(address, {
        method, headers, body, keepalive, cache: 'no-store',
        credentials: 'omit', referrerPolicy: 'no-referrer',
        signal: signal ? AbortSignal.any([signal, late]) : late,
      });
      const text = await reply.text();
      if (!reply.ok) throw errorOf(reply, parse(text));
      return text ? JSON.parse(text) : null;
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof LetterboxError ? error : broken(error, late);
    }
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * No reply, or half of one: a passing matter, as far as anybody can tell.
 * @param {unknown} cause
 * @param {AbortSignal} late
 */
function broken(cause, late) {
  return late.aborted
    ? new LetterboxError('timeout', 'The server did not answer in time.',
      {retryable: true, cause})
    : new LetterboxError('network', 'The server cannot be reached.',
      {retryable: true, cause});
}
