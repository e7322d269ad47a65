// Takes the picture of README.md: a call of two real browsers over `make run`,
// into public_html/docs/call.png. Run it after a change of the call's looks:
//
//   node tests/readme/picture.mjs

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { until } from '../http/until.mjs';
import { MakeRun, ROOT, dropState, newState } from '../setup/make_run.mjs';

const OUT = join(ROOT, 'public_html/docs/call.png');

/** @typedef {import('playwright-core').Page} Page */

/** @param {Page} page @param {string} name @param {string} button */
async function enter(page, name, button) {
  await page.getByLabel('Your name').first().fill(name);
  await page.getByRole('button', { name: button, exact: true }).click();
}

/** @param {Page} page @param {string} text */
async function say(page, text) {
  await page.locator('#say fieldset:enabled').waitFor();
  await page.locator('#line').fill(text);
  await page.locator('#say button').click();
}

/** @param {Page} page */
const moving = (page) => until('the other one moves', () => page.evaluate(() => {
  const video = /** @type {any} */ (
    globalThis).document.querySelector('#others video');
  return video?.getVideoPlaybackQuality().totalVideoFrames > 5;
}), { within: 20_000, every: 100 });

const state = newState();
const run = await new MakeRun({ STATE: state }).ready();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
    '--disable-background-networking', '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection',
    '--autoplay-policy=no-user-gesture-required',
    '--disable-features=WebRtcHideLocalIpsWithMdns'],
});
try {
  const size = { viewport: { width: 1180, height: 1000 } };
  const ada = await (await browser.newContext(size)).newPage();
  await ada.goto(run.url);
  await enter(ada, 'Ada', 'Start');
  const link = ada.locator('#link');
  await link.waitFor();

  const bob = await (await browser.newContext(size)).newPage();
  await bob.goto(await link.inputValue());
  await enter(bob, 'Bob', 'Join the room');
  await Promise.all([moving(ada), moving(bob)]);

  await say(bob, 'Can you see me?');
  await ada.getByText('Can you see me?').waitFor();
  await say(ada, 'And hear you. That was quick.');
  await bob.getByText('That was quick.').waitFor();
  await ada.locator('#drawer summary').click();
  await ada.locator('#messages li').first().waitFor();
  mkdirSync(join(OUT, '..'), { recursive: true });
  await ada.screenshot({ path: OUT });
  console.log(`wrote ${OUT}`);
} finally {
  await browser.close();
  await run.interrupt();
  dropState(state);
}
