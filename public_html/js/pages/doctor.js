/**
 * The doctor's page: asks for the code, shows what the program found, and
 * measures from the browser what the program cannot.
 */

import {tryHolds, tryStream} from '../doctor/held.js';
import {Program} from '../doctor/program.js';
import {FAMILIES, asJson, asText, labelOf, tally, whole}
  from '../doctor/report.js';
import {tryClock, tryHttps, tryReach, tryRoundTrip}
  from '../doctor/tries.js';
import {byId, make} from './dom.js';
import {lettersOf, refusalOf, showKeys, startKeys} from './keys.js';

/** @typedef {import('../doctor/program.js').Finding} Finding */
/** @typedef {import('../doctor/program.js').Answer} Answer */
/** @typedef {Answer & {asked: number, answered: number}} Asked */

const WORDS = {bad: 'Bad', warning: 'Warning', note: 'Note'};
const LISTS = {bad: 'cures', warning: 'cures', note: 'notes'};

const lead = byId('lead', HTMLElement);
const form = byId('ask', HTMLFormElement);
const code = byId('code', HTMLInputElement);
const error = byId('code-error', HTMLElement);
const status = byId('status', HTMLElement);
const progress = byId('progress', HTMLProgressElement);
const stop = byId('stop', HTMLButtonElement);
const again = byId('again', HTMLButtonElement);
const result = byId('result', HTMLElement);

/** The program has this page too, and there it knows where that is; the file
 * beside the pages of a call only knows its name. */
if (location.pathname.endsWith('.html')) {
  const named = document.querySelector('meta[name="letterbox-api"]');
  const [name] = (named?.getAttribute('content') ?? 'api').split(/\s+/);
  location.replace(new URL(`${name}?path=/doctor`, document.baseURI));
}

const program = new Program(new URL(location.href));

/** What we know: the program's answer and our own findings. */
let pass = '';
/** @type {Asked | undefined} */
let answer;
/** @type {Finding[]} */
let own = [];

/** @param {Finding} finding @param {'bad' | 'warning' | 'note'} outcome */
function card({family, title, words, cure}, outcome) {
  const item = make('li', `finding ${outcome}`);
  const head = make('h3', '', title);
  head.prepend(make('span', 'mark', WORDS[outcome]), ' ');
  item.append(head, make('p', 'soft', FAMILIES[family] ?? family),
    make('p', '', words));
  if (cure) {
    const line = make('p', 'cure', cure);
    line.prepend(make('strong', '', `${labelOf(outcome)}: `));
    item.append(line);
  }
  return item;
}

/** What is well takes a line, under the name of its family.
 * @param {Finding[]} checks */
function* summaries(checks) {
  for (const [family, name] of Object.entries(FAMILIES)) {
    const own = checks.filter((check) => check.family === family);
    if (!own.length) continue;
    const part = make('section', 'family');
    const list = make('ul');
    for (const {title, words} of own) {
      const item = make('li', '', words);
      item.prepend(make('strong', '', `${title}:`), ' ');
      list.append(item);
    }
    part.append(make('h3', '', name), list);
    yield part;
  }
}

/** Sorted anew: what is bad stands first, whoever found it. */
function showAll() {
  const checks = [...answer?.report.checks ?? [], ...own];
  for (const id of ['cures', 'notes']) byId(id, HTMLElement).replaceChildren();
  for (const outcome of /** @type {const} */ (['bad', 'warning', 'note'])) {
    byId(LISTS[outcome], HTMLElement).append(...checks
      .filter((check) => check.outcome === outcome)
      .map((check) => card(check, outcome)));
  }
  const fine = checks.filter((check) => check.outcome === 'ok');
  byId('fine', HTMLElement).replaceChildren(...summaries(fine));
  for (const id of ['cures', 'notes', 'fine']) {
    const count = id === 'fine' ? fine.length
      : byId(id, HTMLElement).children.length;
    byId(`${id}-part`, HTMLElement).hidden = !count;
    byId(`${id}-count`, HTMLElement).textContent = `${count}`;
  }
}

/** @param {Finding} finding */
function add(finding) {
  own.push(finding);
  showAll();
}

/**
 * @param {string} words what is under way
 * @param {number} [done] of 1
 */
function say(words, done) {
  status.textContent = words;
  progress.hidden = done === undefined;
  if (done !== undefined) progress.value = done;
}

/** @param {Asked} asked */
async function measure(asked) {
  const cancel = new AbortController();
  const {signal} = cancel;
  stop.onclick = () => cancel.abort();
  stop.hidden = false;
  say('Measuring from your browser: the connection', 0.05);
  add(tryHttps());
  add(tryClock(asked));
  add(await tryRoundTrip(program));
  say('Measuring from your browser: files that nobody may have', 0.15);
  add(await tryReach(asked.addresses));
  say('Measuring from your browser: streams', 0.25);
  if (!signal.aborted) add(await tryStream(program, asked.hold, signal));
  add(await tryHolds(program, asked.hold, signal, (wait, part) =>
    say(`Measuring from your browser: holding a poll for ${wait} s`,
      0.3 + 0.7 * part)));
  stop.hidden = true;
}

/** @param {string} secret the code, or the pass of the last time */
async function examine(secret) {
  error.textContent = '';
  code.setAttribute('aria-invalid', 'false');
  say('Asking the program', 0);
  again.disabled = true;
  const asked = await program.ask(secret);
  pass = asked.pass;
  answer = asked;
  own = [];
  form.hidden = lead.hidden = true;
  result.hidden = false;
  showAll();
  status.focus();
  // Whatever is wrong with them, the report tells.
  await showKeys(program, pass).catch(() => {});
  await measure(asked);
  say(`Done: ${tally([...asked.report.checks, ...own])}.`);
  again.disabled = false;
}

/** @param {unknown} trouble */
function refused(trouble) {
  say('');
  form.hidden = lead.hidden = false;
  result.hidden = true;
  again.disabled = false;
  error.textContent = refusalOf(trouble);
  code.setAttribute('aria-invalid', 'true');
  code.focus();
}

/** @param {string} text @param {string} what */
async function copy(text, what) {
  const note = byId('copied', HTMLElement);
  const shown = byId('copy', HTMLTextAreaElement);
  shown.value = text;
  try {
    await navigator.clipboard.writeText(text);
    note.textContent = `${what} is copied.`;
  } catch {
    // By http there is no clipboard: it is shown to be copied by hand.
    byId('copy-part', HTMLElement).hidden = false;
    shown.focus();
    shown.select();
    note.textContent = `${what} is below, and selected: copy it from there.`;
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const letters = lettersOf(code.value);
  code.value = '';
  examine(letters).catch(refused);
});
startKeys(program);
again.addEventListener('click', () => examine(pass).catch(refused));
byId('copy-text', HTMLButtonElement).addEventListener('click', () => answer &&
  copy(asText(whole(answer.report, own)), 'The report'));
byId('copy-json', HTMLButtonElement).addEventListener('click', () => answer &&
  copy(asJson(whole(answer.report, own)), 'The report as JSON'));
