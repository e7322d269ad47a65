/**
 * One RTCPeerConnection with its data channel, from its begin to its close. It
 * is never reused: who begins anew makes another one.
 */

import {random} from './identity.js';
import {backoff} from './pause.js';

/**
 * @typedef {object} Media what a call gives to each of its peers
 * @property {MediaStream | null} stream ours
 * @property {RTCIceServer[]} ice
 */

/**
 * @typedef {object} Ear
 * @property {(description: RTCSessionDescription) => void} offered
 * @property {(candidate: RTCIceCandidate | null) => void} found
 * @property {() => void} changed `connected` or `failed` is another
 * @property {(track: MediaStreamTrack) => void} track
 * @property {(text: string) => void} text
 * @property {(what: string, to: string) => void} noted for who wants to know
 *   later what happened: a state, or the name of an error
 */

export class Session {
  #pc;
  #channel;
  #offering = false;
  #failures = 0;
  /** Ours; random. */
  id = random(9);
  /** No description of theirs was applied yet. */
  untouched = true;

  /**
   * @param {string} remote the session of theirs that this one is for, '' for
   *   whatever they have
   * @param {Media} media
   * @param {Ear} ear
   */
  constructor(remote, {stream, ice}, ear) {
    this.remote = remote;
    const pc = this.#pc = new RTCPeerConnection({iceServers: ice});
    pc.onnegotiationneeded = () => this.#offer(ear);
    pc.onicecandidate = ({candidate}) => ear.found(candidate);
    pc.ontrack = ({track}) => ear.track(track);
    pc.onconnectionstatechange = () => {
      ear.noted('connection', pc.connectionState);
      ear.changed();
    };
    pc.oniceconnectionstatechange = () => {
      ear.noted('ice', pc.iceConnectionState);
      void this.#restart();
    };
    pc.onicegatheringstatechange = () =>
      ear.noted('gathering', pc.iceGatheringState);
    pc.onsignalingstatechange = () =>
      ear.noted('signaling', pc.signalingState);
    // Of the server only its kind: the rest is its address.
    pc.onicecandidateerror = ({url, errorCode}) => ear.noted('server',
      `${/^(stun|turn)s?(?=:)/.exec(url ?? '')?.[0] ?? 'ice'} ${errorCode}`);
    this.send(stream);
    // Agreed beforehand, so that both sides simply have it.
    const channel = this.#channel =
      pc.createDataChannel('chat', {negotiated: true, id: 0});
    channel.onopen = channel.onclose = () => ear.changed();
    channel.onmessage = ({data}) => ear.text(String(data));
  }

  get connected() {
    return this.#pc.connectionState === 'connected' &&
      this.#channel.readyState === 'open';
  }

  get failed() {
    return this.#pc.connectionState === 'failed';
  }

  stats() {
    return this.#pc.getStats();
  }

  /** An offer of ours is being made or waits for its answer. */
  get offering() {
    return this.#offering || this.#pc.signalingState === 'have-local-offer';
  }

  /**
   * Applies an offer of theirs, taking back one of ours that is under way.
   * @param {RTCSessionDescriptionInit} offer
   * @returns {Promise<RTCSessionDescription | null>} the answer
   */
  async answer(offer) {
    this.untouched = false;
    await this.#pc.setRemoteDescription(offer);
    await this.#pc.setLocalDescription();
    return this.#pc.localDescription;
  }

  /** @param {RTCSessionDescriptionInit} answer */
  async accept(answer) {
    // To an offer of ours that was taken back.
    if (this.#pc.signalingState !== 'have-local-offer') return;
    this.untouched = false;
    await this.#pc.setRemoteDescription(answer);
  }

  /** @param {RTCIceCandidateInit | null} candidate null: there are no more */
  async try(candidate) {
    await this.#pc.addIceCandidate(candidate ?? undefined);
  }

  /** @param {string} text */
  say(text) {
    this.#channel.send(text);
  }

  /** @param {MediaStream | null} stream its tracks, and no others */
  send(stream) {
    const tracks = stream?.getTracks() ?? [];
    const sent = [];
    for (const sender of this.#pc.getSenders()) {
      if (!sender.track) continue;
      if (tracks.includes(sender.track)) sent.push(sender.track);
      else this.#pc.removeTrack(sender);
    }
    for (const track of tracks) {
      if (!sent.includes(track)) {
        this.#pc.addTrack(track, /** @type {MediaStream} */ (stream));
      }
    }
  }

  /** @param {RTCIceServer[]} [ice] other servers than before */
  restart(ice) {
    if (ice) this.#pc.setConfiguration({iceServers: ice});
    if (!this.connected) this.#pc.restartIce();
  }

  close() {
    const pc = this.#pc;
    const channel = this.#channel;
    pc.onnegotiationneeded = pc.onicecandidate = pc.ontrack = null;
    pc.onconnectionstatechange = pc.oniceconnectionstatechange = null;
    pc.onicegatheringstatechange = pc.onsignalingstatechange = null;
    pc.onicecandidateerror = null;
    channel.onopen = channel.onclose = channel.onmessage = null;
    pc.close();
  }

  /** @param {Ear} ear */
  async #offer(ear) {
    try {
      this.#offering = true;
      await this.#pc.setLocalDescription();
      const {localDescription, signalingState} = this.#pc;
      if (localDescription && signalingState !== 'closed') {
        ear.offered(localDescription);
      }
    } catch (error) {
      if (this.#pc.signalingState !== 'closed') {
        console.warn('No offer could be made:', error);
        ear.noted('offer', /** @type {Error} */ (error).name);
      }
    } finally {
      this.#offering = false;
    }
  }

  /** Both sides may do so: offers that meet are nothing new. */
  async #restart() {
    const pc = this.#pc;
    if (pc.iceConnectionState === 'connected') this.#failures = 0;
    if (pc.iceConnectionState !== 'failed') return;
    await backoff(this.#failures++, 0);
    if (pc.iceConnectionState === 'failed') pc.restartIce();
  }
}
