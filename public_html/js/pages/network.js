/**
 * "Beyond this network": which servers help two browsers in different networks
 * to find a way, and the form to name one. It stays in this browser.
 */

import {byId, recall, remember} from './dom.js';

/** @typedef {{urls: string, username: string, credential: string}} Named */

export class Network extends EventTarget {
  #urls = byId('urls', HTMLInputElement);
  #username = byId('username', HTMLInputElement);
  #credential = byId('credential', HTMLInputElement);
  #word = byId('ice-word', HTMLElement);
  /** @type {RTCIceServer[]} */
  #given = [];
  /** @type {Named | null} */
  #named = read();

  constructor() {
    super();
    this.#fill();
    byId('ice', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#use();
    });
    byId('unname', HTMLButtonElement).addEventListener('click', () => {
      this.#keep(null, 'Forgotten.');
    });
  }

  /** @returns {RTCIceServer[]} */
  get ice() {
    return this.#named ? [server(this.#named), ...this.#given] : this.#given;
  }

  /** @param {RTCIceServer[]} ice what our server recommends */
  given(ice) {
    this.#given = ice;
    this.#tell();
  }

  #use() {
    const urls = this.#urls.value.trim();
    const turn = /^turns?:/.test(urls);
    if (!/^(stun|turn)s?:[^\s/?]+(\?transport=(udp|tcp))?$/.test(urls)) {
      return this.#refuse(this.#urls, 'An address looks like ' +
        'stun:stun.example.org:3478 or turn:turn.example.org.');
    }
    const username = this.#username.value.trim();
    const credential = this.#credential.value;
    if (turn && !username) {
      return this.#refuse(this.#username,
        'A TURN server asks for a user name.');
    }
    if (turn && !credential) {
      return this.#refuse(this.#credential,
        'A TURN server asks for a password.');
    }
    this.#keep({urls, username, credential}, 'It is in use now.');
  }

  /**
   * @param {HTMLInputElement} input
   * @param {string} why
   */
  #refuse(input, why) {
    input.setAttribute('aria-invalid', 'true');
    this.#word.textContent = why;
    input.focus();
  }

  /**
   * @param {Named | null} named
   * @param {string} word
   */
  #keep(named, word) {
    this.#named = named;
    remember('ice', named ? JSON.stringify(named) : '');
    this.#fill();
    this.#word.textContent = word;
    this.dispatchEvent(new Event('change'));
  }

  #fill() {
    const {urls = '', username = '', credential = ''} = this.#named ?? {};
    for (const [input, value] of /** @type {const} */ ([[this.#urls, urls],
      [this.#username, username], [this.#credential, credential]])) {
      input.value = value;
      input.removeAttribute('aria-invalid');
    }
    this.#tell();
  }

  #tell() {
    const far = this.ice.length > 0;
    byId('reach', HTMLElement).textContent = far
      ? 'This call may reach beyond this network'
      : 'Calls beyond this network need a server: name one';
    const named = this.#named ? `You named ${this.#named.urls}. ` : '';
    byId('reach-why', HTMLElement).textContent = named + (this.#given.length
      ? 'This Letterbox recommends a server for it.'
      : 'This Letterbox recommends none. In different networks two browsers ' +
        'need a STUN server to find a way, or a TURN server to carry it.');
  }
}

/**
 * @param {Named} named
 * @returns {RTCIceServer}
 */
function server({urls, username, credential}) {
  return username ? {urls, username, credential} : {urls};
}

/** @returns {Named | null} */
function read() {
  try {
    return JSON.parse(recall('ice') || 'null');
  } catch {
    return null;
  }
}
