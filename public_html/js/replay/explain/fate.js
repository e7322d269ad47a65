/**
 * What became of an offer: the question behind most rules.
 */

/** @typedef {import('./facts.js').Facts} Facts */
/** @typedef {import('./facts.js').Link} Link */
/** @typedef {import('./facts.js').Said} Said */
/** @typedef {import('./facts.js').End} End */

/** Who hangs up so soon after an offer has not waited for an answer. */
const HASTE_MS = 5000;

/** @param {Said} said */
export function isAnswer({kind}) {
  return kind === 'answer' || kind === 'pranswer';
}

/** Answered, or followed by one that was. @param {Link} link
 * @param {Said} offer */
function isSettled(link, offer) {
  return Boolean(offer.answer || offer.met?.answer) ||
    isSettledAfter(link, offer);
}

/** @param {Link} link @param {Said} said */
export function isSettledAfter(link, said) {
  return link.settled > said.index;
}

/** Nobody waited for what would have come. @param {Link} link
 * @param {Said} said */
export function isHasty(link, said) {
  return link.ends.some(({seq, at, why}) => seq > said.seq &&
    why !== 'lease' && at - said.at < HASTE_MS);
}

/**
 * The end of a lease that somebody's silence is due to, else null.
 * @param {Facts} facts
 * @param {Said} said by or for that one
 * @param {string} who
 * @returns {End | null}
 */
export function lapseOf({left, joins}, said, who) {
  const after = left.find((end) => end.from === who && end.seq > said.seq);
  if (after) return after.why === 'lease' ? after : null;
  const before = lastOf(left, (end) => end.from === who);
  return before?.why === 'lease' &&
    !joins.get(who)?.some((seq) => seq > before.seq) ? before : null;
}

/** @param {Facts} facts @param {Said} said @param {string} who */
function comesLater({joins}, said, who) {
  return joins.get(who)?.some((seq) => seq > said.seq) ?? false;
}

/**
 * @typedef {'settled' | 'glare' | 'stale' | 'vanished' | 'absent' | 'missing'}
 *   Fate
 */

/**
 * @param {Link} link
 * @param {Facts} facts
 * @param {Said} offer
 * @returns {Fate}
 */
export function fateOf(link, facts, offer) {
  if (isSettled(link, offer) || isHasty(link, offer)) return 'settled';
  const answer = lastOf(link.by[offer.to], isAnswer);
  const answered = answer && answer.index > offer.index;
  if (answered) return 'stale';
  if (lapseOf(facts, offer, offer.to) || lapseOf(facts, offer, offer.from)) {
    return 'vanished';
  }
  if (offer.met || offer.wasMet) return 'glare';
  return offer.absent && !comesLater(facts, offer, offer.to) ? 'absent'
    : 'missing';
}

/**
 * Offers of a link that went so.
 * @param {Link} link
 * @param {Facts} facts
 * @param {Fate} fate
 */
export function offersOf(link, facts, fate) {
  return link.said.filter((said) => said.kind === 'offer' &&
    fateOf(link, facts, said) === fate);
}

/** The newest offer with an answer. @param {Link} link
 * @returns {Said | undefined} */
export function exchangeOf(link) {
  return link.said[link.settled];
}

/**
 * @template T
 * @param {T[]} list
 * @param {(one: T) => boolean} fits
 * @returns {T | undefined} the last that does
 */
export function lastOf(list, fits) {
  for (let i = list.length - 1; i >= 0; i--) if (fits(list[i])) return list[i];
  return undefined;
}

/** Their seqs. @param {{seq: number}[]} of @returns {number[]} */
export function seqsOf(of) {
  return of.map(({seq}) => seq);
}
