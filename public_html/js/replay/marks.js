/**
 * How a message looks: a colour, a line, the head of its arrow and a word, so
 * that none of them is needed to know it.
 */

import {candidateOf} from './sdp.js';
import {short} from './plain.js';

/** @typedef {import('./recording.js').Entry} Entry */

/**
 * @typedef {object} Mark
 * @property {string} colour name of one: see PALETTES
 * @property {number} width px of the line
 * @property {number[]} dash of the line; [] is whole
 * @property {'full' | 'open' | 'double' | 'cross' | 'diamond' | 'square' |
 *   'circle' | 'none'} head
 * @property {string} word what it is, for the legend
 */

/** @type {Record<string, Mark>} by kind */
export const MARKS = {
  offer: {colour: 'offer', width: 2.25, dash: [], head: 'full', word: 'offer'},
  answer: {colour: 'answer', width: 2.25, dash: [], head: 'double',
    word: 'answer'},
  candidate: {colour: 'candidate', width: 1.25, dash: [5, 3], head: 'open',
    word: 'candidate'},
  bye: {colour: 'bye', width: 2, dash: [], head: 'cross', word: 'bye'},
  error: {colour: 'bye', width: 2, dash: [2, 2], head: 'cross', word: 'error'},
  joined: {colour: 'presence', width: 1.5, dash: [], head: 'circle',
    word: 'joined'},
  left: {colour: 'presence', width: 1.5, dash: [], head: 'cross',
    word: 'left'},
  room: {colour: 'room', width: 1.5, dash: [8, 3, 2, 3], head: 'square',
    word: 'rules of the room'},
  other: {colour: 'other', width: 1.5, dash: [1.5, 3], head: 'diamond',
    word: 'chat and other'},
};

/** @param {Entry} message @returns {string} a key of MARKS */
export function kindOf({type, body}) {
  switch (type) {
    case 'description': return body?.type === 'answer' ||
      body?.type === 'pranswer' ? 'answer' : 'offer';
    case 'candidate': case 'bye': case 'error': case 'joined': case 'left':
      return type;
    default: return type.startsWith('room-') ? 'room' : 'other';
  }
}

/** A word or two on the arrow. @param {Entry} message */
export function labelOf({type, body}) {
  switch (type) {
    case 'description': return short(String(body?.type ?? 'description'), 16);
    case 'candidate': {
      const found = candidateOf(body?.candidate);
      return !body?.candidate ? 'candidates end' : !found ? 'candidate'
        : `${found.kind} ${short(found.protocol, 8)}`;
    }
    case 'left': return body?.reason === 'leave' ? 'left'
      : short(`left (${String(body?.reason ?? '?')})`, 24);
    case 'chat': return typeof body === 'string'
      ? short(`“${body}”`, 24) : 'chat';
    default: return short(type, 24);
  }
}

/** @typedef {Record<string, string>} Palette CSS colours by name */

/** The same as in replay.css; for pictures that stand alone.
 * @type {{light: Palette, dark: Palette}} */
export const PALETTES = {
  light: {paper: '#ffffff', ink: '#1b2928', soft: '#53615f', line: '#d9d7cd',
    grid: '#eceae3', accent: '#14655c', tint: '#e3eeeb', offer: '#1d5fa8',
    answer: '#1a7340', candidate: '#5f6b7a', bye: '#a32a1c',
    presence: '#14655c', room: '#8a5200', other: '#7a3b96'},
  dark: {paper: '#18211f', ink: '#e8eeec', soft: '#a9b6b2', line: '#2c3936',
    grid: '#222d2b', accent: '#66c7b7', tint: '#1e3330', offer: '#7db8f5',
    answer: '#7fd69b', candidate: '#a8b3c0', bye: '#ff9d8c',
    presence: '#66c7b7', room: '#f0bd62', other: '#d3a4ea'},
};
