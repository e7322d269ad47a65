/**
 * The picture: a lane for each peer, time going down, an arrow for each
 * message. Lays it out once and then gives the shapes of any window of it, so
 * that the work of a frame does not grow with the recording. Shapes are data;
 * a canvas paints them (pages/canvas.js), svg.js writes them.
 */

import {MARKS, kindOf, labelOf} from './marks.js';
import {FOLD_PX} from './axis.js';
import {duration, short} from './plain.js';
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
 * @property {boolean} [halo] paper behind the letters
 * @property {number} [fade] 0 to 1: how much of it is seen
 */

/** px */
export const GUTTER = 64;
const LANE_MIN = 104;
const LANE_MAX = 420;
export const HEAD = 46;
const TOP = 26;
const LABEL = 15;

export class Ladder {
  /** Messages as they are drawn: numbers only. */
  #from;
  #to;
  /** @type {string[]} */
  #kinds;
  /** 1: drawn; 2: with its label. */
  #shown;
  /** @type {Map<number, number>} labels that stand for several */
  #bundles = new Map();
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
    this.#bundles.clear();
    /** @type {Map<string, number>} newest y, and index of the newest label */
    const labels = new Map();
    /** @type {Map<string, number>} */
    const arrows = new Map();
    for (let i = 0; i < this.messages.length; i++) {
      const y = this.axis.yOf(i);
      const way = `${this.#from[i]} ${this.#to[i]}`;
      const arrow = `${way} ${this.#kinds[i]}`;
      this.#shown[i] = y - (arrows.get(arrow) ?? -Infinity) >= 1 ? 1 : 0;
      if (this.#shown[i]) arrows.set(arrow, y);
      const place = `${this.#from[i] + this.#to[i]}`;
      const last = labels.get(place);
      if (last === undefined || y - this.axis.yOf(last) >= LABEL) {
        this.#shown[i] = 2;
        labels.set(place, i);
      } else this.#bundles.set(last, (this.#bundles.get(last) ?? 0) + 1);
    }
    this.#live();
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
    this.#scale(shapes, top, bottom);
    this.#lanes(shapes, top, bottom);
    if (now.chosen >= 0) {
      const y = this.y(now.chosen);
      shapes.push({shape: 'rect', colour: 'tint',
        at: [GUTTER - 4, y - 10, this.width - GUTTER - 4, 20]});
    }
    const first = Math.max(0, this.axis.countAbove(top - TOP - 12) - 1);
    const end = this.axis.countAbove(bottom - TOP + 12);
    for (let i = first; i < end; i++) {
      if (this.#shown[i] || i === now.chosen) {
        this.#arrow(shapes, i, i < now.count ? 1 : 0.28);
      }
    }
    for (let i = first; i < end; i++) {
      if (this.#shown[i] === 2) this.#label(shapes, i, i < now.count ? 1 : 0.4);
    }
    shapes.push({shape: 'line', colour: 'accent', width: 1.5,
      at: [0, now.y, this.width, now.y]},
    {shape: 'polygon', colour: 'accent',
      at: [0, now.y - 6, 8, now.y, 0, now.y + 6]});
    return shapes;
  }

  /** @param {Shape[]} shapes @param {number} top @param {number} bottom */
  #scale(shapes, top, bottom) {
    const {axis} = this;
    for (const {y, words} of beats(axis, top - TOP, bottom - TOP)) {
      const at = y + TOP;
      shapes.push({shape: 'line', colour: 'grid', width: 1,
        at: [GUTTER - 6, at, this.width, at]},
      {shape: 'text', colour: 'soft', align: 'end', text: words,
        at: [GUTTER - 12, at + 4]});
    }
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

  /** @param {Shape[]} shapes @param {number} i @param {number} fade */
  #label(shapes, i, fade) {
    const more = this.#bundles.get(i);
    const text = labelOf(this.messages[i]) + (more ? `  +${more} more` : '');
    const from = this.#from[i];
    const to = this.#to[i];
    const lone = from === to;
    // Beside its lane; on the last one to the left of it.
    const left = lone && from > 0 && from === this.names.length - 1;
    const x = lone ? this.x(from) + (left ? -12 : 12)
      : (this.x(from) + this.x(to)) / 2;
    shapes.push({shape: 'text', colour: MARKS[this.#kinds[i]].colour, text,
      fade, halo: true, align: !lone ? 'middle' : left ? 'end' : 'start',
      at: [x, this.y(i) + (lone ? 4 : -4)]});
  }
}

/**
 * The head of an arrow.
 * @param {Shape[]} shapes
 * @param {string} head
 * @param {string} colour
 * @param {number} x
 * @param {number} y
 * @param {number} way -1 to the left, 1 to the right
 * @param {number} fade
 */
function tip(shapes, head, colour, x, y, way, fade) {
  const triangle = (/** @type {number} */ at, size = 5) => shapes.push({
    shape: 'polygon', colour, fade,
    at: [at, y, at - way * size * 1.8, y - size, at - way * size * 1.8,
      y + size]});
  const line = (/** @type {number[]} */ at) => shapes.push({shape: 'line',
    colour, fade, width: 1.75, at});
  if (head === 'full') triangle(x);
  else if (head === 'double') {
    triangle(x);
    triangle(x - way * 8);
  } else if (head === 'open') {
    line([x - way * 7, y - 4.5, x, y]);
    line([x - way * 7, y + 4.5, x, y]);
  } else if (head === 'cross') {
    line([x - 5, y - 5, x + 5, y + 5]);
    line([x - 5, y + 5, x + 5, y - 5]);
  } else if (head === 'diamond') {
    shapes.push({shape: 'polygon', colour, fade,
      at: [x - 5, y, x, y - 5, x + 5, y, x, y + 5]});
  } else if (head === 'square') {
    shapes.push({shape: 'rect', colour, fade, at: [x - 4, y - 4, 8, 8]});
  } else if (head === 'circle') {
    shapes.push({shape: 'circle', colour, fade, width: 5, at: [x, y]});
  }
}
