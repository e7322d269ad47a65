/**
 * The page of a room of AppRTC's: takes the seat that came with the page, and
 * says in words how it is.
 */

import {isLocal} from '../pages/address.js';
import {byId} from '../pages/dom.js';
import {offerCopies, reloadFromCache} from '../pages/invitation.js';
import {Media} from '../pages/media.js';
import {backoff} from '../pause.js';
import * as collider from './collider.js';
import {announce, configuration, given, join as joinChannel, wishes}
  from './params.js';
import {Seat} from './seat.js';
import {Talk} from './talk.js';

/** @typedef {import('./params.js').Params} Params */

/** @param {Params} params */
const join = (params) => params.wss_url ? collider.join(params) :
  joinChannel(params);

const status = byId('status', HTMLElement);
const talkPart = byId('talk', HTMLElement);
const trouble = byId('trouble', HTMLElement);
const link = byId('link', HTMLInputElement);
const tile = byId('other', HTMLElement);
const video = /** @type {HTMLVideoElement} */ (tile.querySelector('video'));

/** @type {Record<import('./talk.js').State, string>} */
const WORDS = {
  alone: 'You are in the room. Nobody else is here yet.',
  connecting: 'Connecting …',
  connected: 'Connected.',
  interrupted: 'The connection is interrupted. Restoring it …',
  failed: 'The connection is lost. Trying again …',
  gone: 'The other one has left. You are still in the room.',
};

/** @param {string} text */
function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

/** @param {string} text */
function stop(text) {
  say('');
  byId('trouble-text', HTMLElement).textContent = text;
  talkPart.hidden = true;
  trouble.hidden = false;
  trouble.focus();
}

/** @param {string[]} messages of the server @param {string} [error] */
const wordsOf = (messages, error) => error === 'full' ?
  'The room is full: two are in it. Try again when one has left.' :
  messages.join(' ') || 'Something went wrong.';

/** One visit, from the page to hanging up. */
class Visit {
  #media;
  #params;
  /** @type {Seat | collider.Seat} */
  #seat;
  /** @type {Talk | null} */
  #talk = null;
  #over = false;
  #rejoining = false;
  #failures = 0;

  /** @param {Params} params */
  constructor(params) {
    this.#params = params;
    this.#media = new Media(wishes(params));
    this.#seat = this.#sit(params);
    this.#media.addEventListener('change', () => this.#talk?.refresh());
    byId('leave', HTMLButtonElement).addEventListener('click', () => {
      this.#end();
      stop('You have hung up.');
    }, {once: true});
    addEventListener('beforeunload', () => {
      if (!this.#over) announce(this.#params);
    });
    addEventListener('pagehide', () => this.#end());
  }

  async begin() {
    say('Asking for camera and microphone …');
    await this.#media.open();
    if (this.#over) return this.#media.close();
    this.#start(this.#params);
  }

  #end() {
    if (this.#over) return;
    this.#over = true;
    this.#talk?.close();
    this.#seat.leave();
    this.#media.close();
  }

  /** What is heard before the camera is there waits for it.
   * @param {Params} params */
  #sit(params) {
    /** @type {import('./seat.js').Message[]} */
    const early = [];
    const seat = params.wss_url ? new collider.Seat(params) :
      new Seat(params);
    seat.addEventListener('heard', (event) => {
      const {detail} = /** @type {CustomEvent} */ (event);
      if (!this.#talk) early.push(detail);
      else this.#talk.receive(detail);
    });
    seat.addEventListener('lost', () => void this.#rejoin());
    this.#early = early;
    return seat;
  }

  /** @type {import('./seat.js').Message[]} */
  #early = [];

  /**
   * @param {Params} params
   * @param {import('./talk.js').State} [waits] see Talk
   */
  #start(params, waits = collider.waits(params)) {
    const {asbr, vsbr, initiator} = params;
    const media = this.#media;
    const talk = this.#talk = new Talk(
      (message) => this.#seat.say(message),
      {stream: media.stream, configuration: configuration(params)},
      initiator === 1, {audio: Number(asbr) || 0, video: Number(vsbr) || 0},
      waits);
    talk.addEventListener('state', () => this.#tell());
    talk.addEventListener('track', () => this.#show());
    talk.addEventListener('bye', () => {
      if (collider.isCaller(params)) {
        this.#start({...params, initiator: 1}, 'gone');
      }
    });
    // By one of them the talk may become another one.
    for (const message of this.#early.splice(0)) this.#talk?.receive(message);
    void this.#seat.open.then(() => {
      if (talk !== this.#talk) return;
      talk.start();
      this.#tell();
    });
  }

  #show() {
    const stream = this.#talk?.stream;
    tile.dataset.picture = String(Boolean(stream?.getVideoTracks().length));
    // An empty stream would keep the page from having loaded.
    if (!stream?.getTracks().length) video.srcObject = null;
    else if (video.srcObject !== stream) video.srcObject = stream;
    video.play().catch(() => {});
  }

  #tell() {
    const state = this.#talk?.state ?? 'alone';
    if (this.#over) return;
    tile.hidden = state === 'alone' || state === 'gone';
    tile.dataset.state = state;
    byId('alone', HTMLElement).hidden = !tile.hidden;
    say(WORDS[state]);
    if (state === 'connected') this.#failures = 0;
    if (state === 'failed') void this.#rejoin();
  }

  /** Takes another seat in the place of ours, and calls from there. */
  async #rejoin() {
    if (this.#over || this.#rejoining) return;
    this.#rejoining = true;
    this.#talk?.close();
    this.#talk = null;
    this.#seat.close();
    say('The connection is lost. Trying again …');
    /** @type {Params | null} */
    let params = null;
    while (!params && !this.#over) {
      await backoff(this.#failures++, 0);
      params = await join(this.#params).catch(() => null);
    }
    this.#rejoining = false;
    if (!params || this.#over) return;
    if (params.error) {
      this.#end();
      return stop(wordsOf(params.error_messages, params.error));
    }
    this.#params = params;
    this.#seat = this.#sit(params);
    this.#start(params);
  }
}

/** Until a server has answered. @param {Params} page */
async function joined(page) {
  for (let failures = 0; ; failures++) {
    const params = await collider.join(page).catch(() => null);
    if (params) return params;
    await backoff(failures, 0);
  }
}

async function open() {
  const page = given();
  if (!page) return stop('This page is served by Letterbox itself, where ' +
    'dialect.apprtc is on.');
  const params = page.room_key ? page : await joined(page);
  if (params.error) return stop(wordsOf(params.error_messages, params.error));
  // By the way that the browser came, which a proxy may not tell the server.
  const invitation = new URL(document.baseURI);
  invitation.search = new URL(params.room_link).search;
  link.value = invitation.href;
  byId('local', HTMLElement).hidden = !isLocal();
  talkPart.hidden = false;
  void new Visit(params).begin();
}

byId('again', HTMLButtonElement).addEventListener('click',
  () => location.reload());

offerCopies(link, say);
reloadFromCache();

void open();
