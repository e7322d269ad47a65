/**
 * The life of a page, as far as its requests are concerned. They end with it,
 * wait while it rests in the back/forward cache, and begin anew when the
 * network is back or the computer has slept.
 */

/** Why a request was cut: not a failure, it shall begin anew. */
export const AGAIN = new DOMException('again', 'AbortError');

export class Life {
  #end = new AbortController();
  #cut = new AbortController();
  #wake = () => {};
  /** Pending while the page rests. */
  awake = Promise.resolve();

  /**
   * @param {object} page
   * @param {() => void} page.rests it goes: reloads, closes or comes back
   * @param {() => void} page.rises it is back, and shall wake()
   * @param {() => boolean} page.isLate an answer is overdue
   */
  constructor({rests, rises, isLate}) {
    const {signal} = this.#end;
    const on = globalThis.addEventListener?.bind(globalThis) ?? (() => {});
    // The old connection may hang for long after the network has changed.
    on('online', () => this.#again(), {signal});
    // So it may after the computer has slept, when timers have slept too.
    on('visibilitychange', () => {
      if (isLate()) this.#again();
    }, {signal});
    on('pagehide', () => {
      this.awake = new Promise((resolve) => { this.#wake = () => resolve(); });
      rests();
      this.#again();
    }, {signal});
    on('pageshow', (event) => {
      if (event.persisted) rises();
    }, {signal});
  }

  /** Ends everything. */
  get signal() {
    return this.#end.signal;
  }

  get ended() {
    return this.signal.aborted;
  }

  /** Of a request: ends it, with AGAIN when it shall begin anew. */
  get request() {
    return AbortSignal.any([this.#end.signal, this.#cut.signal]);
  }

  wake() {
    this.#wake();
  }

  /** @param {unknown} reason */
  end(reason) {
    this.#end.abort(reason);
  }

  #again() {
    const old = this.#cut;
    this.#cut = new AbortController();
    old.abort(AGAIN);
  }
}
