// How long the page of what happened works for a frame, with 10,000 messages:
// while it is scrubbed, scrolled and played.
//
//   node tests/bench/replay.mjs            300 frames each; QUICK=1: 60

import { cpus } from 'node:os';
import { launch } from '../browser/chromium.mjs';
import { framesOf, quantile } from '../browser/frames.mjs';
import { startServer } from '../http/harness.mjs';
import { long } from '../replay/samples.mjs';

const FRAMES = process.env.QUICK ? 60 : 300;

const server = await startServer({ static: true });
const browser = await launch();
try {
  const [{ model }] = cpus();
  console.log(`${FRAMES} frames of 10,000 messages, 1280 x 800, ${
    cpus().length} x ${model}, no GPU; ms of work for each`);
  for (const peers of [6, 60]) {
    const page = await browser.newPage(
      { viewport: { width: 1280, height: 800 } });
    await page.goto(`${server.base}/replay.html`);
    const buffer = Buffer.from(long(10_000, peers));
    const begun = performance.now();
    await page.setInputFiles('#file',
      { name: 'long.jsonl', mimeType: 'text/plain', buffer });
    await page.locator('#view').waitFor();
    console.log(`${peers} peers, ${(buffer.length / 1e6).toFixed(1)} MB, open ` +
      `in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    for (const what of /** @type {const} */ (['scrub', 'scroll', 'play'])) {
      const took = await framesOf(page, what, FRAMES);
      console.log(`  ${what.padEnd(7)} ${[0.5, 0.95, 0.99].map((part) =>
        `p${100 * part} ${quantile(took, part).toFixed(1)}`).join('  ')}`);
    }
    await page.close();
  }
} finally {
  await browser.close();
  await server.stop();
}
