/**
 * Keys of the picture, of the list and of the strip of time.
 */

import {byId} from './dom.js';

/** @typedef {import('../replay/player.js').Player} Player */
/** @typedef {import('./replay-picture.js').Picture} Picture */

/** Steps by key, in messages. @type {Record<string, number>} */
const STEPS = {
  ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, PageUp: -10,
  PageDown: 10, Home: -Infinity, End: Infinity,
};

export class Keys {
  /** @param {Player} player @param {Picture} picture
   * @param {AbortSignal} signal */
  constructor(player, picture, signal) {
    for (const id of ['ladder', 'list', 'moment']) {
      byId(id, HTMLElement).addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const step = STEPS[event.key];
        if (step === Infinity) this.#end(player);
        else if (step === -Infinity) this.#begin(player);
        else if (step) player.step(step);
        else if (event.key === ' ') {
          if (player.playing) player.pause();
          else player.play();
        } else if (event.key === '+' || event.key === '=') picture.zoomIn();
        else if (event.key === '-') picture.zoomOut();
        else return;
        event.preventDefault();
      }, {signal});
    }
  }

  /** @param {Player} player to the first message */
  #begin(player) {
    player.pause();
    player.go(1);
  }

  /** @param {Player} player */
  #end(player) {
    player.pause();
    player.go(player.axis.length);
  }
}
