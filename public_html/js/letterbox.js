/**
 * A room of Letterbox, seen from a browser.
 *
 *   import * as letterbox from './js/letterbox.js';
 *   const room = await letterbox.join('api', 'kitchen', {name: 'Ada'});
 *   await room.post('chat', 'Hello, whoever comes');
 *   for await (const {from, type, body} of room) console.log(from, type, body);
 *
 * A room dispatches
 *   message  {seq, from, to?, type, body, at}; `joined`, `left` and `room-*`
 *            are messages of the server, in one order with all others
 *   peers    `room.peers` has changed
 *   ice      `room.ice` has changed: credentials were renewed
 *   posted   the same as message, for one of ours, now durable
 *   gap      messages were dropped before we could read them
 *   reset    the server's log is not the one we knew; begin again
 *   state    `room.state` has changed: `open`, `waiting` (for the server to
 *            come back) or `closed`
 *   closed   the end; detail is the error, or null after leave()
 *
 * Messages, gap and reset wait until somebody listens for `message`.
 *
 * The promise: what post() resolved is on the server's disk, nothing is lost
 * or doubled by a lost reply or a reload, and a reload is the same peer.
 */

import {LetterboxError} from './error.js';
import {doctorOf, find, forget} from './find.js';
import {Identity} from './identity.js';
import {Room} from './room.js';
import {Wire} from './wire.js';

export {LetterboxError, Room, find};

/** @typedef {import('./forms.js').Message} Message */
/** @typedef {import('./forms.js').Member} Member */
/** @typedef {import('./door.js').Wishes} Wishes */

/**
 * @typedef {object} Means
 * @property {AbortSignal} [signal] ends everything, joined or not
 * @property {number} [patience] how long to try to reach the server, in ms
 * @property {boolean} [streams] false: polls only, streams are not tried
 */

/**
 * Joins a room, or resumes in it after a reload.
 * @param {string | URL | string[]} url where the API is mounted; of several
 *   the first that answers, see find()
 * @param {string} name of the room: 1 to 64 of A-Z a-z 0-9 . _ ~ -
 * @param {Wishes & Means} [options]
 * @returns {Promise<Room>} rejects with a LetterboxError
 */
export async function join(url, name, options = {}) {
  const {signal, patience = 20_000, ...wishes} = options;
  signal?.throwIfAborted();
  const end = performance.now() + patience;
  const places = Array.isArray(url) ? url : [url.toString()];
  const wire = new Wire(await find(places, {signal, patience}), name);
  const identity = await Identity.take(wire.address);
  const room = new Room(wire, identity, wishes);
  try {
    await room.enter(end - performance.now(), signal);
  } catch (error) {
    if (error instanceof LetterboxError && isIll(error)) {
      error.help = doctorOf(wire.host.base);
      forget(places);
    }
    throw error;
  }
  return room;
}

/**
 * Not our request is wrong: the server is, or there is none.
 * @param {LetterboxError} error
 */
function isIll({code, status}) {
  return status >= 500 || code.startsWith('http-');
}
