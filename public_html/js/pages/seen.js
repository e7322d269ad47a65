/**
 * What a browser saw of a call, as a part of a page.
 */

import {lined} from '../replay/plain.js';
import {COLUMNS, tell} from '../report/told.js';
import {make} from './dom.js';

/** @typedef {import('../report/side.js').Side} Side */
/** @typedef {import('../report/told.js').Fact} Fact */

/** @param {Fact[]} facts */
function facts(facts) {
  const list = make('dl', 'seen-facts');
  for (const [what, how] of facts) {
    const row = make('div');
    row.append(make('dt', '', what), make('dd', '', how));
    list.append(row);
  }
  return list;
}

/** @param {string} caption @param {string[]} head @param {string[][]} rows */
function table(caption, head, rows) {
  const table = make('table');
  const line = (/** @type {'th' | 'td'} */ tag, /** @type {string[]} */ row) => {
    const element = make('tr');
    element.append(...row.map((text) => make(tag, '', text)));
    return element;
  };
  const top = make('thead');
  const body = make('tbody');
  top.append(line('th', head));
  for (const cell of top.querySelectorAll('th')) cell.scope = 'col';
  body.append(...rows.map((row) => line('td', row)));
  table.append(make('caption', 'hidden', caption), top, body);
  // Wider than a small screen: it scrolls by itself, by the keyboard as well.
  const frame = make('div', 'seen-table');
  frame.tabIndex = 0;
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', caption);
  frame.append(table);
  return frame;
}

/** @param {string} title @param {HTMLElement} inside */
function folded(title, inside) {
  const details = make('details');
  details.append(make('summary', '', title), inside);
  return details;
}

/** What the user says happened. @param {Side} side @returns {HTMLElement[]} */
export function userWords({words}) {
  if (!words) return [];
  const quote = make('blockquote');
  quote.append(...lined(words).map((line) => make('p', '', line)));
  return [quote];
}

/**
 * @param {Side} side
 * @param {(id: string) => string} nameOf
 * @returns {HTMLElement[]}
 */
export function seenParts(side, nameOf) {
  const told = tell(side, nameOf);
  /** @type {HTMLElement[]} */
  const parts = [facts(told.facts)];
  for (const other of told.others) {
    const section = make('section', 'seen');
    section.append(make('h3', '', `With ${other.title}`), facts(other.facts));
    if (other.rows.length) {
      section.append(folded('As it went',
        table(`With ${other.title}, as it went`, COLUMNS, other.rows)));
    }
    parts.push(section);
  }
  if (told.notes.length) {
    const inside = make('div');
    if (told.dropped) inside.append(make('p', 'soft', told.dropped));
    inside.append(table('What it noted', ['At', 'What'], told.notes));
    parts.push(folded(`What it noted (${told.notes.length})`, inside));
  }
  return parts;
}
