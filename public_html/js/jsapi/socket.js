/**
 * goog.appengine.Socket. No handler is called before open() has returned, and
 * one that is missing is not missed.
 */

import {Line} from './line.js';

/**
 * @typedef {object} Handlers
 * @property {() => void} [onopen]
 * @property {(message: {data: string}) => void} [onmessage]
 * @property {(error: {code: number, description: string}) => void} [onerror]
 * @property {() => void} [onclose]
 */

const NAMES = /** @type {const} */ (['onopen', 'onmessage', 'onerror',
  'onclose']);

const ReadyState = {CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3};

/** Messages that wait for an onmessage: as many as the server would keep. */
const MOST = 256;

export class Socket {
  /**
   * @param {import('./place.js').Place} place
   * @param {string} token
   * @param {Handlers} [handlers]
   */
  constructor(place, token, handlers) {
    this.readyState = ReadyState.CONNECTING;
    /** @type {{data: string, tell: () => void}[]} */
    this._waiting = [];
    /** @type {any} */
    this._onmessage = undefined;
    for (const name of NAMES) {
      if (handlers && handlers[name]) {
        /** @type {any} */ (this)[name] = handlers[name];
      }
    }
    this._line = new Line(place, token, {
      opened: () => {
        this.readyState = ReadyState.OPEN;
        this._call('onopen');
      },
      heard: (data, tell) => {
        this._waiting.push({data, tell});
        if (this._waiting.length > MOST) this._waiting.shift();
        this._hand();
      },
      passed: (tell) => {
        const last = this._waiting[this._waiting.length - 1];
        if (last) last.tell = tell;
        else tell();
      },
      forgets: () => { this._waiting = []; },
      ended: ({code, description}) => {
        this.readyState = ReadyState.CLOSED;
        this._call('onerror', {code, description});
        this._call('onclose');
      },
    });
    this._line.run();
  }

  /** For good. */
  close() {
    if (this.readyState >= ReadyState.CLOSING) return;
    this.readyState = ReadyState.CLOSING;
    this._line.close().then(() => {
      this.readyState = ReadyState.CLOSED;
      this._call('onclose');
    });
  }

  /**
   * The application gets what a page says in its own requests; this is there
   * because the original had it.
   * @param {string} data
   * @returns {boolean} it was sent
   */
  send(data) {
    if (this.readyState !== ReadyState.OPEN) return false;
    this._line.wire.receive(data);
    return true;
  }

  /** A page may come to it after the first message has come. */
  get onmessage() {
    return this._onmessage;
  }

  set onmessage(handler) {
    this._onmessage = handler;
    if (this._waiting.length) setTimeout(() => this._hand());
  }

  _hand() {
    while (this.readyState === ReadyState.OPEN && this._waiting.length &&
        typeof this._onmessage === 'function') {
      const [{data, tell}] = this._waiting.splice(0, 1);
      tell();
      this._call('onmessage', {data});
    }
  }

  /**
   * @param {'onopen' | 'onmessage' | 'onerror' | 'onclose'} name
   * @param {...unknown} words
   */
  _call(name, ...words) {
    const handler = /** @type {any} */ (this)[name];
    if (typeof handler !== 'function') return;
    try {
      handler.apply(this, words);
    } catch (error) {
      // The page's own affair, and its onerror hears of it.
      setTimeout(() => { throw error; });
    }
  }
}

Socket.ReadyState = ReadyState;

/** What the original's open() was given when it was given nothing. */
Socket.Handler = class {
  onopen() {}

  onmessage() {}

  onerror() {}

  onclose() {}
};
