/**
 * Rules about what descriptions say: each looks at a link.
 */

import {isAnswer} from './fate.js';

/** @typedef {import('./facts.js').Link} Link */
/** @typedef {import('./facts.js').Said} Said */
/** @typedef {import('./brief.js').Line} Line */
/** @typedef {import('./words.js').Hit} Hit */
/** @typedef {{variant: string, fill: Record<string, any>}} Found */

/** @param {Link} link @returns {Hit[]} */
export function unreadable(link) {
  for (const said of link.said) {
    const {kind, lines, from, to, seq} = said;
    const empty = (kind === 'offer' || isAnswer(said)) && !lines.length;
    if (kind !== 'odd' && !empty) continue;
    return [{rule: 'unreadable', variant: empty ? 'empty' : 'description',
      fill: {a: from, b: to, seq, detail: kind}, seqs: [seq]}];
  }
  return link.odd.slice(0, 1).map(({from, seq}) => ({rule: 'unreadable',
    variant: 'candidate', fill: {a: from, seq},
    seqs: link.odd.map((one) => one.seq)}));
}

/**
 * The first hit among the answers with the offers they are applied to.
 * @param {Link} link
 * @param {(answer: Said, offer: Said) => Found | null} look
 * @param {string} rule
 * @returns {Hit[]}
 */
function firstOf(link, look, rule) {
  for (const answer of link.said) {
    const offer = answer.takes;
    if (!offer || answer.remark === 'late' || !answer.lines.length ||
      !offer.lines.length) continue;
    const found = look(answer, offer);
    if (!found) continue;
    return [{rule, variant: found.variant, fill: {a: answer.from, b: answer.to,
      seq: answer.seq, ...found.fill}, seqs: [offer.seq, answer.seq]}];
  }
  return [];
}

/** Where two lists of m-lines part, -1: nowhere. @param {Line[]} one
 * @param {Line[]} two @param {boolean} anew a refused place may be used anew */
function partsAt(one, two, anew) {
  return one.findIndex((line, i) => i < two.length && !(anew && line.rejected)
    && (line.kind !== two[i].kind ||
      line.mid !== '' && two[i].mid !== '' && line.mid !== two[i].mid));
}

/** @param {Link} link @returns {Hit[]} */
export function mLineMismatch(link) {
  const hits = firstOf(link, (answer, offer) => {
    const [n, count] = [offer.lines.length, answer.lines.length];
    if (n !== count) return {variant: 'count', fill: {n, count}};
    const at = partsAt(offer.lines, answer.lines, false);
    return at < 0 ? null : {variant: 'order',
      fill: {n: at + 1, detail: offer.lines[at].kind}};
  }, 'm-line-mismatch');
  return hits.length ? hits : changedLines(link);
}

/** @param {Link} link @returns {Hit[]} */
function changedLines(link) {
  for (const said of link.said) {
    const {before, lines, from, to, seq} = said;
    // What was rolled back binds nobody.
    if (!before || !(before.answer || before.takes)) continue;
    if (!lines.length) continue;
    const fewer = lines.length < before.lines.length;
    const at = partsAt(before.lines, lines, true);
    if (!fewer && at < 0) continue;
    return [{rule: 'm-line-mismatch', variant: fewer ? 'fewer' : 'moved',
      fill: {a: from, b: to, seq, ...(fewer
        ? {n: before.lines.length, count: lines.length}
        : {n: at + 1, detail: before.lines[at].kind})},
      seqs: [before.seq, seq]}];
  }
  return [];
}

/** @param {Link} link @returns {Hit[]} */
export function noCodec(link) {
  return firstOf(link, (answer, offer) => {
    for (const [i, line] of offer.lines.entries()) {
      const other = answer.lines[i];
      if (!other || line.rejected || line.kind !== other.kind) continue;
      const fill = {detail: line.kind};
      if (other.rejected) return {variant: 'refused', fill};
      if (line.codecs.length && other.codecs.length &&
        !line.codecs.some((codec) => other.codecs.includes(codec))) {
        return {variant: 'none', fill};
      }
    }
    return null;
  }, 'no-codec');
}

/** @param {Link} link @returns {Hit[]} */
export function dtlsRole(link) {
  return firstOf(link, (answer, offer) => {
    // Of a bundle the first line speaks for all (RFC 9143, section 7.1.3).
    const at = answer.lines.findIndex((line) => !line.rejected);
    const [mine, theirs] = [answer.lines[at], offer.lines[at]];
    if (!mine || !theirs || !mine.protocol.includes('TLS')) return null;
    const fill = {detail: mine.setup};
    if (!theirs.fingerprint) return {variant: 'fingerprint', fill: {
      a: offer.from, b: offer.to, seq: offer.seq}};
    if (!mine.fingerprint) return {variant: 'fingerprint', fill};
    if (!mine.setup) return {variant: 'absent', fill};
    if (mine.setup === 'actpass') return {variant: 'actpass', fill};
    if (mine.setup === theirs.setup) return {variant: 'same', fill};
    const turned = roleBefore(answer, offer);
    return turned && turned !== mine.setup ? {variant: 'turned', fill} : null;
  }, 'dtls-role');
}

/** What the answerer was in the same association before, else ''.
 * @param {Said} answer @param {Said} offer */
function roleBefore(answer, offer) {
  const [mine, theirs] = [answer.before, offer.before];
  if (!mine || !theirs || mine.ufrag !== answer.ufrag ||
    theirs.ufrag !== offer.ufrag || !answer.connection || !offer.connection) {
    return '';
  }
  const before = mine.takes === theirs ? mine
    : theirs.takes === mine ? theirs : null;
  const setup = before?.lines.find((line) => !line.rejected)?.setup ?? '';
  if (before === mine) return setup;
  return setup === 'active' ? 'passive' : setup === 'passive' ? 'active' : '';
}
