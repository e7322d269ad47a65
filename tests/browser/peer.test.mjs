// Perfect negotiation between pages that begin anew whenever they like.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { bodyFault } from '../http/spec.mjs';
import { blank, join } from './guest.mjs';
import { site } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('playwright-core').BrowserContext} */
let context;
let room = 0;

const { browser, server } = await site();
beforeEach(async () => {
  context = await browser.newContext();
  room++;
});
afterEach(() => context.close());

/** Joins and calls, with nothing but the data channel. */
async function member(page = /** @type {Page | null} */ (null)) {
  page ??= await blank(context, server.base);
  await join(page, `peers-${room}`);
  await page.evaluate(async () => {
    const file = '/js/call.js';
    const { Call } = await import(file);
    const self = /** @type {any} */ (globalThis);
    self.call = new Call(self.room, { stream: null, ice: [] });
    self.texts = [];
    self.posted = [];
    self.room.addEventListener('posted',
      (/** @type {CustomEvent} */ { detail }) => self.posted.push(detail));
    self.call.addEventListener('peer', (/** @type {CustomEvent} */ event) =>
      event.detail.addEventListener('text',
        (/** @type {CustomEvent} */ { detail }) => self.texts.push(detail)));
    self.call.start();
  });
  return page;
}

/** Both are connected, and what one says the other hears. */
async function talk(/** @type {Page[]} */ ...pages) {
  await Promise.all(pages.map((page) => page.waitForFunction(() => {
    const { peers } = /** @type {any} */ (globalThis).call;
    return peers.size === 1 &&
      [...peers.values()].every(({ state }) => state === 'connected');
  })));
  const word = String(Math.random());
  let heard = false;
  const hears = pages[1].waitForFunction((word) =>
    /** @type {any} */ (globalThis).texts.includes(word), word)
    .finally(() => { heard = true; });
  // Just connected may be just about to begin anew, and what is said on the
  // connection before it goes with it: say it until it is heard.
  const says = async () => {
    while (!heard) {
      await pages[0].evaluate((word) => {
        const [peer] = /** @type {any} */ (globalThis).call.peers.values();
        if (peer?.state === 'connected') peer.send(word);
      }, word);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.all([hears, says()]);
}

/** @param {Page} page @param {string} what a method of its only Peer */
const does = (page, what) => page.evaluate((what) => {
  const [peer] = /** @type {any} */ (globalThis).call.peers.values();
  peer[what]();
}, what);

describe('two peers', () => {
  test('begin anew, one or the other', async () => {
    const a = await member();
    const b = await member();
    await talk(a, b);
    await does(a, 'call');
    await talk(b, a);
    await does(b, 'call');
    await talk(a, b);
  });

  test('begin anew both at once, and come together', async () => {
    const a = await member();
    const b = await member();
    await talk(a, b);
    for (let i = 0; i < 10; i++) {
      await Promise.all([a, b, ...[a, b].slice(i % 3)]
        .map((page) => does(page, 'call')));
      await talk(a, b);
    }
  });

  test('come at once, each calling the other', async () => {
    const pages = [await blank(context, server.base),
      await blank(context, server.base)];
    await Promise.all(pages.map((page) => member(page)));
    await talk(pages[0], pages[1]);
  });

  test('one reloads while the other begins anew', async () => {
    const a = await member();
    const b = await member();
    await talk(a, b);
    for (let i = 0; i < 3; i++) {
      await Promise.all([b.reload(), does(a, 'call')]);
      await Promise.all([member(b), does(a, 'call')]);
      await talk(a, b);
    }
  });

  test('look for a new way without beginning anew', async () => {
    const a = await member();
    const b = await member();
    await talk(a, b);
    const session = () => b.evaluate(() => {
      const self = /** @type {any} */ (globalThis);
      return new Promise((resolve) => self.room.addEventListener('message',
        (/** @type {CustomEvent} */ { detail: { type, body } }) => {
          if (type === 'description') resolve(body.session);
        }));
    });
    await a.evaluate(() => {
      const self = /** @type {any} */ (globalThis);
      const restart = RTCPeerConnection.prototype.restartIce;
      // As if it were not connected: then it hurries.
      Object.defineProperty(RTCPeerConnection.prototype, 'connectionState',
        { value: 'disconnected' });
      self.restarted = 0;
      RTCPeerConnection.prototype.restartIce = function () {
        self.restarted++;
        restart.call(this);
      };
    });
    const offered = session();
    await does(a, 'hurry');
    assert.equal(typeof await offered, 'string');
    assert.equal(await a.evaluate(() =>
      /** @type {any} */ (globalThis).restarted), 1);
  });

  test('bye ends the call, and the next call begins it again', async () => {
    const a = await member();
    const b = await member();
    await talk(a, b);
    await a.evaluate(() => {
      const [peer] = /** @type {any} */ (globalThis).call.peers.values();
      peer.close(true);
    });
    for (const page of [a, b]) {
      await page.waitForFunction(() =>
        /** @type {any} */ (globalThis).call.peers.size === 0);
    }
    await b.reload();
    await member(b);
    await talk(a, b);
  });

  test('what they say is of the forms described', async () => {
    const a = await member();
    const b = await member();
    await talk(a, b);
    await b.evaluate(() => {
      const [peer] = /** @type {any} */ (globalThis).call.peers.values();
      peer.close(true);
    });
    await a.waitForFunction(() =>
      /** @type {any} */ (globalThis).call.peers.size === 0);
    const posted = (await Promise.all([a, b].map((page) => page.evaluate(() =>
      /** @type {any} */ (globalThis).posted)))).flat();
    for (const { type, body } of posted) {
      assert.equal(bodyFault(type, body), undefined);
    }
    const said = new Set(posted.map(({ type, body }) =>
      `${type} ${body?.type ?? typeof body?.candidate}`));
    assert.deepEqual([...said].sort(), ['bye undefined', 'candidate string',
      'candidate undefined', 'description answer', 'description offer']);
  });
});
