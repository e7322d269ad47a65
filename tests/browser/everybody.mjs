// What every page owes to everybody: nothing for axe to object to, at both
// widths, by day and by night.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** @param {import('playwright-core').Page} page */
export async function checkForEverybody(page) {
  await page.evaluate(AXE);
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    for (const width of [320, 1280]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 720 });
      const found = await page.evaluate(async () => {
        const { violations } = await /** @type {any} */ (globalThis).axe.run();
        return violations.map((/** @type {any} */ { id, nodes }) =>
          [id, ...nodes.map((/** @type {any} */ node) => node.html)]);
      });
      assert.deepEqual(found, [], `${colorScheme}, ${width} px`);
      const wide = await page.evaluate(() =>
        document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${wide} px wide at ${width} px`);
    }
  }
}
