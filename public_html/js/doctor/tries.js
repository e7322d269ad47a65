/**
 * What only a visitor can measure. Each function tries one thing and returns
 * what it found.
 */

import {finding} from './findings.js';
import {Refusal, wordsOf} from './program.js';

/** @typedef {import('./program.js').Program} Program */
/** @typedef {import('./program.js').Answer} Answer */
/** @typedef {import('./program.js').Finding} Finding */

const SLOW = 500; // ms
const CLOCKS = 10_000; // ms

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
