/**
 * A seat in a room: the channel by which it hears, and what it says. Says one
 * message after the other, and again what did not get through.
 *
 * Dispatches `heard` (the message is the detail), and `lost` when it must be
 * taken anew; `open` resolves once it hears.
 */

import {Place} from '../jsapi/place.js';
import {Socket} from '../jsapi/socket.js';
import {random} from '../identity.js';
import {backoff, sleep} from '../pause.js';
import {address, minutes, renew} from './params.js';

/** @typedef {import('./params.js').Params} Params */

/**
 * @typedef {{type: 'offer' | 'answer', sdp: string}
 *   | {type: 'candidate', label: number | null, id: string | null,
 *      candidate: string} | {type: 'bye'}} Message
 */

/** So long before its end a token is replaced by another; ms. */
const EARLY = 60_000;

export class Seat extends EventTarget {
  #params;
  /** @type {Socket | null} */
  #socket = null;
  #work = Promise.resolve();
  #until = new AbortController();

  /** @param {Params} params */
  constructor(params) {
    super();
    this.#params = params;
    this.open = new Promise((resolve) => this.#listen(params.token, resolve));
    this.#stay().catch(() => {});
  }

  /** @param {Message} message */
  say(message) {
    const body = JSON.stringify(message);
    const url = this.#mailbox;
    // By this word a repeat is known.
    url.searchParams.set('i', random(9));
    this.#work = this.#work.then(() => this.#post(url, body)).catch(() => {});
  }

  /** Leaves the room, also as the page goes. */
  leave() {
    this.close();
    navigator.sendBeacon(this.#mailbox, JSON.stringify({type: 'bye'}));
  }

  /** Hears and says nothing any more; leaving is another matter. */
  close() {
    this.#until.abort();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  get #mailbox() {
    const url = address('message');
    url.searchParams.set('r', this.#params.room_key);
    url.searchParams.set('u', this.#params.me);
    return url;
  }

  /**
   * @param {string} token
   * @param {(value?: unknown) => void} [opened]
   */
  #listen(token, opened) {
    const place = new Place(address('_ah/channel/jsapi').href);
    const socket = this.#socket = new Socket(place, token, {
      onopen: () => opened?.(),
      onmessage: ({data}) => {
        if (socket === this.#socket) this.#tell('heard', JSON.parse(data));
      },
      // The one before ends as the next one opens.
      onclose: () => {
        if (socket === this.#socket) this.#tell('lost');
      },
    });
  }

  /** Replaces the token, as long as it is needed. */
  async #stay() {
    const {signal} = this.#until;
    for (;;) {
      await sleep(minutes() * 60_000 - EARLY, signal);
      for (let failures = 0; ; failures++) {
        const params = await renew(this.#params).catch(() => null);
        signal.throwIfAborted();
        if (params?.error) return this.#tell('lost');
        if (params) {
          this.#params = params;
          this.#listen(params.token);
          break;
        }
        await backoff(failures, 0, signal);
      }
    }
  }

  /** @param {URL} url @param {string} body */
  async #post(url, body) {
    const {signal} = this.#until;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const reply = await fetch(url, {method: 'POST', body, signal,
          headers: {'Content-Type': 'text/plain'}});
        if (reply.status < 500) return;
      } catch {
        // The network: again.
      }
      await backoff(failures, 0, signal);
    }
  }

  /** @param {string} type @param {unknown} [detail] */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}
