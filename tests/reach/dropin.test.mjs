// What a newcomer does: unpacks the archive on a host, opens its address, and
// is in a call. No other step.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from '../browser/chromium.mjs';
import { Visitor } from '../browser/visitor.mjs';
import { Host, lacks } from './host.mjs';

/** From the upload to two people who see each other. */
const SOON = 60_000;

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** A host of that kind, with the archive unpacked.
 * @param {import('node:test').TestContext} t
 * @param {import('./host.mjs').Kind} [kind] */
async function hosted(t, kind = {}) {
  const host = new Host(kind);
  t.after(() => host.stop());
  host.unpack();
  await host.start();
  return { host, at: `${host.base}/letterbox/` };
}

/** @type {[string, import('./host.mjs').Kind][]} */
const kinds = [
  ['mod_fcgid and mod_cgid', {}],
  ['mod_cgid alone', { modules: ['cgid'] }],
  ['neither PATH_INFO nor suEXEC', { pathInfo: false, suexec: false }],
];

describe('a newcomer', { skip: lacks, concurrency: 2 }, () => {
  for (const [name, kind] of kinds)
    test(`${name}: upload, open, talk`, async (t) => {
      const begun = Date.now();
      const { host, at } = await hosted(t, kind);
      const ada = await Visitor.open(browser, at, 'Ada');
      /** Which program was asked for what. */
      const asked = new Set();
      ada.page.on('request', (request) => {
        const [, name, last] = /letterbox\.(\w+)\S*\/(messages)/
          .exec(request.url()) ?? [];
        if (last) asked.add(`${request.method()} ${name}`);
      });
      const bob = await Visitor.come(browser, await ada.invitation, 'Bob');
      await Promise.all([ada.status(/Connected with Bob/),
        bob.status(/Connected with Ada/)]);
      await Promise.all([ada.sees(), bob.sees()]);
      assert.ok(Date.now() - begun < SOON, `${Date.now() - begun} ms`);
      // Who looks for PATH_INFO and finds none is told so by the browser.
      const none = kind.pathInfo === false ? /status of 404/ : /^$/;
      assert.deepEqual([...ada.complaints, ...bob.complaints]
        .filter((complaint) => !none.test(complaint)), [], host.said);
      for (const visitor of [ada, bob]) await visitor.close();
      // Polls may use up a pool; posts go round it.
      const pool = !kind.modules && kind.pathInfo !== false;
      if (pool) assert.deepEqual([...asked].sort(), ['GET fcgi', 'POST cgi']);

      // What it made is at home, the account's own and nobody else's.
      const data = join(host.home, '.letterbox');
      assert.equal(statSync(data).mode & 0o777, 0o700);
      assert.equal(statSync(data).uid, statSync(host.home).uid);
      for (const file of ['letterbox.db', 'server.key'])
        assert.equal(statSync(join(data, file)).mode & 0o777, 0o600, file);
      assert.deepEqual(readdirSync(host.www), ['letterbox']);
    });

  test('twenty first requests at once make one folder', async (t) => {
    const { host, at } = await hosted(t, { modules: ['cgid'] });
    const replies = await Promise.all(Array.from({ length: 20 }, (_, i) =>
      fetch(`${at}letterbox.cgi/rooms/kitchen-${i}/peers`, {
        method: 'POST', body: JSON.stringify({ key: 'k'.repeat(30) + i }),
        headers: { 'content-type': 'application/json' } })));
    assert.deepEqual(new Set(replies.map(({ status }) => status)),
      new Set([201]), host.said);
  });

  test('pages are guarded, and what is private is not had', async (t) => {
    const { host, at } = await hosted(t);
    const page = await fetch(at);
    assert.equal(page.status, 200);
    for (const [name, words] of Object.entries({
      'content-security-policy': /script-src 'self'.*frame-ancestors 'none'/,
      'referrer-policy': /^no-referrer$/, 'x-frame-options': /^DENY$/,
      'x-content-type-options': /^nosniff$/, 'cache-control': /^no-cache$/,
      'permissions-policy': /camera=\(self\)/ }))
      assert.match(page.headers.get(name) ?? '', words, name);
    assert.match((await fetch(at + 'js/letterbox.js')).headers
      .get('content-type') ?? '', /^text\/javascript/);
    const module = 'modules/channel.py';
    host.as(['chmod', '755', join(host.www, 'letterbox', module)]);
    const text = await fetch(at + module);
    assert.match(text.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(await text.text(), /^""".*for Python/);

    for (const file of ['letterbox.conf', 'letterbox.db', 'letterbox.db-wal',
      'server.key', 'doctor.code', '.secret'])
      host.as(['sh', '-c', 'echo private > "$0"',
        join(host.www, 'letterbox', file)]);
    for (const file of ['letterbox.conf', 'letterbox.db', 'letterbox.db-wal',
      'server.key', 'doctor.code', '.secret', '.htaccess'])
      assert.ok([403, 404].includes((await fetch(at + file)).status), file);
    // A room is no file, whatever it is called.
    const reply = await fetch(`${at}letterbox.cgi?path=/rooms/my.db`);
    assert.equal(reply.status, 500, 'the configuration is wrong now');
    host.as(['rm', join(host.www, 'letterbox/letterbox.conf')]);
    for (const path of ['/rooms/my.db', '/rooms/.conf'])
      for (const mount of ['letterbox.cgi', 'letterbox.cgi?path=',
        'letterbox.fcgi'])
        assert.equal((await fetch(at + mount + path)).status, 401, path);
  });

  test('without a place for the data it says what to do', async (t) => {
    const { host, at } = await hosted(t);
    chmodSync(host.home, 0o555);
    t.after(() => chmodSync(host.home, 0o711));
    const page = await fetch(`${at}letterbox.cgi`,
      { headers: { accept: 'text/html' } });
    assert.equal(page.status, 500);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    const text = await page.text();
    assert.match(text, /account ada.*letterbox\.conf.*data_dir = /);
    assert.ok(!text.includes(host.dir), 'no path of the host');
    const problem = await (await fetch(`${at}letterbox.cgi/healthz`)).json();
    assert.match(problem.detail, /account ada.*data_dir = /);
    const ada = await (await browser.newContext()).newPage();
    await ada.goto(at);
    await ada.click('#start button');
    await ada.getByText(/account ada.*letterbox\.conf.*data_dir = /).waitFor();
    await ada.context().close();

    // The cure, to the letter.
    host.as(['mkdir', '-m', '700', join(host.www, '../public_html/.x')]);
    const place = join(host.www, '.x');
    host.as(['sh', '-c', 'echo "data_dir = $0" > "$1"', place,
      join(host.www, 'letterbox/letterbox.conf')]);
    assert.equal((await fetch(`${at}letterbox.cgi/readyz`)).status, 200);
  });

  test('where Options is forbidden, one line has to go', async (t) => {
    const { host, at } = await hosted(t, { options: 'ExecCGI',
      override: 'FileInfo Indexes' });
    assert.equal((await fetch(at)).status, 500);
    const file = join(host.www, 'letterbox/.htaccess');
    host.as(['sed', '-i', '/^Options/d', file]);
    assert.equal((await fetch(at)).status, 200);
    assert.equal((await fetch(`${at}letterbox.fcgi/readyz`)).status, 200);
    assert.ok([403, 404].includes((await fetch(at + '.htaccess')).status));
  });

  test('the program in a browser is the page too', async (t) => {
    const { at } = await hosted(t);
    for (const name of ['letterbox.cgi', 'letterbox.fcgi']) {
      const reply = await fetch(at + name,
        { headers: { accept: 'text/html' } });
      assert.match(await reply.text(), /<title>Letterbox<\/title>/);
      assert.match(reply.headers.get('content-security-policy') ?? '',
        /script-src 'sha256-/);
    }
  });
});
