/**
 * "Report a problem": one file of what the server and this browser know of the
 * call, saved when somebody asks for it, and sent to nobody.
 */

import {LetterboxError} from '../error.js';
import {enclose, isReport, named, sideOf} from '../report/side.js';
import {Watch} from '../report/watch.js';
import {keep, kept} from '../memory.js';
import {load} from '../request.js';
import {byId, make, saveFile} from './dom.js';
import {seenParts, userWords} from './seen.js';
import {wordsOfError} from './words.js';

/** @typedef {import('../room.js').Room} Room */
/** @typedef {import('../report/side.js').Side} Side */

/** What was seen so far, over a reload. */
const KEY = 'letterbox watch';
/** A report may have megabytes, and the line be slow; ms. */
const PATIENCE = 60_000;

export class Problem {
  watch = new Watch();
  #dialog = byId('problem', HTMLDialogElement);
  #words = byId('problem-words', HTMLTextAreaElement);
  #word = byId('problem-word', HTMLElement);
  #close = byId('problem-close', HTMLButtonElement);
  /** The last one that there was: who was parted from the room may ask. */
  #pass = {address: '', token: ''};
  /** @type {() => RTCIceServer[]} */
  #ice = () => [];
  /** Instead of a button that is disabled, which would lose the focus. */
  #saving = false;

  constructor() {
    for (const button of document.querySelectorAll('button.problem')) {
      button.addEventListener('click', () => void this.#open());
    }
    this.#dialog.querySelector('form')?.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#keep();
    });
    this.#close.addEventListener('click', () => this.#dialog.close());
    const {watch} = this;
    addEventListener('error', ({error}) => watch.failed('script', error));
    addEventListener('unhandledrejection', ({reason}) =>
      watch.failed('script', reason));
    document.addEventListener('visibilitychange', () =>
      watch.note('page', document.visibilityState));
    for (const what of ['online', 'offline']) {
      addEventListener(what, () => watch.note('page', what));
    }
  }

  /**
   * Goes on where the page was before it was loaded anew, whether it gets in
   * again or not.
   * @param {string} name of the room
   */
  begin(name) {
    const {watch} = this;
    const past = kept(KEY);
    if (past?.room === name) watch.resume(past);
    addEventListener('pagehide', () =>
      keep(KEY, {room: name, ...watch.past}));
  }

  /**
   * @param {Room} room
   * @param {import('../call.js').Call} call before it starts
   * @param {() => RTCIceServer[]} ice the servers in use
   */
  visit(room, call, ice) {
    this.#ice = ice;
    const pass = () => {
      if (room.pass.token) this.#pass = room.pass;
    };
    pass();
    room.addEventListener('state', pass);
    this.watch.room(room);
    this.watch.call(call);
  }

  async #open() {
    this.#say('');
    this.#close.textContent = 'Cancel';
    this.#dialog.showModal();
    byId('problem-seen', HTMLElement).replaceChildren(
      ...seenParts(named(await this.#side(''), () => false), String));
  }

  /** @param {string} words @returns {Promise<Side>} as it is now */
  async #side(words) {
    await this.watch.sample();
    return sideOf(this.watch,
      {words, agent: navigator.userAgent, ice: this.#ice()});
  }

  async #keep() {
    this.#say('Making the report …');
    if (this.#saving) return;
    this.#saving = true;
    const side = await this.#side(this.#words.value.trim());
    const name = `letterbox-report-${
      new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-')}.html`;
    let word = `Saved as ${name}. Open it in any browser.`;
    /** @type {string} */
    let html;
    try {
      html = enclose(await this.#report(), side);
    } catch (error) {
      const gone = /** @type {any} */ (error).code === 'not-a-member';
      html = enclose(alone(named(side, () => false)), side);
      word = `Saved as ${name}, without what the server knows: ${gone
        ? 'You are not in the room any more.' : wordsOfError(error)}`;
    }
    saveFile(name, html, 'text/html');
    this.#say(word);
    this.#close.textContent = 'Close';
    this.#saving = false;
  }

  /** What the server knows, as far as it concerns us, redacted. */
  async #report() {
    const {address, token} = this.#pass;
    if (!token) throw new LetterboxError('left', 'You are not in the room.');
    const html = await load(`${address}/report`, {method: 'GET', token},
      PATIENCE);
    if (isReport(html)) return html;
    throw new LetterboxError('no-report', 'It sent something else.');
  }

  /** @param {string} text */
  #say(text) {
    this.#word.textContent = text;
  }
}

/** A page of the browser's side alone. @param {Side} side */
function alone(side) {
  const page = document.implementation.createHTMLDocument('A call');
  const charset = make('meta');
  charset.setAttribute('charset', 'utf-8');
  const policy = make('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = 'default-src \'none\'';
  page.head.prepend(charset, policy);
  page.documentElement.lang = 'en';
  page.body.append(make('h1', '', 'What a browser saw of a call'),
    make('p', '', 'The server could not be asked what was said in the room.'),
    ...userWords(side), ...seenParts(side, String));
  return `<!doctype html>\n${page.documentElement.outerHTML}\n`;
}
