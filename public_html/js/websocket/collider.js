/** Mode `collider`. */

/**
 * @param {import('./room.js').Place} place
 * @param {AbortSignal} signal
 * @returns {Promise<import('./socket.js').Line>}
 */
export async function open(place, signal) {
  void place;
  signal.throwIfAborted();
  throw new Error('not yet');
}
