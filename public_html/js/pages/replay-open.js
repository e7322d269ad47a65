/**
 * Where recordings come from: files, and rooms of the server. What does not
 * come is told in words.
 */

import {find} from '../find.js';
import {kept} from '../memory.js';
import {plain} from '../replay/plain.js';
import {RecordingError, readBlob, readText} from '../replay/recording.js';
import {readRoom} from '../replay/room-log.js';
import {apiAddresses} from './dom.js';
import {wordsOfError} from './words.js';

/** @typedef {import('../replay/recording.js').Recording} Recording */

/**
 * @typedef {object} Pass to a room
 * @property {string} room
 * @property {string} token of a member, or the admin key
 * @property {string} [address] of the room, where it is known
 */

/** @typedef {{recording: Recording | null, words: string}} Opened words: why
 *   not, else '' */

/** @param {File} file @returns {Promise<Opened>} */
export async function readFile(file) {
  try {
    return {recording: await readBlob(file), words: ''};
  } catch (error) {
    const words = error instanceof RecordingError ? error.message
      : 'The file could not be read.';
    return {recording: null, words: `${plain(file.name)}: ${words}`};
  }
}

/** @param {Pass} pass @returns {Promise<Opened>} */
export async function roomOf({room, token, address}) {
  try {
    const place = address ??
      `${await find(apiAddresses())}/rooms/${encodeURIComponent(room)}`;
    return {recording: await readRoom(place, token), words: ''};
  } catch (error) {
    const {code} = /** @type {any} */ (error);
    return {recording: null, words: code === 'not-a-member'
      ? 'Who asks is in no such room, or has left it.'
      : code === 'not-found' ? 'There is no such room.' : wordsOfError(error)};
  }
}

/**
 * The recording that came inside of the page itself, as a report.
 * @returns {Opened | null}
 */
export function enclosed() {
  const text = document.getElementById('recording')?.textContent;
  if (!text) return null;
  try {
    return {recording: readText(text.trimStart()), words: ''};
  } catch (error) {
    return {recording: null, words: /** @type {Error} */ (error).message};
  }
}

/**
 * The room that this page was opened for, by the page of that room; its token
 * is '' when it did not come along.
 * @returns {Pass | null}
 */
export function ownRoom() {
  const room = new URL(location.href).searchParams.get('room');
  if (!room) return null;
  const pass = kept('letterbox replay');
  return pass?.room === room && typeof pass.token === 'string' ? pass
    : {room, token: ''};
}
