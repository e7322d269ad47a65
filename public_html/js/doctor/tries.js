/**
 * What only a visitor can measure. Each function tries one thing and returns
 * what it found.
 */

import {finding} from './findings.js';
import {Guest} from './guest.js';
import {Refusal, jsonOf} from './program.js';

/** @typedef {import('./program.js').Program} Program */
/** @typedef {import('./program.js').Answer} Answer */
/** @typedef {import('./program.js').Finding} Finding */

const SLOW = 500; // ms
const CLOCKS = 10_000; // ms
const STREAM = 3; // seconds
const EARLY = 900; // ms that a poll may end before its time

/** @param {unknown} error */
const wordsOf = (error) => error instanceof Refusal
  ? error.message : 'the server cannot be reached.';

/** @param {number} ms */
const seconds = (ms) => Math.round(ms / 1000);

export function tryHttps() {
  if (location.protocol === 'https:') return finding('https', 'secure');
  return finding('https', isSecureContext ? 'local' : 'open');
}

/** The middle one of five. @param {Program} program */
export async function tryRoundTrip(program) {
  const times = [];
  try {
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      const reply = await fetch(program.address('/healthz'),
        {cache: 'no-store', credentials: 'omit'});
      if (!reply.ok) throw new Refusal('', `${reply.status}.`);
      await reply.text();
      times.push(performance.now() - start);
    }
  } catch (error) {
    return finding('round-trip', 'none', wordsOf(error));
  }
  const middle = Math.max(1, Math.round(times.sort((a, b) => a - b)[2]));
  return finding('round-trip', middle < SLOW ? 'quick' : 'slow', middle);
}

/** @param {Answer & {asked: number, answered: number}} answer */
export function tryClock({now, asked, answered}) {
  // It looked at its clock somewhere between the two.
  const apart = Math.max(0, asked - now, now - answered);
  return apart < CLOCKS
    ? finding('browser-clock', 'same', Math.max(1, Math.ceil(apart / 1000)))
    : finding('browser-clock', 'differs', seconds(apart));
}

/** What a file of ours begins with or looks like, by its name. */
const LOOKS = [
  [/\.db$/, /^SQLite format 3/],
  [/-wal$/, /^7\x7f\x06/],
  [/\.key$/, /^[\w-]{43}\s*$/],
  [/\.conf$/, /^\s*(#.*|[a-z_]+\s*=.*)?$/m],
];

/** @param {string} path @returns {Promise<boolean>} it is there for all */
async function isReachable(path) {
  try {
    const reply = await fetch(path, {cache: 'no-store', credentials: 'omit'});
    const type = reply.headers.get('Content-Type') ?? '';
    // A page that is shown for whatever is not there is none of our files.
    if (!reply.ok || /^text\/html/.test(type)) {
      await reply.body?.cancel();
      return false;
    }
    const bytes = await beginning(reply);
    return LOOKS.some(([name, look]) => name.test(path) && look.test(bytes));
  } catch {
    return false;
  }
}

/** @param {Response} reply a few bytes of it, as characters */
async function beginning(reply) {
  const reader = reply.body?.getReader();
  const {value} = await reader?.read() ?? {value: undefined};
  await reader?.cancel();
  return String.fromCharCode(...(value ?? []).slice(0, 64));
}

/** @param {string[]} addresses @returns {Promise<Finding>} */
export async function tryReach(addresses) {
  const found = [];
  for (const path of new Set(addresses)) {
    if (await isReachable(path)) found.push(path);
  }
  const secret = found.filter((path) => !path.endsWith('.conf'));
  if (secret.length) return finding('reach', 'open', secret.join(', '));
  if (found.length) return finding('reach', 'conf', found.join(', '));
  return finding('reach', 'closed', new Set(addresses).size);
}

/**
 * @param {Program} program
 * @param {AbortSignal} signal
 */
export async function tryStream(program, signal) {
  const guest = new Guest(program);
  try {
    await guest.join();
    const start = performance.now();
    const reply = await guest.poll(STREAM, signal, 'text/event-stream');
    const reader = reply.body?.getReader();
    if (!reply.ok || !reader) throw new Refusal('', `${reply.status}.`);
    let first = 0, text = '';
    const decoder = new TextDecoder();
    for (;;) {
      const {done, value} = await reader.read();
      if (done) break;
      first ||= performance.now() - start;
      text += decoder.decode(value, {stream: true});
    }
    if (performance.now() - start < STREAM * 1000 - EARLY) {
      return finding('streams', 'untried', text.includes('event: pause')
        ? 'all open polls that there may be are in use.'
        : 'the stream ended before its time.');
    }
    return first < STREAM * 500
      ? finding('streams', 'live', Math.round(first))
      : finding('streams', 'held');
  } catch (error) {
    return finding('streams', 'untried', wordsOf(error));
  } finally {
    await guest.leave();
  }
}

/**
 * Polls that are held longer and longer.
 * @param {Program} program
 * @param {number} hold seconds, the longest
 * @param {AbortSignal} signal ends it early
 * @param {(seconds: number, round: number, rounds: number) => void} begins
 * @returns {Promise<Finding>}
 */
export async function tryHolds(program, hold, signal, begins) {
  const rounds = [2, 10, hold].filter((wait, i, all) =>
    wait < hold || i === all.length - 1);
  const guest = new Guest(program);
  let lived = 0;
  try {
    await guest.join();
    for (const [i, wait] of rounds.entries()) {
      begins(wait, i + 1, rounds.length);
      const bad = await tryHold(guest, wait, signal);
      if (signal.aborted) break;
      if (bad) return bad;
      lived = wait;
    }
  } catch (error) {
    return finding('held-polls', 'untried', wordsOf(error));
  } finally {
    await guest.leave();
  }
  return signal.aborted
    ? finding('held-polls', 'stopped', lived)
    : finding('held-polls', 'whole', hold);
}

/**
 * @param {Guest} guest
 * @param {number} wait seconds
 * @param {AbortSignal} signal
 * @returns {Promise<Finding | undefined>} undefined: it lived
 */
async function tryHold(guest, wait, signal) {
  const start = performance.now();
  let why = 'the connection ended';
  try {
    const reply = await guest.poll(wait, signal);
    const answer = await jsonOf(reply);
    const lasted = performance.now() - start;
    if (reply.ok && answer?.messages) {
      // The program may have learned to hold less: that is its own finding.
      const least = Math.min(wait, answer.poll.wait || wait) * 1000 - EARLY;
      return lasted >= least ? undefined : finding('held-polls', 'unheld');
    }
    why = `the web server answered ${reply.status}`;
  } catch {
    // Cut, or stopped.
  }
  const lasted = performance.now() - start;
  const safe = Math.max(1, Math.floor(lasted / 1000 * 0.8));
  return finding('held-polls', 'cut', wait, seconds(lasted), why, safe);
}
