/**
 * Text over the data channels: it does not pass the server.
 */

import {byId, make} from './dom.js';

export class Chat {
  #lines = byId('lines', HTMLElement);
  #line = byId('line', HTMLInputElement);
  #fields = /** @type {HTMLFieldSetElement} */ (
    byId('say', HTMLFormElement).querySelector('fieldset'));

  /** @param {(text: string) => void} send */
  constructor(send) {
    byId('say', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.#line.value.trim();
      if (!text) return;
      send(text);
      this.add('You', text, 'own');
      this.#line.value = '';
      this.#line.focus();
    });
    this.open(false);
  }

  /** @param {boolean} open whether somebody would get it */
  open(open) {
    this.#fields.disabled = !open;
    this.#line.placeholder = open ? 'Write a message' : 'Not connected yet';
  }

  /**
   * @param {string} who
   * @param {string} text
   * @param {string} [className]
   */
  add(who, text, className) {
    const item = make('p', className);
    item.append(make('strong', '', who), make('span', '', text));
    this.#lines.append(item);
    // Not scrollIntoView(): that would move the page away from the pictures.
    this.#lines.scrollTop = this.#lines.scrollHeight;
  }
}
