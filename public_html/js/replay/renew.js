/**
 * What must be another for a recorded description to be taken by a connection
 * of today. A redacted one has words where a browser wants addresses and
 * passwords; an answer names the m-lines of an offer that was made anew.
 */

import {sdpOf} from './sdp.js';

/** Addresses for documentation (RFC 5737): nobody is asked. */
const NOWHERE = '192.0.2.1';

/** The shortest ice-pwd there may be (RFC 8839, section 5.4). */
const PASSWORD_LEAST = 22;

/** @param {string} address */
function isAddress(address) {
  return /^\d+(\.\d+){3}$/.test(address) ||
    /^[0-9a-f:.]+$/i.test(address) && address.includes(':');
}

/**
 * Nothing is to be looked up, so names are addresses too.
 * @param {string} line `candidate:...`, with or without `a=`
 */
export function renewedCandidate(line) {
  const words = line.split(' ');
  if (words.length > 4 && !isAddress(words[4])) words[4] = NOWHERE;
  const related = words.indexOf('raddr') + 1;
  if (related && words[related] && !isAddress(words[related])) {
    words[related] = '0.0.0.0';
  }
  return words.join(' ');
}

/** @param {string} sdp */
export function renewed(sdp) {
  return sdp.replace(/^a=candidate:.*$/gm, renewedCandidate)
    .replace(/^(c=|o=.*? )IN IP[46] (\S+)/gm, (all, begin, address) =>
      isAddress(address) ? all : `${begin}IN IP4 0.0.0.0`)
    .replace(/^a=ice-pwd:([^\r\n]*)/gm, (all, word) =>
      /^[\w+/]+$/.test(word) && word.length >= PASSWORD_LEAST ? all
        : `a=ice-pwd:${word.replace(/[^\w+/]/g, '/')
          .padEnd(PASSWORD_LEAST, 'x')}`);
}

/**
 * Kinds in the order of the m-lines: what an offer and its answer share (RFC
 * 9429, section 5.3.1).
 * @param {string} sdp
 */
function kinds(sdp) {
  return sdpOf(sdp).media.map(({kind}) => kind).join();
}

/**
 * An answer to a recorded offer as an answer to ours: its sections in the order
 * of ours, by our mids. One that does not fit to its own offer stays as it is,
 * for that is what went wrong.
 * @param {string} answer
 * @param {string} offer as it was recorded
 * @param {string} ours
 * @returns {{sdp: string, mids: Map<string, string>}} ours by theirs
 */
export function fitted(answer, offer, ours) {
  /** @type {Map<string, string>} */
  const mids = new Map();
  const asIs = {sdp: answer, mids};
  if (kinds(answer) !== kinds(offer)) return asIs;
  const [head, ...sections] = answer.split(/^(?=m=)/m);
  const rest = [...sections];
  const placed = [];
  for (const {kind, mid} of sdpOf(ours).media) {
    const at = rest.findIndex((text) => text.startsWith(`m=${kind} `));
    if (at < 0) return asIs;
    const [section] = rest.splice(at, 1);
    const old = /^a=mid:(\S+)/m.exec(section)?.[1];
    if (old !== undefined) mids.set(old, mid);
    placed.push(section.replace(/^a=mid:\S+/m, `a=mid:${mid}`));
  }
  if (rest.length) return asIs;
  const group = head.replace(/^a=group:BUNDLE(.*)$/m, (_, list) =>
    `a=group:BUNDLE${list.replace(/[^\s]+/g, (/** @type {string} */ mid) =>
      mids.get(mid) ?? mid)}`);
  return {sdp: group + placed.join(''), mids};
}
