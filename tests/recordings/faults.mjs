// Makes the recordings of faults/ anew: calls of real browsers that fail, each
// for a reason of its own. What tests/replay/faults.mjs makes by editing needs
// no browser.
//
//   node tests/recordings/faults.mjs [NAME...]

import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startServer } from '../http/harness.mjs';
import { rows } from '../http/sqlite.mjs';
import { until } from '../http/until.mjs';
import { launch } from '../browser/chromium.mjs';
import { listen, offer, open } from './naive.mjs';
import { call, caller, exported, quiet } from './scene.mjs';

/** @typedef {import('./scene.mjs').Server} Server */
/** @typedef {import('./scene.mjs').Browser} Browser */
/** @typedef {import('./scene.mjs').Page} Page */
/** @typedef {import('./naive.mjs').How} How */

/** @param {Server} server @param {string} where */
const count = async (server, where) => {
  const [{ n }] = await rows(server.database,
    `SELECT count(*) AS n FROM message WHERE ${where}`);
  return n;
};

/** Two pages of such an application; the second knows the first, and the other
 * way round. @param {Server} server @param {Browser} browser */
async function pair(server, browser) {
  const ada = await caller(browser, server.base, 'room', 'Ada');
  const bob = await caller(browser, server.base, 'room', 'Bob');
  await ada.evaluate(() => {
    const { room } = /** @type {any} */ (globalThis);
    return new Promise((resolve) => {
      if (room.peers.size) resolve(true);
      room.addEventListener('peers', () => resolve(true));
    });
  });
  return [ada, bob];
}

/** Bob calls, and Ada answers. @param {Server} server @param {Browser} browser
 * @param {How} ada @param {How} bob */
async function naive(server, browser, ada, bob) {
  const [one, two] = await pair(server, browser);
  await open(one, ada);
  await open(two, bob);
  await listen(one);
  await listen(two);
  await offer(two);
  await quiet(server);
}

/** Both call before they hear. @param {Server} server @param {Browser} browser
 * @param {How} how */
async function both(server, browser, how) {
  const pages = await pair(server, browser);
  for (const page of pages) await open(page, how);
  await Promise.all(pages.map(offer));
  await Promise.all(pages.map(listen));
  await quiet(server);
}

/** Both know how to negotiate, and no way to each other. @param {Server} server
 * @param {Browser} browser @param {number} restarts */
async function dead(server, browser, restarts) {
  const pages = [await caller(browser, server.base, 'room', 'Ada'),
    await caller(browser, server.base, 'room', 'Bob')];
  for (const page of pages) {
    await page.evaluate(() => {
      // Every address of the other one leads nowhere.
      const { prototype } = RTCPeerConnection;
      const add = prototype.addIceCandidate;
      prototype.addIceCandidate = function lost(init) {
        const candidate = init?.candidate?.replace(
          /(udp \d+) \S+ \d+/, '$1 192.0.2.9 50009');
        return /** @type {any} */ (add).call(this,
          candidate ? { ...init, candidate } : init);
      };
    });
    await call(page);
  }
  await quiet(server);
  for (let i = 1; i <= restarts; i++) {
    // About when browsers give up; the one that is told of a network tries.
    await pause(16_000);
    await pages[1].evaluate(() => dispatchEvent(new Event('online')));
    await until('ICE begins anew', async () => await count(server,
      `type = 'description' AND body LIKE '%"answer"%'`) > i,
    { within: 30_000, every: 100 });
  }
  await quiet(server);
}

/** @param {Server} server @param {Page} page whose network is gone */
async function vanish(server, page) {
  await page.context().setOffline(true);
  await until('it is gone', () => count(server,
    `type = 'left' AND body LIKE '%"lease"%'`), { within: 60_000 });
}

/** @type {Record<string, (server: Server, browser: Browser) =>
 *   Promise<unknown>>} */
const SCENES = {
  'glare-ignored': (server, browser) =>
    both(server, browser, { kinds: ['data'], glare: 'ignore' }),
  'glare-crossed': (server, browser) =>
    both(server, browser, { kinds: ['data'], glare: 'yield' }),
  'early': (server, browser) =>
    naive(server, browser, {}, { kinds: ['data'], early: true }),
  'early-media': (server, browser) =>
    naive(server, browser, {}, { kinds: ['audio'], early: true }),
  'mute': (server, browser) =>
    naive(server, browser, { mute: true }, { kinds: ['data'] }),
  'mute-caller': (server, browser) =>
    naive(server, browser, {}, { kinds: ['data'], mute: true }),
  'codec-video': (server, browser) => naive(server, browser,
    { codec: 'video/VP9' }, { kinds: ['video'], codec: 'video/VP8' }),
  'codec-audio': (server, browser) => naive(server, browser,
    { codec: 'audio/PCMU' }, { kinds: ['audio'], codec: 'audio/opus' }),
  'mixed-up': (server, browser) => naive(server, browser, { mixed: true },
    { kinds: ['audio', 'data'] }),
  'role-actpass': (server, browser) => naive(server, browser,
    { edit: ['a=setup:active', 'a=setup:actpass'] }, { kinds: ['data'] }),
  'role-same': (server, browser) => naive(server, browser,
    { edit: ['a=setup:passive', 'a=setup:active'] },
    { kinds: ['data'], edit: ['a=setup:actpass', 'a=setup:active'] }),
  'nothing': (server, browser) => naive(server, browser, {}, {}),

  // Whom it calls has never been there.
  async 'nobody'(server, browser) {
    const page = await caller(browser, server.base, 'room', 'Ada');
    await open(page, { kinds: ['data'], to: 'somebody-else' });
    await offer(page);
    await quiet(server);
  },

  // Calls, makes another connection, calls again; only the first is answered.
  async 'answer-late'(server, browser) {
    const [ada, bob] = await pair(server, browser);
    await open(ada, {});
    await open(bob, { kinds: ['data'] });
    await offer(bob);
    await open(bob, { kinds: ['data'] });
    await offer(bob);
    await listen(bob);
    await ada.evaluate(async () => {
      const { room, pc } = /** @type {any} */ (globalThis);
      for await (const { seq, from, type, body } of room) {
        if (type !== 'description') continue;
        await pc.setRemoteDescription(body);
        await pc.setLocalDescription(await pc.createAnswer());
        await room.post('description', { ...pc.localDescription.toJSON(),
          re: seq }, from);
        break;
      }
    });
    await quiet(server);
  },

  async 'vanish-asked'(server, browser) {
    const [ada, bob] = await pair(server, browser);
    await open(bob, { kinds: ['data'] });
    await ada.context().setOffline(true);
    await offer(bob);
    await vanish(server, ada);
    await quiet(server);
  },

  async 'vanish-asking'(server, browser) {
    const [ada, bob] = await pair(server, browser);
    await open(ada, {});
    await open(bob, { kinds: ['data'] });
    await offer(bob);
    await vanish(server, bob);
    await listen(ada);
    await quiet(server);
  },

  'no-way': (server, browser) => dead(server, browser, 2),
  async 'hidden'(server) {
    const other = await launch({ hidden: true });
    try {
      await dead(server, other, 2);
    } finally {
      await other.close();
    }
  },
};

const named = process.argv.slice(2);
const folder = new URL('faults/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const name of named.length ? named : Object.keys(SCENES)) {
  const browser = await launch();
  const server = await startServer({ static: true });
  try {
    await SCENES[name](server, browser);
    const text = await exported(server, 'room');
    writeFileSync(fileURLToPath(new URL(`${name}.jsonl`, folder)), text);
    console.log(`${name}: ${text.split('\n').length - 2} messages, ${
      text.length} bytes`);
  } finally {
    await browser.close();
    await server.stop();
  }
}
