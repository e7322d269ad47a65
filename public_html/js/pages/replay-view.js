/**
 * One recording on the page: its parts are bound to one player, and go with it.
 */

import {Axis} from '../replay/axis.js';
import {PALETTES} from '../replay/marks.js';
import {Player} from '../replay/player.js';
import {byId} from './dom.js';
import {Again} from './replay-again.js';
import {Comparison, lettersOf} from './replay-compare.js';
import {Keys} from './replay-keys.js';
import {List} from './replay-list.js';
import {Letter} from './replay-message.js';
import {Now} from './replay-now.js';
import {Picture} from './replay-picture.js';
import {Strip} from './replay-strip.js';
import {showTab} from './replay-tabs.js';

/** @typedef {import('./replay-tape.js').Tape} Tape */

/** Words and states are made anew no more often while all moves, ms. */
const CALM = 90;

const even = byId('even', HTMLInputElement);
const fold = byId('fold', HTMLInputElement);
const playButton = byId('play', HTMLButtonElement);
const speed = byId('speed', HTMLSelectElement);
const dark = matchMedia('(prefers-color-scheme: dark)');

const palette = () => dark.matches ? PALETTES.dark : PALETTES.light;

/** The page has the colours that the picture is drawn with. */
export function colour() {
  const rules = Object.values(PALETTES).map((colours) => `:root {${
    Object.entries(colours).map(([name, value]) => `--r-${name}: ${value};`)
      .join('')}}`);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `${rules[0]} @media (prefers-color-scheme: dark) { ${rules[1]} }`);
  document.adoptedStyleSheets = [sheet];
}

/** One recording on the page. */
export class View {
  #until = new AbortController();
  #frame = 0;
  #last = 0;
  #told = -Infinity;
  #telling = 0;
  /** The count that the words are of. */
  #shown = -1;

  /** @param {Tape} tape */
  constructor(tape) {
    const {signal} = this.#until;
    this.tape = tape;
    this.player = new Player(this.#axis());
    // The button that led there goes with what it stood in.
    const go = (/** @type {number} */ seq) => {
      if (!this.goTo(seq)) return;
      this.#show();
      this.#tell();
      byId('side', HTMLElement).focus({preventScroll: true});
    };
    this.picture = new Picture(tape, this.player, palette, signal);
    this.strip = new Strip(tape, this.player, palette, signal);
    this.list = new List(tape, this.player, signal);
    this.letter = new Letter(tape, go);
    this.now = new Now(tape, go);
    const show = (/** @type {number} */ seq) => {
      showTab('story');
      go(seq);
    };
    this.comparison = new Comparison(tape, show);
    this.again = new Again(tape, show, signal);
    this.keys = new Keys(this.player, this.picture, signal);
    this.player.addEventListener('move', () => this.#wish());
    this.player.addEventListener('play', () => this.#playing());
    for (const box of [even, fold]) {
      box.addEventListener('change', () => this.#measure(), {signal});
    }
    speed.addEventListener('change', () => this.#pace(), {signal});
    dark.addEventListener('change', () => this.#repaint(), {signal});
    this.#pace();
  }

  #axis() {
    return new Axis(this.tape.messages.map(({at}) => at),
      {fold: fold.checked, even: even.checked});
  }

  #measure() {
    this.player.axis = this.#axis();
    fold.disabled = even.checked;
    this.picture.lay();
    this.strip.draw();
    this.#show();
  }

  #repaint() {
    this.picture.draw();
    this.strip.draw();
  }

  #pace() {
    this.player.speed = Number(speed.value);
  }

  /** Everything, for the first time. */
  begin() {
    const {tape} = this;
    byId('title', HTMLElement).textContent = tape.title;
    byId('facts', HTMLElement).textContent = tape.facts;
    byId('compare-letters', HTMLElement).textContent = lettersOf(tape);
    byId('count', HTMLElement).textContent = String(tape.messages.length);
    byId('picture-words', HTMLElement).textContent = this.picture.words;
    this.picture.lay();
    this.strip.draw();
    this.#show();
    this.#tell();
  }

  end() {
    this.player.pause();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#telling);
    this.#until.abort();
  }

  /** @param {number} seq */
  goTo(seq) {
    const index = this.tape.indexOf(seq);
    if (index < 0) return false;
    this.player.pause();
    this.player.go(index + 1);
    return true;
  }

  #playing() {
    const {playing} = this.player;
    playButton.textContent = playing ? 'Pause' : 'Play';
    this.#last = 0;
    if (playing) this.#wish();
    else this.#tell();
  }

  #wish() {
    this.#frame ||= requestAnimationFrame((now) => {
      this.#frame = 0;
      if (this.player.playing) {
        this.player.advance(this.#last ? Math.min(now - this.#last, 250) : 0);
        this.#last = now;
        if (this.player.playing) this.#wish();
      }
      this.#show();
    });
  }

  /** What moves with every frame; words follow at their own pace. */
  #show() {
    this.picture.follow();
    this.picture.draw();
    this.strip.follow();
    this.list.follow();
    const since = performance.now() - this.#told;
    if (since > CALM * 4) this.#tell();
    else {
      clearTimeout(this.#telling);
      this.#telling = setTimeout(() => this.#tell(), CALM);
    }
  }

  #tell() {
    clearTimeout(this.#telling);
    const {count} = this.player;
    // Whoever reads or has chosen something there keeps it.
    if (count !== this.#shown) {
      this.letter.show(count - 1);
      this.now.show(count);
      this.#shown = count;
    }
    this.list.settle();
    this.#told = performance.now();
    if (this.player.playing) return;
    const {seq} = this.tape.messages[count - 1] ?? {};
    const url = new URL(location.href);
    url.hash = seq ? `message=${seq}` : '';
    if (url.href !== location.href) history.replaceState(null, '', url);
  }
}
