/**
 * What the rules found, in the words of the table.
 */

import {RULES} from './table.js';

/**
 * @typedef {object} Rule
 * @property {string} id
 * @property {string} severity 'failed', 'odd' or 'slow'
 * @property {string} title
 * @property {Record<string, string>} words by variant
 * @property {string} cure
 * @property {string} source
 * @property {string[]} [codes] of `error` messages that tell it
 * @property {string[]} [types] of messages of the server that do
 */

/**
 * @typedef {object} Hit what a rule found
 * @property {string} rule its id
 * @property {string} variant of its words
 * @property {Record<string, string | number>} fill for the braces; `a` and `b`
 *   are ids of peers, `time` is in ms
 * @property {number[]} seqs the evidence
 */

/**
 * @typedef {object} Finding
 * @property {string} rule
 * @property {string} severity
 * @property {string} title
 * @property {string} words
 * @property {string} cure
 * @property {string} source
 * @property {string[]} peers ids
 * @property {number[]} seqs the evidence, rising
 */

/** More of them prove no more. */
export const SEQS_MAX = 16;

const RANK = new Map(RULES.map(({id}, rank) => [id, rank]));

/** 12.3 s, cut. @param {number} ms */
function time(ms) {
  const tenths = Math.floor(ms / 100);
  return `${Math.floor(tenths / 10)}.${tenths % 10} s`;
}

/**
 * @param {Map<string, string>} names by id
 * @returns {(id: string) => string} the name, where only one has it
 */
function caller(names) {
  /** @type {Map<string, number>} */
  const count = new Map();
  for (const name of names.values()) {
    count.set(name, (count.get(name) ?? 0) + 1);
  }
  return (id) => {
    const name = names.get(id);
    return name && count.get(name) === 1 && !names.has(name) ? name : id;
  };
}

/**
 * @param {Hit[]} hits
 * @param {Map<string, string>} names
 * @returns {Finding[]} the likely cause first
 */
export function worded(hits, names) {
  const call = caller(names);
  const found = hits.map((hit) => {
    const rank = RANK.get(hit.rule) ?? 0;
    const {id, severity, title, words, cure, source} = RULES[rank];
    const seqs = [...new Set(hit.seqs)].sort((a, b) => a - b)
      .slice(0, SEQS_MAX);
    const peers = ['a', 'b'].map((key) => hit.fill[key])
      .filter((peer) => peer !== undefined).map(String);
    const said = words[hit.variant].replace(/\{([a-z]+)\}/g, (_, key) =>
      key === 'a' || key === 'b' ? call(String(hit.fill[key]))
        : key === 'time' ? time(Number(hit.fill.time))
          : String(hit.fill[key]));
    return {rank, finding: {rule: id, severity, title, words: said, cure,
      source, peers, seqs}};
  });
  found.sort((one, two) => one.rank - two.rank ||
    one.finding.seqs[0] - two.finding.seqs[0]);
  return found.map(({finding}) => finding);
}
