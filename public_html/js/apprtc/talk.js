/**
 * A call with whoever has the other seat, in the way of AppRTC: who comes
 * second offers, the first one answers, and `bye` ends it. Either may be one
 * that is not ours.
 *
 * A page that reloads, and a native peer that does, offers anew: an offer of
 * another session than before gets another connection. One of the same session
 * goes on with it, as when a native peer adds its data channel.
 *
 * Dispatches `state` (see below), `track` when `stream` has changed, and `bye`
 * when the other one has left.
 */

/** @typedef {import('./seat.js').Message} Message */
/**
 * @typedef {object} Media
 * @property {MediaStream | null} stream ours
 * @property {RTCConfiguration} configuration
 */

/**
 * @typedef {'alone' | 'connecting' | 'connected' | 'interrupted' | 'failed'
 *   | 'gone'} State
 *   gone: the other one was there
 */

/** The session that a description is of (RFC 8866, section 5.2). @param {string} sdp */
const sessionOf = (sdp) => /^o=\S+ (\d+)/m.exec(sdp)?.[1] ?? '';

export class Talk extends EventTarget {
  #say;
  #media;
  /** @type {RTCPeerConnection | null} */
  #pc = null;
  /** Of theirs. */
  #session = '';
  #calls;
  /** That came before what they belong to. @type {RTCIceCandidateInit[]} */
  #early = [];
  #work = Promise.resolve();
  /** What was heard before start(); null: it has begun.
   * @type {Message[] | null} */
  #before = [];
  /** kbit/s @type {Record<string, number>} */
  #rates;
  #waits;

  /** @type {State} */
  state = 'alone';
  /** Theirs: tracks come and go in it. */
  stream = new MediaStream();

  /**
   * @param {(message: Message) => void} say
   * @param {Media} media
   * @param {boolean} calls we came second
   * @param {{audio: number, video: number}} rates kbit/s, 0: as it likes
   * @param {State} [waits] we call although nobody is there: what is so until
   *   somebody answers
   */
  constructor(say, media, calls, rates, waits) {
    super();
    this.state = waits ?? 'alone';
    this.#waits = Boolean(waits);
    this.#say = say;
    this.#media = media;
    this.#calls = calls;
    this.#rates = rates;
  }

  /** Listens, and calls if it is ours to call. */
  start() {
    const before = this.#before ?? [];
    this.#before = null;
    if (this.#calls) {
      this.#begin();
      void this.#later(() => this.#offer());
    }
    for (const message of before) this.receive(message);
  }

  /** @param {Message} message */
  receive(message) {
    if (!this.#before) {
      void this.#later(() => this.#take(message));
    } else if (message.type === 'bye') {
      // All of it was from somebody who is gone: whoever comes next calls.
      this.#before = [];
      this.#bye();
    } else {
      this.#before.push(message);
    }
  }

  /** Our tracks have changed. */
  refresh() {
    const pc = this.#pc;
    if (!pc) return;
    this.#send(pc);
    void this.#later(() => pc === this.#pc && this.#offer());
  }

  close() {
    this.#shut();
    this.#calls = false;
  }

  /** One thing after the other. @param {() => unknown} job */
  #later(job) {
    this.#work = this.#work.then(job).then(() => {}, (error) => {
      if (this.#pc) console.warn('The negotiation failed:', error);
    });
    return this.#work;
  }

  #begin() {
    this.#shut();
    const pc = this.#pc = new RTCPeerConnection(this.#media.configuration);
    pc.onicecandidate = ({candidate}) => {
      if (!candidate?.candidate) return;
      this.#say({type: 'candidate', label: candidate.sdpMLineIndex,
        id: candidate.sdpMid, candidate: candidate.candidate});
    };
    pc.ontrack = ({track}) => {
      for (const old of this.stream.getTracks()) {
        if (old.kind === track.kind) this.stream.removeTrack(old);
      }
      this.stream.addTrack(track);
      this.dispatchEvent(new Event('track'));
    };
    pc.onconnectionstatechange = () => this.#look(pc);
    this.#send(pc);
    if (!this.#waits) this.#turn('connecting');
    return pc;
  }

  #shut() {
    const pc = this.#pc;
    this.#pc = null;
    this.#session = '';
    this.#early = [];
    if (!pc) return;
    pc.onicecandidate = pc.ontrack = pc.onconnectionstatechange = null;
    pc.close();
    for (const track of this.stream.getTracks()) this.stream.removeTrack(track);
    this.dispatchEvent(new Event('track'));
  }

  /** @param {RTCPeerConnection} pc */
  #send(pc) {
    const {stream} = this.#media;
    const sent = pc.getSenders().map(({track}) => track);
    for (const kind of ['audio', 'video']) {
      const track = stream?.getTracks().find((each) => each.kind === kind);
      if (track && stream && !sent.includes(track)) pc.addTrack(track, stream);
      // To see and hear, one need not be seen and heard.
      else if (!track && !pc.getTransceivers().some(({receiver}) =>
        receiver.track.kind === kind)) {
        if (this.#calls) pc.addTransceiver(kind, {direction: 'recvonly'});
      }
    }
  }

  async #offer() {
    const pc = this.#pc;
    if (!pc || pc.signalingState !== 'stable') return;
    await pc.setLocalDescription();
    this.#describe(pc);
  }

  /** @param {RTCPeerConnection} pc */
  #describe(pc) {
    const {localDescription: ours} = pc;
    if (pc !== this.#pc || !ours) return;
    this.#say({type: ours.type === 'offer' ? 'offer' : 'answer',
      sdp: ours.sdp});
    for (const sender of pc.getSenders()) void this.#limit(sender);
  }

  /** @param {RTCRtpSender} sender */
  async #limit(sender) {
    const rate = this.#rates[sender.track?.kind ?? ''];
    if (!rate) return;
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) {
      encoding.maxBitrate = 1000 * rate;
    }
    await sender.setParameters(parameters).catch(() => {});
  }

  /** @param {Message} message */
  async #take(message) {
    if (message.type === 'offer') await this.#answer(message.sdp);
    else if (message.type === 'answer') await this.#accept(message.sdp);
    else if (message.type === 'candidate') await this.#try(message);
    else if (message.type === 'bye') this.#bye();
  }

  /** @param {string} sdp */
  async #answer(sdp) {
    const session = sessionOf(sdp);
    // Offers that meet: who came second goes on with his own.
    if (this.#pc?.signalingState === 'have-local-offer' && this.#calls) return;
    const pc = this.#pc && session && session === this.#session ? this.#pc :
      this.#begin();
    this.#session = session;
    await pc.setRemoteDescription({type: 'offer', sdp});
    await this.#drain(pc);
    await pc.setLocalDescription();
    this.#describe(pc);
  }

  /** @param {string} sdp */
  async #accept(sdp) {
    const pc = this.#pc;
    if (pc?.signalingState !== 'have-local-offer') return;
    this.#waits = false;
    this.#turn('connecting');
    this.#session = sessionOf(sdp);
    await pc.setRemoteDescription({type: 'answer', sdp});
    await this.#drain(pc);
  }

  /** @param {RTCPeerConnection} pc */
  async #drain(pc) {
    const early = this.#early;
    this.#early = [];
    for (const candidate of early) {
      await pc.addIceCandidate(candidate).catch(() => {});
    }
  }

  /** One that fits to nothing is of a connection that is gone.
   * @param {{label: number | null, id: string | null, candidate: string}} m */
  async #try({label, id, candidate}) {
    const init = {candidate, sdpMLineIndex: label, sdpMid: id};
    const pc = this.#pc;
    if (pc?.remoteDescription) await pc.addIceCandidate(init).catch(() => {});
    else this.#early.push(init);
  }

  #bye() {
    const met = this.#pc || this.#calls;
    this.close();
    if (met) this.#turn('gone');
    this.dispatchEvent(new Event('bye'));
  }

  /** @param {RTCPeerConnection} pc */
  #look(pc) {
    if (pc !== this.#pc) return;
    const {connectionState} = pc;
    if (connectionState === 'connected') this.#turn('connected');
    else if (connectionState === 'failed') this.#turn('failed');
    else if (connectionState === 'disconnected') this.#turn('interrupted');
  }

  /** @param {State} state */
  #turn(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event('state'));
  }
}
