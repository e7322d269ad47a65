/**
 * The messages as a list, in step with the picture: the form of it for who
 * reads or hears. Only the rows that are seen are in the document.
 */

import {labelOf} from '../replay/marks.js';
import {sampleOf} from '../replay/arrowhead.js';
import {clock} from '../replay/plain.js';
import {byId, make} from './dom.js';
import {glyph} from './replay-canvas.js';

/** @typedef {import('./replay-tape.js').Tape} Tape */
/** @typedef {import('../replay/player.js').Player} Player */

/** px of a row; replay.css has it too. */
const ROW = 32;
/** Rows above and below what is seen. */
const MORE = 6;

export class List {
  #box = byId('list', HTMLElement);
  #tall = make('div', 'rows');
  #tape;
  #player;
  /** @type {Map<number, HTMLElement>} rows in the document by index */
  #rows = new Map();
  /** @type {Map<string, SVGSVGElement>} */
  #glyphs = new Map();
  #chosen = -1;

  /** @param {Tape} tape @param {Player} player @param {AbortSignal} signal */
  constructor(tape, player, signal) {
    this.#tape = tape;
    this.#player = player;
    this.#tall.setAttribute('role', 'presentation');
    this.#tall.style.height = `${tape.messages.length * ROW}px`;
    this.#box.replaceChildren(this.#tall);
    this.#box.removeAttribute('aria-activedescendant');
    this.#box.scrollTop = 0;
    this.#box.addEventListener('scroll', () => this.#fill(), {signal});
    this.#box.addEventListener('click', ({target}) => {
      const row = target instanceof Element ? target.closest('.row-of') : null;
      if (!(row instanceof HTMLElement)) return;
      player.pause();
      player.go(Number(row.dataset.index) + 1);
    }, {signal});
    const resized = new ResizeObserver(() => this.#fill());
    resized.observe(this.#box);
    signal.addEventListener('abort', () => resized.disconnect());
  }

  /** The moment is another. */
  follow() {
    const index = this.#player.count - 1;
    const {scrollTop, clientHeight} = this.#box;
    const top = Math.max(0, index) * ROW;
    if (top < scrollTop) this.#box.scrollTop = top - 2 * ROW;
    else if (top + ROW > scrollTop + clientHeight) {
      this.#box.scrollTop = top - clientHeight + 3 * ROW;
    }
    this.#rows.get(this.#chosen)?.setAttribute('aria-selected', 'false');
    this.#chosen = index;
    this.#fill();
    for (const [at, row] of this.#rows) {
      row.classList.toggle('later', at > index);
    }
    this.#rows.get(index)?.setAttribute('aria-selected', 'true');
  }

  #fill() {
    const {scrollTop, clientHeight} = this.#box;
    const {length} = this.#tape.messages;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - MORE);
    const end = Math.min(length,
      Math.ceil((scrollTop + clientHeight) / ROW) + MORE);
    /** Rows that can be others. @type {HTMLElement[]} */
    const free = [];
    for (const [index, row] of this.#rows) {
      if (index >= first && index < end) continue;
      free.push(row);
      this.#rows.delete(index);
    }
    for (let index = first; index < end; index++) {
      if (this.#rows.has(index)) continue;
      const row = free.pop() ?? this.#row();
      this.#write(row, index);
      this.#rows.set(index, row);
    }
    for (const row of free) row.remove();
    const chosen = this.#rows.get(this.#chosen);
    if (chosen) this.#box.setAttribute('aria-activedescendant', chosen.id);
    else this.#box.removeAttribute('aria-activedescendant');
  }

  /** They are read in the order of the document, which is mixed up when rows
   * become others. For when it is calm. */
  settle() {
    const rows = [...this.#rows].sort(([a], [b]) => a - b);
    rows.forEach(([, row], place) => {
      const there = this.#tall.children[place];
      if (there !== row) this.#tall.insertBefore(row, there);
    });
  }

  #row() {
    const row = make('div', 'row-of');
    row.setAttribute('role', 'option');
    row.setAttribute('aria-setsize', String(this.#tape.messages.length));
    row.append(make('span', 'at'), this.#glyph('other'), make('span', 'what'),
      make('span', 'way'), make('span', 'odd', '!'));
    this.#tall.append(row);
    return row;
  }

  /** @param {HTMLElement} row @param {number} index */
  #write(row, index) {
    const tape = this.#tape;
    const message = tape.messages[index];
    const kind = tape.kind(index);
    row.id = `message-${index}`;
    row.dataset.index = String(index);
    row.style.top = `${index * ROW}px`;
    row.setAttribute('aria-selected', String(index === this.#chosen));
    row.setAttribute('aria-posinset', String(index + 1));
    row.setAttribute('aria-label', tape.sentence(index));
    row.classList.toggle('later', index > this.#chosen);
    const [at, mark, what, way, odd] = row.children;
    at.textContent = clock(tape.since(index));
    what.textContent = labelOf(message);
    way.textContent = tape.way(message);
    /** @type {HTMLElement} */ (odd).hidden = !tape.remark(index);
    if (row.dataset.kind === kind) return;
    row.dataset.kind = kind;
    mark.replaceWith(this.#glyph(kind));
  }

  /** @param {string} kind */
  #glyph(kind) {
    const known = this.#glyphs.get(kind) ?? glyph(sampleOf(kind), 30, 14);
    this.#glyphs.set(kind, known);
    return known.cloneNode(true);
  }
}
