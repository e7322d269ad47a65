// The page that shows what happened, with recordings of real calls, of nobody's
// making, and of people who mean harm.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HEADER, long, made, pathOf, sample, textOf }
  from '../replay/samples.mjs';
import { checkForEverybody as check } from './everybody.mjs';
import { framesOf, quantile } from './frames.mjs';
import { site } from './site.mjs';

const PAGES = fileURLToPath(new URL('../../public_html/', import.meta.url));

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('playwright-core').BrowserContext} */
let context;
/** @type {string[]} whatever a page complained about */
let complaints = [];
/** @type {string[]} */
let asked = [];

const { browser, server } = await site();
afterEach(async () => {
  await context?.close();
  assert.deepEqual(complaints, []);
});

/** @param {string} [more] query and fragment */
async function visit(more = '') {
  complaints = [];
  asked = [];
  context = await browser.newContext({ viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${server.base}/replay.html${more}`);
  return page;
}

/** @param {Page} page @param {string} text @param {string} [name] */
const give = (page, text, name = 'call.jsonl') => page.setInputFiles('#file',
  { name, mimeType: 'application/jsonl', buffer: Buffer.from(text) });

/** @param {Page} page */
const shown = (page) => page.locator('#view').waitFor();

/** @param {string} text @param {string} [more] */
async function opened(text, more) {
  const page = await visit(more);
  await give(page, text);
  await shown(page);
  return page;
}

/** Until it says so. @param {Page} page @param {string | RegExp} words */
const titled = (page, words) => page.locator('#message-title')
  .filter({ hasText: words }).waitFor();

/** @param {Page} page @param {string} words */
const at = (page, words) => page.locator('#clock').filter({ hasText: words })
  .waitFor();

/** Signaling states that are shown, in their order. @param {Page} page */
const states = (page) => page.locator('#now .side .state').allTextContents();

describe('for everybody', () => {
  test('before anything is open, and after a file that will not do',
    async () => {
      const page = await visit();
      await check(page);
      await give(page, 'no', 'picture.png');
      await page.getByRole('alert').getByText('picture.png: Line 1').waitFor();
      await check(page);
    });

  test('a call, with everything unfolded', async () => {
    const page = await opened(textOf('good'));
    await page.locator('#keys summary').click();
    for (const count of [16, 4]) {
      await page.locator('#list').focus();
      await page.keyboard.press('Home');
      for (let i = 1; i < count; i++) await page.keyboard.press('ArrowDown');
      await titled(page, `Message ${count}:`);
      await check(page);
    }
  });

  test('three peers, and a narrow screen that scrolls nothing but the panels',
    async () => {
      const page = await opened(textOf('three'));
      await check(page);
      await page.setViewportSize({ width: 320, height: 640 });
      const { width, more } = await page.locator('#ladder').evaluate((box) =>
        ({ width: box.clientWidth, more: box.scrollWidth }));
      assert.ok(more > width, 'lanes are wide enough to be read');
    });

  test('by keyboard alone', async () => {
    const page = await opened(textOf('good'));
    const focused = () => page.evaluate(() => document.activeElement?.id);
    assert.equal(await focused(), 'ladder');
    await page.keyboard.press('Home');
    await titled(page, 'Message 1: joined');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await titled(page, 'Message 3: offer');
    await page.keyboard.press('PageDown');
    await titled(page, 'Message 13:');
    await page.keyboard.press('PageUp');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowLeft');
    await titled(page, 'Message 1:');
    await page.keyboard.press('End');
    await titled(page, 'Message 23: left');
    const high = () => page.locator('#tall').evaluate((tall) =>
      tall.clientHeight);
    const before = await high();
    await page.keyboard.press('+');
    assert.ok(await high() > before);
    await page.keyboard.press('-');
    assert.equal(await high(), before);
    const reached = [];
    for (let i = 0; i < 5; i++) {
      await page.keyboard.press('Tab');
      reached.push(await focused());
    }
    assert.ok(reached.includes('list') && reached.includes('side'),
      String(reached));
    await page.locator('#moment').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await titled(page, 'Message 2:');
    assert.match(await page.getAttribute('#moment', 'aria-valuetext') ?? '',
      /message 2 of 23: joined$/);
    const option = page.locator(`#${await page.getAttribute('#list',
      'aria-activedescendant')}`);
    assert.match(await option.getAttribute('aria-label') ?? '',
      /^Bob: joined, at /);
    assert.equal(await option.getAttribute('aria-posinset'), '2');
    // What a screen reader is told of its own accord is very little.
    assert.equal(await page.locator('#status').textContent(),
      'The recording is open.');
  });
});

describe('opening', () => {
  test('by the file chooser; nothing leaves the page', async () => {
    const page = await visit();
    const before = asked.length;
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'),
      page.getByText('Choose a file').click()]);
    await chooser.setFiles(pathOf('good'));
    await shown(page);
    assert.equal(await page.locator('#title').textContent(), 'Ada and Bob');
    await page.locator('#play').click();
    await page.locator('#back').click();
    // Browsers ask for the icon again when the fragment changes.
    assert.deepEqual(asked.slice(before).filter((url) =>
      url !== `${server.base}/img/letterbox.svg`), []);
  });

  test('by dropping it', async () => {
    const page = await visit();
    const drop = (/** @type {string} */ text) => page.evaluate((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'dropped.jsonl'));
      for (const type of ['dragover', 'drop']) {
        dispatchEvent(new DragEvent(type, { dataTransfer: data,
          cancelable: true }));
      }
    }, text);
    await drop(textOf('glare'));
    await shown(page);
    assert.equal(await page.locator('#drop').isVisible(), false);
    // A bad one harms nothing that is open.
    await drop(textOf('glare').slice(0, -20));
    await page.getByRole('status').getByText('Line 19: it is cut off')
      .waitFor();
    assert.equal(await page.locator('#title').textContent(), 'Ada and Bob');
    await drop(textOf('three'));
    await page.locator('#title').getByText('Ada, Bob, and Cleo').waitFor();
  });

  test('from any folder, by a web server that knows nothing else',
    async () => {
      const types = { html: 'text/html', js: 'text/javascript',
        css: 'text/css', svg: 'image/svg+xml' };
      const plain = http.createServer(({ url = '' }, reply) => {
        const path = /^\/some\/where\/([\w/.-]+)$/.exec(url)?.[1] ?? '';
        const type = types[/** @type {keyof typeof types} */ (
          path.split('.').pop())];
        if (!type) return reply.writeHead(404).end();
        reply.writeHead(200, { 'Content-Type': type })
          .end(readFileSync(join(PAGES, path)));
      }).listen(0, '127.0.0.1');
      await once(plain, 'listening');
      const { port } = /** @type {import('node:net').AddressInfo} */ (
        plain.address());
      const page = await visit();
      await page.goto(`http://127.0.0.1:${port}/some/where/replay.html`);
      await give(page, textOf('good'));
      await titled(page, 'Message 23: left');
      assert.deepEqual(asked.filter((url) =>
        url.includes(`:${port}/`) && !url.includes('/some/where/')), []);
      plain.closeAllConnections();
      plain.close();
    });

  test('an empty room', async () => {
    const page = await opened(`${HEADER}\n`);
    await titled(page, 'No message yet');
    await page.locator('#play').click();
    await page.locator('#forth').click();
    await check(page);
  });
});

describe('the moment', () => {
  test('is where the slider is drawn to', async () => {
    const page = await opened(textOf('good'));
    const box = await page.locator('#moment').boundingBox();
    assert.ok(box);
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width - 8, y);
    await page.mouse.down();
    await page.mouse.move(box.x + 2, y, { steps: 8 });
    await titled(page, 'Message 1:');
    await page.mouse.move(box.x + box.width - 2, y, { steps: 8 });
    await page.mouse.up();
    await titled(page, 'Message 23:');
  });

  test('has its state: who is there, what was offered and answered',
    async () => {
      const page = await opened(textOf('good'));
      const go = async (/** @type {number} */ count) => {
        await page.locator('#list').focus();
        await page.keyboard.press('Home');
        for (let i = 1; i < count; i++) await page.keyboard.press('ArrowDown');
        await titled(page, `Message ${count}:`);
      };
      await go(1);
      assert.equal(await page.locator('.person').count(), 1);
      await go(3);
      assert.deepEqual(new Set(await states(page)),
        new Set(['have-local-offer', 'have-remote-offer']));
      await go(16);
      assert.deepEqual(await states(page), ['stable', 'stable']);
      assert.deepEqual(await page.locator('#now .media li').allTextContents(),
        ['audio opus', 'video VP8', 'data']);
      await page.locator('#now').getByText('12 host').waitFor();
      await page.locator('#message').getByRole('button',
        { name: 'message 3' }).click();
      await titled(page, 'Message 3: offer');
      assert.equal(await page.evaluate(() => document.activeElement?.id),
        'side');
      await go(23);
      await page.locator('.person', { hasText: 'Bob has left' }).waitFor();
      assert.deepEqual(await states(page), ['closed', 'closed']);
    });

  test('is chosen in the list and in the picture', async () => {
    const page = await opened(textOf('good'));
    await page.locator('.row-of').filter({ hasText: 'answer' }).click();
    await titled(page, 'Message 16: answer');
    const { x, y } = await page.locator('#canvas').evaluate((canvas) => {
      const box = canvas.getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y };
    });
    let offer = false;
    for (let by = 60; by < 400 && !offer; by += 6) {
      await page.mouse.click(x, y + by);
      await page.evaluate(() => new Promise((done) =>
        requestAnimationFrame(() => requestAnimationFrame(done))));
      offer = / 3\//.test(await page.locator('#clock').textContent() ?? '');
    }
    assert.ok(offer, 'the arrow of the offer was found');
    await titled(page, 'Message 3: offer');
  });

  test('goes on while it plays, at any speed, and stops at the end',
    async () => {
      const page = await opened(textOf('good'));
      await page.selectOption('#speed', '0.1');
      await page.locator('#ladder').focus();
      await page.keyboard.press('Space');
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      await at(page, '1/23');
      await page.keyboard.press('Space');
      await page.getByRole('button', { name: 'Play' }).waitFor();
      await page.selectOption('#speed', '16');
      await page.locator('#play').click();
      await at(page, '23/23');
      await page.getByRole('button', { name: 'Play' }).waitFor();
    });

  test('stands in the address, and is found again by it', async () => {
    const page = await opened(textOf('good'), '#message=16');
    await titled(page, 'Message 16: answer');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => location.hash === '#message=17');
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('status').getByText('The link is copied').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()),
      `${server.base}/replay.html#message=17`);
    await page.evaluate(() => { location.hash = '#message=3'; });
    await titled(page, 'Message 3: offer');
    await page.evaluate(() => { location.hash = '#message=999'; });
    await titled(page, 'Message 3: offer');
  });
});

describe('a message as it was', () => {
  test('a description marks what differs from the one before', async () => {
    const page = await opened(textOf('reload'), '#message=15');
    await titled(page, 'Message 15: offer');
    await page.locator('#message').getByText(/lines differ from message 3/)
      .waitFor();
    const code = page.locator('.sdp .code');
    assert.ok(await code.locator('ins').count() > 2);
    assert.equal(await code.locator('del').count(),
      await code.locator('ins').count());
    assert.match(await code.locator('ins').filter({ hasText: 'ice-ufrag' })
      .innerText(), /a=ice-ufrag:/);
  });

  test('a body can be seen as it was posted, and what is odd is told',
    async () => {
      const page = await opened(textOf('candidates'), '#message=26');
      await page.locator('.remark').getByText('cannot be read').waitFor();
      await page.locator('.raw summary').click();
      assert.equal(await page.locator('.raw .line').innerText(),
        sample('candidates').bodyText(25));
      // It stays unfolded from message to message.
      await page.locator('#list').focus();
      await page.keyboard.press('ArrowUp');
      await titled(page, 'Message 25:');
      assert.equal(await page.locator('.raw .line').innerText(),
        sample('candidates').bodyText(24));
    });
});

test('the picture is saved as SVG that any reader takes', async () => {
  for (const name of ['good', 'three']) {
    const page = await opened(textOf(name));
    const [download] = await Promise.all([page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save picture' }).click()]);
    assert.equal(download.suggestedFilename(), 'what-happened.svg');
    const text = readFileSync(await download.path(), 'utf8');
    const { bad, texts, foreign } = await page.evaluate((text) => {
      const xml = new DOMParser().parseFromString(text, 'image/svg+xml');
      return { bad: xml.querySelector('parsererror')?.textContent,
        foreign: xml.querySelectorAll('script, [href], style').length,
        texts: [...xml.querySelectorAll('text')].map((one) => one.textContent) };
    }, text);
    assert.equal(bad, undefined);
    assert.equal(foreign, 0);
    for (const word of ['Ada', 'Bob', 'offer', 'joined']) {
      assert.ok(texts.includes(word), word);
    }
    await context.close();
  }
});

describe('guests who mean harm', () => {
  const html = '<img src=x onerror="document.title=\'harm\'"><b>bold</b>';
  const turn = '\u202eevil\u2066\u0000\u001b[31m\u2028';

  test('what they wrote is text, and nothing else', async () => {
    const bad = html + turn;
    const page = await opened(made([
      { from: bad, type: 'joined', body: { name: bad.slice(0, 64) } },
      { from: bad, to: '__proto__', type: bad.slice(0, 60), body: bad },
      { from: '__proto__', type: 'joined', body: { name: {} } },
      { from: bad, to: '__proto__', type: 'description', body:
        { type: bad, sdp: `m=${bad}\r\na=mid:${bad}\r\n`, session: bad } },
      { from: bad, to: '__proto__', type: 'description', body: { type: 'offer',
        sdp: `m=audio 9 RTP 0\r\na=mid:${html}\r\n`, re: 1e300 } },
      { from: bad, to: '__proto__', type: 'candidate', body: { candidate:
        `candidate:1 1 udp 1 ${html.replaceAll(' ', '')} 9 typ host` } },
      { from: 'constructor', to: bad, type: 'candidate', body: [1, { a: bad }] },
      { from: 'constructor', type: 'left', body: { reason: bad } },
      { from: bad, type: 'error', body: { code: bad, text: bad } },
    ]));
    for (let i = 9; i > 0; i--) {
      await titled(page, `Message ${i}:`);
      assert.equal(await page.locator('main img, main b').count(), 0);
      const text = await page.locator('body').innerText();
      // eslint-disable-next-line no-control-regex
      assert.doesNotMatch(text, /[\u202e\u2066\0\u001b\u2028]/);
      await page.keyboard.press('ArrowUp');
    }
    assert.equal(await page.title(), 'What happened · Letterbox');
    const [download] = await Promise.all([page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save picture' }).click()]);
    const svg = readFileSync(await download.path(), 'utf8');
    assert.ok(!svg.includes('<img') && !svg.includes('\u202e'));
  });

  test('what is much takes no longer than it should', async () => {
    const sdp = Array.from({ length: 8000 }, (_, i) => `a=${i}`).join('\r\n');
    const page = await opened(made([
      { from: 'a', to: 'b', type: 'description', body: { type: 'offer', sdp } },
      { from: 'a', to: 'b', type: 'description', body:
        { type: 'offer', sdp: sdp.replaceAll('=', '=x') } },
      { from: 'a', type: 'chat', body: 'x'.repeat(1 << 20) }]));
    await page.keyboard.press('ArrowUp');
    await titled(page, 'Message 2:');
    await page.locator('.sdp').getByText(/more lines/).waitFor();
  });
});

describe('ten thousand messages', () => {
  test('scroll, scrub and play, a window of them in the document', async () => {
    const page = await opened(long(10_000));
    for (const what of /** @type {const} */ (['scrub', 'scroll', 'play'])) {
      const took = await framesOf(page, what, 40);
      // Alive, on any machine; tests/bench has the figure.
      assert.ok(quantile(took) < 80, `${what}: ${quantile(took)} ms`);
    }
    await page.locator('#list').focus();
    await page.keyboard.press('End');
    await titled(page, 'Message 10000:');
    await page.locator('#message-9999').waitFor();
    assert.ok(await page.locator('.row-of').count() < 60);
  });

  test('of sixty peers', async () => {
    const page = await opened(long(10_000, 60));
    const took = await framesOf(page, 'scrub', 20);
    assert.ok(quantile(took) < 80, `${quantile(took)} ms`);
    await page.locator('#now').getByText('more pairs').waitFor();
  });
});
