/**
 * The page of a room: joins, shows who is there, and says in words how it is.
 */

import {Call} from '../call.js';
import * as letterbox from '../letterbox.js';
import {keep} from '../memory.js';
import {addressOf, entered, invited, isLocal, placeOf} from './address.js';
import {Chat} from './chat.js';
import {apiAddresses, byId, recall, remember} from './dom.js';
import {Drawer} from './drawer.js';
import {offerCopies, reloadFromCache} from './invitation.js';
import {Media} from './media.js';
import {Network} from './network.js';
import {Problem} from './problem.js';
import {Tiles} from './tiles.js';
import {list, wordsOfError, wordsOfLeft, wordsOfState} from './words.js';

/** @typedef {import('../peer.js').Peer} Peer */
/** @typedef {import('../letterbox.js').Room} Room */
/** @typedef {import('../letterbox.js').Message} Message */

const status = byId('status', HTMLElement);
const lobby = byId('lobby', HTMLFormElement);
const trouble = byId('trouble', HTMLElement);
const stage = byId('call', HTMLElement);
const link = byId('link', HTMLInputElement);
const name = byId('name', HTMLInputElement);
const again = byId('again', HTMLButtonElement);
const problem = new Problem();

/** @param {string} text */
function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

/** @param {HTMLElement | null} part the one to see */
function show(part) {
  for (const each of [lobby, trouble, stage]) each.hidden = each !== part;
}

/**
 * @param {string} text
 * @param {boolean} [hopeless] joining again would not help
 * @param {string} [doctor] address of a page that knows more
 */
function stop(text, hopeless = false, doctor = '') {
  say('');
  byId('trouble-text', HTMLElement).textContent = text;
  const help = byId('doctor', HTMLAnchorElement);
  help.hidden = !doctor;
  help.href = doctor;
  again.hidden = hopeless;
  show(trouble);
  trouble.focus();
}

/** One visit of the room, from joining to the end. */
class Visit {
  #media = new Media();
  #network = new Network();
  #tiles = new Tiles();
  #drawer = new Drawer();
  #chat = new Chat((text) => this.#send(text));
  /** Names outlive those who bear them: a drawer is about the past. */
  #names = new Map();
  #room;
  #call;

  /** @param {Room} room */
  constructor(room) {
    this.#room = room;
    this.#network.given(room.ice);
    this.#call = new Call(room, {stream: this.#media.stream,
      ice: this.#network.ice});
    problem.visit(room, this.#call, () => this.#network.ice);
    this.#media.addEventListener('refused', (event) => problem.watch.note(
      'media', /** @type {CustomEvent} */ (event).detail));
    this.#media.addEventListener('change',
      () => this.#call.show(this.#media.stream));
    this.#network.addEventListener('change',
      () => this.#call.route(this.#network.ice));
    byId('leave', HTMLButtonElement).addEventListener('click',
      () => void this.#leave(), {once: true});
  }

  async begin() {
    const room = this.#room;
    offerReplay(room);
    const call = this.#call;
    room.addEventListener('peers', () => this.#meet());
    room.addEventListener('state', () => this.#tell());
    room.addEventListener('ice', () => {
      this.#network.given(room.ice);
      call.route(this.#network.ice);
    });
    room.addEventListener('closed', (/** @type {CustomEvent} */ {detail}) =>
      this.#end(detail));
    room.addEventListener('posted', (/** @type {CustomEvent} */ {detail}) =>
      this.#drawer.add(detail, (id) => this.#nameOf(id)));
    call.addEventListener('peer', (event) =>
      this.#came(/** @type {CustomEvent} */ (event).detail));
    call.addEventListener('gone', (event) =>
      this.#went(/** @type {CustomEvent} */ (event).detail));
    this.#meet();
    say('Asking for camera and microphone …');
    await this.#media.open();
    if (room.state === 'closed') return this.#media.close();
    room.addEventListener('message', (/** @type {CustomEvent} */ {detail}) =>
      this.#drawer.add(detail, (id) => this.#nameOf(id)));
    call.start();
    this.#tell();
    // Ends the connections at once; others would wait for them to time out.
    addEventListener('pagehide', () => call.close());
  }

  /** @param {string} id */
  #nameOf(id) {
    return id === this.#room.peer ? 'You' : this.#names.get(id) ?? 'Guest';
  }

  #meet() {
    for (const {peer, name: called} of this.#room.peers.values()) {
      this.#names.set(peer, called || 'Guest');
    }
  }

  /** @param {Peer} peer */
  #came(peer) {
    const who = this.#nameOf(peer.id);
    this.#tiles.add(peer, who);
    peer.addEventListener('state', () => this.#tell());
    peer.addEventListener('text', (event) =>
      this.#chat.add(who, /** @type {CustomEvent} */ (event).detail));
    this.#tell();
  }

  /** @param {{peer: Peer, reason: string}} gone */
  #went({peer, reason}) {
    this.#tiles.remove(peer);
    this.#tell();
    if (this.#room.state === 'closed') return;
    say(`${this.#nameOf(peer.id)} ${wordsOfLeft(reason)}.`);
  }

  /** Says how it is, and shows what goes with it. */
  #tell() {
    const peers = [...this.#call.peers.values()];
    byId('alone', HTMLElement).hidden = peers.length > 0;
    this.#chat.open(peers.some(({state}) => state === 'connected'));
    if (this.#room.state === 'closed') return;
    if (this.#room.state === 'waiting') {
      const going = peers.some(({state}) => state === 'connected');
      return say('The server cannot be reached. ' +
        `${going ? 'The call goes on. ' : ''}Trying again …`);
    }
    const near = !this.#network.ice.length;
    say([...new Set(peers.map(({state}) => state))].map((state) =>
      wordsOfState(state, list(peers.filter((peer) => peer.state === state)
        .map(({id}) => this.#nameOf(id))), near))
      .join(' ') || 'You are in the room. Nobody else is here yet.');
  }

  /** @param {string} text */
  #send(text) {
    for (const peer of this.#call.peers.values()) {
      if (peer.state === 'connected') peer.send(text);
    }
  }

  async #leave() {
    this.#call.close();
    await this.#room.leave();
  }

  /** @param {any} error */
  #end(error) {
    this.#call.close();
    this.#media.close();
    entered('');
    stop(error ? wordsOfError(error) : 'You have left the room.');
  }
}

/**
 * The page that shows what happened is beside this one. It opens in another
 * tab, which begins with a copy of what this one keeps: so it gets the token,
 * and no address ever has it.
 * @param {Room} room
 */
function offerReplay(room) {
  const link = byId('replay', HTMLAnchorElement);
  // The program serves this page too, without the files around it.
  link.hidden = Boolean(document.querySelector('meta[name="letterbox-room"]'));
  const url = new URL('replay.html', document.baseURI);
  url.searchParams.set('room', room.name);
  link.href = url.href;
  link.addEventListener('click', () => {
    keep('letterbox replay', {room: room.name, ...room.pass});
    setTimeout(() => keep('letterbox replay', null), 1000);
  });
}

/** @param {import('./address.js').Place} place */
async function enter({room, secret}) {
  say('Joining the room …');
  show(null);
  problem.begin(room);
  try {
    const joined = await letterbox.join(apiAddresses(), room, {
      name: recall('name') || undefined,
      secret: secret || undefined,
    });
    entered(room);
    show(stage);
    await new Visit(joined).begin();
  } catch (error) {
    const {code, help} = /** @type {letterbox.LetterboxError} */ (error);
    problem.watch.failed('room', error);
    stop(wordsOfError(error), code === 'secret', help);
  }
}

function open() {
  const place = placeOf(new URL(location.href));
  if (!place) {
    return stop('This address names no room. Open the invitation again, or ' +
      'start a room of your own.', true);
  }
  link.value = addressOf(place).href;
  byId('local', HTMLElement).hidden = !isLocal();
  name.value = recall('name');
  lobby.addEventListener('submit', (event) => {
    event.preventDefault();
    remember('name', name.value.trim());
    void enter(place);
  });
  // A fresh page is simpler than one that takes itself apart.
  again.addEventListener('click', () => {
    entered(place.room);
    location.reload();
  });
  if (!invited(place.room)) return void enter(place);
  say('');
  show(lobby);
}

offerCopies(link, say);
reloadFromCache();

// The invitation opened once more, now with its secret: for a browser that is
// the same page, and it would leave it as it is.
addEventListener('hashchange', () => location.reload());

open();
