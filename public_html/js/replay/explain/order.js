/**
 * Rules about who said what when: each looks at a link and tells what is wrong
 * with it, or nothing.
 */

import {exchangeOf, fateOf, isAnswer, isHasty, isSettledAfter, lapseOf,
  lastOf, offersOf, seqsOf} from './fate.js';
import {SLOW_MS} from './facts.js';

/** @typedef {import('./facts.js').Facts} Facts */
/** @typedef {import('./facts.js').Link} Link */
/** @typedef {import('./facts.js').Said} Said */
/** @typedef {import('./words.js').Hit} Hit */

/** Half of what a message may have: an answer may be longer than its offer. */
const LARGE = 48 * 1024;

/** @param {Link} link @param {Facts} facts @returns {Hit[]} */
export function tooLarge(link, facts) {
  const offers = offersOf(link, facts, 'missing')
    .filter(({size}) => size >= LARGE);
  return offers.slice(0, 1).map(({from, to, seq, size}) => ({
    rule: 'too-large', variant: 'near', fill: {a: from, b: to, seq,
      count: size}, seqs: seqsOf(offers)}));
}

/** @param {Link} link @returns {Hit[]} */
export function duplicatePeer(link) {
  const past = link.said.filter((said) => said.past);
  const [turn] = [...past, ...link.past];
  if (turn) {
    const {from, seq} = turn;
    return [{rule: 'duplicate-peer', variant: 'turns', fill: {a: from, seq},
      seqs: seqsOf([...past, ...link.past])}];
  }
  const again = link.said.find((said) => isAnswer(said) && !said.takes &&
    said.remark === 'unasked' && firstAnswer(link, said));
  if (!again) return [];
  const first = /** @type {Said} */ (firstAnswer(link, again));
  return [{rule: 'duplicate-peer', variant: 'twice',
    fill: {a: again.from, seq: again.seq}, seqs: [first.seq, again.seq]}];
}

/** The answer of another connection to what was answered already.
 * @param {Link} link @param {Said} again */
function firstAnswer(link, again) {
  const last = lastOf(link.said, (said) => said.index < again.index &&
    said.kind === 'offer');
  const first = last?.answer;
  return first && first.index < again.index && first.from === again.from &&
    first.connection !== again.connection ? first : null;
}

/** @param {Link} link @param {Facts} facts @returns {Hit[]} */
export function glare(link, facts) {
  const late = lastOf(link.said, (said) => said.met !== null);
  const early = late?.met;
  if (!late || !early || isSettledAfter(link, late) || isHasty(link, late)) {
    return [];
  }
  const answers = link.said.filter((said) => isAnswer(said) &&
    said.index > late.index);
  const both = link.ids.every((id) => answers.some(({from}) => from === id));
  const open = !answers.length && fateOf(link, facts, late) === 'glare';
  if (!both && !open) return [];
  return [{rule: 'glare', variant: both ? 'crossed' : 'open', fill: {
    a: early.from, b: late.from, seq: early.seq, other: late.seq},
  seqs: seqsOf([early, late, ...answers])}];
}

/** @param {Link} link @param {Facts} facts @returns {Hit[]} */
export function staleAnswer(link, facts) {
  const offers = link.said.filter(({kind}) => kind === 'offer');
  const open = offersOf(link, facts, 'stale');
  // Without any offer the log shows all that there is to see.
  const wrong = link.said.filter((said) => isAnswer(said) &&
    (!said.takes || said.remark === 'late') && (!offers.length ||
      open.some(({from, index}) => from === said.to && index < said.index)));
  const last = wrong.at(-1);
  if (!last) return [];
  const {from, to, seq, remark} = last;
  const variant = remark === 'stale' && open.length ? 'gone'
    : remark === 'late' && open.length ? 'late' : 'unasked';
  return [{rule: 'stale-answer', variant, fill: {a: from, b: to, seq,
    other: open[0]?.seq ?? 0}, seqs: seqsOf([...open, ...wrong])}];
}

/** @param {Link} link @returns {Hit[]} */
export function candidateEarly({ids, by, early}) {
  return ids.flatMap((a) => {
    // Without a description that follows it is another matter.
    const last = by[a].at(-1)?.seq ?? 0;
    const seqs = seqsOf(early.filter(({from, seq}) => from === a &&
      seq < last));
    return seqs.length ? [{rule: 'candidate-early', variant: 'early',
      fill: {a, seq: seqs[0], count: seqs.length}, seqs}] : [];
  });
}

/** @param {Link} link @param {Facts} facts @returns {Hit[]} */
export function peerVanished(link, facts) {
  for (const offer of offersOf(link, facts, 'vanished')) {
    const variant = lapseOf(facts, offer, offer.to) ? 'asked' : 'asking';
    const a = variant === 'asked' ? offer.to : offer.from;
    return [vanished(variant, a, offer, lapseOf(facts, offer, a)?.seq ?? 0)];
  }
  const offer = exchangeOf(link);
  const answer = offer?.answer;
  if (!offer || !answer) return [];
  const deaf = answer.absent ? lapseOf(facts, offer, offer.from) : null;
  if (deaf) return [vanished('asking', offer.from, offer, deaf.seq)];
  for (const said of [offer, answer]) {
    const end = said.tally.count ? null : lapseOf(facts, said, said.from);
    if (end) return [vanished('bare', said.from, said, end.seq)];
  }
  return [];
}

/** @param {string} variant @param {string} a @param {Said} said
 * @param {number} seq @returns {Hit} */
function vanished(variant, a, said, seq) {
  return {rule: 'peer-vanished', variant, fill: {a,
    b: a === said.from ? said.to : said.from, seq, other: said.seq},
  seqs: [said.seq, seq]};
}

/** @param {Link} link @param {Facts} facts @returns {Hit[]} */
export function nobodyThere(link, facts) {
  const offers = offersOf(link, facts, 'absent');
  return offers.slice(0, 1).map(({from, to, seq}) => ({rule: 'nobody-there',
    variant: 'absent', fill: {a: from, b: to, seq}, seqs: seqsOf(offers)}));
}

/** Offers to everybody where nobody is, and none of the same after it.
 * @param {Facts} facts @returns {Hit[]} */
export function nobodyAtAll({alone, links}) {
  const [first] = alone.filter(({from, seq}) => ![...links.values()]
    .some((link) => link.by[from]?.some((said) => said.seq > seq)));
  return first ? [{rule: 'nobody-there', variant: 'alone',
    fill: {a: first.from, seq: first.seq}, seqs: seqsOf(alone)}] : [];
}

/** @param {Link} link @param {Facts} facts @returns {Hit[]} */
export function answerMissing(link, facts) {
  const offers = offersOf(link, facts, 'missing');
  return offers.slice(0, 1).map(({from, to, seq}) => ({rule: 'answer-missing',
    variant: 'missing', fill: {a: from, b: to, seq}, seqs: seqsOf(offers)}));
}

/** @param {Link} link @returns {Hit[]} */
export function slowAnswer(link) {
  for (const said of link.said) {
    const {takes, slow, from, to, seq} = said;
    // Mail waits for who is not there yet; that is not slow.
    if (takes && !takes.absent && said.at - takes.at >= SLOW_MS) {
      return [{rule: 'slow-answer', variant: 'answer', fill: {a: from, b: to,
        seq, other: takes.seq, time: said.at - takes.at},
      seqs: [takes.seq, seq]}];
    }
    if (slow) {
      return [{rule: 'slow-answer', variant: 'candidates', fill: {a: from,
        b: to, seq: slow.seq, time: slow.time}, seqs: [seq, slow.seq]}];
    }
  }
  return [];
}
