/**
 * What the events of a stream mean, those that came together at once.
 */

import {LetterboxError} from './error.js';

/** @typedef {import('./forms.js').Mail} Mail */

/**
 * @typedef {object} News
 * @property {Mail | null} mail null when there is none
 * @property {'' | 'end' | 'loss'} end the stream has ended, or tells of a loss:
 *   then a poll with the same cursor tells of it in full
 */

/**
 * @param {import('./stream.js').ServerEvent[]} events
 * @param {string} before the cursor so far
 * @returns {News}
 */
export function newsOf(events, before) {
  /** @type {Mail} */
  const mail = {messages: [], cursor: before};
  /** @type {News['end']} */
  let end = '';
  for (const {event, data, id} of events) {
    if (event === 'gap' || event === 'reset') end = 'loss';
    if (end) break;
    mail.cursor = id || mail.cursor;
    if (event === 'message') mail.messages.push(read(data));
    if (event === 'pause') end = 'end';
    if (end) mail.poll = read(data);
  }
  return {mail: mail.poll || mail.cursor !== before ? mail : null, end};
}

/** @param {string} data */
function read(data) {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new LetterboxError('bad-stream', 'The stream cannot be read.',
      {retryable: true, cause});
  }
}
