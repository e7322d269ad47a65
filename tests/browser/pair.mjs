// A room for each test, and a context of the browser; and two in that room.

import { afterEach, beforeEach } from 'node:test';
import { blank, join, listen } from './guest.mjs';
import { site } from './site.mjs';

/** @type {import('playwright-core').BrowserContext} of the test that runs */
export let context;
/** Its room. */
export let room = '';
let number = 0;

export const { browser, server } =
  await site({ conf: { hold: 3 } }, { cache: true });
beforeEach(async () => {
  context = await browser.newContext();
  room = `room-${++number}`;
});
afterEach(async () => {
  for (const page of context.pages()) {
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  }
  await context.close();
});

/** Two in a room; the second listens. */
export async function two() {
  const [a, b] = [await blank(context, server.base),
    await blank(context, server.base)];
  await join(a, room);
  await join(b, room);
  await listen(b);
  return [a, b];
}
