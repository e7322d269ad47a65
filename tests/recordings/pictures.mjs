// Takes the pictures of public_html/docs/replay.md from the recordings here,
// and one of a call that fails behind a firewall.
// Run it after a change of the page's looks:
//
//   node tests/recordings/pictures.mjs

import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startServer } from '../http/harness.mjs';
import { launch } from '../browser/chromium.mjs';
import { apart } from '../browser/wall.mjs';

/** @param {string} name */
const recording = (name) =>
  fileURLToPath(new URL(`${name}.jsonl`, import.meta.url));
/** @param {string} name */
const picture = (name) => fileURLToPath(new URL(
  `../../public_html/docs/replay-${name}.png`, import.meta.url));

const report = join(tmpdir(), `letterbox-picture-${process.pid}.html`);

/** Bob comes to Ada, no way leads from one to the other, and Ada reports it.
 * @param {import('playwright-core').Browser} browser @param {string} base */
async function reported(browser, base) {
  const [ada] = await apart(browser, base);
  await ada.page.getByRole('button', { name: 'Report a problem' }).click();
  const dialog = ada.page.getByRole('dialog');
  await dialog.getByLabel('What happened?')
    .fill('I see Bob’s name, and no picture.');
  const [download] = await Promise.all([ada.page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save report' }).click()]);
  await download.saveAs(report);
}

const server = await startServer({ static: true });
const browser = await launch();
try {
  const page = await browser.newPage({ reducedMotion: 'reduce',
    viewport: { width: 1280, height: 800 } });
  const open = async (/** @type {string} */ name, /** @type {number} */ seq) => {
    await page.goto(`${server.base}/#`);
    await page.goto(`${server.base}/replay.html#message=${seq}`);
    await page.setInputFiles('#file', recording(name));
    await page.locator('#message-title').getByText(`Message ${seq}:`).waitFor();
    await page.evaluate(() => {
      /** @type {any} */ (globalThis).document.getElementById('status')
        .textContent = '';
    });
  };
  const take = (/** @type {string} */ name) =>
    page.screenshot({ path: picture(name) });

  await open('good', 16);
  await take('story');
  await page.setViewportSize({ width: 1280, height: 900 });
  await open('silence', 12);
  await take('silence');
  await page.getByRole('tab', { name: 'Compare' }).click();
  await page.setInputFiles('#second', recording('reload'));
  await page.locator('#compare-rows table').waitFor();
  await page.locator('#compare').screenshot({ path: picture('compare') });
  await open('candidates', 3);
  await page.getByRole('tab', { name: 'Try it again' }).click();
  await page.locator('#run').click();
  await page.locator('#trace table').waitFor();
  await page.setViewportSize({ width: 1280, height: 620 });
  await take('again');

  await reported(browser, server.base);
  await page.setViewportSize({ width: 900, height: 900 });
  await page.goto(pathToFileURL(report).href);
  await page.locator('#seen summary').first().click();
  await page.locator('#seen summary', { hasText: 'What it noted' }).click();
  await page.getByText('Connection with name-2: failed')
    .scrollIntoViewIfNeeded();
  await page.locator('#seen').screenshot({ path: picture('seen') });
} finally {
  rmSync(report, { force: true });
  await browser.close();
  await server.stop();
}
