/**
 * Rules about ways: all is negotiated, and nothing gets through. The log does
 * not tell that; but who does not get through begins anew, or says so.
 */

import {exchangeOf, isHasty, lapseOf, seqsOf} from './fate.js';
import {RULES} from './table.js';

/** @typedef {import('./facts.js').Facts} Facts */
/** @typedef {import('./facts.js').Link} Link */
/** @typedef {import('./facts.js').Said} Said */
/** @typedef {import('./words.js').Hit} Hit */

/** A connection that lasted longer had a way. */
const SOON_MS = 60_000;
/** So many restarts are a loop. */
const LOOP_LEAST = 3;
/** Pages that begin anew may as well have been reloaded. */
const RENEWALS_LEAST = 5;

/** @param {Link} link @param {Facts} facts @returns {Hit[]} */
export function noCandidates(link, facts) {
  const offer = exchangeOf(link);
  const answer = offer?.answer;
  if (!offer || !answer || isHasty(link, answer)) return [];
  const bare = [offer, answer].find(({tally, from}) => !tally.count &&
    !lapseOf(facts, offer, from));
  return bare ? [{rule: 'no-candidates', variant: 'none', fill: {a: bare.from,
    b: bare.to, seq: bare.seq}, seqs: [bare.seq]}] : [];
}

/**
 * Offers that begin anew soon after what was before.
 * @param {Link} link
 * @param {'restart' | 'renewal'} how
 * @returns {Said[]}
 */
function again(link, how) {
  /** @type {Said[]} */
  const found = [];
  let base = -Infinity;
  for (const said of link.said) {
    const soon = said.at - base < SOON_MS;
    if (said[how] && !said.met && soon) found.push(said);
    if (said[how] || said.takes) base = said.at;
  }
  return found;
}

/**
 * That these two did not get through: the seqs that show it.
 * @param {Facts} facts
 * @param {Link} link
 */
function failing(facts, link) {
  const codes = RULES.find(({id}) => id === 'connection-failed')?.codes ?? [];
  // By one of them, to the other or to everybody.
  const told = facts.told.filter(({code, from, to}) => codes.includes(code) &&
    link.ids.includes(from) && (to === undefined || link.ids.includes(to)));
  return seqsOf([...again(link, 'restart'), ...told]);
}

/** @param {Link} link @param {Facts} facts @returns {Hit[]} */
export function noWay(link, facts) {
  const first = link.said.find((said) => said.answer);
  const seqs = failing(facts, link);
  if (!first || !seqs.length) return [];
  const fill = {seq: first.seq, other: seqs[seqs.length - 1]};
  for (const a of link.ids) {
    const b = a === link.ids[0] ? link.ids[1] : link.ids[0];
    const tallies = link.by[a].map(({tally}) => tally)
      .filter(({count}) => count);
    if (tallies.length && tallies.every(({count, kinds}) =>
      kinds.mdns === count)) {
      return [{rule: 'only-mdns', variant: 'mdns', fill: {a, b, ...fill},
        seqs: [first.seq, ...seqs]}];
    }
  }
  if (link.said.some(({tally}) => tally.kinds.relay)) return [];
  const [a, b] = [first.from, first.to];
  return [{rule: 'no-relay', variant: 'none', fill: {a, b, ...fill},
    seqs: [first.seq, ...seqs]}];
}

/** @param {Link} link @returns {Hit[]} */
export function restartLoop(link) {
  const restarts = again(link, 'restart');
  const renewals = again(link, 'renewal');
  const found = restarts.length >= LOOP_LEAST ? restarts
    : renewals.length >= RENEWALS_LEAST ? renewals : [];
  const last = found.at(-1);
  return last ? [{rule: 'restart-loop', variant: 'loop', fill: {a: last.from,
    b: last.to, seq: last.seq, count: found.length}, seqs: seqsOf(found)}] : [];
}
