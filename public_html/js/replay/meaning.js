/**
 * Two calls compared by what happens in them, not by seq, time or the random
 * words of a connection. A call becomes steps: who came, who offered what to
 * whom, what was answered. Candidates come in any order and number, and those
 * by TCP only where the call was not quicker; so their kinds are one fact of
 * the description that they belong to.
 */

import {align} from './difference.js';
import {candidateOf, codecNames, sdpOf} from './sdp.js';
import {REMARKS, Story} from './story.js';

/** @typedef {import('./recording.js').Entry} Entry */

/**
 * @typedef {object} Step
 * @property {string} key what steps are aligned by
 * @property {number} seq of its message
 * @property {number} since ms since the step before
 * @property {Record<string, string>} facts
 */

/**
 * @typedef {object} Row
 * @property {Step | null} a
 * @property {Step | null} b
 * @property {string[]} differs names of facts that are not the same
 */

/** Of descriptions (RTCSdpType). */
const TYPES = ['offer', 'answer', 'pranswer', 'rollback'];
/** M-lines that are looked at. */
const LINES_MAX = 64;

/** A step is slow that takes so much longer, and so long, ms. */
const SLOW_TIMES = 4;
const SLOW_LEAST = 500;

/** Peers by their order, so that ids do not matter. @param {number} index */
function letter(index) {
  return index < 26 ? String.fromCharCode(65 + index) : `peer ${index + 1}`;
}

/**
 * @param {Entry[]} messages
 * @returns {{steps: Step[], roles: Map<string, string>}} roles: letters by id
 */
export function stepsOf(messages) {
  const story = new Story(messages);
  const roles = new Map(story.ids.map((id, index) => [id, letter(index)]));
  /** @type {Step[]} */
  const steps = [];
  /** The newest description each side sent to the other, its candidates. */
  const open = new Map();
  let last = messages[0]?.at ?? 0;
  messages.forEach((message, index) => {
    const {from, to, type, seq, at, body} = message;
    const way = roles.get(from) + (to === undefined ? '' : `→${roles.get(to)}`);
    const remark = REMARKS[/** @type {keyof typeof REMARKS} */ (
      story.remarks.get(index) ?? '')] ?? '';
    if (type === 'candidate' && open.has(way)) {
      add(open.get(way).facts, body, remark);
      return;
    }
    const kind = type === 'description' && TYPES.includes(body?.type)
      ? body.type : type;
    /** @type {Step} */
    const step = {key: `${way} ${kind}`, seq, since: Math.max(0, at - last),
      facts: {...factsOf(message), ...(remark && {remark})}};
    last = at;
    steps.push(step);
    if (type === 'description') open.set(way, step);
    if (type === 'candidate') {
      // Before any description: one step for all of them.
      step.key = `${way} candidates without a description`;
      open.set(way, step);
      add(step.facts, body, remark);
    }
  });
  return {steps, roles};
}

/** @param {unknown} value @returns {string} */
function text(value) {
  return typeof value === 'string' ? value : '';
}

/** @param {Record<string, string>} facts @param {any} body
 * @param {string} remark */
function add(facts, body, remark) {
  const line = text(body?.candidate);
  const word = candidateOf(line)?.kind ?? (line ? 'not to be read' : '');
  if (word) {
    const words = facts.candidates ? facts.candidates.split(', ') : [];
    facts.candidates = [...new Set([...words, word])].sort().join(', ');
  }
  if (remark) facts['of candidates'] = remark;
}

/** @param {Entry} message @returns {Record<string, string>} */
function factsOf(message) {
  const {body, type} = message;
  if (type === 'left') return {reason: text(body?.reason)};
  if (type === 'error') return {code: text(body?.code)};
  if (type !== 'description') return {};
  const {media: all, bundle} = sdpOf(text(body?.sdp));
  const media = all.slice(0, LINES_MAX);
  /** @type {Record<string, string>} */
  const facts = {lines: media.map(({kind, rejected}) =>
    rejected ? `${kind} refused` : kind).join(', ')};
  media.forEach((one, index) => {
    const name = `${one.mid || index} ${one.kind}`;
    if (one.direction) facts[`direction of ${name}`] = one.direction;
    const codecs = codecNames(one);
    if (codecs.length) facts[`codecs of ${name}`] = codecs.join(', ');
    if (one.setup) facts[`role of ${name}`] = one.setup;
  });
  facts.bundle = bundle.join(' ');
  const words = media.flatMap(({candidates}) =>
    candidates.map(({kind}) => kind));
  if (words.length) facts.candidates = [...new Set(words)].sort().join(', ');
  return facts;
}

/**
 * @param {Entry[]} a
 * @param {Entry[]} b
 * @returns {{rows: Row[], first: number}} first: where they part, -1: nowhere
 */
export function compare(a, b) {
  const [one, two] = [stepsOf(a).steps, stepsOf(b).steps];
  const rows = align(one.map(({key}) => key), two.map(({key}) => key))
    .map(([i, j]) => {
      const pair = {a: one[i] ?? null, b: two[j] ?? null};
      return {...pair, differs: factsThatDiffer(pair.a, pair.b)};
    });
  return {rows, first: rows.findIndex(({a, b, differs}) =>
    !a || !b || differs.some((name) => name !== 'time'))};
}

/** @param {Step | null} a @param {Step | null} b @returns {string[]} */
function factsThatDiffer(a, b) {
  if (!a || !b) return [];
  const names = new Set([...Object.keys(a.facts), ...Object.keys(b.facts)]);
  const differs = [...names].filter((name) =>
    (a.facts[name] ?? '') !== (b.facts[name] ?? ''));
  const [less, more] = [a.since, b.since].sort((x, y) => x - y);
  if (more > SLOW_LEAST && more > SLOW_TIMES * less) differs.push('time');
  return differs;
}
