/**
 * What a page keeps over a reload: sessionStorage, where the browser has it.
 */

/** A browser may refuse storage altogether; then nothing is kept. */
export function storage() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @returns {any} null when there is nothing, or nothing that can be read
 */
export function kept(key) {
  try {
    return JSON.parse(storage()?.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {unknown} value JSON; null to forget
 */
export function keep(key, value) {
  try {
    if (value === null) storage()?.removeItem(key);
    else storage()?.setItem(key, JSON.stringify(value));
  } catch {
    // Full: a reload will not find everything. The page goes on.
  }
}
