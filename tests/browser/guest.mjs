// The client in a page of its own: rooms joined from tests, and what they saw.

import assert from 'node:assert/strict';

/** @typedef {import('playwright-core').Page} Page */

/**
 * A page of the server where the client can be tried.
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} base
 */
export async function blank(context, base) {
  const page = await context.newPage();
  await page.goto(base + '/');
  return page;
}

/**
 * Joins from a page; the room and all it dispatches stay in the page. Without
 * streams, unless they are wished for: replies of polls are easily tampered.
 * @param {Page} page
 * @param {string} room
 * @param {{name?: string, secret?: string, messages?: any[],
 *   streams?: boolean, api?: string}} [wishes]
 * @returns {Promise<string>} our id
 */
export function join(page, room, wishes = {}) {
  return page.evaluate(async ([room, wishes]) => {
    const file = '/js/letterbox.js';
    const { join } = await import(file);
    const self = /** @type {any} */ (globalThis);
    self.control = new AbortController();
    self.events = [];
    self.heard = [];
    const { api = 'api', ...rest } = wishes;
    self.room = await join(api, room,
      { streams: false, ...rest, signal: self.control.signal });
    for (const type of ['gap', 'reset', 'state', 'closed']) {
      self.room.addEventListener(type, (/** @type {CustomEvent} */ event) => {
        self.events.push([type, event.detail?.code ?? event.detail]);
      });
    }
    return self.room.peer;
  }, /** @type {const} */ ([room, wishes]));
}

/**
 * What a page keeps over a reload: the secrets of its first room.
 * @param {Page} page
 * @returns {Promise<{peer: string, token: string, cursor: string}>}
 */
export function kept(page) {
  return page.evaluate(() => {
    const place = Object.keys(sessionStorage)
      .find((key) => key.startsWith('letterbox 0 ')) ?? '';
    return JSON.parse(sessionStorage.getItem(place) ?? '{}');
  });
}

/** Begins to listen. @param {Page} page */
export function listen(page) {
  return page.evaluate(() => {
    const self = /** @type {any} */ (globalThis);
    self.room.addEventListener('message', (/** @type {CustomEvent} */ event) =>
      self.heard.push(event.detail));
  });
}

/**
 * Posts each of the bodies, all in one tick.
 * @param {Page} page
 * @param {any[]} bodies
 * @returns {Promise<number[]>} their seqs
 */
export function post(page, bodies) {
  return page.evaluate((bodies) => Promise.all(bodies.map((body) =>
    /** @type {any} */ (globalThis).room.post('chat', body))), bodies);
}

/** Bodies of type `chat` heard so far. @param {Page} page */
export function heard(page) {
  return page.evaluate(() => /** @type {any} */ (globalThis).heard
    .filter((/** @type {any} */ { type }) => type === 'chat')
    .map((/** @type {any} */ { body }) => body));
}

/**
 * Waits until a body was heard.
 * @param {Page} page
 * @param {any} body
 */
export async function hears(page, body) {
  await page.waitForFunction((body) => /** @type {any} */ (globalThis).heard
    .some((/** @type {any} */ message) => message.body === body), body);
}

/** @param {Page} page @returns {Promise<[string, any][]>} */
export function events(page) {
  return page.evaluate(() => /** @type {any} */ (globalThis).events);
}

/**
 * @param {Page} page
 * @param {string} type of the event to wait for
 * @param {string} [detail]
 */
export async function happens(page, type, detail) {
  await page.waitForFunction(([type, detail]) =>
    /** @type {any} */ (globalThis).events.some(
      (/** @type {any} */ event) => event[0] === type &&
        (detail === undefined || event[1] === detail)),
  /** @type {const} */ ([type, detail]));
}

/**
 * Goes elsewhere and comes back out of the back/forward cache.
 * @param {Page} page @param {string} base
 * @param {() => Promise<unknown>} meanwhile
 */
export async function thereAndBack(page, base, meanwhile) {
  await page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => {
      /** @type {any} */ (globalThis).persisted = persisted;
    });
  });
  await page.goto(base + '/img/letterbox.svg');
  await meanwhile();
  // `load` does not happen again.
  await page.goBack({ waitUntil: 'commit' });
  assert.equal(await page.evaluate(() =>
    /** @type {any} */ (globalThis).persisted), true);
}
