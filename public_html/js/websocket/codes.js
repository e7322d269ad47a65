/**
 * How a socket ends: the close codes (RFC 6455, section 7.4.1) that pages see,
 * and which of Letterbox's errors is which of them.
 *
 *   1000  closed by the page, with this code
 *   1001  the room was ended, or another page has taken this place
 *   1003  the page sent a binary frame
 *   1005  closed by the page, without a code
 *   1006  lost: the server could not be reached, or forgot what it knew
 *   1008  refused: by the rules of the room, or as a bad request
 *   1009  the page sent a frame that is too large
 *   1013  try again later: the room is full, or the server is
 */

import {LetterboxError} from '../error.js';

/**
 * @typedef {object} End
 * @property {number} code
 * @property {string} reason
 * @property {boolean} clean false: an `error` comes before the `close`
 */

/** Bytes of a reason (RFC 6455, section 5.5). */
export const REASON_MOST = 123;

/** Nobody says why: that is what 1006 means. @type {End} */
export const LOST = {code: 1006, reason: '', clean: false};

/** @type {End} */
export const BINARY = {code: 1003, clean: true,
  reason: 'Text alone is carried here, and no binary frames.'};

/** @type {End} */
export const FULL = {code: 1013, clean: true, reason: 'The room is full.'};

/** @type {Record<string, number>} */
const CODES = {
  'ended': 1001,
  'superseded': 1001,
  'too-large': 1009,
  'room-full': 1013,
  'mailbox-full': 1013,
  'disk-full': 1013,
};

/** @param {unknown} error @returns {End} */
export function endOf(error) {
  const code = error instanceof LetterboxError ? codeOf(error) : LOST.code;
  if (code === LOST.code) return LOST;
  const reason = cut(/** @type {Error} */ (error).message);
  return {code, reason, clean: true};
}

/** @param {LetterboxError} error */
function codeOf({code, status}) {
  if (CODES[code]) return CODES[code];
  // A web server that has no Letterbox behind it.
  if (code.startsWith('http-') || code === 'no-api') return LOST.code;
  if (status === 429 || status >= 500) return 1013;
  return status >= 400 ? 1008 : LOST.code;
}

/** @param {string} text @returns {number} bytes of it in UTF-8 */
export function sizeOf(text) {
  return new TextEncoder().encode(text).length;
}

/** @param {string} text cut to what a reason may have */
function cut(text) {
  let rest = text;
  while (sizeOf(rest) > REASON_MOST) rest = rest.slice(0, -1);
  return rest;
}
