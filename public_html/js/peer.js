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
 * Dispatches `state` (see below), `track` when `stream` has changed, and
 * `text` {text} for what came over the data channel.
 */

import {random} from './identity.js';
import {backoff} from './pause.js';

/** @typedef {import('./wire.js').Message} Message */

/**
 * @typedef {'waiting' | 'connecting' | 'connected' | 'interrupted' | 'failed'
 *   | 'closed'} State
 *   waiting: nothing has happened yet; interrupted: was connected, tries to
 *   come back; failed: never got through so far, tries again
 */

/**
 * @typedef {object} Media what a call gives to each of its peers
 * @property {MediaStream | null} stream ours
 * @property {RTCIceServer[]} ice
 */

/** Types of message that are for a Peer. */
export const NEGOTIATION = new Set(['description', 'candidate', 'bye']);

export class Peer extends EventTarget {
  #room;
  #media;
  /** In a collision of offers one side gives way: the one with the lower id. */
  #polite;
  /** @type {RTCPeerConnection | null} */
  #pc = null;
  /** @type {RTCDataChannel | null} */
  #channel = null;
  /** Of our connection, and of theirs as far as we know it. */
  #session = '';
  #remote = '';
  /** No description of theirs was applied yet. */
  #untouched = true;
  #offering = false;
  #ignoring = false;
  #failures = 0;
  #wasConnected = false;
  /** What came is worked off one by one. @type {Promise<unknown>} */
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
   * Begins from our side, anew if need be. Such an offer is for whatever
   * session the other side has by then: it may be beginning anew as well, and
   * two offers for sessions that are both gone would meet nobody.
   */
  call() {
    this.#patience.abort();
    this.#patience = new AbortController();
    this.#begin('');
  }

  /** @param {Message} message of this peer, of a type in NEGOTIATION */
  receive(message) {
    this.#work = this.#work
      .then(() => Promise.race([this.#take(message), this.#givenUp()]))
      .catch((error) => this.#failed(error));
  }

  /** Our tracks have changed. */
  refresh() {
    if (!this.#pc) return;
    const tracks = this.#media.stream?.getTracks() ?? [];
    for (const sender of this.#pc.getSenders()) {
      if (sender.track && !tracks.includes(sender.track)) {
        this.#pc.removeTrack(sender);
      }
    }
    this.#addTracks(this.#pc);
  }

  /** The servers to find a way by have changed. */
  reroute() {
    this.#pc?.setConfiguration({iceServers: this.#media.ice});
    this.hurry();
  }

  /** Negotiation messages may be lost. A connection that stands needs none. */
  recover() {
    if (this.state !== 'connected') this.call();
  }

  /** Looks for a way now, not only when the old one has timed out. */
  hurry() {
    if (this.state !== 'connected') this.#pc?.restartIce();
  }

  /** @param {string} text over the data channel; throws when it is not open */
  send(text) {
    if (this.state !== 'connected') throw new Error('Not connected.');
    this.#channel?.send(text);
  }

  /** @param {boolean} [bye] tell the other side, if we stay in the room */
  close(bye = false) {
    if (bye && this.#pc) this.#post('bye', {});
    this.#shut();
    this.#turn('closed');
  }

  /** @param {string} remote the session this one is for, if we know it */
  #begin(remote) {
    this.#shut();
    this.#session = random(9);
    this.#remote = remote;
    this.#untouched = true;
    this.#offering = this.#ignoring = false;
    const pc = new RTCPeerConnection({iceServers: this.#media.ice});
    this.#pc = pc;
    pc.onnegotiationneeded = () => this.#offer(pc);
    pc.onicecandidate = ({candidate}) => this.#post('candidate',
      candidate && candidate.toJSON());
    pc.ontrack = ({track}) => this.#show(track);
    pc.onconnectionstatechange = () => this.#look();
    pc.oniceconnectionstatechange = () => void this.#restart(pc);
    this.#addTracks(pc);
    // Agreed beforehand, so that both sides simply have it.
    this.#channel = pc.createDataChannel('chat', {negotiated: true, id: 0});
    this.#channel.onopen = this.#channel.onclose = () => this.#look();
    this.#channel.onmessage = ({data}) => this.#tell('text', String(data));
    this.#look();
  }

  #shut() {
    const pc = this.#pc;
    if (!pc) return;
    pc.onnegotiationneeded = pc.onicecandidate = pc.ontrack = null;
    pc.onconnectionstatechange = pc.oniceconnectionstatechange = null;
    if (this.#channel) {
      this.#channel.onopen = this.#channel.onclose = null;
      this.#channel.onmessage = null;
    }
    pc.close();
    this.#pc = this.#channel = null;
    for (const track of this.stream.getTracks()) this.stream.removeTrack(track);
    this.#tell('track');
  }

  /** @param {RTCPeerConnection} pc */
  async #offer(pc) {
    try {
      this.#offering = true;
      await pc.setLocalDescription();
      this.#describe(pc);
    } catch (error) {
      if (pc === this.#pc) console.warn('No offer could be made:', error);
    } finally {
      if (pc === this.#pc) this.#offering = false;
    }
  }

  /** @param {Message} message */
  async #take({seq, type, body}) {
    if (this.state === 'closed') return;
    // The end of candidates is null: it names no session and does no harm.
    const {session = this.#remote, for: meant, ...init} = body ?? {};
    const offer = init.type === 'offer';
    if (type === 'description' && !offer && init.type !== 'answer') return;
    if (meant && meant !== this.#session) {
      if (type === 'description') this.#missed(session);
      return;
    }
    if (session !== this.#remote || !this.#pc) {
      if (type !== 'description') return;
      const fits = this.#pc && this.#untouched &&
        (meant === this.#session || !this.#remote);
      const collision = fits && offer && this.#collides();
      if (collision && !this.#polite) return;
      // Nothing is lost by an untouched connection, and one that never made
      // an offer needs no rollback: browsers differ in those.
      if (!fits || collision) this.#begin(session);
      this.#remote = session;
      // An answer to the connection we had: the new one makes its own offer.
      if (!fits && !offer) return;
    }
    const pc = /** @type {RTCPeerConnection} */ (this.#pc);
    if (type === 'bye') this.close();
    else if (type === 'candidate') await this.#candidate(pc, body && init);
    else if (offer) await this.#answer(pc, init, seq);
    else if (pc.signalingState === 'have-local-offer') {
      this.#untouched = false;
      await pc.setRemoteDescription(init);
    }
  }

  /** What a connection was doing when it was closed does not even fail. */
  #givenUp() {
    const {signal} = this.#patience;
    return new Promise((resolve) => {
      signal.addEventListener('abort', resolve, {once: true});
    });
  }

  /**
   * A description for a connection we do not have any more. Unless an offer of
   * ours for anybody is under way, what we have may wait for one they do not
   * have any more either.
   * @param {string} session of theirs
   */
  #missed(session) {
    const dead = this.#remote && session !== this.#remote;
    if (!this.#pc || (dead && !this.#polite)) this.#begin(session);
  }

  /**
   * Whether an offer meets one of ours. The impolite side then lets its own
   * stand and ignores the other; the polite side will answer.
   */
  #collides() {
    const {signalingState} = /** @type {RTCPeerConnection} */ (this.#pc);
    const collision = this.#offering || signalingState !== 'stable';
    this.#ignoring = !this.#polite && collision;
    return collision;
  }

  /**
   * @param {RTCPeerConnection} pc
   * @param {RTCSessionDescriptionInit} offer
   * @param {number} seq
   */
  async #answer(pc, offer, seq) {
    if (this.#collides() && !this.#polite) return;
    this.#untouched = false;
    // Takes back an offer of ours that is under way.
    await pc.setRemoteDescription(offer);
    await pc.setLocalDescription();
    this.#describe(pc, seq);
  }

  /**
   * @param {RTCPeerConnection} pc
   * @param {RTCIceCandidateInit | null} candidate
   */
  async #candidate(pc, candidate) {
    try {
      await pc.addIceCandidate(candidate ?? undefined);
    } catch (error) {
      // Those of an offer we ignored fit to nothing.
      if (!this.#ignoring && pc === this.#pc && candidate) {
        console.warn('A candidate does not fit:', error);
      }
    }
  }

  /**
   * @param {RTCPeerConnection} pc
   * @param {number} [re] seq of the offer that this answers
   */
  #describe(pc, re) {
    if (pc !== this.#pc || !pc.localDescription) return;
    const {type, sdp} = pc.localDescription;
    this.#post('description', re ? {type, sdp, re} : {type, sdp});
  }

  /**
   * @param {string} type
   * @param {object | null} init
   */
  #post(type, init) {
    const whose = {session: this.#session, for: this.#remote || undefined};
    const body = init && {...init, ...whose};
    this.#room.post(type, body, this.id).catch((error) => {
      if (this.#room.state !== 'closed') console.warn('Not posted:', error);
    });
  }

  /** @param {RTCPeerConnection} pc */
  #addTracks(pc) {
    const {stream} = this.#media;
    const sent = pc.getSenders().map(({track}) => track);
    for (const track of stream?.getTracks() ?? []) {
      if (!sent.includes(track)) {
        pc.addTrack(track, /** @type {MediaStream} */ (stream));
      }
    }
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

  /**
   * Half a negotiation helps nobody. We begin anew; the other side follows.
   * @param {unknown} error
   */
  async #failed(error) {
    const pc = this.#pc;
    console.warn('The negotiation failed and begins anew:', error);
    await backoff(this.#failures++, 0);
    if (pc === this.#pc && this.state !== 'closed') this.call();
  }

  /** @param {RTCPeerConnection} pc */
  async #restart(pc) {
    if (pc.iceConnectionState !== 'failed') return;
    await backoff(this.#failures++, 0);
    if (pc !== this.#pc || pc.iceConnectionState !== 'failed') return;
    // Both sides may do so; a collision of offers is dealt with above.
    pc.restartIce();
  }

  #look() {
    const state = this.#pc?.connectionState;
    const channel = this.#channel?.readyState;
    if (state === 'connected' && channel === 'open') {
      this.#failures = 0;
      this.#wasConnected = true;
      this.#turn('connected');
    } else if (this.#wasConnected) this.#turn('interrupted');
    else this.#turn(state === 'failed' ? 'failed' : 'connecting');
  }

  /** @param {State} state */
  #turn(state) {
    if (this.state === state || this.state === 'closed') return;
    this.state = state;
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
