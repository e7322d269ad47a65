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
