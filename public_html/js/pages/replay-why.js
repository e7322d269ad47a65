/**
 * What the rules find in the recording, in words, each with a way to the
 * messages that show it.
 */

import {explain} from '../replay/explain.js';
import {plain} from '../replay/plain.js';
import {byId, make} from './dom.js';

/** @typedef {import('../replay/explain.js').Finding} Finding */
/** @typedef {import('./replay-tape.js').Tape} Tape */

/** What a severity is called. @type {Record<string, string>} */
const SEVERITIES = {failed: 'failed', odd: 'odd', slow: 'slow'};

/**
 * @param {Tape} tape
 * @param {(seq: number) => void} go
 */
export function tellWhy({recording}, go) {
  const {findings} = explain(recording);
  const [first, ...others] = findings;
  const word = byId('why-word', HTMLElement);
  const list = byId('why-first', HTMLElement);
  const more = byId('why-more', HTMLDetailsElement);
  word.textContent = first ? '' : 'No message tells of a failure.';
  list.replaceChildren(...first ? [item(first, go)] : []);
  more.hidden = others.length === 0;
  more.open = false;
  byId('why-count', HTMLElement).textContent = others.length === 1
    ? 'Another finding' : `${others.length} other findings`;
  byId('why-others', HTMLElement).replaceChildren(
    ...others.map((finding) => item(finding, go)));
}

/** @param {Finding} finding @param {(seq: number) => void} go */
function item(finding, go) {
  const {severity, title, words, cure, source, seqs} = finding;
  const box = make('article', `finding ${severity}`);
  const head = make('h3');
  head.append(make('span', 'state', SEVERITIES[severity]), ' ', title);
  const where = make('p', 'row evidence');
  where.append(make('span', 'soft', 'See'), ...seqs.map((seq) => {
    const link = make('button', 'small', String(seq));
    link.type = 'button';
    link.setAttribute('aria-label', `Message ${seq}`);
    link.addEventListener('click', () => go(seq));
    return link;
  }));
  const help = make('p');
  help.append(make('strong', '', 'What to do: '), cure);
  box.append(head, make('p', '', plain(words)), where, help,
    make('p', 'soft', source));
  return box;
}
