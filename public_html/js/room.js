/**
 * A room as its members see it. `letterbox.js` tells what it dispatches; this
 * file joins the parts: line, outbox, inbox, identity.
 */

import {LetterboxError} from './error.js';
import {Inbox, Loops} from './inbox.js';
import {Line} from './line.js';
import {Outbox} from './outbox.js';
import {sleep} from './pause.js';

/** @typedef {import('./forms.js').Message} Message */
/** @typedef {import('./forms.js').Member} Member */

/** How long a leaving room waits for its last posts, in ms. */
const FAREWELL = 2000;

export class Room extends EventTarget {
  #wire;
  #identity;
  #line;
  #outbox;
  #inbox = new Inbox((item) => this.#hand(item));
  /** @type {Loops<Message>} */
  #loops = new Loops();
  /** Newest seq seen: whatever is not above it is a repeat. */
  #seen;
  #renewing = false;

  /** Ours. */
  peer = '';
  /** The others, by id. @type {Map<string, Member>} */
  peers = new Map();
  /** @type {'waiting' | 'open' | 'closed'} */
  state = 'waiting';
  /** As the server recommends. @type {RTCIceServer[]} */
  ice = [];

  /**
   * Use join() of letterbox.js.
   * @param {import('./wire.js').Wire} wire
   * @param {import('./identity.js').Identity} identity
   * @param {import('./door.js').Wishes & {streams?: boolean}} wishes
   */
  constructor(wire, identity, wishes) {
    super();
    this.#wire = wire;
    this.#identity = identity;
    this.name = wire.room;
    const {kept} = identity;
    this.#seen = kept.seq ?? 0;
    this.#line = new Line(wire, identity, wishes, {
      entered: (entry) => this.#entered(entry),
      mail: (mail) => this.#mail(mail),
      state: (state) => this.#turn(state),
      ended: (error) => this.#ended(error),
    });
    this.#outbox = new Outbox({
      send: (n, texts) => this.#line.post(n, texts),
      mend: (error, failures) => this.#line.mend(error, failures),
      renumbered: () => this.#inbox.push({event: 'reset'}),
      save: (posts) => {
        kept.posts = posts;
        identity.save();
      },
    }, kept.posts);
  }

  /**
   * Use join() of letterbox.js.
   * @param {number} patience
   * @param {AbortSignal} [signal]
   */
  async enter(patience, signal) {
    signal?.addEventListener('abort', () => this.#drop(signal.reason));
    if (signal?.aborted) this.#drop(signal.reason);
    try {
      await this.#line.open(patience);
    } catch (error) {
      this.#line.end(error);
      throw error;
    }
  }

  /**
   * For another page of ours, which may show what was said here: the room's
   * address, and our token, which is a secret.
   */
  get pass() {
    return {address: this.#wire.address, token: this.#identity.kept.token ?? ''};
  }

  /**
   * Resolves with the message's seq when it is durable. What is posted in one
   * tick travels in one request, and arrives in the order of the calls.
   * @param {string} type 1 to 64 characters
   * @param {any} [body] any JSON value
   * @param {string} [to] a peer's id; everybody without
   * @returns {Promise<number>}
   */
  async post(type, body = null, to = undefined) {
    const text = JSON.stringify({to, type, body});
    if (typeof type !== 'string' || !/^[^\p{Cc}]{1,64}$/u.test(type)) {
      throw new LetterboxError('bad-message',
        'A type has 1 to 64 characters and no control characters.');
    }
    const seq = await this.#outbox.add(text);
    const {peer: from} = this;
    this.#tell('posted', {seq, from, to, type, body, at: Date.now()});
    return seq;
  }

  /**
   * For the owner, the one who was in first: locks, admits, removes, limits.
   * @param {import('./forms.js').Rules} changes
   * @returns {Promise<{lock: boolean, capacity: number}>} as they are now
   */
  async rules(changes) {
    return (await this.#line.rules(changes)).rules;
  }

  /** Says good-bye: the others see `left` at once. */
  async leave() {
    if (this.state === 'closed') return;
    await Promise.race([this.#outbox.idle(), sleep(FAREWELL)]);
    const {token} = this.#line;
    this.#line.end(null);
    this.#identity.forget();
    // Should this fail, the lease ends a little later.
    await this.#wire.leave(token).catch(() => {});
  }

  /**
   * Messages, `gap` and `reset` wait until somebody listens for `message`.
   * @param {string} type
   * @param {any} listener
   * @param {AddEventListenerOptions | boolean} [options]
   */
  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    if (type === 'message') this.#inbox.open();
  }

  /** @returns {AsyncGenerator<Message, void, void>} */
  [Symbol.asyncIterator]() {
    return this.#loops.follow(this);
  }

  /** @param {import('./forms.js').Entry} entry */
  #entered(entry) {
    this.peer = entry.peer;
    this.#route(entry.ice ?? []);
    this.peers = new Map(entry.peers.map((member) => [member.peer, member]));
    Object.assign(this.#outbox.limits, entry.limits);
    this.#outbox.open(entry.n);
    this.#tell('peers');
  }

  /** @param {RTCIceServer[]} ice */
  #route(ice) {
    this.ice = ice;
    this.#tell('ice');
    const ends = ice.some(({credential}) => credential);
    if (ends && !this.#renewing) void this.#renew();
  }

  async #renew() {
    this.#renewing = true;
    try {
      for await (const ice of this.#line.ice()) this.#route(ice);
    } catch {
      // The room is closed.
    }
  }

  /** @param {import('./forms.js').Mail} mail */
  #mail({messages, cursor, gap, reset}) {
    if (reset) this.#seen = 0;
    if (reset) this.#inbox.push({event: 'reset'});
    if (gap) this.#inbox.push({event: 'gap'});
    for (const message of messages) {
      if (message.seq <= this.#seen) continue;
      this.#seen = message.seq;
      this.#count(message);
      this.#inbox.push({event: 'message', detail: message});
    }
    this.#inbox.push({event: 'read', detail: {cursor, seq: this.#seen}});
  }

  /** @param {Message} message */
  #count({from, type, body, at}) {
    if (type === 'joined') {
      this.peers.set(from, {...body, peer: from, since: at});
    } else if (type === 'left') this.peers.delete(from);
    else return;
    this.#tell('peers');
  }

  /** @param {import('./inbox.js').Item} item */
  #hand({event, detail}) {
    if (event === 'read') {
      this.#loops.after(() => this.#keep(detail));
      return;
    }
    this.#tell(event, detail);
    if (event === 'message' && this.#loops.late) {
      this.#loops.after(() => this.#keep({seq: detail.seq}));
    }
    // To go on would be to join by the key: a new room of the old name.
    if (event === 'message' && detail.type === 'room-ended') {
      this.#line.end(new LetterboxError('ended', 'The room was ended.'));
    }
  }

  /** @param {{seq: number, cursor?: string}} read was handed out */
  #keep(read) {
    Object.assign(this.#identity.kept, read);
    this.#identity.save();
  }

  /** @param {'waiting' | 'open' | 'closed'} state */
  #turn(state) {
    // A listener may close the room while its mail is handed out.
    if (this.state === state || this.state === 'closed') return;
    this.state = state;
    this.#tell('state', state);
  }

  /** @param {unknown} error */
  #ended(error) {
    this.#outbox.close(error ??
      new LetterboxError('left', 'This page has left the room.'));
    this.#loops.end();
    this.#identity.release();
    this.#turn('closed');
    this.#tell('closed', error);
  }

  /** @param {unknown} reason of the signal that ends everything */
  #drop(reason) {
    if (this.state === 'closed') return;
    const {token} = this.#line;
    if (token) this.#wire.beacon('leave', token);
    this.#inbox.close();
    this.#line.end(reason);
    this.#identity.forget();
  }

  /**
   * @param {string} event
   * @param {any} [detail]
   */
  #tell(event, detail = null) {
    this.dispatchEvent(new CustomEvent(event, {detail}));
  }
}
