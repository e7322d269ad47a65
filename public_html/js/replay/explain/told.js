/**
 * Rules about what the log alone does not show: somebody says it, by an
 * `error`, or the server does. And the clock, which is nobody's.
 */

import {RULES} from './table.js';

/** @typedef {import('./facts.js').Facts} Facts */
/** @typedef {import('./words.js').Hit} Hit */

/** @param {Facts} facts @returns {Hit[]} */
export function told({told, refused}) {
  /** @type {Hit[]} */
  const hits = [];
  for (const {id, codes = [], types = []} of RULES) {
    const said = told.filter(({code}) => codes.includes(code));
    if (said.length) {
      const [{from, seq}] = said;
      hits.push({rule: id, variant: 'told', fill: {a: from, seq},
        seqs: said.flatMap((one) => one.re > 0 && one.re < one.seq
          ? [one.seq, one.re] : [one.seq])});
    }
    const sent = refused.filter(({type}) => types.includes(type));
    if (sent.length) {
      const [{from, seq}] = sent;
      hits.push({rule: id, variant: 'refused', fill: {a: from, seq},
        seqs: sent.map((one) => one.seq)});
    }
  }
  return hits;
}

/** @param {Facts} facts @returns {Hit[]} */
export function clockJump({jumps}) {
  return jumps.slice(0, 1).map(({seq, other, time}) => ({rule: 'clock-jump',
    variant: 'back', fill: {seq, other, time},
    seqs: jumps.flatMap((jump) => [jump.other, jump.seq])}));
}
