// What nearly every test of the pages needs: a real server with the pages, and
// a browser. Files of tests are processes of their own: each has its own two.

import { after } from 'node:test';
import { startServer } from '../http/harness.mjs';
import { launch } from './chromium.mjs';

/**
 * Both are there until the last test has ended. Awaited at the top of a file:
 * hooks of a file do not wait for each other.
 * @param {import('../http/harness.mjs').Options} [options] of the server
 * @param {Parameters<typeof launch>[0]} [how] of the browser
 */
export async function site(options, how) {
  const server = await startServer({ static: true, ...options });
  /** @type {import('playwright-core').Browser | undefined} */
  let browser;
  after(async () => {
    try {
      await browser?.close();
    } finally {
      await server.stop();
    }
  });
  browser = await launch(how);
  return { server, browser };
}
