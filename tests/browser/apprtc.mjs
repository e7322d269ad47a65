// Somebody at a page of AppRTC's.

import { Visitor } from './visitor.mjs';

export class Caller extends Visitor {
  /** @param {import('playwright-core').Browser} browser
   * @param {string} address */
  static async visit(browser, address) {
    const context = await browser.newContext();
    const caller = new Caller(await context.newPage());
    await caller.page.goto(address);
    return caller;
  }

  /**
   * Thinks about whether to show camera and microphone, at each page anew,
   * until allows().
   * @param {import('playwright-core').Browser} browser
   * @param {string} address
   */
  static async hesitate(browser, address) {
    const context = await browser.newContext();
    const caller = new Caller(await context.newPage());
    await caller.page.addInitScript(() => {
      const media = navigator.mediaDevices;
      const ask = media.getUserMedia.bind(media);
      const allowed = new Promise((resolve) => {
        /** @type {any} */ (globalThis).allow = resolve;
      });
      media.getUserMedia = (wish) => allowed.then(() => ask(wish));
    });
    await caller.page.goto(address);
    await caller.status(/^Asking for camera/);
    return caller;
  }

  allows() {
    return this.page.evaluate(() => /** @type {any} */ (globalThis).allow());
  }

  /** Until it has heard by its channel that the other one went. */
  hearsBye() {
    return this.page.waitForResponse(async (reply) =>
      /\/_ah\/channel\/(open|mail)/.test(reply.url()) &&
      reply.status() === 200 && (await reply.text()).includes('bye'));
  }

  /** What the page was told. @returns {Promise<any>} */
  params() {
    return this.page.evaluate(() => JSON.parse(
      document.getElementById('parameters')?.textContent ?? ''));
  }

  /** Until at least five more frames of the other's picture were shown. */
  watches() {
    return this.sees(1);
  }
}

/** What the browser complained of; but not that a poll ended because its page
 * was taken out of the seat while it went.
 * @param {Visitor[]} visitors */
export const complaintsOf = (visitors) =>
  visitors.flatMap((visitor) => visitor.complaints)
    .filter((text) => !text.includes('status of 409'));
