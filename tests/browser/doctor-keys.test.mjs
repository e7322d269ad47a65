// Keys of applications on the doctor's page, for who has no shell.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Application, keys, newClient } from '../http/channel.mjs';
import { served } from '../http/served.mjs';
import { launch } from './chromium.mjs';
import { checkForEverybody } from './everybody.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../http/harness.mjs').Server} Server */

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** @param {Server} server */
const codeOf = (server) => readFileSync(
  join(server.data, 'doctor.code'), 'utf8').trim();

/** The page, with who has the code in it.
 * @param {string} front
 * @param {(it: {page: Page, server: Server,
 *   api: import('../http/api.mjs').Api}) => Promise<void>} body */
const inside = (front, body) => served({ front, conf: { hold: 1 } },
  async (server, api) => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(`${server.api}/doctor`);
      await page.getByLabel('The code').fill(codeOf(server));
      await page.getByRole('button', { name: 'Examine' }).click();
      await page.getByText(/^Done: /).waitFor();
      await body({ page, server, api });
    } finally {
      await context.close();
    }
  });

describe('keys of applications', { concurrency: 2 }, () => {
  for (const front of ['lighttpd', 'apache-fcgid', 'apache-cgid'])
    test(`are added, listed and removed: ${front}`, () => inside(front,
      async ({ page, server, api }) => {
        const add = page.locator('#key-add');
        const said = page.locator('#keys-said');
        await said.getByText('There is none yet').waitFor();
        assert.equal(await page.locator('#key-remove').isVisible(), false);
        await checkForEverybody(page);
        await add.getByLabel('Its name').fill('shop');
        await add.getByLabel('Address').fill('https://shop.example/app');
        await add.getByLabel('Drop mail').check();
        await add.getByLabel('A fresh code').fill(codeOf(server));
        await add.getByRole('button').click();
        await said.getByText('shown this once').waitFor();
        assert.match(await page.locator('#keys').innerText(),
          /^shop, made on .*, strict, tells https:\/\/shop.example\/app$/);
        const key = await page.getByLabel('The new key').inputValue();
        await checkForEverybody(page);
        await new Application(api, 'shop', key).create(newClient());
        const remove = page.locator('#key-remove');
        await remove.getByLabel('A fresh code').fill(codeOf(server));
        await remove.getByRole('button').click();
        await said.getByText('The key of shop is removed').waitFor();
        assert.equal(await keys(server, 'list'), '');
        assert.equal(await page.locator('#key-part').isVisible(), false);
      }));

  test('a code that was used before says so, and changes nothing', () =>
    inside('lighttpd', async ({ page, server }) => {
      const add = page.locator('#key-add');
      await add.getByLabel('Its name').fill('shop');
      await add.getByLabel('A fresh code').fill('aaaaaaaa');
      await add.getByRole('button').click();
      await add.getByRole('alert').getByText('This is not the code').waitFor();
      assert.equal(await page.evaluate(() => document.activeElement?.id),
        'add-code');
      await checkForEverybody(page);
      assert.equal(await keys(server, 'list'), '');
      // What is no name is not even sent.
      await add.getByLabel('Its name').fill('The shop');
      const code = codeOf(server);
      await add.getByLabel('A fresh code').fill(code);
      await add.getByRole('button').click();
      assert.ok(await page.locator('#add-name:invalid').count());
      assert.equal(codeOf(server), code);
    }));

  test('by keyboard alone', () => inside('lighttpd',
    async ({ page, server }) => {
      const at = () => page.evaluate(() => document.activeElement?.id);
      await page.locator('#copy-json').focus();
      await page.keyboard.press('Tab');
      assert.equal(await at(), 'add-name');
      await page.keyboard.type('shop');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      assert.equal(await at(), 'add-strict');
      await page.keyboard.press('Tab');
      await page.keyboard.type(codeOf(server).toUpperCase());
      await page.keyboard.press('Enter');
      await page.locator('#key-part').waitFor();
      assert.equal(await at(), 'keys-said');
      const reached = [];
      for (let i = 0; i < 2; i++) {
        await page.keyboard.press('Tab');
        reached.push(await at());
      }
      assert.deepEqual(reached, ['key', 'key-copy']);
    }));

  test('the key can be copied, by hand where it must be', () => inside(
    'lighttpd', async ({ page, server }) => {
      await page.locator('#add-name').fill('shop');
      await page.locator('#add-code').fill(codeOf(server));
      await page.keyboard.press('Enter');
      await page.locator('#key-part').waitFor();
      const key = await page.locator('#key').inputValue();
      await page.context().clearPermissions();
      await page.evaluate(() => {
        navigator.clipboard.writeText = () => Promise.reject(new Error());
      });
      await page.locator('#key-copy').click();
      await page.getByText('selected: copy it from there').waitFor();
      assert.equal(await page.evaluate(() => String(getSelection())), key);
    }));
});
