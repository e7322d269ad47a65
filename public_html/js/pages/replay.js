/**
 * The page that shows what happened: what is open, and the buttons around it.
 * What is wrong with a file is told, and harms nothing that is open.
 */

import {sampleOf} from '../replay/arrowhead.js';
import {MARKS} from '../replay/marks.js';
import {byId, make, saveFile} from './dom.js';
import {glyph} from './replay-canvas.js';
import {enclosed, ownRoom, readFile, roomOf} from './replay-open.js';
import {bindTabs, showTab} from './replay-tabs.js';
import {Tape} from './replay-tape.js';
import {View, colour} from './replay-view.js';
import {tellWhy} from './replay-why.js';
import {seenParts, userWords} from './seen.js';

/** @typedef {import('../replay/recording.js').Recording} Recording */
/** @typedef {import('./replay-open.js').Pass} Pass */
/** @typedef {import('../report/side.js').Side} Side */

const status = byId('status', HTMLElement);
const file = byId('file', HTMLInputElement);
const reload = byId('reload', HTMLButtonElement);
const keep = byId('keep', HTMLButtonElement);

/** @param {string} text */
function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

/** @type {View | null} */
let view = null;

/** @param {Side | null} side of a browser, which a report may have
 * @param {(id: string) => string} nameOf */
function tellSeen(side, nameOf) {
  byId('seen', HTMLElement).hidden = !side;
  byId('seen-words', HTMLElement).replaceChildren(
    ...side ? userWords(side) : []);
  byId('seen-body', HTMLElement).replaceChildren(
    ...side ? seenParts(side, nameOf) : []);
}

/** @param {Recording} recording @param {Side | null} [side] */
function show(recording, side = null) {
  const wished = Number(new URLSearchParams(location.hash.slice(1))
    .get('message'));
  view?.end();
  byId('open', HTMLElement).hidden = true;
  byId('view', HTMLElement).hidden = false;
  showTab('story');
  view = new View(new Tape(recording));
  view.begin();
  tellWhy(view.tape, (seq) => view?.goTo(seq));
  tellSeen(side, view.tape.nameOf);
  if (wished) view.goTo(wished);
  say('The recording is open.');
  byId('ladder', HTMLElement).focus({preventScroll: true});
}

/** @param {string} words */
function refuse(words) {
  if (view) say(words);
  else byId('open-error', HTMLElement).textContent = words;
}

/** @param {File} given */
async function open(given) {
  say('Reading …');
  const {recording, words, side} = await readFile(given);
  say('');
  refuse(words);
  if (!recording) return;
  show(recording, side);
  reload.hidden = keep.hidden = true;
}

/** @param {File} given the other one */
async function compare(given) {
  const {recording, words} = await readFile(given);
  byId('compare-error', HTMLElement).textContent = words;
  if (recording) view?.comparison.show(recording);
}

/** @param {File} given by dropping: for the view that is open */
function take(given) {
  const other = view && !byId('compare', HTMLElement).hidden;
  void (other ? compare(given) : open(given));
}

/** @param {Pass} pass is kept by this page only */
async function openRoom(pass) {
  say('Asking the server …');
  const {recording, words} = await roomOf(pass);
  say('');
  refuse(words);
  if (!recording) return;
  show(recording);
  reload.hidden = keep.hidden = false;
  reload.onclick = () => void openRoom(pass);
}

/** @param {SubmitEvent} event */
function ask(event) {
  event.preventDefault();
  const key = byId('key', HTMLInputElement);
  const room = byId('room', HTMLInputElement).value.trim();
  void openRoom({room, token: key.value.trim()});
  key.value = '';
}

function legend() {
  byId('legend', HTMLElement).append(...Object.entries(MARKS)
    .filter(([kind]) => kind !== 'error').map(([kind, {word}]) => {
      const item = make('li');
      item.append(glyph(sampleOf(kind), 30, 14), make('span', '', word));
      return item;
    }));
}

function bind() {
  const drop = byId('drop', HTMLElement);
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) void open(chosen);
    file.value = '';
  });
  const second = byId('second', HTMLInputElement);
  second.addEventListener('change', () => {
    const [chosen] = second.files ?? [];
    if (chosen) void compare(chosen);
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
  byId('play', HTMLButtonElement).addEventListener('click',
    () => view?.player.playing ? view.player.pause() : view?.player.play());
  for (const [id, by] of /** @type {const} */ ([['back', -1], ['forth', 1]])) {
    byId(id, HTMLButtonElement).addEventListener('click',
      () => view?.player.step(by));
  }
  byId('ask', HTMLFormElement).addEventListener('submit', ask);
  byId('widen', HTMLButtonElement).addEventListener('click',
    () => view?.picture.zoomIn());
  byId('narrow', HTMLButtonElement).addEventListener('click',
    () => view?.picture.zoomOut());
  keep.addEventListener('click', () => {
    if (!view) return;
    saveFile('what-happened.jsonl', view.tape.recording.write(),
      'application/jsonl');
  });
  byId('save', HTMLButtonElement).addEventListener('click', () => {
    if (!view) return;
    saveFile('what-happened.svg', view.picture.save(), 'image/svg+xml');
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
const own = ownRoom();
const inside = enclosed();
if (inside) {
  refuse(inside.words);
  if (inside.recording) show(inside.recording, inside.side);
  keep.hidden = !inside.recording;
} else if (own?.token) void openRoom(own);
else if (own) {
  refuse('Open it from the room: “See what happened” stands there, below ' +
    '“What was said to connect you”.');
}
