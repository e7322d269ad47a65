/**
 * Credentials for TURN end after a time, and calls may be longer: a new way
 * has to be found with fresh ones.
 */

import {sleep} from './pause.js';

/** How long they are valid is not known before the first asking; less than a
 * minute they never are. In ms. */
const FIRST = 45_000;

/**
 * Fresh servers, when half of the time is over.
 * @param {() => Promise<{ice: RTCIceServer[], ttl: number}>} ask
 * @param {AbortSignal} signal ends it
 * @returns {AsyncGenerator<RTCIceServer[], void, void>}
 */
export async function* renewals(ask, signal) {
  for (let ms = FIRST; ;) {
    // Whoever was offline may have been so for hours.
    await sleep(ms, signal, 'online');
    try {
      const {ice, ttl} = await ask();
      ms = ttl * 500;
      yield ice;
    } catch {
      signal.throwIfAborted();
      ms = FIRST / 3;
    }
  }
}
