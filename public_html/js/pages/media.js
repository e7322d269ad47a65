/**
 * Our own camera and microphone: asked for, shown, switched.
 */

import {byId} from './dom.js';
import {wordsOfMedia} from './words.js';

const WISH = {
  audio: true,
  video: {width: {ideal: 1280}, height: {ideal: 720}},
};

/** @typedef {'audio' | 'video'} Kind */

export class Media extends EventTarget {
  /** What there is; empty when all was refused. */
  stream = new MediaStream();
  #buttons = {
    audio: byId('mic', HTMLButtonElement),
    video: byId('cam', HTMLButtonElement),
  };
  #figure = byId('self', HTMLElement);
  #notice = byId('media', HTMLElement);
  #wish;

  /** @param {MediaStreamConstraints} [wish] what to ask for */
  constructor(wish = WISH) {
    super();
    this.#wish = wish;
    for (const kind of /** @type {Kind[]} */ (['audio', 'video'])) {
      this.#buttons[kind].addEventListener('click', () => this.#press(kind));
    }
  }

  /** Asks for both, and makes do with one. Never rejects. */
  async open() {
    if (!this.#wish.audio && !this.#wish.video) return this.#show();
    if (!navigator.mediaDevices) return this.#say('insecure');
    try {
      this.#add(await navigator.mediaDevices.getUserMedia(this.#wish));
    } catch (error) {
      const {name} = /** @type {DOMException} */ (error);
      // Who refused is not asked again at once.
      if (!['NotFoundError', 'NotReadableError'].includes(name)) {
        return this.#say(name);
      }
      const sound = await this.#ask('audio');
      const picture = await this.#ask('video');
      if (sound && picture) this.#say(name);
      else if (sound) this.#say(sound, 'audio');
      else if (picture) this.#say(picture, 'video');
    }
    this.#show();
  }

  close() {
    for (const track of this.stream.getTracks()) {
      track.stop();
      this.stream.removeTrack(track);
    }
    this.#show();
  }

  /**
   * @param {Kind} kind
   * @returns {Promise<string>} '' or the name of what stood against it
   */
  async #ask(kind) {
    try {
      const wish = {[kind]: this.#wish[kind] || WISH[kind]};
      this.#add(await navigator.mediaDevices.getUserMedia(wish));
      return '';
    } catch (error) {
      return /** @type {DOMException} */ (error).name;
    }
  }

  /** @param {Kind} kind */
  async #press(kind) {
    const track = this.#track(kind);
    if (track) {
      track.enabled = !track.enabled;
      return this.#show();
    }
    if (!navigator.mediaDevices) return this.#say('insecure');
    const lacks = await this.#ask(kind);
    if (lacks) return this.#say(lacks, kind);
    this.#show();
    this.dispatchEvent(new Event('change'));
  }

  /** @param {MediaStream} more */
  #add(more) {
    for (const track of more.getTracks()) {
      this.stream.addTrack(track);
      // A camera that is pulled out: the button asks for one again.
      track.addEventListener('ended', () => {
        this.stream.removeTrack(track);
        this.#show();
        this.dispatchEvent(new Event('change'));
      });
    }
    this.#notice.hidden = true;
  }

  /** @param {Kind} kind */
  #track(kind) {
    return this.stream.getTracks().find((track) => track.kind === kind);
  }

  #show() {
    for (const kind of /** @type {Kind[]} */ (['audio', 'video'])) {
      const on = this.#track(kind)?.enabled ?? false;
      this.#buttons[kind].setAttribute('aria-pressed', String(on));
    }
    const video = this.#figure.querySelector('video');
    // An empty stream would keep the page from having loaded.
    if (video && this.#track('video') && video.srcObject !== this.stream) {
      video.srcObject = this.stream;
    }
    this.#figure.hidden = !this.#track('video')?.enabled;
  }

  /**
   * @param {string} reason
   * @param {Kind} [kind] the one that was asked for
   */
  #say(reason, kind) {
    this.#notice.textContent = wordsOfMedia(reason, kind);
    this.#notice.hidden = false;
    this.#show();
    this.dispatchEvent(new CustomEvent('refused', {detail: reason}));
  }
}
