/**
 * Waiting: for a time, or for the next attempt after a failure.
 */

const FIRST = 300;
const LONGEST = 10_000;

/**
 * Resolves after `ms`, or as soon as `early` fires; rejects with the signal.
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @param {string} [early] an event of the window that ends the wait
 * @returns {Promise<void>}
 */
export function sleep(ms, signal, early) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const {signal: until} = over;
    if (early) globalThis.addEventListener?.(early, end, {signal: until});
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      over.abort();
      reject(signal.reason);
    }, {signal: until});
  });
}

/**
 * Waits before the next attempt. Full jitter: anything between nothing and a
 * bound that doubles, so that the clients of a server that comes back do not
 * all knock at once. A network that returns ends the wait.
 * @param {number} failures so far in a row, from 0
 * @param {number} least milliseconds the server asked for
 * @param {AbortSignal} [signal]
 */
export function backoff(failures, least, signal) {
  const bound = Math.min(LONGEST, FIRST * 2 ** Math.min(failures, 10));
  return sleep(least + Math.random() * bound, signal, 'online');
}
