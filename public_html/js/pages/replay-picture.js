/**
 * The picture: a window that scrolls over the ladder, and draws what is in it.
 */

import {HEAD, Ladder} from '../replay/ladder.js';
import {kindOf} from '../replay/marks.js';
import {lowered, svg} from '../replay/svg.js';
import {byId} from './dom.js';
import {paint, prepare} from './replay-canvas.js';

/** @typedef {import('../replay/player.js').Player} Player */
/** @typedef {import('../replay/marks.js').Palette} Palette */
/** @typedef {import('./replay-tape.js').Tape} Tape */

/** How much nearer or farther at a time. */
const ZOOM = 1.4;

/** A picture to be saved holds no more px of height. */
const SAVE_MAX = 30_000;

export class Picture {
  #window = byId('ladder', HTMLElement);
  #tall = byId('tall', HTMLElement);
  #canvas = byId('canvas', HTMLCanvasElement);
  #tape;
  #player;
  #palette;
  /** @type {Ladder} */
  #ladder;

  /**
   * @param {Tape} tape
   * @param {Player} player
   * @param {() => Palette} palette
   * @param {AbortSignal} until
   */
  constructor(tape, player, palette, until) {
    this.#tape = tape;
    this.#player = player;
    this.#palette = palette;
    this.#ladder = this.#make();
    const signal = {signal: until};
    this.#window.addEventListener('scroll', () => this.draw(), signal);
    this.#canvas.addEventListener('click', (event) => this.#point(event),
      signal);
    this.#window.addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const {top} = this.#window.getBoundingClientRect();
      this.zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientY - top - HEAD);
    }, {passive: false, ...signal});
    const resized = new ResizeObserver(() => this.lay());
    resized.observe(this.#window);
    until.addEventListener('abort', () => resized.disconnect());
  }

  #make() {
    const {messages, story, nameOf} = this.#tape;
    return new Ladder(messages, story.ids, nameOf, this.#player.axis,
      this.#window.clientWidth);
  }

  /** Anew: the axis is another, or the room there is. */
  lay() {
    this.#ladder = this.#make();
    this.#fit();
    this.follow();
    this.draw();
  }

  #fit() {
    this.#tall.style.height = `${this.#ladder.height + HEAD}px`;
    this.#tall.style.width = `${this.#ladder.width}px`;
  }

  /**
   * @param {number} by
   * @param {number} [at] px below the names of what keeps its place
   */
  zoom(by = ZOOM, at = this.#y() - this.#window.scrollTop) {
    const {axis} = this.#player;
    const ladder = this.#ladder;
    const moment = ladder.momentAt(this.#window.scrollTop + at);
    axis.scale *= by;
    ladder.arrange();
    this.#fit();
    this.#window.scrollTop = ladder.yAt(moment) - at;
    this.draw();
  }

  zoomIn() {
    this.zoom(ZOOM);
  }

  zoomOut() {
    this.zoom(1 / ZOOM);
  }

  #y() {
    const {count, moment} = this.#player;
    return count ? this.#ladder.yAt(moment) : this.#ladder.yAt(0) - 14;
  }

  /** Scrolls so that the moment can be seen, and no more than that. */
  follow() {
    const y = this.#y();
    const {scrollTop, clientHeight} = this.#window;
    const room = clientHeight - HEAD;
    if (y < scrollTop + room * 0.15 || y > scrollTop + room * 0.8) {
      this.#window.scrollTop = y - room * 0.45;
    }
  }

  draw() {
    const {clientWidth, clientHeight, scrollLeft, scrollTop} = this.#window;
    if (!clientWidth || !clientHeight) return;
    const palette = this.#palette();
    const context = prepare(this.#canvas, clientWidth, clientHeight);
    const {count} = this.#player;
    context.fillStyle = palette.paper;
    context.fillRect(0, 0, clientWidth, clientHeight);
    context.save();
    context.translate(-scrollLeft, HEAD - scrollTop);
    paint(context, this.#ladder.shapes(scrollTop - 8,
      scrollTop + clientHeight - HEAD + 8,
      {count, y: this.#y(), chosen: count - 1}), palette);
    context.restore();
    context.fillStyle = palette.paper;
    context.fillRect(0, 0, clientWidth, HEAD - 2);
    context.save();
    context.translate(-scrollLeft, 0);
    paint(context, this.#ladder.heads(), palette);
    context.restore();
  }

  /** A message, or else the moment that was pointed at. @param {MouseEvent} e */
  #point({offsetX, offsetY}) {
    const y = offsetY - HEAD + this.#window.scrollTop;
    const found = this.#ladder.hit(offsetX + this.#window.scrollLeft, y);
    this.#player.pause();
    if (found >= 0) this.#player.go(found + 1);
    else this.#player.seek(this.#ladder.momentAt(y));
  }

  /** All of it as SVG, or what is seen and more where that is too much. */
  save() {
    const ladder = this.#ladder;
    const {count} = this.#player;
    const most = Math.min(ladder.height, SAVE_MAX);
    const top = ladder.height > most ? this.#window.scrollTop : 0;
    const bottom = Math.min(top + most, ladder.height);
    const now = {count: ladder.messages.length, y: this.#y(),
      chosen: count < ladder.messages.length ? count - 1 : -1};
    return svg([
      ...lowered(ladder.shapes(top, bottom, now), HEAD - top),
      {shape: 'rect', colour: 'paper', at: [0, 0, ladder.width, HEAD - 2]},
      ...ladder.heads(),
    ], {width: ladder.width, height: bottom - top + HEAD,
      title: this.#tape.title, palette: this.#palette()});
  }

  /** For who does not see it. */
  get words() {
    const {messages, story} = this.#tape;
    const kinds = new Map();
    for (const message of messages) {
      const kind = kindOf(message);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    const parts = [...kinds].map(([kind, n]) => `${n} ${kind}`);
    return `A lane for each of ${story.ids.length} peers, and an arrow for ` +
      `each of ${messages.length} messages (${parts.join(', ') || 'none'}), ` +
      'time going down. The list of messages says the same in words.';
  }
}
