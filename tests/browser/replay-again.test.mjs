// One side of a recorded call against a real connection: where it stops, and
// that it always does the same.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { NAMES, made, pathOf, sample, textOf } from '../replay/samples.mjs';
import { checkForEverybody as check } from './everybody.mjs';
import { site } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Page} */
let page;

const { browser, server } = await site();
before(async () => {
  page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${server.base}/replay.html`);
});

/**
 * Runs both sides of the first two who talk.
 * @param {string} text of a recording
 * @param {{times?: number, prefixes?: boolean}} [how]
 * @returns {Promise<{words: string, prints: string[], odd: number[],
 *   trace: any[]}[]>} odd: prefixes that went another way
 */
function runs(text, { times = 1, prefixes = false } = {}) {
  return page.evaluate(async ([text, times, prefixes]) => {
    const load = (/** @type {string} */ name) => import(`/js/replay/${name}.js`);
    const { readText } = await load('recording');
    const { Story } = await load('story');
    const { rolesOf, scriptOf } = await load('script');
    const { printOf, run, verdict } = await load('live');
    const { messages } = readText(text);
    const story = new Story(messages);
    const results = [];
    for (const [self, other] of rolesOf(messages).slice(0, 2)) {
      const script = scriptOf(messages, story, self, other);
      const prints = new Set();
      let whole;
      for (let i = 0; i < times; i++) {
        whole = await run(script);
        prints.add(await printOf(whole.trace));
      }
      const odd = [];
      for (let n = 1; prefixes && n <= whole.trace.length; n++) {
        const part = await run(script.slice(0, n));
        if (JSON.stringify(part.trace) !==
          JSON.stringify(whole.trace.slice(0, n))) odd.push(n);
      }
      results.push({ words: verdict(whole), prints: [...prints], odd,
        trace: whole.trace });
    }
    return results;
  }, /** @type {const} */ ([text, times, prefixes]));
}

describe('a recorded side', () => {
  const times = process.env.SOAK ? 1000 : 10;
  test(`gives the same trace ${times} times`, async () => {
    for (const { prints, words } of await runs(textOf('good'), { times })) {
      assert.equal(prints.length, 1);
      assert.match(prints[0], /^[0-9a-f]{16}$/);
      assert.match(words, /^It goes through/);
    }
  });

  /** @type {Record<string, [RegExp, RegExp]>} the one called, the one calling */
  const ends = {
    good: [/through to the end of the call\.$/,
      /through to the end of the call\.$/],
    reload: [/both sides agree\.$/, /both sides agree\.$/],
    three: [/both sides agree\.$/, /both sides agree\.$/],
    glare: [/both sides agree\.$/, /both sides agree\.$/],
    silence: [/with an offer that was not answered\.$/,
      /its offer got no answer\.$/],
    candidates: [/both sides agree\. \d+ of \d+ candidates were refused/,
      /both sides agree\.$/],
  };
  for (const name of NAMES) {
    test(`${name}: where it stops, for every beginning of it`, async () => {
      const results = await runs(textOf(name), { prefixes: true });
      results.forEach(({ words, odd }, index) => {
        assert.match(words, ends[name][index]);
        assert.deepEqual(odd, []);
      });
    });
  }

  /** @param {(sdp: string) => string} change of the answer */
  const answered = (change) => made(sample('good').messages.map((message) =>
    message.body?.type === 'answer' ? { ...message,
      body: { ...message.body, sdp: change(message.body.sdp) } } : message));

  test('stops at an answer that a browser refuses', async () => {
    for (const [change, words] of /** @type {const} */ ([
      [(/** @type {string} */ sdp) => sdp.split(/^(?=m=)/m).slice(0, -1)
        .join(''), /stops at message 16: setRemoteDescription\(answer\)/],
      [(/** @type {string} */ sdp) => sdp.replace(/^a=fingerprint.*\r\n/gm, ''),
        /stops at message 16/],
      [() => 'nonsense', /stops at message 16/],
    ])) {
      const [called, calling] = await runs(answered(change));
      assert.match(calling.words, words);
      assert.match(called.words, /through/);
    }
  });

  test('is played when its addresses and passwords are words', async () => {
    const redacted = textOf('good').replaceAll(/ice-pwd:[^\\]+/g,
      'ice-pwd:pwd-1').replaceAll('192.0.2.2', 'ip4-1')
      .replaceAll('fd00::2', 'ip6-1').replace('"redacted":false',
        '"redacted":true');
    for (const { words, trace } of await runs(redacted)) {
      assert.match(words, /^It goes through/);
      assert.ok(trace.every(({ result }) => result === 'ok'));
    }
  });

  test('begins ICE anew where it did so then', async () => {
    const asked = await page.evaluateHandle(() => {
      const { createOffer } = /** @type {any} */ (RTCPeerConnection.prototype);
      const all = /** @type {unknown[]} */ ([]);
      RTCPeerConnection.prototype.createOffer = /** @type {any} */ (
        /** @this {RTCPeerConnection} @param {RTCOfferOptions} options */
        function(options) {
          all.push(options.iceRestart);
          return createOffer.call(this, options);
        });
      return { all, end: () => RTCPeerConnection.prototype.createOffer = createOffer };
    });
    await runs(textOf('faults/no-way'));
    const all = await asked.evaluate(({ all, end }) => {
      end();
      return all;
    });
    // One offered once, the other one answered, and then began anew twice.
    assert.deepEqual(all.sort(), [false, true, true]);
  });

  test('sends nothing, and gathers no address', async () => {
    const lines = await page.evaluate(async (text) => {
      const load = (/** @type {string} */ name) =>
        import(`/js/replay/${name}.js`);
      const { readText } = await load('recording');
      const { Story } = await load('story');
      const { rolesOf, scriptOf } = await load('script');
      const { run } = await load('live');
      const { messages } = readText(text);
      const [[self, other]] = rolesOf(messages);
      const found = /** @type {string[]} */ ([]);
      const Real = RTCPeerConnection;
      const self_ = /** @type {any} */ (globalThis);
      /** @type {RTCPeerConnection[]} */
      const all = [];
      self_.RTCPeerConnection = class extends Real {
        /** @param {RTCConfiguration} config */
        constructor(config) {
          super(config);
          all.push(this);
          this.addEventListener('icecandidate', ({ candidate }) => {
            if (candidate?.candidate) found.push(candidate.candidate);
          });
        }

        close() {}
      };
      await run(scriptOf(messages, new Story(messages), self, other));
      const [pc] = all;
      if (pc.iceGatheringState !== 'complete') {
        await new Promise((done) => {
          pc.onicegatheringstatechange = () =>
            pc.iceGatheringState === 'complete' && done(true);
        });
      }
      const pairs = [...(await pc.getStats()).values()]
        .filter(({ type }) => type === 'candidate-pair');
      Real.prototype.close.call(pc);
      self_.RTCPeerConnection = Real;
      return [...found, ...pairs.map(({ id }) => id)];
    }, textOf('good'));
    assert.deepEqual(lines, []);
  });
});

describe('in the page', () => {
  test('by buttons, for everybody', async () => {
    await page.setInputFiles('#file', pathOf('candidates'));
    await page.getByRole('tab', { name: 'Try it again' }).click();
    const word = page.locator('#again-word');
    await page.getByRole('button', { name: 'Run it', exact: true }).click();
    await word.getByText(/candidates were refused/).waitFor();
    await check(page);
    await page.getByRole('button', { name: 'every beginning' }).click();
    await word.getByText(/each went as far as the whole call/).waitFor();
    await page.selectOption('#role', '1');
    await page.getByRole('button', { name: '10 times' }).click();
    await word.getByText(/Run 10 times: the same trace each time/).waitFor();
    await page.locator('#trace button').first().click();
    await page.locator('#message-title').getByText('Message 11: offer')
      .waitFor();
    assert.equal(await page.locator('#story').isVisible(), true);
  });
});

describe('beside another call', () => {
  test('where they part stands first', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.setInputFiles('#file', pathOf('good'));
    await page.locator('#title').getByText('Ada and Bob').waitFor();
    await page.getByRole('tab', { name: 'The story' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.setInputFiles('#second', pathOf('silence'));
    await page.getByText(/^They part at step 3 of/).waitFor();
    assert.match(await page.locator('#compare-first').innerText(),
      /B→A offer: .*lines/s);
    await page.locator('tr.parted .none').first().waitFor();
    await check(page);
    await page.setInputFiles('#second', pathOf('good'));
    await page.getByText('The same happens in both.').waitFor();
    await page.setInputFiles('#second',
      { name: 'bad', mimeType: 'text/plain', buffer: Buffer.from('{}\n') });
    await page.getByRole('alert').getByText('bad: Line 1').waitFor();
    await page.locator('#compare-rows button').first().click();
    await page.locator('#message-title').getByText('Message 1:').waitFor();
  });
});
