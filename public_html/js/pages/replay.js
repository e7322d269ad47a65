/**
 * The page that shows what happened: opens a recording and binds its parts to
 * one player. What is wrong with a file is told, and harms nothing that is
 * open.
 */

import {Axis} from '../replay/axis.js';
import {sampleOf} from '../replay/arrowhead.js';
import {MARKS, PALETTES} from '../replay/marks.js';
import {plain} from '../replay/plain.js';
import {Player} from '../replay/player.js';
import {RecordingError, readBlob} from '../replay/recording.js';
import {byId, make} from './dom.js';
import {Again} from './replay-again.js';
import {glyph} from './replay-canvas.js';
import {Comparison, lettersOf} from './replay-compare.js';
import {Keys} from './replay-keys.js';
import {List} from './replay-list.js';
import {Letter} from './replay-message.js';
import {Now} from './replay-now.js';
import {Picture} from './replay-picture.js';
import {Strip} from './replay-strip.js';
import {bindTabs, showTab} from './replay-tabs.js';
import {Tape} from './replay-tape.js';

/** Words and states are made anew no more often while all moves, ms. */
const CALM = 90;

const status = byId('status', HTMLElement);
const file = byId('file', HTMLInputElement);
const even = byId('even', HTMLInputElement);
const fold = byId('fold', HTMLInputElement);
const playButton = byId('play', HTMLButtonElement);
const speed = byId('speed', HTMLSelectElement);
const dark = matchMedia('(prefers-color-scheme: dark)');

/** @param {string} text */
function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

const palette = () => dark.matches ? PALETTES.dark : PALETTES.light;

/** The page has the colours that the picture is drawn with. */
function colour() {
  const rules = Object.values(PALETTES).map((colours) => `:root {${
    Object.entries(colours).map(([name, value]) => `--r-${name}: ${value};`)
      .join('')}}`);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `${rules[0]} @media (prefers-color-scheme: dark) { ${rules[1]} }`);
  document.adoptedStyleSheets = [sheet];
}

/** One recording on the page. */
class View {
  #until = new AbortController();
  #frame = 0;
  #last = 0;
  #told = -Infinity;
  #telling = 0;

  /** @param {Tape} tape */
  constructor(tape) {
    const {signal} = this.#until;
    this.tape = tape;
    this.player = new Player(this.#axis());
    const go = (/** @type {number} */ seq) => this.goTo(seq);
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
    this.letter.show(count - 1);
    this.now.show(count);
    this.list.settle();
    this.#told = performance.now();
    if (this.player.playing) return;
    const {seq} = this.tape.messages[count - 1] ?? {};
    const url = new URL(location.href);
    url.hash = seq ? `message=${seq}` : '';
    if (url.href !== location.href) history.replaceState(null, '', url);
  }
}

/** @type {View | null} */
let view = null;

/** @param {import('../replay/recording.js').Recording} recording */
function show(recording) {
  const wished = Number(new URLSearchParams(location.hash.slice(1))
    .get('message'));
  view?.end();
  byId('open', HTMLElement).hidden = true;
  byId('view', HTMLElement).hidden = false;
  showTab('story');
  view = new View(new Tape(recording));
  view.begin();
  if (wished) view.goTo(wished);
  say('The recording is open.');
  byId('ladder', HTMLElement).focus({preventScroll: true});
}

/**
 * @param {File} given
 * @param {(recording: import('../replay/recording.js').Recording) => void} use
 * @param {(words: string) => void} refuse '' when it is well
 */
async function read(given, use, refuse) {
  say('Reading …');
  try {
    const recording = await readBlob(given);
    refuse('');
    say('');
    use(recording);
  } catch (cause) {
    if (!(cause instanceof RecordingError)) console.error(cause);
    const words = cause instanceof RecordingError ? cause.message
      : 'The file could not be read.';
    say('');
    refuse(`${plain(given.name)}: ${words}`);
  }
}

/** @param {File} given */
function open(given) {
  void read(given, show, (words) => {
    if (view) say(words);
    else byId('open-error', HTMLElement).textContent = words;
  });
}

/** @param {File} given the other one */
function compare(given) {
  void read(given, (recording) => view?.comparison.show(recording), (words) => {
    byId('compare-error', HTMLElement).textContent = words;
  });
}

/** @param {File} given by dropping: for the view that is open */
function take(given) {
  if (view && !byId('compare', HTMLElement).hidden) compare(given);
  else open(given);
}

function legend() {
  byId('legend', HTMLElement).append(...Object.entries(MARKS)
    .filter(([kind]) => kind !== 'error').map(([kind, {word}]) => {
      const item = make('li');
      item.append(glyph(sampleOf(kind), 30, 14), make('span', '', word));
      return item;
    }));
}

/** @param {string} name @param {string} text */
function save(name, text) {
  const link = make('a');
  link.href = URL.createObjectURL(new Blob([text], {type: 'image/svg+xml'}));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function bind() {
  const drop = byId('drop', HTMLElement);
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) open(chosen);
    file.value = '';
  });
  const second = byId('second', HTMLInputElement);
  second.addEventListener('change', () => {
    const [chosen] = second.files ?? [];
    if (chosen) compare(chosen);
    second.value = '';
  });
  byId('other', HTMLButtonElement).addEventListener('click',
    () => file.click());
  addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.hidden = !event.dataTransfer?.types.includes('Files');
  });
  addEventListener('dragleave', ({relatedTarget}) => {
    if (!relatedTarget) drop.hidden = true;
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    drop.hidden = true;
    const [dropped] = event.dataTransfer?.files ?? [];
    if (dropped) take(dropped);
  });
  playButton.addEventListener('click', () => view?.player.playing
    ? view.player.pause() : view?.player.play());
  for (const [id, by] of /** @type {const} */ ([['back', -1], ['forth', 1]])) {
    byId(id, HTMLButtonElement).addEventListener('click',
      () => view?.player.step(by));
  }
  byId('widen', HTMLButtonElement).addEventListener('click',
    () => view?.picture.zoomIn());
  byId('narrow', HTMLButtonElement).addEventListener('click',
    () => view?.picture.zoomOut());
  byId('save', HTMLButtonElement).addEventListener('click', () => {
    if (view) save('what-happened.svg', view.picture.save());
  });
  byId('link', HTMLButtonElement).addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      say('The link is copied. It opens this moment of the same recording.');
    } catch {
      say('The link to this moment stands in the address bar.');
    }
  });
  addEventListener('hashchange', () => {
    const seq = new URLSearchParams(location.hash.slice(1)).get('message');
    if (seq) view?.goTo(Number(seq));
  });
}

colour();
legend();
bindTabs();
bind();
