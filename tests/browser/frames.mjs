// How long a page works for a frame: from the first callback of the frame to
// the task after its painting.

/** @typedef {import('playwright-core').Page} Page */

/**
 * @param {Page} page with a recording that is open
 * @param {'scrub' | 'scroll' | 'play'} what is done in each frame
 * @param {number} frames
 * @returns {Promise<number[]>} ms of each, in their order
 */
export function framesOf(page, what, frames) {
  return page.evaluate(async ([what, frames]) => {
    const byId = (/** @type {string} */ id) =>
      /** @type {HTMLElement} */ (document.getElementById(id));
    const slider = /** @type {HTMLInputElement} */ (byId('moment'));
    const ladder = byId('ladder');
    const end = Number(slider.max);
    const high = ladder.scrollHeight - ladder.clientHeight;
    const ways = {
      scrub(/** @type {number} */ part) {
        slider.value = String(part * end);
        slider.dispatchEvent(new Event('input'));
      },
      scroll(/** @type {number} */ part) {
        ladder.scrollTop = part * high;
      },
      play() {},
    };
    const next = () => new Promise((done) => requestAnimationFrame(done));
    if (what === 'play') byId('play').click();
    const took = [];
    for (let i = 0; i < frames; i++) {
      let begun = 0;
      requestAnimationFrame(() => { begun = performance.now(); });
      ways[what](i / (frames - 1));
      // What the page asked for in this frame comes between the two.
      await next();
      took.push(await new Promise((done) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now() - begun);
        port2.postMessage(0);
      }));
    }
    if (what === 'play' && byId('play').textContent === 'Pause') {
      byId('play').click();
    }
    return took;
  }, /** @type {const} */ ([what, frames]));
}

/** @param {number[]} values @param {number} [part] */
export const quantile = (values, part = 0.5) =>
  [...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))];
