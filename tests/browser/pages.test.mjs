// The pages themselves: for everybody, on every screen, without a camera, and
// with guests who mean harm.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { checkForEverybody as check } from './everybody.mjs';
import { site } from './site.mjs';
import { Visitor } from './visitor.mjs';

/** @type {Visitor[]} */
let visitors = [];

const { browser, server } = await site();
afterEach(async () => {
  for (const visitor of visitors) await visitor.close();
  visitors = [];
});

/** @param {import('playwright-core').BrowserContextOptions} [options] */
async function visitor(options) {
  const page = await (await browser.newContext(options)).newPage();
  const one = new Visitor(page);
  visitors.push(one);
  return one;
}

/** @param {string} name */
async function started(name) {
  const one = await Visitor.start(browser, server.base, name);
  visitors.push(one);
  return one;
}

/** @param {Visitor} host @param {string} name */
async function comes(host, name) {
  const one = await Visitor.come(browser, await host.invitation, name);
  visitors.push(one);
  return one;
}

describe('for everybody', () => {
  test('the start page', async () => {
    const one = await visitor();
    await one.page.goto(server.base + '/');
    await check(one.page);
    await one.page.fill('#where', 'not a room!');
    await one.page.press('#where', 'Enter');
    await one.page.getByRole('alert').getByText('neither an invitation')
      .waitFor();
    await check(one.page);
  });

  test('the room: lobby, alone, in a call, with everything open', async () => {
    const ada = await started('Ada');
    await check(ada.page);
    const bob = await visitor();
    await bob.page.goto(await ada.invitation);
    await bob.page.locator('#lobby').waitFor();
    await check(bob.page);
    await bob.enter('Bob');
    await ada.status(/Connected with Bob/);
    await bob.says('Hello');
    await ada.hears('Hello');
    await ada.page.click('#network summary');
    await ada.page.click('#drawer summary');
    await ada.page.locator('#messages li').first().waitFor();
    const seqs = await ada.page.locator('#messages li')
      .evaluateAll((items) => items.map((item) =>
        /** @type {HTMLLIElement} */ (item).value));
    assert.deepEqual(seqs, seqs.slice().sort((a, b) => b - a));
    await check(ada.page);
    assert.deepEqual([...ada.complaints, ...bob.complaints], []);
  });

  test('a room that is not there', async () => {
    const one = await visitor();
    await one.page.goto(server.base + '/room.html');
    await one.page.getByText('names no room').waitFor();
    await check(one.page);
  });

  test('by keyboard alone', async () => {
    const one = await visitor();
    const { page } = one;
    const focused = () => page.evaluate(() =>
      document.activeElement?.id || document.activeElement?.className);
    await page.goto(server.base + '/');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'name');
    await page.keyboard.type('Ada');
    await page.keyboard.press('Enter');
    await one.status(/Nobody else is here/);
    const reached = [];
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      reached.push(await focused());
    }
    const controls = ['link', 'mic', 'cam', 'leave', 'lines'];
    assert.deepEqual(reached.filter((id) => controls.includes(id ?? '')),
      controls);
    await page.focus('#mic');
    await page.keyboard.press('Space');
    assert.equal(await page.getAttribute('#mic', 'aria-pressed'), 'false');
    await page.focus('#leave');
    await page.keyboard.press('Enter');
    await page.getByText('You have left the room').waitFor();
  });
});

describe('a small screen', () => {
  test('the chat shows its newest line and does not move the page',
    async () => {
      const ada = await started('Ada');
      await ada.page.setViewportSize({ width: 320, height: 480 });
      const bob = await comes(ada, 'Bob');
      await ada.status(/Connected with Bob/);
      for (let i = 1; i <= 8; i++) await bob.says(`Line ${i}`);
      await ada.hears('Line 8');
      const { page, hidden } = await ada.page.evaluate(() => {
        const lines = /** @type {HTMLElement} */ (
          document.getElementById('lines'));
        const { scrollHeight, scrollTop, clientHeight } = lines;
        return { page: document.documentElement.scrollTop,
          hidden: scrollHeight - scrollTop - clientHeight };
      });
      assert.equal(page, 0);
      assert.ok(hidden <= 1, `${hidden} px below the edge`);
    });
});

describe('addresses', () => {
  test('a room is 128 random bits; its secret stays in the fragment',
    async () => {
      /** @type {string[]} */
      const asked = [];
      browser.contexts();
      const ada = await started('Ada');
      ada.page.on('request', (request) => asked.push(request.url()));
      const url = new URL(await ada.invitation);
      assert.match(url.searchParams.get('room') ?? '', /^[\w-]{22}$/);
      assert.match(url.hash, /^#secret=[\w-]{22}$/);
      await ada.page.reload();
      await ada.status(/Nobody else is here/);
      assert.ok(asked.length > 1);
      const secret = url.hash.split('=')[1];
      assert.ok(!asked.some((each) =>
        new URL(each).search.includes(secret)));
    });

  test('without its secret an invitation says what is missing', async () => {
    const ada = await started('Ada');
    const half = (await ada.invitation).split('#')[0];
    const bob = await Visitor.come(browser, half, 'Bob');
    visitors.push(bob);
    await bob.page.getByText('Ask for the whole invitation').waitFor();
    assert.equal(await bob.page.locator('#again').isVisible(), false);
    // Then the whole one, in the same window: another fragment, no more.
    await bob.page.goto(await ada.invitation);
    await bob.enter('Bob');
    await ada.status(/Connected with Bob/);
  });

  test('the start page understands a pasted invitation', async () => {
    const ada = await started('Ada');
    const bob = await visitor();
    await bob.page.goto(server.base + '/');
    await bob.page.fill('#name', 'Bob');
    await bob.page.fill('#where', await ada.invitation);
    await bob.page.press('#where', 'Enter');
    await ada.status(/Connected with Bob/);
  });

  test('and asks for a name where none was given', async () => {
    const ada = await started('Ada');
    const bob = await visitor();
    await bob.page.goto(server.base + '/');
    await bob.page.fill('#where', await ada.invitation);
    await bob.page.press('#where', 'Enter');
    await bob.enter('Bob');
    await ada.status(/Connected with Bob/);
  });

  test('a server that is away is no empty room', async () => {
    const ada = await started('Ada');
    const bob = await visitor();
    await bob.page.goto(await ada.invitation);
    await bob.page.route('**/api/**', (route) => route.abort());
    await bob.enter('Bob');
    await bob.status(/Joining the room/);
    assert.equal(await bob.page.locator('#alone').isVisible(), false);
    await bob.page.unroute('**/api/**');
    await ada.status(/Connected with Bob/);
  });

  test('Copy copies the invitation', async () => {
    const ada = await started('Ada');
    await ada.page.context()
      .grantPermissions(['clipboard-read', 'clipboard-write']);
    await ada.page.getByRole('button', { name: 'Copy', exact: true }).click();
    await ada.status(/is copied/);
    assert.equal(await ada.page.evaluate(() => navigator.clipboard.readText()),
      await ada.invitation);
  });
});

describe('without a camera', () => {
  /** @type {[string, () => void, RegExp][]} */
  const cases = [
    ['refused', () => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(
        new DOMException('refused', 'NotAllowedError'));
    }, /were refused/],
    ['absent', () => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(
        new DOMException('absent', 'NotFoundError'));
    }, /no camera and no microphone/],
    ['not offered, as by http', () => {
      Object.defineProperty(navigator, 'mediaDevices', { value: undefined });
    }, /https/],
  ];
  for (const [what, script, words] of cases) {
    test(`${what}: says so, still watches and chats`, async () => {
      const ada = await started('Ada');
      const bob = await visitor();
      await bob.page.addInitScript(script);
      await bob.page.goto(await ada.invitation);
      await bob.enter('Bob');
      await bob.status(/Connected with Ada/);
      await bob.page.locator('#media').getByText(words).waitFor();
      await bob.sees();
      await bob.says('I see you');
      await ada.hears('I see you');
    });
  }

  test('a button that cannot help says why', async () => {
    const ada = await visitor();
    await ada.page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(
        new DOMException('absent', 'NotFoundError'));
    });
    await ada.page.goto(server.base + '/');
    await ada.page.click('#start button');
    await ada.status(/no camera and no microphone/);
    await ada.page.click('#mic');
    await ada.status(/has no microphone\./);
    await ada.page.click('#cam');
    await ada.status(/has no camera\./);
  });

  test('a camera that is in use leaves the microphone', async () => {
    const ada = await visitor();
    await ada.page.addInitScript(() => {
      const devices = navigator.mediaDevices;
      const ask = devices.getUserMedia.bind(devices);
      devices.getUserMedia = (wish) => wish?.video
        ? Promise.reject(new DOMException('busy', 'NotReadableError'))
        : ask(wish);
    });
    await ada.page.goto(server.base + '/');
    await ada.page.click('#start button');
    await ada.status(/uses the camera\. Close that program/);
    assert.equal(await ada.page.getAttribute('#mic', 'aria-pressed'), 'true');
    assert.equal(await ada.page.getAttribute('#cam', 'aria-pressed'), 'false');
  });

  test('it may come later', async () => {
    const ada = await started('Ada');
    const bob = await visitor();
    await bob.page.addInitScript(() => {
      const devices = navigator.mediaDevices;
      const ask = devices.getUserMedia.bind(devices);
      let times = 0;
      devices.getUserMedia = (wish) => times++ ? ask(wish) : Promise.reject(
        new DOMException('refused', 'NotAllowedError'));
    });
    await bob.page.goto(await ada.invitation);
    await bob.enter('Bob');
    await bob.status(/Connected with Ada/);
    await bob.page.click('#cam');
    await ada.sees();
  });
});

describe('guests who mean harm', () => {
  test('HTML in names and in the chat is text', async () => {
    const html = '<img src=x onerror="document.title=\'harm\'"><b>bold</b>';
    const ada = await started(html);
    const bob = await comes(ada, html);
    await ada.status(/Connected/);
    await bob.says(html);
    await ada.hears(html);
    await ada.page.click('#drawer summary');
    await ada.page.locator('#messages li').first().waitFor();
    for (const { page } of [ada, bob]) {
      assert.equal(await page.locator('main b', { hasText: /^bold$/ }).count(),
        0);
      assert.equal(await page.locator('main img').count(), 0);
      assert.doesNotMatch(await page.title(), /harm/);
      assert.ok((await page.locator('#others figcaption').textContent())
        ?.startsWith('<img'));
    }
  });

  test('rubbish instead of a negotiation harms nobody', async () => {
    const ada = await started('Ada');
    const room = new URL(ada.page.url()).searchParams.get('room') ?? '';
    const secret = new URL(await ada.invitation).hash.split('=')[1];
    const rude = await ask(`/rooms/${room}/peers`,
      { key: 'k'.repeat(22), secret, name: 'Rude' });
    const bodies = [null, 7, 'x', [], {}, { type: 'offer' },
      { type: 'offer', sdp: 'v=9' }, { type: 'answer', sdp: 5 },
      { type: 'rollback' }, { session: {}, for: [] }];
    await ask(`/rooms/${room}/messages`, { n: 1, token: rude.token,
      messages: bodies.flatMap((body) => ['description', 'candidate', 'bye']
        .map((type) => ({ type, body }))) });
    const bob = await comes(ada, 'Bob');
    await ada.status(/Connected with Bob/);
    await Promise.all([bob.says('Still here'), ada.hears('Still here')]);
    const errors = ada.complaints.filter((text) => /^\w*Error/.test(text));
    assert.deepEqual(errors, []);
  });

  /** @param {string} path @param {object} body */
  async function ask(path, body) {
    const reply = await fetch(server.api + path, { method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' } });
    assert.equal(reply.status, 201, await reply.clone().text());
    return reply.json();
  }
});

describe('beyond this network', () => {
  test('says that a server is needed, takes one, keeps it, forgets it',
    async () => {
      const { page } = await started('Ada');
      const summary = page.locator('#network summary');
      await summary.getByText('need a server').waitFor();
      await summary.click();
      await page.fill('#urls', 'https://example.org');
      await page.click('#ice .row button');
      await page.getByText('An address looks like').waitFor();
      await page.fill('#urls', 'turn:turn.example.org');
      await page.click('#ice .row button');
      await page.getByText('asks for a user name').waitFor();
      await page.fill('#urls', 'stun:127.0.0.1:3478');
      await page.click('#ice .row button');
      await page.getByText('It is in use now').waitFor();
      await page.reload();
      await summary.getByText('may reach beyond').waitFor();
      await summary.click();
      assert.equal(await page.inputValue('#urls'), 'stun:127.0.0.1:3478');
      await page.click('#unname');
      await summary.getByText('need a server').waitFor();
    });
});
