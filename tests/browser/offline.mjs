// A page that is a file: it has no network, and wants none.

import { pathToFileURL } from 'node:url';

/**
 * Opens it. Whatever it complains about, or asks for, is in `complaints`.
 * @param {import('playwright-core').Browser} browser
 * @param {string} file
 */
export async function offline(browser, file) {
  const page = await (await browser.newContext({ offline: true })).newPage();
  page.setDefaultTimeout(30_000);
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) {
      complaints.push(request.url());
    }
  });
  await page.goto(pathToFileURL(file).href);
  return { page, complaints };
}
