/**
 * The part of the doctor's page with the keys of applications: who is in sees
 * them, and changes them by a fresh code each time.
 */

import {Refusal} from '../doctor/program.js';
import {byId, make} from './dom.js';

/** @typedef {import('../doctor/program.js').Program} Program */
/** @typedef {import('../doctor/program.js').Key} Key */
/** @typedef {import('../doctor/program.js').Keys} Keys */

const REFUSED = 'This is not the code, or not any more: it changes after ' +
  'each use and each hour. Open the file doctor.code again.';

/** As it stands in the file, however it was typed. @param {string} text */
export const lettersOf = (text) => text.toLowerCase().replace(/[^a-z]/g, '');

/** @param {unknown} trouble */
export const refusalOf = (trouble) => !(trouble instanceof Refusal)
  ? 'The server cannot be reached.'
  : trouble.code === 'doctor' ? REFUSED : trouble.message;

const said = byId('keys-said', HTMLElement);
const shown = byId('key', HTMLInputElement);
const shownPart = byId('key-part', HTMLElement);
const choice = byId('remove-name', HTMLSelectElement);

/** @param {Key} key */
function lineOf({name, strict, hook, created_at: at}) {
  const more = [`made on ${new Date(at).toLocaleDateString()}`,
    ...strict ? ['strict'] : [], ...hook ? [`tells ${hook}`] : []];
  const line = make('li', '', `, ${more.join(', ')}`);
  line.prepend(make('strong', '', name));
  return line;
}

/** @param {Keys} answer */
function show({keys, key = ''}) {
  byId('keys', HTMLElement).replaceChildren(...keys.map(lineOf));
  choice.replaceChildren(...keys.map(({name}) => make('option', '', name)));
  byId('key-remove', HTMLElement).hidden = !keys.length;
  byId('keys-part', HTMLElement).hidden = false;
  shown.value = key;
  shownPart.hidden = !key;
}

/** The names, for who has just come in. @param {Program} program
 * @param {string} pass */
export async function showKeys(program, pass) {
  const answer = await program.keys(pass);
  show(answer);
  said.textContent = answer.keys.length ? '' : 'There is none yet.';
}

/**
 * @param {'add' | 'remove'} what
 * @param {(code: string) => Promise<Keys>} change
 * @param {() => string} words that say so
 */
function onSubmit(what, change, words) {
  const form = byId(`key-${what}`, HTMLFormElement);
  const code = byId(`${what}-code`, HTMLInputElement);
  const error = byId(`${what}-error`, HTMLElement);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const letters = lettersOf(code.value);
    code.value = error.textContent = '';
    code.setAttribute('aria-invalid', 'false');
    try {
      const done = words();
      show(await change(letters));
      said.textContent = done;
      form.reset();
      said.focus();
    } catch (trouble) {
      error.textContent = refusalOf(trouble);
      code.setAttribute('aria-invalid', 'true');
      code.focus();
    }
  });
}

/** Once. @param {Program} program */
export function startKeys(program) {
  const name = byId('add-name', HTMLInputElement);
  const hook = byId('add-hook', HTMLInputElement);
  const strict = byId('add-strict', HTMLInputElement);
  onSubmit('add', (code) => program.keys(code, {add: name.value,
    hook: hook.value.trim(), strict: strict.checked}), () =>
    `The key of ${name.value} is shown this once: write it into the ` +
    'configuration of the application.');
  onSubmit('remove', (code) => program.keys(code, {remove: choice.value}),
    () => `The key of ${choice.value} is removed.`);
  byId('key-copy', HTMLButtonElement).addEventListener('click', async () => {
    shown.focus();
    shown.select();
    try {
      await navigator.clipboard.writeText(shown.value);
      said.textContent = 'The key is copied.';
    } catch {
      said.textContent = 'The key is selected: copy it from there.';
    }
  });
}
