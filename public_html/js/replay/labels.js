/**
 * The words on the arrows: who gets one where there is not room for all, and
 * which stand for several.
 */

import {labelOf} from './marks.js';

/** @typedef {import('./ladder.js').Shape} Shape */

/**
 * @typedef {object} Arrow
 * @property {number} y px
 * @property {number} from px of the lane it comes from
 * @property {number} to the same when it goes nowhere
 * @property {boolean} left its label stands to the left of the lane
 * @property {boolean} late others come first: there are many of this kind
 * @property {import('./recording.js').Entry} message
 */

/** @typedef {{i: number, y: number, begin: number, end: number,
 *   way: number}} Label */

/** px of a line, and of a letter: nobody measures them here. */
export const LABEL = 13;
const LETTER = 6.2;
/** "+12 more" */
const MORE = LETTER * 9;

export class Labels {
  #arrow;
  /** Labels by index, and how many more they stand for.
   * @type {Map<number, number>} */
  #placed = new Map();

  /**
   * @param {number} count of messages
   * @param {(i: number) => Arrow | null} arrow
   */
  constructor(count, arrow) {
    this.#arrow = arrow;
    /** @type {Map<number, Label[]>} by rows of the picture */
    const rows = new Map();
    for (const late of [false, true]) {
      for (let i = 0; i < count; i++) {
        const one = arrow(i);
        if (one?.late === late) this.#place(i, one, rows);
      }
    }
  }

  /** @param {number} i @param {Arrow} arrow @param {Map<number, Label[]>} rows */
  #place(i, arrow, rows) {
    const row = Math.floor(arrow.y / LABEL);
    const {begin, end} = spanOf(arrow, labelOf(arrow.message));
    const way = arrow.from + arrow.to;
    for (const other of [-1, 0, 1].flatMap((by) => rows.get(row + by) ?? [])) {
      if (Math.abs(other.y - arrow.y) >= LABEL || begin > other.end ||
        end < other.begin) continue;
      if (other.way === way) {
        this.#placed.set(other.i, (this.#placed.get(other.i) ?? 0) + 1);
      }
      return;
    }
    this.#placed.set(i, 0);
    const pad = arrow.from === arrow.to ? 0 : MORE / 2;
    const label = {i, y: arrow.y, way, begin: begin - pad, end: end + MORE - pad};
    const there = rows.get(row);
    if (there) there.push(label);
    else rows.set(row, [label]);
  }

  /**
   * @param {number} i
   * @param {number} y px of its arrow
   * @param {string} colour
   * @param {number} fade
   * @returns {Shape[]} none when it has no label
   */
  shapes(i, y, colour, fade) {
    const more = this.#placed.get(i);
    const arrow = more === undefined ? null : this.#arrow(i);
    if (!arrow) return [];
    const text = labelOf(arrow.message) + (more ? `  +${more} more` : '');
    const {x, align, begin, end} = spanOf(arrow, text);
    const line = y + (arrow.from === arrow.to ? 4 : -4);
    return [
      {shape: 'rect', colour: 'paper', fade: 0.85,
        at: [begin - 2, line - 10, end - begin + 4, 12]},
      {shape: 'text', colour, text, fade, align, at: [x, line]}];
  }
}

/** @param {Arrow} arrow @param {string} text */
function spanOf({from, to, left}, text) {
  const width = LETTER * text.length;
  const lone = from === to;
  const x = !lone ? (from + to) / 2 : left ? from - 12 : from + 12;
  const begin = !lone ? x - width / 2 : left ? x - width : x;
  /** @type {'start' | 'middle' | 'end'} */
  const align = !lone ? 'middle' : left ? 'end' : 'start';
  return {x, align, begin, end: begin + width};
}
