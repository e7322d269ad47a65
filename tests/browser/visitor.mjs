// Somebody in front of a browser: what he does, and what he sees.

import assert from 'node:assert/strict';
import { kept } from './guest.mjs';
import { moves } from './picture.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Longer than anything takes on a busy machine. */
const PATIENCE = 60_000;

export class Visitor {
  /** Whatever a page complained about: nobody may see any of it. */
  complaints = /** @type {string[]} */ ([]);

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) {
        this.complaints.push(`${message.text()} ${message.location().url}`);
      }
    });
  }

  /**
   * Starts a room from the start page.
   * @param {import('playwright-core').Browser} browser
   * @param {string} base
   * @param {string} name
   */
  static start(browser, base, name) {
    return Visitor.open(browser, base + '/', name);
  }

  /**
   * The same from a start page elsewhere.
   * @param {import('playwright-core').Browser} browser
   * @param {string} address
   * @param {string} name
   */
  static async open(browser, address, name) {
    const visitor = new Visitor(await (await browser.newContext()).newPage());
    await visitor.page.goto(address);
    await visitor.page.fill('#name', name);
    await visitor.page.click('#start button');
    await visitor.status(/Nobody else is here/);
    return visitor;
  }

  /**
   * Follows an invitation.
   * @param {import('playwright-core').Browser} browser
   * @param {string} invitation
   * @param {string} name
   */
  static async come(browser, invitation, name) {
    const visitor = new Visitor(await (await browser.newContext()).newPage());
    await visitor.page.goto(invitation);
    await visitor.enter(name);
    return visitor;
  }

  /** @param {string} name */
  async enter(name) {
    await this.page.fill('#lobby input', name);
    await this.page.click('#lobby button');
  }

  get invitation() {
    return this.page.inputValue('#link');
  }

  /** @param {RegExp} words until the page says so */
  async status(words) {
    await this.page.getByRole('status').filter({ hasText: words }).first()
      .waitFor();
  }

  /** Until at least five more frames of everybody's picture were shown. */
  async sees(count = 1) {
    await this.page.waitForFunction((n) =>
      document.querySelectorAll('#others video').length === n, count);
    await moves(this.page, '#others video');
  }

  /** @param {string} text */
  async says(text) {
    await this.page.fill('#line', text);
    await this.page.click('#say button');
  }

  /** @param {string} text */
  async hears(text) {
    await this.page.locator('#lines p:not(.own) span')
      .getByText(text, { exact: true }).waitFor();
  }

  /** What this tab keeps over a reload. */
  kept() {
    return kept(this.page);
  }

  /** Who the server says is there. @param {string} api */
  async members(api) {
    const { token } = await this.kept();
    const room = new URL(this.page.url()).searchParams.get('room');
    const reply = await fetch(`${api}/rooms/${room}`,
      { headers: { 'X-Letterbox-Token': token } });
    assert.equal(reply.status, 200);
    const { peers } = await reply.json();
    return peers.map((/** @type {{peer: string}} */ { peer }) => peer).sort();
  }

  async close() {
    await this.page.context().close();
  }
}
