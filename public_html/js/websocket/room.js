/**
 * Mode `room`: each frame goes to all others in the room, as a message of type
 * `frame` whose body is the text. Native clients in the room post and hear
 * such messages like any other.
 *
 * With a greeting the server's first frame tells a page whether it came first,
 * second, ... or too late: then the socket is closed after it. Who reloads is
 * who it was, and is greeted as before; who is alone is the first.
 */

import {LetterboxError, join} from '../letterbox.js';
import {keep, kept} from '../memory.js';
import {beyond, roomOf} from './address.js';
import {FULL, LOST, endOf} from './codes.js';

/** @typedef {import('../room.js').Room} Room */

/**
 * @typedef {{address: URL, token: string} &
 *   import('./socket.js').Options} Place
 */

const TYPE = 'frame';

/**
 * @param {Place} place
 * @param {AbortSignal} signal
 * @returns {Promise<import('./socket.js').Line>}
 */
export async function open(place, signal) {
  const {address, api = 'api', for: beginnings = [], greeting = []} = place;
  const rest = beyond(address.href, beginnings) ??
    address.pathname + address.search;
  const name = await roomOf(rest);
  let room;
  try {
    room = await join(api, name, {signal});
  } catch (error) {
    const full = error instanceof LetterboxError && error.code === 'room-full';
    if (full && greeting.length) return new FullLine(greeting);
    throw error;
  }
  const line = new RoomLine(room);
  if (!greeting.length || await line.take(greeting)) return line;
  await room.leave();
  return new FullLine(greeting);
}

class RoomLine {
  #room;
  #place;
  #word = '';
  /** Ended before anybody listened. @type {unknown} */
  #error = null;

  /** @param {Room} room */
  constructor(room) {
    this.#room = room;
    this.#place = `letterbox greeting ${room.name} ${room.peer}`;
    room.addEventListener('closed', (/** @type {any} */ {detail}) => {
      this.#error = detail;
    });
  }

  /**
   * Takes a place in the order of coming.
   * @param {string[]} greeting
   * @returns {Promise<boolean>} false: there is none left
   */
  async take(greeting) {
    const room = this.#room;
    const others = room.peers.size;
    const most = greeting.length - 1;
    const before = kept(this.#place);
    const index = others ? before ?? others : 0;
    if (index >= most) return false;
    // The owner keeps the door shut; who slips in before looks for itself.
    if (!others && before === null) {
      await room.rules({capacity: most}).catch(() => {});
    }
    keep(this.#place, index);
    this.#word = greeting[index];
    return true;
  }

  /** @param {import('./socket.js').Ear} ear */
  listen(ear) {
    const room = this.#room;
    if (this.#word) ear.frame(this.#word);
    if (this.#error) ear.ended(endOf(this.#error));
    room.addEventListener('closed', (/** @type {any} */ {detail}) => {
      if (detail) ear.ended(endOf(detail));
    });
    // A socket cannot tell that something is missing, but that it is over.
    for (const type of ['gap', 'reset']) {
      room.addEventListener(type, () => ear.ended(LOST));
    }
    room.addEventListener('message', (/** @type {any} */ {detail}) => {
      const {type, body} = detail;
      if (type !== TYPE) return;
      ear.frame(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  /** @param {string} text */
  send(text) {
    return this.#room.post(TYPE, text);
  }

  close() {
    keep(this.#place, null);
    return this.#room.leave();
  }
}

/** Says that there is no place, and no more. */
class FullLine {
  #word;

  /** @param {string[]} greeting */
  constructor(greeting) {
    this.#word = greeting.at(-1) ?? '';
  }

  /** @param {import('./socket.js').Ear} ear */
  listen(ear) {
    ear.frame(this.#word);
    ear.ended(FULL);
  }

  async send() {}

  async close() {}
}
