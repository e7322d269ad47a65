/**
 * The pictures of the others, one tile each.
 */

import {byId, make} from './dom.js';

/** @typedef {import('../peer.js').Peer} Peer */

export class Tiles {
  #place = byId('others', HTMLElement);
  /** @type {Map<Peer, HTMLElement>} */
  #tiles = new Map();

  /**
   * @param {Peer} peer
   * @param {string} name
   */
  add(peer, name) {
    const tile = make('figure', 'tile');
    const video = make('video');
    video.autoplay = true;
    video.playsInline = true;
    video.srcObject = peer.stream;
    video.setAttribute('aria-label', `Picture of ${name}`);
    tile.append(video, make('figcaption', '', name));
    this.#place.append(tile);
    this.#tiles.set(peer, tile);
    const show = () => {
      tile.dataset.state = peer.state;
      tile.dataset.picture = String(peer.stream.getVideoTracks().length > 0);
    };
    peer.addEventListener('state', show);
    peer.addEventListener('track', () => {
      show();
      void play(tile, video);
    });
    show();
  }

  /** @param {Peer} peer */
  remove(peer) {
    this.#tiles.get(peer)?.remove();
    this.#tiles.delete(peer);
  }

  get count() {
    return this.#tiles.size;
  }
}

/**
 * A browser may refuse to begin with sound before somebody has pressed
 * something; then a button does it.
 * @param {HTMLElement} tile
 * @param {HTMLVideoElement} video
 */
async function play(tile, video) {
  try {
    await video.play();
    tile.querySelector('button')?.remove();
  } catch (error) {
    const {name} = /** @type {DOMException} */ (error);
    if (name !== 'NotAllowedError' || tile.querySelector('button')) return;
    const button = make('button', 'main', 'Play');
    button.addEventListener('click', () => play(tile, video));
    tile.append(button);
  }
}
