// What the rules find, on the page: in words, with a way to the evidence.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { explain } from '../../public_html/js/replay/explain.js';
import { readText } from '../../public_html/js/replay/recording.js';
import { textOf } from '../replay/samples.mjs';
import { checkForEverybody as check } from './everybody.mjs';
import { site } from './site.mjs';

/** @type {import('playwright-core').Page} */
let page;
const { browser, server } = await site();
before(async () => {
  page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${server.base}/replay.html`);
});

/** @param {string} text of a recording */
const open = (text) => page.setInputFiles('#file',
  { name: 'x.jsonl', mimeType: 'text/plain', buffer: Buffer.from(text) });

test('the likely cause is there at once, the others below it', async () => {
  const text = readFileSync(new URL('../recordings/faults/mixed-up.jsonl',
    import.meta.url), 'utf8');
  const { findings } = explain(readText(text));
  assert.equal(findings.length, 2);
  await open(text);
  const first = page.locator('#why-first article');
  await first.getByText(findings[0].words, { exact: true }).waitFor();
  await first.getByText(findings[0].cure).waitFor();
  await page.locator('#why-more summary').click();
  await page.locator('#why-others').getByText(findings[1].words).waitFor();
  await check(page);
});

test('each message of the evidence is a click away', async () => {
  await page.locator('#why-first').getByRole('button', { name: 'Message 12' })
    .click();
  await page.locator('#message-title').filter({ hasText: 'Message 12:' })
    .waitFor();
  assert.match(page.url(), /#message=12$/);
});

test('of a good call it says that nothing is wrong', async () => {
  await open(textOf('good'));
  await page.getByText('No message tells of a failure.').waitFor();
  assert.equal(await page.locator('#why article').count(), 0);
  assert.equal(await page.locator('#why-more').isVisible(), false);
});

test('what peers call themselves is text', async () => {
  await open(textOf('silence').replace('"Ada"',
    JSON.stringify('<img src=x onerror=alert(1)>\u202e')));
  await page.getByText('<img src=x onerror=alert(1)>\\u{202e} did not answer')
    .waitFor();
  assert.equal(await page.locator('#why img').count(), 0);
});
