// Pictures that move.

/** So many frames more are a picture that moves. */
const FRAMES = 5;

/**
 * Until the picture of each element moves.
 * @param {import('playwright-core').Page} page
 * @param {string} selector
 */
export function moves(page, selector) {
  return page.evaluate(([selector, frames]) => Promise.all(
    [...document.querySelectorAll(selector)].map((element) => {
      const video = /** @type {HTMLVideoElement} */ (element);
      return new Promise((resolve) => {
        let first = 0;
        const look = (/** @type {any} */ _, /** @type {any} */ frame) => {
          first ||= frame.presentedFrames;
          if (frame.presentedFrames - first >= frames) resolve(true);
          else video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
      });
    })), /** @type {const} */ ([selector, FRAMES]));
}
