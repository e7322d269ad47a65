/**
 * The interface of WebSocket (HTML, "WebSockets") over one of the modes: its
 * states, checks, errors and events. What a frame becomes is their affair.
 *
 *   CONNECTING -> OPEN -> CLOSING -> CLOSED
 *   CONNECTING -> CLOSING -> CLOSED    refused, or closed too early
 */

import {parseAddress, parseProtocols} from './address.js';
import {BINARY, LOST, REASON_MOST, endOf, sizeOf} from './codes.js';
import {define, prepare} from './handlers.js';
import {open as openCollider} from './collider.js';
import {open as openRoom} from './room.js';

/** @typedef {import('./codes.js').End} End */

/**
 * @typedef {object} Options
 * @property {string | URL | string[]} [api] where the API is mounted, see
 *   find() of letterbox.js; `api` without
 * @property {'room' | 'collider'} [mode] what a frame is
 * @property {string[]} [for] beginnings of addresses: what an address says
 *   beyond them is the name of the room
 * @property {string[]} [greeting] of mode room: the first frame for who comes
 *   first, second, ... and, the last one, for who comes too late
 */

/**
 * @typedef {object} Ear
 * @property {(text: string) => void} frame
 * @property {(end: End) => void} ended by the other side, for good
 */

/**
 * What a mode opens.
 * @typedef {object} Line
 * @property {(ear: Ear) => void} listen from now on
 * @property {(text: string) => Promise<unknown>} send resolves when the frame
 *   is on the server's disk
 * @property {() => Promise<void>} close resolves when what was sent is there
 *   and the place is given up, or when that takes too long
 */

const MODES = {room: openRoom, collider: openCollider};
const STATES = {CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3};
const {CONNECTING, OPEN, CLOSING, CLOSED} = STATES;

export class LetterboxWebSocket extends EventTarget {
  #state = CONNECTING;
  #url;
  #protocol = '';
  /** @type {BinaryType} */
  #binaryType = 'blob';
  #buffered = 0;
  /** Frames that were sent while it was open, and are not there yet. */
  #under = 0;
  #control = new AbortController();
  /** @type {Line | null} */
  #line = null;

  /**
   * @param {string | URL} url
   * @param {string | Iterable<string>} [protocols] the first one is chosen
   * @param {Options} [options] not of the standard
   */
  constructor(url, protocols = [], options = {}) {
    super();
    if (!arguments.length) throw new TypeError('1 argument required.');
    const address = parseAddress(url);
    const token = address.hash.slice(1);
    // That of a collider carries a secret, which no page needs to see again.
    if (options.mode !== 'collider' && address.href.includes('#')) {
      throw new DOMException(`The URL '${url}' has a fragment.`,
        'SyntaxError');
    }
    address.hash = '';
    this.#url = address.href;
    const [first = ''] = parseProtocols(protocols);
    prepare(this);
    void this.#open(MODES[options.mode ?? 'room'], first,
      {...options, address, token});
  }

  get url() {
    return this.#url;
  }

  get readyState() {
    return this.#state;
  }

  get bufferedAmount() {
    return this.#buffered;
  }

  get extensions() {
    return '';
  }

  get protocol() {
    return this.#protocol;
  }

  /** Nothing binary ever comes; kept, as pages set it. */
  get binaryType() {
    return this.#binaryType;
  }

  set binaryType(type) {
    const word = String(type);
    if (word === 'blob' || word === 'arraybuffer') this.#binaryType = word;
  }

  /** @param {any} data text; what is binary is refused */
  send(data) {
    if (!arguments.length) throw new TypeError('1 argument required.');
    if (this.#state === CONNECTING) {
      throw new DOMException('Still in CONNECTING state.',
        'InvalidStateError');
    }
    const size = binarySize(data);
    if (size >= 0) {
      this.#buffered += size;
      if (this.#state === OPEN) void this.#leave(BINARY);
      return;
    }
    const text = wellFormed(String(data));
    this.#buffered += sizeOf(text);
    if (this.#state === OPEN) void this.#send(text);
  }

  /**
   * @param {number} [code] 1000 or 3000 to 4999
   * @param {string} [reason] at most 123 bytes
   */
  close(code = undefined, reason = undefined) {
    const number = code === undefined ? undefined : clamp(code);
    const text = reason === undefined ? '' : wellFormed(String(reason));
    if (number !== undefined && number !== 1000 &&
      !(number >= 3000 && number <= 4999)) {
      throw new DOMException(
        `The code must be 1000, or between 3000 and 4999: ${number}.`,
        'InvalidAccessError');
    }
    if (sizeOf(text) > REASON_MOST) {
      throw new DOMException(
        `The reason has more than ${REASON_MOST} bytes.`, 'SyntaxError');
    }
    if (this.#state === CONNECTING) this.#fail(LOST);
    else if (this.#state === OPEN) {
      void this.#leave({code: number ?? (text ? 1000 : 1005), reason: text,
        clean: true});
    }
  }

  /**
   * @param {(place: import('./room.js').Place, signal: AbortSignal) =>
   *   Promise<Line>} enter
   * @param {string} protocol
   * @param {import('./room.js').Place} place
   */
  async #open(enter, protocol, place) {
    try {
      const line = await enter(place, this.#control.signal);
      if (this.#state !== CONNECTING) {
        await line.close();
        return;
      }
      this.#line = line;
      this.#protocol = protocol;
      this.#state = OPEN;
      this.dispatchEvent(new Event('open'));
      line.listen({
        frame: (text) => this.#hear(text),
        ended: (end) => this.#fail(end),
      });
    } catch (error) {
      if (this.#state !== CONNECTING) return;
      const {message} = /** @type {Error} */ (error);
      console.warn(`WebSocket to '${this.#url}' failed: ${message}`);
      this.#fail({...endOf(error), clean: false});
    }
  }

  /** @param {string} data */
  #hear(data) {
    if (this.#state !== OPEN) return;
    const {origin} = new URL(this.#url);
    this.dispatchEvent(new MessageEvent('message', {data, origin}));
  }

  /** @param {string} text */
  async #send(text) {
    this.#under++;
    try {
      await /** @type {Line} */ (this.#line).send(text);
      this.#buffered -= sizeOf(text);
      this.#under--;
    } catch (error) {
      // A frame that is missing is the end: the next one must not come.
      void this.#leave(endOf(error));
    }
  }

  /** With a farewell: what was sent goes first. @param {End} end */
  async #leave(end) {
    if (this.#state !== OPEN) return;
    this.#state = CLOSING;
    await /** @type {Line} */ (this.#line).close();
    const whole = !this.#under || end.code === 1008 || end.code === 1009;
    this.#finish(whole ? end : LOST);
  }

  /** Without one. @param {End} end */
  #fail(end) {
    if (this.#state >= CLOSING) return;
    this.#state = CLOSING;
    this.#control.abort();
    // A task of its own: nothing is called before the page's own work is done.
    setTimeout(() => this.#finish(end));
  }

  /** @param {End} end */
  #finish({code, reason, clean: wasClean}) {
    this.#state = CLOSED;
    if (!wasClean) this.dispatchEvent(new Event('error'));
    this.dispatchEvent(new CloseEvent('close', {code, reason, wasClean}));
  }
}

/** @param {any} data @returns {number} bytes of it; -1: it is text */
function binarySize(data) {
  if (typeof Blob !== 'undefined' && data instanceof Blob) return data.size;
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) {
    return data.byteLength;
  }
  return -1;
}

/** Half of a pair is none. @param {string} text */
function wellFormed(text) {
  return new TextDecoder('utf-8', {ignoreBOM: true})
    .decode(new TextEncoder().encode(text));
}

/** To an unsigned short, as Web IDL has it. @param {unknown} value */
function clamp(value) {
  const number = Math.min(Math.max(Number(value) || 0, 0), 65535);
  const floor = Math.floor(number);
  const half = number - floor === 0.5;
  return half ? floor + floor % 2 : Math.round(number);
}

const {prototype} = LetterboxWebSocket;
for (const target of [LetterboxWebSocket, prototype]) {
  for (const [name, value] of Object.entries(STATES)) {
    Object.defineProperty(target, name, {value, enumerable: true});
  }
}
for (const type of ['open', 'message', 'error', 'close']) {
  define(prototype, type);
}
for (const name of ['url', 'readyState', 'bufferedAmount', 'extensions',
  'protocol', 'binaryType', 'send', 'close']) {
  Object.defineProperty(prototype, name, {enumerable: true});
}
Object.defineProperty(prototype, Symbol.toStringTag,
  {value: 'WebSocket', configurable: true});
