// A room of the server, opened from the call, and by the admin key.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { Api } from '../http/api.mjs';
import { Peer, newRoom } from '../http/peer.mjs';
import { checkForEverybody as check } from './everybody.mjs';
import { site } from './site.mjs';
import { Visitor } from './visitor.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('playwright-core').BrowserContext[]} */
let contexts = [];

const { browser, server } = await site();
afterEach(async () => {
  for (const context of contexts) await context.close();
  contexts = [];
});

async function call() {
  const ada = await Visitor.start(browser, server.base, 'Ada');
  const bob = await Visitor.come(browser, await ada.invitation, 'Bob');
  contexts.push(ada.page.context(), bob.page.context());
  await ada.status(/Connected with Bob/);
  await bob.status(/Connected with Ada/);
  return { ada, bob, room: new URL(ada.page.url()).searchParams.get('room') };
}

/** Follows the link in the room. @param {Visitor} visitor */
async function look(visitor) {
  await visitor.page.click('#drawer summary');
  const [page] = await Promise.all([visitor.page.waitForEvent('popup'),
    visitor.page.getByText('See what happened').click()]);
  page.setDefaultTimeout(30_000);
  return page;
}

/** @param {Page} page */
const rows = (page) => page.locator('#count').textContent();

describe('a room of the server', () => {
  test('from the call: its member sees its story, and more of it later',
    async () => {
      const { ada, bob, room } = await call();
      /** @type {string[]} */
      const asked = [];
      ada.page.context().on('request', (request) => asked.push(request.url()));
      const page = await look(ada);
      await page.locator('#title').getByText('Ada and Bob').waitFor();
      await page.locator('#now .stable').first().waitFor();
      const { token } = await ada.kept();
      assert.ok(asked.some((url) => url.includes(`/rooms/${room}/log?`)));
      assert.ok(asked.every((url) => !url.includes(token)));
      assert.ok(!page.url().includes(token));
      // The call goes on beside it; a reload of this page finds its way too.
      await page.reload();
      await page.locator('#title').getByText('Ada and Bob').waitFor();
      const before = Number(await rows(page));
      await bob.page.click('#leave');
      await ada.status(/Bob has left|Nobody else is here/);
      await page.getByRole('button', { name: 'Load again' }).click();
      await page.locator('.person', { hasText: 'Bob has left' }).waitFor();
      assert.ok(Number(await rows(page)) > before);
      await check(page);
      // The page of the call does not keep the key for long.
      await ada.page.waitForFunction(() =>
        sessionStorage.getItem('letterbox replay') === null);
      assert.deepEqual(ada.complaints, []);
    });

  test('is told where to be opened from, when the token did not come along',
    async () => {
      const { room } = await call();
      const page = await (await browser.newContext()).newPage();
      contexts.push(page.context());
      await page.goto(`${server.base}/replay.html?room=${room}`);
      await page.getByRole('alert').getByText('Open it from the room')
        .waitFor();
    });

  test('by the admin key, which sees everything; not by another', async () => {
    const { room } = await call();
    const page = await (await browser.newContext()).newPage();
    contexts.push(page.context());
    await page.goto(`${server.base}/replay.html`);
    await page.click('#server summary');
    await check(page);
    const open = async (/** @type {string} */ name,
      /** @type {string} */ key) => {
      await page.fill('#room', name);
      await page.fill('#key', key);
      await page.getByRole('button', { name: 'Open the room' }).click();
    };
    await open(String(room), 'guess');
    await page.getByRole('alert').getByText('in no such room').waitFor();
    assert.equal(await page.inputValue('#key'), '');
    const key = readFileSync(join(server.data, 'admin.key'), 'utf8').trim();
    await open('nowhere', key);
    await page.getByRole('alert').getByText('There is no such room').waitFor();
    await open(String(room), key);
    await page.locator('#title').getByText('Ada and Bob').waitFor();
  });

  test('is loaded page by page, however long it is', async () => {
    const api = new Api(server.api);
    const peer = new Peer(api, newRoom());
    await peer.join();
    for (let i = 0; i < 40; i++) {
      await peer.post(Array.from({ length: 30 }, (_, k) =>
        ({ type: 'chat', body: `${i} ${k} ${'x'.repeat(900)}` })));
    }
    api.close();
    const page = await (await browser.newContext()).newPage();
    contexts.push(page.context());
    await page.goto(`${server.base}/replay.html`);
    let pages = 0;
    page.on('request', (request) => { pages += +/log\?/.test(request.url()); });
    const count = await page.evaluate(async ([address, token]) => {
      const file = '/js/replay/room-log.js';
      const { readRoom } = await import(file);
      return (await readRoom(address, token)).messages.length;
    }, [`${server.api}/rooms/${peer.room}`, peer.token]);
    assert.equal(count, 1201);
    assert.ok(pages > 3, `${pages} pages`);
  });
});
