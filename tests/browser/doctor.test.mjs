// The doctor's page: what it measures is so, and it is for everybody.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../http/harness.mjs';
import { faultOf } from '../http/spec.mjs';
import { launch } from './chromium.mjs';
import { checkForEverybody } from './everybody.mjs';

/** @typedef {import('../http/harness.mjs').Server} Server */
/** @typedef {import('playwright-core').Page} Page */

/** @typedef {import('node:test').TestContext} Test */

/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Also serves the pages. */
const PAGES = { hold: 1 };

/**
 * A house of its own: a code is good once.
 * @param {Test} t
 * @param {Record<string, string | number>} [conf]
 */
async function house(t, conf = { hold: 1 }) {
  const box = await startServer({ conf, static: conf === PAGES });
  t.after(() => box.stop());
  return box;
}

/**
 * @param {Test} t
 * @param {Server} box
 * @param {string} [base] where its front door is
 */
async function open(t, box, base = box.base) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  t.after(() => context.close());
  await page.goto(base + '/api/doctor');
  return page;
}

/** @param {Server} box */
const codeOf = (box) => readFileSync(
  join(String(box.conf.data_dir), 'doctor.code'), 'utf8').trim();

/** @param {Page} page @param {string} code */
async function give(page, code) {
  await page.getByLabel('The code').fill(code);
  await page.getByRole('button', { name: 'Examine' }).click();
}

/** @param {Page} page */
const done = (page) => page.getByText(/^Done: /).waitFor();

/** @param {Page} page @param {string} title @returns what stands under it */
const finding = (page, title) => page.locator('.finding, .family li')
  .filter({ hasText: title }).innerText();

describe('for everybody', { concurrency: 2 }, () => {
  test('the question, a wrong answer, and what was found', async (t) => {
    const server = await house(t);
    const page = await open(t, server);
    await checkForEverybody(page);
    await give(page, 'not it');
    await page.getByRole('alert').getByText('This is not the code').waitFor();
    await checkForEverybody(page);
    await give(page, codeOf(server));
    await done(page);
    await checkForEverybody(page);
  });

  test('by keyboard alone', async (t) => {
    const server = await house(t);
    const page = await open(t, server);
    await page.keyboard.press('Tab');
    const at = () => page.evaluate(() => document.activeElement?.id);
    assert.equal(await at(), 'code');
    await page.keyboard.type(codeOf(server).toUpperCase());
    await page.keyboard.press('Enter');
    await page.locator('#result').waitFor();
    assert.equal(await at(), 'status');
    await done(page);
    const reached = [];
    for (let i = 0; i < 3; i++) {
      await page.keyboard.press('Tab');
      reached.push(await at());
    }
    assert.deepEqual(reached, ['again', 'copy-text', 'copy-json']);
  });
});

describe('what it finds', { concurrency: 3 }, () => {
  test('a house in order', async (t) => {
    const server = await house(t);
    const page = await open(t, server);
    await give(page, codeOf(server));
    await done(page);
    assert.match(await finding(page, 'Polls that are held'), /lived for 1 s/);
    assert.match(await finding(page, 'Streams'), /arrives at once/);
    assert.match(await finding(page, 'Files that nobody may have'),
      /there is none/);
    assert.match(await finding(page, 'Its clock and yours'), /They agree/);
    assert.match(await finding(page, 'A safe connection'), /this machine/);
    for (const name of ['Authorization', 'X-Letterbox-Token', 'Prefer',
      'Last-Event-ID', 'Origin'])
      assert.match(await finding(page, `Header ${name}`), /arrives/);
  });

  test('a second look needs no second code, and both can be copied',
    async (t) => {
      const server = await house(t);
      const page = await open(t, server);
      await page.context()
        .grantPermissions(['clipboard-read', 'clipboard-write']);
      await give(page, codeOf(server));
      await done(page);
      const code = codeOf(server);
      await page.getByRole('button', { name: 'Examine again' }).click();
      await page.getByText(/^Asking|^Measuring/).waitFor();
      await done(page);
      assert.equal(codeOf(server), code, 'the code was not used');
      const pasted = () => page.evaluate(() =>
        navigator.clipboard.readText());
      await page.getByRole('button', { name: 'Copy as JSON' }).click();
      await page.getByText('as JSON is copied').waitFor();
      const report = JSON.parse(await pasted());
      assert.equal(faultOf('spec#/components/schemas/DoctorReport', report),
        undefined);
      assert.ok(report.checks.some((/** @type {any} */ { family }) =>
        family === 'browser'));
      await page.getByRole('button', { name: 'Copy the report' }).click();
      await page.getByText('The report is copied').waitFor();
      const text = await pasted();
      assert.match(text, /^The data folder$/m);
      assert.match(text, /^From your browser$/m);
    });

  test('a front door that holds back, cuts and drops headers', async (t) => {
    const held = await house(t, { hold: 4 });
    const door = await slowDoor(held.base, 2800);
    t.after(() => door.close());
    const page = await open(t, held, door.base);
    await give(page, codeOf(held));
    await done(page);
    assert.match(await finding(page, 'Streams'), /held back until its end/);
    assert.match(await finding(page, 'Polls that are held'),
      /to live for 4 s was cut .*; one of 2 s lived/);
    assert.match(await finding(page, 'Polls that are held'),
      /hold in letterbox.conf to 2\./);
    assert.match(await finding(page, 'Header Authorization'),
      /does not arrive/);
  });

  test('data that can be had by their address', async (t) => {
    const box = await house(t, { hold: 1, data_dir: '$DIR/www/inside' });
    box.conf.data_dir = join(box.dir, 'www/inside');
    const page = await open(t, box);
    await give(page, codeOf(box));
    await done(page);
    assert.match(await finding(page, 'Files that nobody may have'),
      /download .*\/inside\/letterbox\.db, .*\/inside\/server\.key/);
    assert.match(await finding(page, 'Whether visitors can reach it'),
      /inside of .*www/);
  });

  test('the file beside the pages leads there, by ?path=', async (t) => {
    const box = await house(t, PAGES);
    const page = await open(t, box);
    await page.goto(box.base + '/doctor.html');
    await page.waitForURL('**/api?path=/doctor');
    await give(page, codeOf(box));
    await done(page);
    assert.match(await finding(page, 'Polls that are held'), /lived for 1 s/);
    assert.match(await finding(page, 'Streams'), /arrives at once/);
    assert.match(await finding(page, "Addresses below the program's"),
      /asked for by \?path=/);
  });

  test('it can be stopped', async (t) => {
    const patient = await house(t, { hold: 25 });
    const page = await open(t, patient);
    await give(page, codeOf(patient));
    await page.getByText('holding a poll for 10 s').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await done(page);
    assert.match(await finding(page, 'Polls that are held'),
      /You stopped it; until then a poll lived for 2 s/);
  });
});

/**
 * A door that gives replies away whole, gives up after a time, and drops the
 * header Authorization.
 * @param {string} base @param {number} patience ms
 */
async function slowDoor(base, patience) {
  const target = new URL(base);
  const door = http.createServer((request, reply) => {
    const { authorization, ...headers } = request.headers;
    const behind = http.request({ host: target.hostname, port: target.port,
      method: request.method, path: request.url, headers });
    const timer = setTimeout(() => request.socket.destroy(), patience);
    reply.on('close', () => {
      clearTimeout(timer);
      behind.destroy();
    });
    behind.on('error', () => reply.destroy());
    behind.on('response', async (incoming) => {
      const chunks = [];
      for await (const chunk of incoming) chunks.push(chunk);
      reply.writeHead(incoming.statusCode ?? 502, incoming.headers);
      reply.end(Buffer.concat(chunks));
    });
    request.pipe(behind);
  }).listen(0, '127.0.0.1');
  await once(door, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (
    door.address());
  return { base: `http://127.0.0.1:${port}`, close: () => {
    door.close();
    door.closeAllConnections();
  } };
}
