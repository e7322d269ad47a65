/**
 * Two calls side by side: where they part stands first.
 */

import {compare, stepsOf} from '../replay/meaning.js';
import {counted, duration, plain} from '../replay/plain.js';
import {byId, make} from './dom.js';
import {Tape} from './replay-tape.js';

/** @typedef {import('../replay/meaning.js').Row} Row */
/** @typedef {import('../replay/meaning.js').Step} Step */
/** @typedef {import('../replay/recording.js').Recording} Recording */

/** More rows are nothing to look at; those that differ come first. */
const ROWS_MAX = 400;

export class Comparison {
  #word = byId('compare-word', HTMLElement);
  #first = byId('compare-first', HTMLElement);
  #rows = byId('compare-rows', HTMLElement);
  #tape;
  #go;

  /** @param {Tape} tape @param {(seq: number) => void} go */
  constructor(tape, go) {
    this.#tape = tape;
    this.#go = go;
    this.#word.textContent = '';
    this.#first.replaceChildren();
    this.#rows.replaceChildren();
  }

  /** @param {Recording} recording the other one */
  show(recording) {
    const other = new Tape(recording);
    const {rows, first} = compare(this.#tape.messages, other.messages);
    const parted = rows.filter(({a, b, differs}) =>
      !a || !b || differs.length).length;
    this.#word.textContent = first < 0
      ? `The same happens in both${parted ? ', in other times' : ''}.`
      : `They part at step ${first + 1} of ${rows.length}. ${
        counted(parted, 'step')} differ in all.`;
    this.#first.replaceChildren();
    if (first >= 0) {
      this.#first.append(make('h3', '', 'Where they part'),
        make('p', '', sentence(rows[first])),
        ...rows[first].differs.map((name) => fact(rows[first], name)));
    }
    this.#rows.replaceChildren(this.#table(rows, first, other));
  }

  /** @param {Row[]} rows @param {number} first @param {Tape} other */
  #table(rows, first, other) {
    const table = make('table', 'both');
    const head = make('tr');
    for (const tape of [this.#tape, other]) {
      const cell = make('th', '', `${tape.title} · ${
        plain(tape.recording.header.room)}`);
      cell.scope = 'col';
      head.append(cell);
    }
    table.append(head);
    const begin = Math.max(0, Math.min(first - 20, rows.length - ROWS_MAX));
    rows.slice(begin, begin + ROWS_MAX).forEach((row, index) => {
      const {a, b, differs} = row;
      const line = make('tr', begin + index === first ? 'first'
        : a && b && !differs.length ? '' : 'parted');
      line.append(this.#cell(a, row, this.#go), this.#cell(b, row));
      table.append(line);
    });
    return table;
  }

  /**
   * @param {Step | null} step
   * @param {Row} row
   * @param {(seq: number) => void} [go] to the message, where it can be shown
   */
  #cell(step, {differs}, go) {
    const cell = make('td', step ? '' : 'none');
    if (!step) {
      cell.append(make('span', 'soft', 'nothing'));
      return cell;
    }
    cell.append(make('span', '', `${plain(step.key)} `));
    const words = `message ${step.seq}, after ${duration(step.since)}`;
    if (go) {
      const button = make('button', 'plain', words);
      button.type = 'button';
      button.addEventListener('click', () => go(step.seq));
      cell.append(button);
    } else cell.append(make('span', 'soft', words));
    for (const name of differs) {
      if (name === 'time') continue;
      cell.append(make('p', 'fact',
        `${plain(name)}: ${plain(step.facts[name] ?? '') || 'none'}`));
    }
    return cell;
  }
}

/** Letters for peers. @param {Tape} tape */
export function lettersOf(tape) {
  return [...stepsOf(tape.messages).roles].map(([id, letter]) =>
    `${letter} is ${tape.nameOf(id)}`).slice(0, 8).join(', ');
}

/** @param {Row} row */
function sentence({a, b, differs}) {
  if (!a) return `Only in the other one: ${plain(b?.key ?? '')}.`;
  if (!b) return `Only in this one: ${plain(a.key)}.`;
  return `${plain(a.key)}: ${differs.filter((name) => name !== 'time').map(plain)
    .join(', ')}.`;
}

/** @param {Row} row @param {string} name */
function fact({a, b}, name) {
  if (name === 'time' && a && b) {
    return make('p', 'soft', `It took ${duration(a.since)} here, ${
      duration(b.since)} there.`);
  }
  const list = make('dl', 'terms');
  for (const [whose, step] of /** @type {const} */ ([['Here', a],
    ['There', b]])) {
    const row = make('div');
    row.append(make('dt', '', whose), make('dd', '',
      plain(step?.facts[name] ?? '') || 'none'));
    list.append(row);
  }
  return list;
}
