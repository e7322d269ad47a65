/**
 * The strip of time: a slider over a small picture of the whole.
 */

import {MARKS, labelOf} from '../replay/marks.js';
import {clock, duration} from '../replay/plain.js';
import {byId} from './dom.js';
import {paint, prepare} from './replay-canvas.js';

/** @typedef {import('./replay-tape.js').Tape} Tape */
/** @typedef {import('../replay/player.js').Player} Player */
/** @typedef {import('../replay/marks.js').Palette} Palette */
/** @typedef {import('../replay/ladder.js').Shape} Shape */

/** Half of the slider's thumb, px; replay.css has it too. */
const INSET = 7;

/** Where a kind stands in the strip, so that colour is not all there is. */
const LEVELS = ['offer', 'answer', 'candidate', 'other', 'room', 'bye',
  'error', 'joined', 'left'];

export class Strip {
  #box = byId('strip', HTMLElement);
  #canvas = byId('overview', HTMLCanvasElement);
  #slider = byId('moment', HTMLInputElement);
  #clock = byId('clock', HTMLOutputElement);
  #tape;
  #player;
  #palette;

  /**
   * @param {Tape} tape @param {Player} player @param {() => Palette} palette
   * @param {AbortSignal} signal
   */
  constructor(tape, player, palette, signal) {
    this.#tape = tape;
    this.#player = player;
    this.#palette = palette;
    this.#slider.addEventListener('input', () => {
      player.pause();
      player.seek(Number(this.#slider.value));
    }, {signal});
    const resized = new ResizeObserver(() => this.draw());
    resized.observe(this.#box);
    signal.addEventListener('abort', () => resized.disconnect());
  }

  /** The moment is another. */
  follow() {
    const {count, moment, axis} = this.#player;
    const {messages} = this.#tape;
    this.#slider.max = String(axis.end || 1);
    this.#slider.value = String(moment);
    const time = count ? axis.timeAt(axis.yAt(moment)) : 0;
    this.#clock.textContent = `${clock(time)} · ${count}/${messages.length}`;
    const last = messages[count - 1];
    this.#slider.setAttribute('aria-valuetext', last
      ? `${duration(time)}, message ${count} of ${messages.length}: ` +
        labelOf(last) : 'before the first message');
  }

  draw() {
    const {clientWidth: width, clientHeight: height} = this.#box;
    if (!width) return;
    const context = prepare(this.#canvas, width, height);
    context.clearRect(0, 0, width, height);
    const {axis} = this.#player;
    const span = width - 2 * INSET;
    const seen = new Set();
    /** @type {Shape[]} */
    const shapes = [];
    for (let i = 0; i < axis.length; i++) {
      const x = Math.round(INSET + span * axis.momentOf(i) / (axis.end || 1));
      const kind = this.#tape.kind(i);
      if (seen.has(`${x} ${kind}`)) continue;
      seen.add(`${x} ${kind}`);
      const y = 6 + (height - 16) * LEVELS.indexOf(kind) / LEVELS.length;
      shapes.push({shape: 'line', colour: MARKS[kind].colour, width: 2,
        at: [x, y, x, y + 6]});
    }
    paint(context, shapes, this.#palette());
  }
}
