/**
 * Runs a script against a real RTCPeerConnection of this browser and writes
 * down each call, how it ended, and the state after it. What depends on chance
 * or time is left out, so the same script gives the same trace.
 *
 * The connection is for relays alone and knows none, so it gathers no address
 * of this machine and sends nothing to those that are recorded.
 */

import {sleep} from '../pause.js';
import {fitted, renewed, renewedCandidate} from './renew.js';
import {sdpOf} from './sdp.js';

/** @typedef {import('./script.js').Act} Act */

/**
 * @typedef {object} Line of a trace
 * @property {number} seq
 * @property {string} call of the API
 * @property {string} result ok, the name of an error, or why it was not made
 * @property {string} words of the error, else ''
 * @property {string} signaling state after it
 * @property {string} media mid, kind, direction and current direction
 */

/**
 * @typedef {object} Run
 * @property {Line[]} trace
 * @property {number} stop index of the line where it stops, -1: nowhere
 */

/** A call of the API takes no longer, ms. */
const PATIENCE = 30_000;

/** Between two tries to get a connection, ms. */
const PAUSE = 50;
/** Bytes that are wanted meanwhile, and dropped. */
const GARBAGE = 32 * 1024 * 1024;

/**
 * @param {Act[]} script
 * @returns {Promise<Run>} up to the first description that is refused
 */
export async function run(script) {
  const stage = new Stage();
  /** @type {Line[]} */
  const trace = [];
  try {
    for (const act of script) {
      const line = await stage.play(act);
      trace.push(line);
      const failed = line.result !== 'ok' && act.act !== 'leave';
      // An application goes on without a candidate, but not without an offer.
      if (failed && act.act !== 'candidate') {
        return {trace, stop: trace.length - 1};
      }
    }
    return {trace, stop: -1};
  } finally {
    stage.close();
  }
}

/**
 * A browser has some hundred of them at once, and those that are closed count
 * until it finds time to clear them away.
 * @returns {Promise<RTCPeerConnection>}
 */
async function connection() {
  const end = performance.now() + PATIENCE;
  for (;;) {
    try {
      return new RTCPeerConnection(
        {iceServers: [], iceTransportPolicy: 'relay'});
    } catch (error) {
      const {name} = /** @type {DOMException} */ (error);
      if (name !== 'UnknownError' || performance.now() > end) throw error;
      // It clears away when memory is wanted, and no call asks it to.
      new ArrayBuffer(GARBAGE);
      await sleep(PAUSE);
    }
  }
}

class Stage {
  /** @type {RTCPeerConnection | null} */
  #pc = null;
  /** Our newest offer as it was recorded. */
  #recorded = '';
  /** Of our newest description as it was recorded. */
  #ufrag = '';
  /** Their mids as they are called here. @type {Map<string, string>} */
  #mids = new Map();

  /** @param {Act} act @returns {Promise<Line>} */
  async play({seq, act, anew, body, why}) {
    if (anew) this.close();
    /** @type {[string, () => Promise<unknown>]} */
    const [call, make] = act === 'offer' || act === 'answer'
      ? [`setLocalDescription(${act})`, () => this.#describe(act, body)]
      : act === 'take'
        ? [`setRemoteDescription(${body?.type})`, () => this.#take(body)]
        : act === 'candidate'
          ? ['addIceCandidate', () => this.#candidate(body)]
          : act === 'close' ? ['close', async () => this.close()]
            : [why === 'glare' ? 'ignored: offers met' : `ignored: ${why}`,
              async () => {}];
    let result = act === 'leave' ? 'ignored' : 'ok';
    let words = '';
    try {
      await inTime(make());
    } catch (error) {
      const {name, message} = /** @type {DOMException} */ (error);
      result = name;
      words = message;
    }
    const pc = this.#pc;
    return {seq, call, result, words, media: mediaOf(pc),
      signaling: pc?.signalingState ?? 'closed'};
  }

  close() {
    this.#pc?.close();
    this.#pc = null;
    this.#recorded = '';
    this.#ufrag = '';
    this.#mids.clear();
  }

  async #connection() {
    this.#pc ??= await connection();
    return this.#pc;
  }

  /** @param {'offer' | 'answer'} type @param {any} body */
  async #describe(type, body) {
    const pc = await this.#connection();
    const sdp = String(body?.sdp ?? '');
    const {ufrag} = sdpOf(sdp);
    // Firefox refuses the answer to a restart that it has not asked for.
    const iceRestart = this.#ufrag !== '' && ufrag !== this.#ufrag;
    this.#ufrag = ufrag;
    if (type === 'offer') {
      this.#recorded = sdp;
      furnish(pc, sdp);
      await pc.setLocalDescription(await pc.createOffer({iceRestart}));
    } else await pc.setLocalDescription(await pc.createAnswer());
  }

  /** @param {any} body */
  async #take({type, sdp = ''} = {}) {
    const pc = await this.#connection();
    const ours = pc.localDescription?.sdp;
    const text = renewed(String(sdp));
    if (type !== 'offer' && this.#recorded && ours) {
      const answer = fitted(text, this.#recorded, ours);
      this.#mids = answer.mids;
      await pc.setRemoteDescription({type, sdp: answer.sdp});
    } else await pc.setRemoteDescription({type, sdp: text});
  }

  /** @param {any} body */
  async #candidate(body) {
    const pc = await this.#connection();
    if (!body) return pc.addIceCandidate();
    const {candidate, sdpMid, sdpMLineIndex, usernameFragment} = body;
    await pc.addIceCandidate({sdpMLineIndex, usernameFragment,
      candidate: renewedCandidate(String(candidate ?? '')),
      sdpMid: this.#mids.get(sdpMid) ?? sdpMid});
  }
}

/**
 * What has to be there for an offer with the same m-lines.
 * @param {RTCPeerConnection} pc
 * @param {string} sdp
 */
function furnish(pc, sdp) {
  const {media} = sdpOf(sdp);
  const lines = media.filter(({kind}) => kind === 'audio' || kind === 'video');
  const there = pc.getTransceivers();
  lines.slice(0, 64).forEach(({kind, direction}, index) => {
    const way = /** @type {RTCRtpTransceiverDirection} */ (direction);
    const transceiver = there[index] ?? pc.addTransceiver(kind);
    if (transceiver.currentDirection !== 'stopped') transceiver.direction = way;
  });
  if (media.some(({kind}) => kind === 'application') && !pc.sctp) {
    pc.createDataChannel('replay', {negotiated: true, id: 0});
  }
}

/** @param {RTCPeerConnection | null} pc */
function mediaOf(pc) {
  return (pc?.getTransceivers() ?? []).map((one) => `${one.mid ?? '-'} ${
    one.receiver.track.kind} ${one.direction} ${one.currentDirection ?? '-'}`)
    .concat(pc?.sctp ? ['data'] : []).join(', ');
}

/** @param {Promise<unknown>} promise */
function inTime(promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException(
      'It did not end.', 'TimeoutError')), PATIENCE);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * A trace in one word: the same traces have the same, and no others.
 * @param {Line[]} trace
 * @returns {Promise<string>} '' where a browser has no hashes, as by http
 */
export async function printOf(trace) {
  const {subtle} = globalThis.crypto ?? {};
  if (!subtle) return '';
  const text = trace.map(({seq, call, result, signaling, media}) =>
    [seq, call, result, signaling, media].join('\t')).join('\n');
  const digest = await subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest).slice(0, 8)]
    .map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * What became of it, in words.
 * @param {Run} run
 * @returns {string}
 */
export function verdict({trace, stop}) {
  const calls = trace.filter(({result}) => result !== 'ignored');
  const refused = calls.filter(({call, result}) =>
    call === 'addIceCandidate' && result !== 'ok');
  const also = refused.length ? ` ${refused.length} of ${calls.filter(
    ({call}) => call === 'addIceCandidate').length} candidates were refused, ` +
    `the first by message ${refused[0].seq}.` : '';
  if (stop >= 0) {
    const {seq, call, result, words} = trace[stop];
    return `It stops at message ${seq}: ${call} fails with ${result}. ${words}${
      also}`;
  }
  const last = calls.at(-1);
  if (!last) return 'There is nothing that a connection was asked to do.';
  switch (last.signaling) {
    case 'stable': return `It goes through: both sides agree.${also}`;
    case 'have-local-offer': return 'It stops waiting: its offer got no ' +
      `answer.${also}`;
    case 'have-remote-offer': return 'It stops with an offer that was not ' +
      `answered.${also}`;
    case 'closed': return `It goes through to the end of the call.${also}`;
    default: return `It ends in ${last.signaling}.${also}`;
  }
}
