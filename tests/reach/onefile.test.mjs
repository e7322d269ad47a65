// The program alone is uploaded, and its address is a call page.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch } from '../browser/chromium.mjs';
import { Visitor } from '../browser/visitor.mjs';
import { Host, lacks } from './host.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** @type {[string, import('./host.mjs').Kind, string][]} */
const hosts = [
  ['Apache with a cgi-bin', { modules: ['cgid'], bin: true },
    'cgi-bin/letterbox.cgi'],
  ['Apache without PATH_INFO', { modules: ['cgid'], bin: true,
    pathInfo: false }, 'cgi-bin/letterbox.cgi'],
  ['lighttpd with mod_cgi', { lighttpd: true }, 'call.cgi'],
];

describe('one file', { skip: lacks, concurrency: 2 }, () => {
  for (const [name, kind, file] of hosts)
    test(`${name}: a call from the program's own page`, async (t) => {
      const host = new Host(kind);
      t.after(() => host.stop());
      host.upload(file);
      await host.start();
      const ada = await Visitor.open(browser, `${host.base}/${file}`, 'Ada');
      const bob = await Visitor.come(browser, await ada.invitation, 'Bob');
      await Promise.all([ada.status(/Connected with Bob/),
        bob.status(/Connected with Ada/)]);
      await Promise.all([ada.sees(), bob.sees()]);
      await bob.says('Hello Ada');
      await ada.hears('Hello Ada');

      // The way back is to the same program, not to a folder around it.
      await bob.page.click('a.brand');
      await bob.page.waitForSelector('#start');
      assert.equal(new URL(bob.page.url()).pathname, `/${file}`);
      // Nothing was refused by the policy, nothing was missing.
      assert.deepEqual([...ada.complaints, ...bob.complaints], [], host.said);
      for (const visitor of [ada, bob]) await visitor.close();
    });
});
