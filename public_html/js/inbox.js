/**
 * Messages that came and wait to be handed out. Nothing is handed out before
 * somebody listens: what came with the reply to joining is not lost on a page
 * that still asks for its camera.
 */

/**
 * @typedef {{event: string, detail?: any}} Item
 */

export class Inbox {
  /** @type {Item[]} */
  #items = [];
  #open = false;
  #closed = false;
  /** @type {(item: Item) => void} */
  #hand;

  /** @param {(item: Item) => void} hand */
  constructor(hand) {
    this.#hand = hand;
  }

  /** @param {Item} item */
  push(item) {
    if (this.#closed) return;
    this.#items.push(item);
    if (this.#open) this.#drain();
  }

  /** Somebody listens. Hands out in a microtask: he may still be at it. */
  open() {
    if (this.#open) return;
    queueMicrotask(() => {
      this.#open = true;
      this.#drain();
    });
  }

  /** Who has gone hears nothing more. */
  close() {
    this.#closed = true;
    this.#items = [];
  }

  #drain() {
    for (let item; (item = this.#items.shift());) this.#hand(item);
  }
}

/**
 * Messages of a target one after the other, for `for await`.
 * @template T
 * @param {EventTarget} target dispatches `message`, and `closed` at the end
 *   with the error or null
 * @returns {AsyncGenerator<T, void, void>}
 */
export async function* follow(target) {
  /** @type {T[]} */
  const queue = [];
  /** @type {{error: unknown} | null} */
  let end = null;
  let wake = () => {};
  const until = new AbortController();
  const {signal} = until;
  target.addEventListener('message', (event) => {
    queue.push(/** @type {CustomEvent} */ (event).detail);
    wake();
  }, {signal});
  target.addEventListener('closed', (event) => {
    end = {error: /** @type {CustomEvent} */ (event).detail};
    wake();
  }, {signal});
  try {
    for (;;) {
      while (queue.length) yield /** @type {T} */ (queue.shift());
      if (end) break;
      await new Promise((resolve) => { wake = () => resolve(null); });
    }
    const {error} = /** @type {{error: unknown}} */ (end);
    if (error) throw error;
  } finally {
    until.abort();
  }
}
