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
 * The loops of a room (`for await`). One may take its time: what it has not
 * come to was not handed out, and a page that is loaded again gets it.
 * @template {object} T
 */
export class Loops {
  /** What each has not come to, and what waits for that.
   * @type {Set<(T | (() => void))[]>} */
  #queues = new Set();

  /** One has not come to everything. */
  get late() {
    return [...this.#queues].some((queue) => queue.length);
  }

  /** @param {() => void} done called when all have come to what is there */
  after(done) {
    let left = 1;
    const passed = () => {
      if (!--left) done();
    };
    for (const queue of this.#queues) {
      if (!queue.length) continue;
      queue.push(passed);
      left++;
    }
    passed();
  }

  /** They get what is there, but nobody waits for that. */
  end() {
    for (const queue of this.#queues) {
      for (const item of queue.splice(0)) {
        if (typeof item === 'function') item();
        else queue.push(item);
      }
    }
  }

  /**
   * Messages of a target one after the other.
   * @param {EventTarget} target dispatches `message`, and `closed` at the end
   *   with the error or null
   * @returns {AsyncGenerator<T, void, void>}
   */
  async *follow(target) {
    /** @type {(T | (() => void))[]} */
    const queue = [];
    /** @type {{error: unknown} | null} */
    let end = null;
    let wake = () => {};
    const until = new AbortController();
    const {signal} = until;
    this.#queues.add(queue);
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
        for (let item; (item = queue.shift());) {
          if (typeof item === 'function') item();
          else {
            // What waits for this one alone need not wait until it is done.
            while (typeof queue[0] === 'function') {
              /** @type {() => void} */ (queue.shift())();
            }
            yield item;
          }
        }
        if (end) break;
        await new Promise((resolve) => { wake = () => resolve(null); });
      }
      const {error} = /** @type {{error: unknown}} */ (end);
      if (error) throw error;
    } finally {
      until.abort();
      this.#queues.delete(queue);
      for (const item of queue) if (typeof item === 'function') item();
    }
  }
}
