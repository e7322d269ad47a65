/**
 * Where recordings come from: files, and rooms of the server. What does not
 * come is told in words.
 */

import {find} from '../find.js';
import {kept} from '../memory.js';
import {plain} from '../replay/plain.js';
import {readSide} from '../report/side.js';
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

/**
 * @typedef {object} Opened
 * @property {Recording | null} recording
 * @property {string} words why not, else ''
 * @property {import('../report/side.js').Side | null} [side] what a browser saw,
 *   if it is a report that has it
 */

/** Bytes of a page; the server makes none that is half as large. */
const PAGE_MAX = 64 * 1024 * 1024;

/** @param {File} file @returns {Promise<Opened>} */
export async function readFile(file) {
  try {
    if (await isPage(file)) return readPage(await file.text());
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

/** @param {File} file */
async function isPage(file) {
  const begin = await file.slice(0, 15).text();
  return begin.toLowerCase() === '<!doctype html>' && file.size < PAGE_MAX;
}

/**
 * A report: it is parsed, and nothing of it runs.
 * @param {string} html
 * @returns {Opened}
 */
function readPage(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const opened = recordingIn(page);
  if (opened) return opened;
  throw new RecordingError(0, sideIn(page)
    ? 'This report has only what the browser saw: open it by itself in a ' +
      'browser.'
    : 'This page has no recording in it.');
}

/** @param {Document} page @returns {Opened | null} null: it has none */
function recordingIn(page) {
  const text = page.getElementById('recording')?.textContent;
  if (!text) return null;
  return {recording: readText(text.trimStart()), words: '', side: sideIn(page)};
}

/** @param {Document} page */
function sideIn(page) {
  return readSide(page.getElementById('browser')?.textContent ?? '');
}

/**
 * The recording that came inside of the page itself, as a report.
 * @returns {Opened | null}
 */
export function enclosed() {
  try {
    return recordingIn(document);
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
