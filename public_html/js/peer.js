/**
 * One other peer of a room: a connection to it, made by perfect negotiation
 * (W3C WebRTC, section 10.7) over the room's messages.
 *
 * On top of that pattern stands one thing: a page that reloads is the same
 * peer, but its RTCPeerConnection is a new one, and mail for the old one may
 * still wait. So every connection has a random `session`. A message says whose
 * it is and, once known, `for` which session of the other side it is meant.
 *   for another session than ours   it is stale: dropped
 *   from another than we know       theirs is newer, since mail of one peer
 *                                   keeps its order: we begin anew as well,
 *                                   unless our connection is still untouched
 * A session begun of one's own accord is for anybody: it will be answered by
 * whatever the other side has by then. One begun to answer another names it.
 * When both begin anew at once, each may answer what is gone already: then the
 * impolite side, and only this one, begins once more.
 *
 * Dispatches `state` (see below), `track` when `stream` has changed, `text` (the
 * detail) for what came over the data channel, and `note` {what, to} for each
 * state and error of the connection below, which nobody needs who only talks.
 */

import {backoff} from './pause.js';
import {Session} from './session.js';

/** @typedef {import('./forms.js').Message} Message */
/** @typedef {import('./session.js').Media} Media */

/**
 * @typedef {'waiting' | 'connecting' | 'connected' | 'interrupted' | 'failed'
 *   | 'closed'} State
 *   waiting: nothing has happened yet; interrupted: was connected, tries to
 *   come back; failed: never got through so far, tries again
 */

/** Types of message that are for a Peer. */
export const NEGOTIATION = new Set(['description', 'candidate', 'bye']);

export class Peer extends EventTarget {
  #room;
  #media;
  /** When offers meet one side gives way: the one with the lower id. */
  #polite;
  /** @type {Session | null} */
  #session = null;
  /** An offer of theirs met ours, and ours stands. */
  #ignoring = false;
  #failures = 0;
  #wasConnected = false;
  #despaired = false;
  /** What came is worked off one by one. */
  #work = Promise.resolve();
  /** Aborted to give up what is being worked off. */
  #patience = new AbortController();

  /** @type {State} */
  state = 'waiting';
  /** Theirs: tracks come and go in it. */
  stream = new MediaStream();

  /**
   * @param {import('./room.js').Room} room
   * @param {string} id
   * @param {Media} media
   */
  constructor(room, id, media) {
    super();
    this.#room = room;
    this.#media = media;
    this.#polite = room.peer < id;
    this.id = id;
  }

  /**
   * Begins from our side, anew if need be. The offer is for anybody: two that
   * name sessions which are both gone by now would meet nobody.
   */
  call() {
    this.#patience.abort();
    this.#patience = new AbortController();
    this.#begin('');
  }

  /** @param {Message} message of this peer, of a type in NEGOTIATION */
  receive(message) {
    this.#work = this.#work.then(() => this.#workOff(message));
  }

  /** Our tracks have changed. */
  refresh() {
    this.#session?.send(this.#media.stream);
  }

  /** The servers to find a way by have changed. */
  reroute() {
    this.#session?.restart(this.#media.ice);
  }

  /** Negotiation messages may be lost. A connection that stands needs none. */
  recover() {
    if (this.state !== 'connected') this.call();
  }

  /** Looks for a way now, not only when the old one has timed out. */
  hurry() {
    this.#session?.restart();
  }

  /** @returns {Promise<RTCStatsReport | null>} null when nothing is there */
  async stats() {
    return await this.#session?.stats() ?? null;
  }

  /** @param {string} text over the data channel; throws when it is not open */
  send(text) {
    if (this.state !== 'connected') throw new Error('Not connected.');
    this.#session?.say(text);
  }

  /** @param {boolean} [bye] tell the other side, if we stay in the room */
  close(bye = false) {
    if (bye && this.#session) this.#post('bye', {});
    this.#shut();
    this.#turn('closed');
  }

  /**
   * @param {string} remote
   * @returns {Session}
   */
  #begin(remote) {
    this.#shut();
    this.#ignoring = false;
    this.#session = new Session(remote, this.#media, {
      offered: (description) => this.#post('description', description.toJSON()),
      found: (candidate) => this.#post('candidate', candidate?.toJSON()),
      changed: () => this.#look(),
      track: (track) => this.#show(track),
      text: (text) => this.#tell('text', text),
      noted: (what, to) => this.#tell('note', {what, to}),
    });
    this.#look();
    return this.#session;
  }

  #shut() {
    this.#session?.close();
    this.#session = null;
    for (const track of this.stream.getTracks()) this.stream.removeTrack(track);
    this.#tell('track');
  }

  /** @param {Message} message */
  async #workOff(message) {
    const {signal} = this.#patience;
    const {type} = message;
    const done = new AbortController();
    // What a connection was doing when it was closed does not even fail.
    const givenUp = new Promise((resolve) => {
      signal.addEventListener('abort', resolve, {signal: done.signal});
    });
    try {
      await Promise.race([this.#take(message), givenUp]);
    } catch (error) {
      // Half a negotiation helps nobody. We begin anew; they follow.
      console.warn('The negotiation failed and begins anew:', error);
      this.#note(type, error);
      await backoff(this.#failures++, 0);
      if (!signal.aborted && this.state !== 'closed') this.call();
    } finally {
      done.abort();
    }
  }

  /** @param {Message} message */
  async #take({seq, type, body}) {
    if (this.state === 'closed') return;
    const {session: theirs = this.#session?.remote ?? '', for: meant, ...init} =
      body ?? {};
    const offer = type === 'description' && init.type === 'offer';
    if (type === 'description' && !offer && init.type !== 'answer') return;
    if (meant && meant !== this.#session?.id) {
      if (type === 'description') this.#missed(theirs);
      return;
    }
    const session = this.#session?.remote === theirs ? this.#session
      : type === 'description' ? this.#meet(theirs, meant, offer) : null;
    if (!session) return;
    if (type === 'bye') this.close();
    else if (offer) await this.#answer(session, init, seq);
    else if (type === 'description') await session.accept(init);
    // The end of candidates is null: it names no session and does no harm.
    else await this.#try(session, body && init);
  }

  /**
   * A description for a session of ours that is gone. Unless an offer of ours
   * for anybody is under way, what we have may wait for one that is gone too.
   * @param {string} theirs
   */
  #missed(theirs) {
    const remote = this.#session?.remote;
    const dead = remote && remote !== theirs;
    if (!this.#session || (dead && !this.#polite)) this.#begin(theirs);
  }

  /**
   * A description from a session that we do not know yet.
   * @param {string} theirs
   * @param {string | undefined} meant
   * @param {boolean} offer
   * @returns {Session | null} the one to apply it to
   */
  #meet(theirs, meant, offer) {
    const ours = this.#session;
    const fits = ours?.untouched && (meant === ours.id || !ours.remote);
    if (ours && fits && !(offer && ours.offering)) {
      ours.remote = theirs;
      return ours;
    }
    this.#ignoring = Boolean(fits) && !this.#polite;
    if (this.#ignoring) return null;
    // Nothing is lost by an untouched connection, and a new one needs no
    // rollback: browsers have been seen to gather no candidates after one.
    const fresh = this.#begin(theirs);
    // An answer to the connection we had: the new one makes its own offer.
    return fits || offer ? fresh : null;
  }

  /**
   * @param {Session} session
   * @param {RTCSessionDescriptionInit} offer
   * @param {number} re seq of the offer
   */
  async #answer(session, offer, re) {
    this.#ignoring = session.offering && !this.#polite;
    if (this.#ignoring) return;
    const answer = await session.answer(offer);
    if (session !== this.#session || !answer) return;
    this.#post('description', {...answer.toJSON(), re});
  }

  /**
   * @param {Session} session
   * @param {RTCIceCandidateInit | null} candidate
   */
  async #try(session, candidate) {
    try {
      await session.try(candidate);
    } catch (error) {
      // Those of an offer we ignored fit to nothing; an end may come late.
      if (this.#ignoring || session !== this.#session || !candidate) return;
      console.warn('A candidate does not fit:', error);
      this.#note('candidate', error);
    }
  }

  /**
   * @param {string} type
   * @param {object | undefined} init
   */
  #post(type, init) {
    const {id: session, remote} = /** @type {Session} */ (this.#session);
    const body = init ? {...init, session, for: remote || undefined} : null;
    this.#room.post(type, body, this.id).catch((error) => {
      if (this.#room.state === 'closed') return;
      console.warn('Not posted:', error);
      this.#note('post', error);
      this.#complain(type, error.code);
    });
  }

  /**
   * What was refused is not in the log; that it was, is.
   * @param {string} type
   * @param {string} code
   */
  #complain(type, code) {
    if (code !== 'too-large' && code !== 'mailbox-full') return;
    this.#room.post('error', {code, text: `A ${type} was refused.`})
      .catch(() => {});
  }

  /** That nothing gets through is not in the log either. Once is enough: each
   * try that follows leaves an offer there. */
  #despair() {
    if (this.#despaired) return;
    this.#despaired = true;
    this.#room.post('error', {code: 'connection-failed',
      text: 'No way to the other one was found.'}, this.id).catch(() => {});
  }

  /** @param {string} what @param {any} error */
  #note(what, {code, name}) {
    this.#tell('note', {what, to: typeof code === 'string' ? code : name});
  }

  /** @param {MediaStreamTrack} track */
  #show(track) {
    // Of each kind only the newest: an earlier one was replaced by it.
    for (const old of this.stream.getTracks()) {
      if (old.kind === track.kind) this.stream.removeTrack(old);
    }
    this.stream.addTrack(track);
    this.#tell('track');
  }

  #look() {
    if (this.#session?.connected) {
      this.#failures = 0;
      this.#wasConnected = true;
      this.#turn('connected');
    } else if (this.#wasConnected) this.#turn('interrupted');
    else this.#turn(this.#session?.failed ? 'failed' : 'connecting');
  }

  /** @param {State} state */
  #turn(state) {
    if (this.state === state || this.state === 'closed') return;
    this.state = state;
    if (state === 'failed') this.#despair();
    this.#tell('state');
  }

  /**
   * @param {string} type
   * @param {any} [detail]
   */
  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}
