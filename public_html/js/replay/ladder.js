/**
 * The picture: a lane for each peer, time going down, an arrow for each
 * message. Lays it out once and then gives the shapes of any window of it, so
 * that the work of a frame does not grow with the recording. Shapes are data;
 * a canvas paints them (pages/canvas.js), svg.js writes them.
 */

import {tip} from './arrowhead.js';
import {FOLD_PX} from './axis.js';
import {LABEL, Labels} from './labels.js';
import {MARKS, kindOf} from './marks.js';
import {clock, duration, short} from './plain.js';
import {beats} from './ticks.js';

/** @typedef {import('./recording.js').Entry} Entry */
/** @typedef {import('./axis.js').Axis} Axis */

/**
 * @typedef {object} Shape
 * @property {'line' | 'polygon' | 'circle' | 'rect' | 'text'} shape
 * @property {number[]} at x, y of each point; of a rect also its width, height
 * @property {string} colour of the palette
 * @property {number} [width] of a line, or radius of a circle, px
 * @property {number[]} [dash]
 * @property {boolean} [hollow] an outline, not filled
 * @property {string} [text]
 * @property {'start' | 'middle' | 'end'} [align]
 * @property {boolean} [bold]
 * @property {number} [fade] 0 to 1: how much of it is seen
 */

/** px */
export const GUTTER = 68;
const LANE_MIN = 104;
const LANE_MAX = 420;
export const HEAD = 46;
const TOP = 26;

export class Ladder {
  /** Lanes by message. */
  #from;
  #to;
  /** @type {string[]} */
  #kinds;
  /** 1: drawn. */
  #shown;
  /** @type {Labels} */
  #labels;
  /** Presence: lane, y from, y to. @type {number[][]} */
  #lives = [];

  /**
   * @param {Entry[]} messages
   * @param {string[]} ids of the peers, a lane each
   * @param {(id: string) => string} nameOf
   * @param {Axis} axis
   * @param {number} width px that there are
   */
  constructor(messages, ids, nameOf, axis, width) {
    this.messages = messages;
    this.axis = axis;
    this.names = ids.map(nameOf);
    const room = (width - GUTTER - 12) / Math.max(1, ids.length);
    this.lane = Math.max(LANE_MIN, Math.min(LANE_MAX, room));
    this.width = Math.max(width, GUTTER + 12 + this.lane * ids.length);
    const lanes = new Map(ids.map((id, lane) => [id, lane]));
    this.#from = Int32Array.from(messages, ({from}) => lanes.get(from) ?? 0);
    this.#to = Int32Array.from(messages, ({from, to}) =>
      lanes.get(to ?? from) ?? 0);
    this.#kinds = messages.map(kindOf);
    this.#shown = new Uint8Array(messages.length);
    this.#labels = new Labels(0, () => null);
    this.arrange();
  }

  get height() {
    return this.axis.height + TOP + 2 * LABEL;
  }

  /** @param {number} lane */
  x(lane) {
    return GUTTER + (lane + 0.5) * this.lane;
  }

  /** px from the top of the picture. @param {number} i of the message */
  y(i) {
    return this.axis.yOf(i) + TOP;
  }

  /** @param {number} moment */
  yAt(moment) {
    return this.axis.yAt(moment) + TOP;
  }

  /** @param {number} y */
  momentAt(y) {
    return this.axis.momentAt(y - TOP);
  }

  /** After the scale has changed: who gets a label, and which arrows would
   * only cover another that is the same. */
  arrange() {
    /** @type {Map<string, number>} y of the newest */
    const arrows = new Map();
    for (let i = 0; i < this.messages.length; i++) {
      const y = this.axis.yOf(i);
      const arrow = `${this.#from[i]} ${this.#to[i]} ${this.#kinds[i]}`;
      this.#shown[i] = y - (arrows.get(arrow) ?? -Infinity) >= 1 ? 1 : 0;
      if (this.#shown[i]) arrows.set(arrow, y);
    }
    this.#labels = new Labels(this.messages.length, (i) => ({
      y: this.axis.yOf(i), message: this.messages[i],
      late: this.#kinds[i] === 'candidate', ...this.#ends(i)}));
    this.#live();
  }

  /** Where an arrow begins and ends, and whether its label stands to the left
   * of its lane. @param {number} i */
  #ends(i) {
    const [from, to] = [this.#from[i], this.#to[i]];
    return {from: this.x(from), to: this.x(to),
      left: from === to && from > 0 && from === this.names.length - 1};
  }

  #live() {
    /** @type {Map<number, number>} */
    const open = new Map();
    const seen = new Set();
    this.#lives = [];
    for (let i = 0; i < this.messages.length; i++) {
      const lane = this.#from[i];
      const kind = this.#kinds[i];
      if (kind === 'left') {
        const begin = open.get(lane) ?? (seen.has(lane) ? this.y(i) : 0);
        this.#lives.push([lane, begin, this.y(i)]);
        open.delete(lane);
      } else if (!open.has(lane) && this.messages[i].type !== 'room-knock') {
        // Who speaks without having come was there before the log begins.
        open.set(lane, kind === 'joined' || seen.has(lane) ? this.y(i) : 0);
      }
      seen.add(lane);
    }
    for (const [lane, begin] of open) {
      this.#lives.push([lane, begin, Infinity]);
    }
  }

  /**
   * @param {number} y px from the top
   * @param {number} x
   * @returns {number} index of the message there, -1: none
   */
  hit(x, y) {
    let best = -1;
    let distance = 10;
    const end = this.axis.countAbove(y - TOP + distance);
    for (let i = this.axis.countAbove(y - TOP - distance); i < end; i++) {
      const [a, b] = [this.x(this.#from[i]), this.x(this.#to[i])];
      const across = Math.max(Math.min(a, b) - x, x - Math.max(a, b), 0);
      const away = Math.abs(this.y(i) - y) + (across > 12 ? 6 : 0);
      if (away < distance) {
        best = i;
        distance = away;
      }
    }
    return best;
  }

  /** Names over the lanes. @returns {Shape[]} */
  heads() {
    return this.names.flatMap((name, lane) => {
      const most = Math.max(3, Math.floor((this.lane - 24) / 7.5));
      const width = Math.min(this.lane - 12, name.length * 7.5 + 28);
      return [
        {shape: /** @type {const} */ ('rect'), colour: 'tint',
          at: [this.x(lane) - width / 2, 9, width, 28]},
        {shape: /** @type {const} */ ('text'), text: short(name, most),
          colour: 'ink', bold: true, align: /** @type {const} */ ('middle'),
          at: [this.x(lane), 27.5]}];
    });
  }

  /**
   * @param {number} top px
   * @param {number} bottom
   * @param {{count: number, y: number, chosen: number}} now count: messages
   *   there have been; y: of the moment; chosen: a message, -1: none
   * @returns {Shape[]} from the back to the front
   */
  shapes(top, bottom, now) {
    /** @type {Shape[]} */
    const shapes = [];
    this.#scale(shapes, top, bottom, now.y);
    if (now.chosen >= 0) {
      const y = this.y(now.chosen);
      shapes.push({shape: 'rect', colour: 'tint',
        at: [GUTTER - 4, y - 10, this.width - GUTTER - 4, 20]});
    }
    this.#lanes(shapes, top, bottom);
    this.#folds(shapes, top, bottom);
    const first = Math.max(0, this.axis.countAbove(top - TOP - 12) - 1);
    const end = this.axis.countAbove(bottom - TOP + 12);
    for (let i = first; i < end; i++) {
      if (this.#shown[i] || i === now.chosen) {
        this.#arrow(shapes, i, i < now.count ? 1 : 0.28);
      }
    }
    for (let i = first; i < end; i++) {
      shapes.push(...this.#labels.shapes(i, this.y(i),
        MARKS[this.#kinds[i]].colour, i < now.count ? 1 : 0.4));
    }
    const time = now.count ? this.axis.timeAt(now.y - TOP) : 0;
    shapes.push({shape: 'line', colour: 'accent', width: 1.5,
      at: [GUTTER - 6, now.y, this.width, now.y]},
    {shape: 'polygon', colour: 'accent',
      at: [GUTTER - 10, now.y - 5, GUTTER - 3, now.y, GUTTER - 10, now.y + 5]},
    {shape: 'text', colour: 'accent', bold: true, align: 'end',
      text: clock(time), at: [GUTTER - 13, now.y + 4]});
    return shapes;
  }

  /** @param {Shape[]} shapes @param {number} top @param {number} bottom
   * @param {number} now where the moment says its own time */
  #scale(shapes, top, bottom, now) {
    const {axis} = this;
    for (const {y, words} of beats(axis, top - TOP, bottom - TOP)) {
      const at = y + TOP;
      shapes.push({shape: 'line', colour: 'grid', width: 1,
        at: [GUTTER - 6, at, this.width, at]});
      if (Math.abs(at - now) < 14) continue;
      shapes.push({shape: 'text', colour: 'soft', align: 'end', text: words,
        at: [GUTTER - 12, at + 4]});
    }
  }

  /** Over the lanes: they are broken there.
   * @param {Shape[]} shapes @param {number} top @param {number} bottom */
  #folds(shapes, top, bottom) {
    const {axis} = this;
    if (axis.even) return;
    const end = axis.countAbove(bottom - TOP + FOLD_PX);
    for (let i = axis.countAbove(top - TOP); i < end; i++) {
      if (!axis.folded(i)) continue;
      const y = this.y(i) - FOLD_PX / 2;
      const gap = axis.times[i] - axis.times[i - 1];
      shapes.push({shape: 'rect', colour: 'grid',
        at: [GUTTER - 6, y - 11, this.width - GUTTER, 22]},
      {shape: 'text', colour: 'soft', align: 'start',
        text: `${duration(gap)} without a message`, at: [GUTTER + 4, y + 4]});
    }
  }

  /** @param {Shape[]} shapes @param {number} top @param {number} bottom */
  #lanes(shapes, top, bottom) {
    this.names.forEach((_, lane) => {
      const x = this.x(lane);
      shapes.push({shape: 'line', colour: 'line', width: 1, dash: [2, 4],
        at: [x, Math.max(0, top), x, Math.min(bottom, this.height)]});
    });
    for (const [lane, begin, end] of this.#lives) {
      const from = Math.max(begin, top);
      const to = Math.min(end, bottom, this.height);
      const x = this.x(lane);
      if (to >= from) {
        shapes.push({shape: 'line', colour: 'line', width: 5,
          at: [x, from, x, to]});
      }
    }
  }

  /** @param {Shape[]} shapes @param {number} i @param {number} fade */
  #arrow(shapes, i, fade) {
    const {colour, width, dash, head} = MARKS[this.#kinds[i]];
    const y = this.y(i);
    const from = this.x(this.#from[i]);
    const to = this.x(this.#to[i]);
    if (from === to) {
      const {to: named} = this.messages[i];
      const alone = named !== undefined || head === 'circle' || head === 'cross';
      if (!alone) {
        // To everybody: from edge to edge.
        shapes.push({shape: 'line', colour, width, dash, fade,
          at: [this.x(0), y, this.x(this.names.length - 1), y]});
      }
      tip(shapes, alone && head !== 'cross' ? 'circle' : head, colour, from, y,
        0, fade);
      return;
    }
    const way = Math.sign(to - from);
    shapes.push({shape: 'line', colour, width, dash, fade,
      at: [from, y, to - way * 6, y]},
    {shape: 'circle', colour, width: 2.5, fade, at: [from, y]});
    tip(shapes, head, colour, to - way * 3, y, way, fade);
  }
}
