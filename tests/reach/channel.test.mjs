// An old application on a shared host: its pages load the script from where it
// always was, and a few lines of .htaccess lead there.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { hears, heard, pageAtOnce } from '../browser/application.mjs';
import { launch } from '../browser/chromium.mjs';
import { documented } from '../browser/tls.mjs';
import { Host, lacks } from './host.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** @type {[string, import('./host.mjs').Kind, RegExp][]} */
const hosts = [
  ['with PATH_INFO', { modules: ['cgid', 'rewrite'] },
    /RewriteRule .*letterbox\.cgi%/],
  ['without', { modules: ['cgid', 'rewrite'], pathInfo: false },
    /RewriteRule .*letterbox\.cgi\?path=/],
];

describe('an old application', { skip: lacks, concurrency: 2 }, () => {
  for (const [name, kind, target] of hosts)
    test(`on Apache ${name}`, async (t) => {
      const host = new Host(kind);
      t.after(() => host.stop());
      host.unpack();
      for (const [file, text] of [['.htaccess', documented(target) + '\n'],
        ['app.html', pageAtOnce('/_ah/channel/jsapi')]]) {
        writeFileSync(join(host.www, file), text);
        host.give(join(host.www, file), 0o644);
      }
      await host.start();
      const program = `${host.base}/letterbox/letterbox.cgi?path=`;
      assert.equal((await fetch(`${program}/healthz`)).status, 200, host.said);
      const key = host.as(['env', `HOME=${host.home}`,
        join(host.www, 'letterbox/letterbox.cgi'), 'key', 'add', 'shop']).trim();
      const ask = (/** @type {string} */ call, /** @type {{}} */ fields) =>
        fetch(`${program}/channel/${call}`, { method: 'POST',
          headers: { 'X-Letterbox-Key': key },
          body: new URLSearchParams(fields) });
      const { token } = /** @type {any} */ (
        await (await ask('create', { client_id: 'ada' })).json());
      const page = await browser.newPage();
      await page.goto(`${host.base}/app.html#${token}`);
      await hears(page, 'open');
      for (const message of ['one', 'two'])
        assert.equal((await ask('send', { client_id: 'ada', message })).status,
          204);
      await hears(page, 'message', 'two');
      assert.deepEqual(await heard(page), ['one', 'two']);
      await page.close();
    });
});
