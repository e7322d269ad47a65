// Makes the recordings of this folder anew: real browsers call each other
// through the real server, and each room is kept as an export. The texts differ
// from time to time; what happens in each of them does not.
//
//   node tests/recordings/make.mjs [NAME...]

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startServer } from '../http/harness.mjs';
import { rows } from '../http/sqlite.mjs';
import { until } from '../http/until.mjs';
import { launch } from '../browser/chromium.mjs';
import { blank, join } from '../browser/guest.mjs';
import { Visitor } from '../browser/visitor.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('../http/harness.mjs').Server} Server */

/** The log of a room as `letterbox export` writes it. @param {Server} server
 * @param {string} room */
async function exported(server, room) {
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
async function caller(browser, base, room, name) {
  const page = await blank(await browser.newContext(), base);
  await join(page, room, { name });
  return page;
}

/** @param {Page} page */
const call = (page) => page.evaluate(async () => {
  const file = '/js/call.js';
  const { Call } = await import(file);
  const self = /** @type {any} */ (globalThis);
  self.call = new Call(self.room, { stream: null, ice: [] });
  self.call.start();
});

/** @param {Page} page */
const connected = (page) => page.waitForFunction(() =>
  [.../** @type {any} */ (globalThis).call.peers.values()]
    .some(({ state }) => state === 'connected'));

/** Until nothing was posted for a while. @param {Server} server */
async function quiet(server) {
  let before = -1;
  await until('the room is quiet', async () => {
    const [{ n }] = await rows(server.database,
      'SELECT count(*) AS n FROM message');
    const same = n === before;
    before = n;
    return same;
  }, { within: 30_000, every: 1500 });
}

/** An application of its own, which knows no sessions: it sends its candidates
 * before the offer, and after it some that fit to nothing.
 * @param {Page} page */
const muddle = (page) => page.evaluate(async () => {
  const { room } = /** @type {any} */ (globalThis);
  const [other] = room.peers.keys();
  const pc = new RTCPeerConnection();
  pc.createDataChannel('data');
  /** @type {any[]} */
  const found = [];
  const gathered = new Promise((resolve) => {
    pc.onicecandidate = ({ candidate }) =>
      candidate ? found.push(candidate.toJSON()) : resolve(true);
  });
  const offer = await pc.createOffer();
  await pc.setLocalDescription(offer);
  await gathered;
  for (const each of found) await room.post('candidate', each, other);
  await room.post('description', offer, other);
  for (const each of found) {
    await room.post('candidate', { ...each, usernameFragment: 'gone' }, other);
  }
  await room.post('candidate', { candidate: 'candidate:nonsense', sdpMid: '0' },
    other);
});

/** @type {Record<string, (server: Server, browser: Browser) =>
 *   Promise<string>>} each gives the name of its room */
const SCENES = {
  // Sound and picture, by the page that everybody uses.
  async good(server, browser) {
    const ada = await Visitor.start(browser, server.base, 'Ada');
    const bob = await Visitor.come(browser, await ada.invitation, 'Bob');
    await ada.status(/Connected with Bob/);
    await ada.sees();
    await quiet(server);
    await bob.page.click('#leave');
    await ada.status(/Nobody else is here|has left/);
    return new URL(ada.page.url()).searchParams.get('room') ?? '';
  },

  async reload(server, browser) {
    const ada = await caller(browser, server.base, 'reload', 'Ada');
    await call(ada);
    const bob = await caller(browser, server.base, 'reload', 'Bob');
    await call(bob);
    await connected(ada);
    await quiet(server);
    await bob.reload();
    await join(bob, 'reload', { name: 'Bob' });
    await call(bob);
    await connected(bob);
    await quiet(server);
    return 'reload';
  },

  async three(server, browser) {
    for (const name of ['Ada', 'Bob', 'Cleo']) {
      const page = await caller(browser, server.base, 'three', name);
      await call(page);
      if (name !== 'Ada') await connected(page);
      await quiet(server);
    }
    return 'three';
  },

  // Both call at once; one has to give way.
  async glare(server, browser) {
    const pages = [await caller(browser, server.base, 'glare', 'Ada'),
      await caller(browser, server.base, 'glare', 'Bob')];
    await Promise.all(pages.map((page) => page.waitForFunction(() =>
      /** @type {any} */ (globalThis).room.peers.size === 1)));
    await Promise.all(pages.map(call));
    await Promise.all(pages.map(connected));
    await quiet(server);
    return 'glare';
  },

  // The other one is there, and its page does nothing.
  async silence(server, browser) {
    await caller(browser, server.base, 'silence', 'Ada');
    await call(await caller(browser, server.base, 'silence', 'Bob'));
    await quiet(server);
    return 'silence';
  },

  async candidates(server, browser) {
    await call(await caller(browser, server.base, 'candidates', 'Ada'));
    await muddle(await caller(browser, server.base, 'candidates', 'Bob'));
    await quiet(server);
    return 'candidates';
  },
};

const named = process.argv.slice(2);
const browser = await launch();
try {
  for (const name of named.length ? named : Object.keys(SCENES)) {
    const server = await startServer({ static: true });
    try {
      const text = await exported(server, await SCENES[name](server, browser));
      writeFileSync(fileURLToPath(new URL(`${name}.jsonl`, import.meta.url)),
        text);
      console.log(`${name}: ${text.split('\n').length - 2} messages, ${
        text.length} bytes`);
    } finally {
      await server.stop();
    }
  }
} finally {
  await browser.close();
}
