/**
 * Says in words why a call failed, or was slow: rules over a recording, each
 * with its evidence and its cure, the likely cause first. `letterbox explain`
 * says the same, byte for byte; schema/explain.json has the words of both.
 */

import {dtlsRole, mLineMismatch, noCodec, unreadable}
  from './explain/content.js';
import {factsOf} from './explain/facts.js';
import {answerMissing, candidateEarly, duplicatePeer, glare, nobodyAtAll,
  nobodyThere, peerVanished, slowAnswer, staleAnswer, tooLarge}
  from './explain/order.js';
import {clockJump, told} from './explain/told.js';
import {noCandidates, noWay, restartLoop} from './explain/ways.js';
import {worded} from './explain/words.js';

/** @typedef {import('./explain/words.js').Finding} Finding */

/**
 * @typedef {object} Explanation
 * @property {1} explain version of this form
 * @property {string} namespace
 * @property {string} room
 * @property {number} messages how many were looked at
 * @property {number} pairs of peers that negotiated
 * @property {Finding[]} findings the likely cause first
 */

/** More of them help nobody. */
export const FINDINGS_MAX = 64;

/** Rules that look at two peers; the order is that of the files, not of the
 * causes, which the table has. */
const OF_LINKS = [tooLarge, duplicatePeer, glare, staleAnswer, candidateEarly,
  peerVanished, nobodyThere, answerMissing, slowAnswer, unreadable,
  mLineMismatch, noCodec, dtlsRole, noCandidates, noWay, restartLoop];
const OF_ROOMS = [told, clockJump, nobodyAtAll];

/**
 * @param {import('./recording.js').Recording} recording
 * @returns {Explanation}
 */
export function explain(recording) {
  const {header, messages} = recording;
  const encoder = new TextEncoder();
  const facts = factsOf(messages, (index) =>
    encoder.encode(recording.bodyText(index)).length);
  const hits = [...OF_ROOMS.flatMap((rule) => rule(facts)),
    ...[...facts.links.values()].flatMap((link) =>
      OF_LINKS.flatMap((rule) => rule(link, facts)))];
  return {explain: 1, namespace: header.namespace, room: header.room,
    messages: messages.length, pairs: facts.links.size,
    findings: worded(hits, facts.names).slice(0, FINDINGS_MAX)};
}

/** As one line, the same as the command's. @param {Explanation} explanation */
export function explanationText(explanation) {
  return `${JSON.stringify(explanation)}\n`;
}
