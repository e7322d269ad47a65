// Waiting for a condition instead of for a time.

import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until `look` gives something true, and gives it on.
 * @template T
 * @param {string} what the condition in words, for the error
 * @param {() => T | Promise<T>} look
 * @param {{within?: number, every?: number}} [options] milliseconds
 * @returns {Promise<Exclude<T, false | '' | 0 | null | undefined>>}
 */
export async function until(what, look, { within = 30000, every = 10 } = {}) {
  const end = Date.now() + within;
  for (;;) {
    const found = await look();
    if (found) return /** @type {any} */ (found);
    if (Date.now() > end) throw new Error(`not within ${within} ms: ${what}`);
    await pause(every);
  }
}

/**
 * A promise for the elapsed milliseconds of another, and its value.
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<{ms: number, value: T}>}
 */
export async function timed(promise) {
  const start = performance.now();
  const value = await promise;
  return { ms: performance.now() - start, value };
}

/**
 * The 98th percentile of how long something takes, in ms, in the best of
 * five rounds of fifty: what a busy machine adds comes and goes, what the
 * server adds stays.
 * @param {() => Promise<unknown>} step
 */
export async function pace(step) {
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const times = [];
    for (let i = 0; i < 50; i++) times.push((await timed(step())).ms);
    best = Math.min(best, times.sort((a, b) => a - b)[48]);
  }
  return best;
}
