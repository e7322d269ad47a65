/**
 * What becomes of requests that are held: whether a stream comes through as
 * it is written, and how long a poll lives.
 */

import {finding} from './findings.js';
import {Guest} from './guest.js';
import {Refusal, jsonOf, wordsOf} from './program.js';

/** @typedef {import('./program.js').Program} Program */
/** @typedef {import('./program.js').Finding} Finding */

const STREAM = 2; // seconds, or the hold where that is less
const EARLY = 900; // ms that a poll may end before its time

/**
 * @param {Program} program
 * @param {number} hold seconds, the longest
 * @param {AbortSignal} signal
 */
export async function tryStream(program, hold, signal) {
  const wait = Math.min(STREAM, hold);
  const guest = new Guest(program);
  try {
    await guest.join();
    const start = performance.now();
    const reply = await guest.poll(wait, signal, 'text/event-stream');
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
    if (performance.now() - start < wait * 1000 - EARLY) {
      return finding('streams', 'untried', text.includes('event: pause')
        ? 'all open polls that there may be are in use.'
        : 'the stream ended before its time.');
    }
    return first < wait * 500
      ? finding('streams', 'live', Math.round(first))
      : finding('streams', 'held');
  } catch (error) {
    return finding('streams', 'untried', wordsOf(error));
  } finally {
    await guest.leave();
  }
}

/**
 * Polls that are held longer and longer; when one is cut, shorter ones again
 * until one lives.
 * @param {Program} program
 * @param {number} hold seconds, the longest
 * @param {AbortSignal} signal ends it early
 * @param {(seconds: number, done: number) => void} begins a poll; done of 1
 * @returns {Promise<Finding>}
 */
export async function tryHolds(program, hold, signal, begins) {
  const waits = [2, 10].filter((wait) => wait < hold);
  const guest = new Guest(program);
  let lived = 0, cut = 0, why = '';
  waits.push(hold);
  try {
    await guest.join();
    for (let round = 0; round < waits.length && waits[round] > lived; round++) {
      const wait = waits[round];
      begins(wait, round / waits.length);
      const held = await tryHold(guest, wait, signal);
      if (signal.aborted) return finding('held-polls', 'stopped', lived);
      if (held.outcome === 'unheld') return finding('held-polls', 'unheld');
      if (held.outcome === 'lived') {
        lived = wait;
        if (cut) break;
        continue;
      }
      cut ||= wait;
      why ||= held.why;
      waits.splice(round + 1, waits.length, ...shorter(wait, held.lasted));
    }
  } catch (error) {
    return finding('held-polls', 'untried', wordsOf(error));
  } finally {
    await guest.leave();
  }
  if (!cut) return finding('held-polls', 'whole', hold);
  return lived ? finding('held-polls', 'cut', cut, lived, why)
    : finding('held-polls', 'short', cut, why);
}

/**
 * What to try after a poll was cut. A browser may send a request again by
 * itself when its connection ends, so that the age may be twice the truth.
 * @param {number} wait seconds
 * @param {number} lasted ms
 */
function shorter(wait, lasted) {
  const ages = [lasted / 1000, lasted / 2000, lasted / 4000];
  return ages.map((age) => Math.floor(age * 0.8))
    .filter((age) => age > 0 && age < wait);
}

/**
 * @param {Guest} guest
 * @param {number} wait seconds
 * @param {AbortSignal} signal
 * @returns {Promise<{outcome: 'lived' | 'cut' | 'unheld', why: string,
 *   lasted: number}>} lasted: ms
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
      return {outcome: lasted >= least ? 'lived' : 'unheld', why, lasted};
    }
    why = `the web server answered ${reply.status}`;
  } catch {
    // Cut, or stopped.
  }
  return {outcome: 'cut', why, lasted: performance.now() - start};
}
