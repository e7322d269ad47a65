/**
 * Mode `collider`: the WebSocket server of AppRTC (2014 and later). A client
 * registers, and then says what the other one in its room hears:
 *
 *   {"cmd": "register", "roomid": ROOM, "clientid": CLIENT}
 *   {"cmd": "send", "msg": TEXT}          and it hears {"msg", "error"}
 *
 * What it says goes to `{api}/ws/ROOM/CLIENT`, one after the other and each
 * with a mark, so that a repeat is the same message; what it hears comes by
 * its channel. The token of that channel stands in the fragment of the
 * address that joining gave (`wss_url`), or is asked for by registering.
 */

import {LetterboxError} from '../error.js';
import {random} from '../identity.js';
import {Line} from '../jsapi/line.js';
import {Place as Channel} from '../jsapi/place.js';
import {Outbox} from '../outbox.js';
import {backoff, sleep} from '../pause.js';
import {look, send} from '../request.js';
import {LOST} from './codes.js';

/** @typedef {import('./codes.js').End} End */
/** @typedef {import('./socket.js').Ear} Ear */
/** @typedef {{room: string, client: string}} Seat */

/** How long to try to reach the server, in ms. */
const PATIENCE = 20_000;

/** How long close() waits for what was sent, in ms. */
const FAREWELL = 2000;

/** How long the next page of this browser may take our seat, in s. */
const GOES = 10;

/** How the channel ended, by its status. @type {Record<number, End>} */
const ENDS = {
  401: {code: 1008, reason: 'No longer in the room.', clean: true},
  409: {code: 1001, reason: 'Registered elsewhere.', clean: true},
};

/** Collider said good-bye as usual when a client broke its rules. */
const BROKEN = {code: 1000, reason: '', clean: true};

/**
 * @param {import('./room.js').Place} place
 * @param {AbortSignal} signal
 * @returns {Promise<import('./socket.js').Line>}
 */
export async function open({api = 'api', token}, signal) {
  const [first] = Array.isArray(api) ? api : [api];
  const {href} = new URL(first, globalThis.document?.baseURI);
  const base = href.replace(/\/$/, '');
  const end = performance.now() + PATIENCE;
  for (let failures = 0; ; failures++) {
    const {reply} = await look(`${base}/healthz`, signal)
      .catch((error) => ({reply: null, error}));
    signal.throwIfAborted();
    if (reply?.ok) return new ColliderLine(base, token, signal);
    const status = reply?.status ?? 0;
    if ((status && status < 500) || performance.now() > end) {
      throw new LetterboxError('network', 'The server cannot be reached.');
    }
    await backoff(failures, 0, signal);
  }
}

class ColliderLine {
  #base;
  #token;
  #signal;
  /** @type {Ear | null} */
  #ear = null;
  /** @type {Seat | null} */
  #seat = null;
  #mark = random(9);
  /** @type {Line | null} */
  #line = null;
  #outbox = new Outbox({
    send: (n, [text]) => this.#post(n, text),
    mend: (error, failures) => this.#mend(error, failures),
    // A seat is not kept over a reload: the page joins anew.
    save() {},
    renumbered() {},
  });

  /**
   * @param {string} base
   * @param {string} token of the channel, or ''
   * @param {AbortSignal} signal
   */
  constructor(base, token, signal) {
    this.#base = base;
    this.#token = token;
    this.#signal = signal;
    this.#outbox.limits.messages = 1;
    signal.addEventListener('abort', () => this.#hush());
    addEventListener('pagehide', this.#announce);
  }

  /** @param {Ear} ear */
  listen(ear) {
    this.#ear = ear;
  }

  /** @param {string} text */
  async send(text) {
    // What comes of it is an event, and somebody may send when it has opened,
    // before anybody listens.
    await null;
    const {cmd, roomid, clientid, msg} = parse(text);
    if (cmd === 'register' && this.#seat) this.#break('Registered already');
    else if (cmd === 'register' && roomid && clientid) {
      await this.#register({room: String(roomid), client: String(clientid)});
    } else if (cmd === 'register') {
      this.#break('To register takes roomid and clientid');
    } else if (cmd === 'send' && !this.#seat) {
      this.#break('Not registered');
    } else if (cmd === 'send' && msg && typeof msg === 'string') {
      await this.#outbox.add(msg);
    } else if (cmd === 'send') {
      this.#break('To send takes msg');
    } else if (cmd === undefined) {
      this.#break('Not a command');
    } else {
      this.#say('', 'Unknown cmd');
    }
  }

  async close() {
    await Promise.race([this.#outbox.idle(), sleep(FAREWELL)]);
    this.#hush();
  }

  /** @param {Seat} seat */
  async #register(seat) {
    this.#seat = seat;
    for (let failures = 0; !this.#token; failures++) {
      try {
        const body = JSON.stringify({cmd: 'register', roomid: seat.room,
          clientid: seat.client});
        const {token} = await send(`${this.#base}/ws`,
          {method: 'POST', body, signal: this.#signal, expect: 'token'});
        this.#token = token;
      } catch (error) {
        const {code} = /** @type {LetterboxError} */ (error);
        if (code === 'not-a-member') return this.#break('Not in the room');
        await this.#mend(error, failures);
      }
    }
    this.#line = new Line(new Channel(`${this.#base}/_ah/channel/jsapi`),
      this.#token, {
        opened: () => {},
        heard: (text, tell) => {
          tell();
          this.#say(text, '');
        },
        passed: (tell) => tell(),
        forgets: () => {},
        ended: ({code}) => this.#ear?.ended(ENDS[code] ?? LOST),
      });
    void this.#line.run();
    this.#outbox.open(0);
  }

  /**
   * @param {number} n
   * @param {string} body
   */
  async #post(n, body) {
    const {room, client} = /** @type {Seat} */ (this.#seat);
    const path = [room, client].map(encodeURIComponent).join('/');
    const glue = this.#base.includes('?') ? '&' : '?';
    const url = `${this.#base}/ws/${path}${glue}id=${this.#mark}-${n}`;
    await send(url, {method: 'POST', body, signal: this.#signal})
      .catch((error) => {
        // Who has left the room may still say so: nobody hears it.
        if (error.code !== 'not-a-member') throw error;
      });
    return {seqs: [n]};
  }

  /**
   * @param {any} error
   * @param {number} failures
   */
  async #mend(error, failures) {
    this.#signal.throwIfAborted();
    if (!error.retryable) throw error;
    await backoff(failures, error.wait, this.#signal);
  }

  /** @param {string} msg @param {string} error */
  #say(msg, error) {
    this.#ear?.frame(JSON.stringify({msg, error}));
  }

  /** A rule was: a word of it, and the end. @param {string} error */
  #break(error) {
    this.#say('', error);
    this.#ear?.ended(BROKEN);
  }

  /** Who is there may come back soon. */
  #hush() {
    removeEventListener('pagehide', this.#announce);
    // A later socket of the page may say other things in our place.
    this.#outbox.close(new LetterboxError('left', 'The socket is closed.'));
    const line = this.#line;
    this.#line = null;
    if (!line) return;
    line.stop();
    line.control.abort();
    line.wire.away();
  }

  /** A page that reloads joins anew, and must not find its own ghost. */
  #announce = () => {
    if (!this.#seat) return;
    const {room, client} = this.#seat;
    // Only the number: the rest of it is a secret.
    document.cookie = `apprtc-goes=${room}/${client.split('-')[0]}; path=/; ` +
      `max-age=${GOES}; samesite=lax`;
  };
}

/** @param {string} text @returns {any} an object */
function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
