/**
 * A call: one Peer for each other member of a room.
 *
 * Who comes calls those who are there: he alone knows that both are ready, and
 * no two offers meet. A page that reloads comes anew, although the room (and
 * its members) count it as the same peer.
 *
 * Dispatches `peer` when a Peer was added and `gone` {peer, reason} when it
 * went; Peer tells the rest.
 */

import {NEGOTIATION, Peer} from './peer.js';

/** @typedef {import('./forms.js').Message} Message */

export class Call extends EventTarget {
  #room;
  #media;
  /** Their lease ended while the connection stands. @type {Set<string>} */
  #silent = new Set();
  #until = new AbortController();

  /** @type {Map<string, Peer>} */
  peers = new Map();

  /**
   * @param {import('./room.js').Room} room
   * @param {import('./peer.js').Media} media
   */
  constructor(room, media) {
    super();
    this.#room = room;
    this.#media = media;
  }

  /** Begins. Listen before, so that no event is missed. */
  start() {
    const {signal} = this.#until;
    const room = this.#room;
    for (const id of room.peers.keys()) this.#peer(id).call();
    room.addEventListener('message',
      (/** @type {CustomEvent<Message>} */ {detail}) => this.#read(detail),
      {signal});
    for (const loss of /** @type {const} */ (['gap', 'reset'])) {
      room.addEventListener(loss, () => {
        this.#complain(loss);
        this.#recover();
      }, {signal});
    }
    globalThis.addEventListener('online', () => {
      for (const peer of this.peers.values()) peer.hurry();
    }, {signal});
  }

  /** @param {MediaStream | null} stream ours, from now on */
  show(stream) {
    this.#media.stream = stream;
    for (const peer of this.peers.values()) peer.refresh();
  }

  /** @param {RTCIceServer[]} ice */
  route(ice) {
    this.#media.ice = ice;
    for (const peer of this.peers.values()) peer.reroute();
  }

  /** Ends all connections; leaving the room is another matter. */
  close() {
    this.#until.abort();
    for (const peer of this.peers.values()) peer.close();
    this.peers.clear();
  }

  /** @param {Message} message */
  #read(message) {
    const {from, type, body} = message;
    if (type === 'joined') {
      this.#silent.delete(from);
      this.#peer(from);
    } else if (type === 'left') this.#left(from, body.reason);
    else if (NEGOTIATION.has(type)) this.#negotiate(message);
  }

  /** @param {Message} message */
  #negotiate(message) {
    const {from, type} = message;
    // Old mail of somebody who has left meanwhile calls nobody back.
    const opens = type === 'description' && this.#room.peers.has(from);
    const peer = opens ? this.#peer(from) : this.peers.get(from);
    peer?.receive(message);
  }

  /** Whoever asks the log later why a call failed finds it there, and nowhere
   * else. @param {'gap' | 'reset'} code */
  #complain(code) {
    this.#room.post('error', {code,
      text: 'Messages were lost before they were read.'}).catch(() => {});
  }

  /** Messages were lost, among them perhaps who came and who went. */
  #recover() {
    for (const peer of this.peers.values()) {
      const there = this.#room.peers.has(peer.id);
      if (!there && peer.state !== 'connected') this.#drop(peer, 'lease');
    }
    for (const id of this.#room.peers.keys()) this.#peer(id).recover();
  }

  /** @param {string} id */
  #peer(id) {
    const known = this.peers.get(id);
    if (known && known.state !== 'closed') return known;
    const peer = new Peer(this.#room, id, this.#media);
    this.peers.set(id, peer);
    peer.addEventListener('state', () => {
      if (peer.state === 'closed') this.#drop(peer, 'bye');
      else if (peer.state !== 'connected' && this.#silent.has(id)) {
        this.#drop(peer, 'lease');
      }
    }, {signal: this.#until.signal});
    this.dispatchEvent(new CustomEvent('peer', {detail: peer}));
    return peer;
  }

  /**
   * @param {string} id
   * @param {string} reason
   */
  #left(id, reason) {
    const peer = this.peers.get(id);
    if (!peer) return;
    // Out of reach of the server is not out of reach of us.
    if (reason === 'lease' && peer.state === 'connected') this.#silent.add(id);
    else this.#drop(peer, reason);
  }

  /**
   * @param {Peer} peer
   * @param {string} reason
   */
  #drop(peer, reason) {
    if (this.peers.get(peer.id) !== peer) return;
    this.peers.delete(peer.id);
    this.#silent.delete(peer.id);
    peer.close();
    this.dispatchEvent(new CustomEvent('gone', {detail: {peer, reason}}));
  }
}
