/**
 * The drawer: the last signaling messages in words, newest first.
 */

import {byId, make} from './dom.js';
import {wordsOfMessage} from './words.js';

/** @typedef {import('../forms.js').Message} Message */

const MOST = 40;

export class Drawer {
  #list = byId('messages', HTMLElement);

  /**
   * @param {Message} message
   * @param {(peer: string) => string} nameOf
   */
  add(message, nameOf) {
    const {seq, from, to, at} = message;
    const who = nameOf(from) + (to ? ` to ${nameOf(to)}` : '');
    const item = make('li');
    const time = make('time', '', new Date(at).toLocaleTimeString());
    time.dateTime = new Date(at).toISOString();
    item.append(time, make('b', '', who),
      make('span', '', wordsOfMessage(message)),
      make('small', '', `message ${seq}`));
    // Our own are known only when they are posted: others may have come first.
    item.value = seq;
    const older = [...this.#list.querySelectorAll('li')]
      .find(({value}) => value < seq);
    this.#list.insertBefore(item, older ?? null);
    while (this.#list.children.length > MOST) {
      this.#list.lastElementChild?.remove();
    }
  }
}
