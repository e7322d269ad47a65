/**
 * The log of a room of a server as a recording, read page by page. A member
 * gets what it may see, who has the admin key everything.
 */

import {LetterboxError} from '../error.js';
import {load} from '../request.js';
import {Reader} from './recording.js';

/** Messages of a page; the server gives no more. */
const LIMIT = 1000;

/**
 * @param {string} address of the room: of the API, and /rooms/NAME
 * @param {string} token of a member, or the admin key
 * @param {AbortSignal} [signal]
 * @returns {Promise<import('./recording.js').Recording>}
 */
export async function readRoom(address, token, signal) {
  const reader = new Reader();
  const encoder = new TextEncoder();
  const glue = address.includes('?') ? '&' : '?';
  let header = '';
  let after = 0;
  for (;;) {
    const text = await load(`${address}/log${glue}after=${after}&limit=${
      LIMIT}`, {method: 'GET', token, signal});
    // Each page is an export by itself: its header is the same.
    const begin = text.indexOf('\n') + 1;
    if (header && text.slice(0, begin) !== header) {
      throw new LetterboxError('reset',
        'The log became another one meanwhile. Open it again.');
    }
    reader.push(encoder.encode(header ? text.slice(begin) : text));
    header = text.slice(0, begin);
    if (begin === text.length) return reader.end();
    after = lastSeq(text);
  }
}

/** @param {string} text that ends with a whole line */
function lastSeq(text) {
  const line = text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
  const {seq} = JSON.parse(line);
  return seq;
}
