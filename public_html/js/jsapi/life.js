/**
 * The life of the page as far as one line is concerned: it goes, it rests in
 * the back/forward cache, the network comes back, the computer has slept.
 */

/** How often to look whether an answer is overdue, in ms. */
const LOOK = 5000;

export class Life {
  /**
   * @param {object} line
   * @param {() => void} line.again what is under way shall begin anew
   * @param {() => void} line.look is it overdue? Timers sleep with the computer
   * @param {() => void} line.rests the page goes; whether it comes back is not
   *   known
   * @param {() => void} line.rises it is back
   */
  constructor({again, look, rests, rises}) {
    /** Pending while the page rests. @type {Promise<void>} */
    this.awake = Promise.resolve();
    let wake = () => {};
    const heard = /** @type {[EventTarget, string, (event: any) => void][]} */ ([
      [window, 'online', again],
      [window, 'focus', look],
      [document, 'visibilitychange', look],
      [window, 'pagehide', () => {
        this.awake = new Promise((resolve) => { wake = () => resolve(); });
        rests();
      }],
      [window, 'pageshow', ({persisted}) => {
        if (!persisted) return;
        rises();
        wake();
      }],
    ]);
    for (const [where, what, then] of heard) {
      where.addEventListener(what, then);
    }
    const timer = setInterval(look, LOOK);
    this.end = () => {
      clearInterval(timer);
      for (const [where, what, then] of heard) {
        where.removeEventListener(what, then);
      }
    };
  }
}
