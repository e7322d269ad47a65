// "Report a problem": a file of what the server and the browser know of a call.
// Nobody gets it but who saves it, it opens anywhere, and it keeps secrets.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { startServer } from '../http/harness.mjs';
import { binary, scratch } from '../http/letterbox.mjs';
import { launch } from './chromium.mjs';
import { checkForEverybody as check } from './everybody.mjs';
import { offline } from './offline.mjs';
import { Visitor } from './visitor.mjs';

/** @typedef {import('playwright-core').Page} Page */

const Ajv = /** @type {any} */ (Ajv2020).default ?? Ajv2020;
const ajv = new Ajv({ strict: false });
const valid = ajv.compile(JSON.parse(readFileSync(
  new URL('../../schema/browser.json', import.meta.url), 'utf8')));
const dir = scratch();

/** @type {import('../http/harness.mjs').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;
/** Two who see each other, with names that nobody else has.
 * @type {Visitor} */
let ada;
/** @type {Visitor} */
let bob;
before(async () => {
  server = await startServer({ static: true });
  browser = await launch();
  ada = await Visitor.start(browser, server.base, 'Augusta Ada');
  bob = await Visitor.come(browser, await ada.invitation, 'Bernardo');
  await ada.status(/Connected with Bernardo/);
  await bob.status(/Connected with Augusta Ada/);
  await ada.sees();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/**
 * Presses the button, says what happened, and saves.
 * @param {Page} page @param {string} words @param {string} name of the file
 */
async function save(page, words, name) {
  await page.getByRole('button', { name: 'Report a problem' }).click();
  const dialog = page.getByRole('dialog', { name: 'Report a problem' });
  await dialog.getByText('Nothing is sent anywhere.').waitFor();
  await dialog.getByLabel('What happened?').fill(words);
  const button = dialog.getByRole('button', { name: 'Save report' });
  const [download] = await Promise.all([page.waitForEvent('download'),
    button.press('Enter')]);
  const file = join(dir, name);
  await download.saveAs(file);
  const said = await dialog.getByRole('status')
    .filter({ hasText: 'Saved as' }).textContent();
  assert.ok(await button.evaluate((it) => it === document.activeElement));
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  const text = readFileSync(file, 'utf8');
  const side = JSON.parse(
    /<script id="browser" type="application\/json">\n(.*)\n/.exec(text)?.[1] ??
    'null');
  return { file, text, side, said, suggested: download.suggestedFilename() };
}

describe('a report of the room page', () => {
  test('is asked for with the keyboard, on a small screen, by anybody',
    async () => {
      const button = ada.page.getByRole('button', { name: 'Report a problem' });
      await button.focus();
      await ada.page.keyboard.press('Enter');
      const dialog = ada.page.getByRole('dialog');
      for (const what of ['The room’s log', 'What this browser saw',
        'How the server is set up', 'What you write here'])
        await dialog.getByRole('listitem').filter({ hasText: what }).waitFor();
      await dialog.locator('summary').first().click();
      await dialog.getByText('Servers for ICE').waitFor();
      await check(ada.page);
      await ada.page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      assert.ok(await button.evaluate((it) => it === document.activeElement));
    });

  test('says what both sides know, and none of their secrets', async () => {
    /** @type {string[]} */
    const asked = [];
    ada.page.on('request', (request) => asked.push(`${request.method()} ${
      new URL(request.url()).pathname}`));
    const evil = '</script><script>document.title="harm"</script> \u202etxt.';
    const { text, side, file, suggested } = await save(ada.page,
      `No picture.\n${evil}`, 'call.html');

    // Only what nobody can know is in it.
    assert.match(suggested, /^letterbox-report-[\d-]+\.html$/);
    assert.ok(valid(side), ajv.errorsText(valid.errors));
    const { token, peer } = await ada.kept();
    const room = new URL(ada.page.url()).searchParams.get('room') ?? '';
    const url = new URL(await ada.invitation);
    const reply = await fetch(`${server.api}/rooms/${room}/log?limit=1000`,
      { headers: { 'X-Letterbox-Token': token } });
    const log = await reply.text();
    const secrets = [token, room, url.hash.slice(1).split('=')[1],
      'Augusta', 'Bernardo',
      ...[...log.matchAll(/a=ice-pwd:([^\\]+)/g)].map(([, pwd]) => pwd),
      ...[...log.matchAll(/udp \d+ ([\d.]{7,}|[\da-f]+:[\da-f:]+) \d+ typ/g)]
        .map(([, address]) => address).filter((each) =>
          each !== '127.0.0.1' && each !== '::1')];
    assert.ok(secrets.length > 6 && secrets.every((each) => each.length > 3),
      secrets.join(' '));
    for (const secret of secrets) assert.ok(!text.includes(secret), secret);
    assert.deepEqual(asked.filter((each) => each.startsWith('GET'))
      .filter((each) => !each.endsWith('/messages')),
    [`GET /api/rooms/${room}/report`]);
    assert.ok(asked.every((each) => !each.includes(token)));

    // What the browser saw.
    assert.equal(side.self, peer);
    assert.equal(side.others.length, 1);
    const [{ state, seen, samples }] = side.others;
    assert.equal(state, 'connected');
    assert.equal(seen.pair.local.length > 0 && seen.transport.dtlsState,
      'connected');
    assert.ok(samples.length > 0);
    assert.ok(seen.media.some((/** @type {any} */ { mimeType }) =>
      /^video\/\w/.test(mimeType)));
    const notes = side.notes.map((/** @type {any} */ { what, to }) =>
      `${what} ${to}`);
    for (const note of ['room open', 'connection connected', 'state connected',
      'signaling stable']) assert.ok(notes.includes(note), notes.join(', '));

    // It opens anywhere.
    const { page, complaints } = await offline(browser, file);
    await page.locator('#seen-words').getByText('No picture.').waitFor();
    await page.locator('#seen-words').getByText('u{202e}txt').waitFor();
    assert.equal(await page.title(), 'What happened · Letterbox');
    await page.getByText('No message tells of a failure').waitFor();
    await page.locator('#seen summary').first().click();
    await page.locator('#seen dd').getByText(/^connected$/).waitFor();
    await page.locator('#seen h3').getByText(/^With name-\d+$/).waitFor();
    await page.getByText('What it noted').first().click();
    await page.locator('#seen td').getByText(/Connection with name-\d+: connected/)
      .first().waitFor();
    await check(page);
    assert.deepEqual(complaints, []);

    // So does the page that shows recordings, and the program.
    await page.goto('about:blank');
    await page.context().setOffline(false);
    await page.goto(`${server.base}/replay.html`);
    await page.setInputFiles('#file', file);
    await page.locator('#title').getByText(/^name-\d+ and name-\d+$/).waitFor();
    await page.locator('#seen-words').getByText('No picture.').waitFor();
    const run = (/** @type {string[]} */ ...words) => execFileSync(binary({}),
      words, { encoding: 'utf8', timeout: 60_000, stdio: 'pipe' });
    run('import', file, join(dir, 'data'));
    assert.match(run('log', 'room-1', '-d', join(dir, 'data')), /answer/);
    assert.deepEqual(ada.complaints, []);
    await page.context().close();
  });

  test('is of the browser alone when there is no server, or no membership',
    async () => {
      await bob.page.reload();
      await bob.status(/Connected with Augusta Ada/);
      await bob.page.route('**/report', (route) => route.abort());
      const alone = await save(bob.page, 'It stopped.', 'alone.html');
      assert.match(String(alone.said), /without what the server knows: The ser/);
      assert.doesNotMatch(alone.text, /Augusta|Bernardo|id="recording"/);
      assert.ok(valid(alone.side), ajv.errorsText(valid.errors));
      // The first thing that anybody does about a problem loses nothing.
      const notes = alone.side.notes.map((/** @type {any} */ { what, to }) =>
        `${what} ${to}`);
      const at = notes.indexOf('page reloaded');
      assert.ok(notes.slice(0, at).includes('connection connected'));
      assert.ok(notes.slice(at).includes('connection connected'));
      assert.ok(alone.side.others.length >= 2);
      const { page, complaints } = await offline(browser, alone.file);
      await page.getByText('It stopped.').waitFor();
      await page.getByRole('heading', { name: 'With peer-2' }).first()
        .waitFor();
      assert.deepEqual(complaints, []);
      await page.context().setOffline(false);
      await page.goto(`${server.base}/replay.html`);
      await page.setInputFiles('#file', alone.file);
      await page.getByText('alone.html: This report has only what the browser')
        .waitFor();
      await page.context().close();

      // Nor if he does not get in again, however often he tries.
      await bob.page.click('#leave');
      await bob.page.getByText('You have left the room').waitFor();
      const wrong = `${(await ada.invitation).split('#')[0]}#secret=wrong`;
      for (let times = 0; times < 2; times++) {
        await bob.page.goto('about:blank');
        await bob.page.goto(wrong);
        await bob.enter('Bernardo');
        await bob.page.locator('#trouble').waitFor();
      }
      const refused = await save(bob.page, '', 'refused.html');
      const then = refused.side.notes.map((/** @type {any} */ { what, to }) =>
        `${what} ${to}`);
      assert.deepEqual(then.slice(0, notes.length), notes);
      assert.equal(then.filter((/** @type {string} */ note) =>
        note === 'room secret').length, 2, then.join(', '));
      assert.ok(refused.side.others.length >= 2);

      await ada.page.click('#leave');
      await ada.page.getByText('You have left the room').waitFor();
      const left = await save(ada.page, '', 'left.html');
      assert.match(String(left.said), /knows: You are not in the room/);
      assert.ok(left.side.others[0].samples.length > 0);
    });
});
