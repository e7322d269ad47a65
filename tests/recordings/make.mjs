// Makes the recordings of this folder anew: real browsers call each other
// through the real server, and each room is kept as an export. The texts differ
// from time to time; what happens in each of them does not.
//
//   node tests/recordings/make.mjs [NAME...]

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startServer } from '../http/harness.mjs';
import { launch } from '../browser/chromium.mjs';
import { join } from '../browser/guest.mjs';
import { Visitor } from '../browser/visitor.mjs';
import { call, caller, connected, exported, quiet } from './scene.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('../http/harness.mjs').Server} Server */

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
