/**
 * What `letterbox diff --json` prints, byte for byte: two calls aligned by what
 * happens in them.
 */

import {compare} from './meaning.js';

/** @typedef {import('./meaning.js').Row} Row */
/** @typedef {import('./meaning.js').Step} Step */
/** @typedef {import('./recording.js').Recording} Recording */

/** @param {Step | null} step */
function stepOf(step) {
  return step && {seq: step.seq, since: step.since};
}

/** @param {Row} row @param {string} name */
function differenceOf({a, b}, name) {
  const value = (/** @type {Step | null} */ step) => name === 'time'
    ? String(step?.since ?? '') : step?.facts[name] ?? '';
  return {fact: name, a: value(a), b: value(b)};
}

/**
 * @param {Recording} a
 * @param {Recording} b
 * @returns {string}
 */
export function comparisonText(a, b) {
  const {rows, first} = compare(a.messages, b.messages);
  const [one, two] = [a, b].map(({header, messages}) =>
    ({namespace: header.namespace, room: header.room,
      messages: messages.length}));
  return `${JSON.stringify({diff: 1, a: one, b: two, first,
    rows: rows.map((row) => ({key: (row.a ?? row.b)?.key ?? '',
      a: stepOf(row.a), b: stepOf(row.b),
      differs: row.differs.map((name) => differenceOf(row, name))}))})}\n`;
}
