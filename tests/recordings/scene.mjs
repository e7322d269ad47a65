// What the recordings of this folder are made of: pages that join and call, and
// rooms as exports.

import { rows } from '../http/sqlite.mjs';
import { until } from '../http/until.mjs';
import { blank, join } from '../browser/guest.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('../http/harness.mjs').Server} Server */

/** The log of a room as `letterbox export` writes it. @param {Server} server
 * @param {string} room */
export async function exported(server, room) {
  const [meta] = await rows(server.database, 'SELECT epoch FROM meta');
  const lines = await rows(server.database, `
    SELECT m.seq, m.posted_at, m.type, m.body, s.id AS sender, t.id AS recipient
    FROM message m JOIN room r ON r.row = m.room
    JOIN peer s ON s.row = m.sender LEFT JOIN peer t ON t.row = m.recipient
    WHERE r.name = '${room}' ORDER BY m.seq`);
  const quoted = (/** @type {string} */ text) => JSON.stringify(text);
  return [
    `{"letterbox":1,"epoch":${quoted(meta.epoch)},"namespace":"rooms",` +
      `"room":${quoted(room)},"redacted":false}`,
    ...lines.map(({ seq, posted_at: at, type, body, sender, recipient }) =>
      `{"seq":${seq},"at":${at},"from":${quoted(sender)}` +
      (recipient === null ? '' : `,"to":${quoted(recipient)}`) +
      `,"type":${quoted(type)},"body":${body}}`),
  ].map((line) => line + '\n').join('');
}

/** Joins and calls, with nothing but the data channel.
 * @param {Browser} browser @param {string} base @param {string} room
 * @param {string} name */
export async function caller(browser, base, room, name) {
  const page = await blank(await browser.newContext(), base);
  await join(page, room, { name });
  return page;
}

/** @param {Page} page */
export const call = (page) => page.evaluate(async () => {
  const file = '/js/call.js';
  const { Call } = await import(file);
  const self = /** @type {any} */ (globalThis);
  self.call = new Call(self.room, { stream: null, ice: [] });
  self.call.start();
});

/** @param {Page} page */
export const connected = (page) => page.waitForFunction(() =>
  [.../** @type {any} */ (globalThis).call.peers.values()]
    .some(({ state }) => state === 'connected'));

/** Until nothing was posted for a while. @param {Server} server */
export async function quiet(server) {
  let before = -1;
  await until('the room is quiet', async () => {
    const [{ n }] = await rows(server.database,
      'SELECT count(*) AS n FROM message');
    const same = n === before;
    before = n;
    return same;
  }, { within: 30_000, every: 1500 });
}
