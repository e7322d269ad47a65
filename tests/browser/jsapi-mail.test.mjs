// What goog.appengine promises of mail: once each and in order, whatever the
// network, the page or the server do.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test }
  from 'node:test';
import { Api } from '../http/api.mjs';
import { Application, newClient } from '../http/channel.mjs';
import { startServer } from '../http/harness.mjs';
import { until } from '../http/until.mjs';
import { heard, hears, log, open, pageAtOnce, pageOf, startApplication }
  from './application.mjs';
import { launch } from './chromium.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./front.mjs').Change} Change */

const SCRIPT = '/_ah/channel/jsapi';

/** Some messages make it reload. */
const RELOADS = pageAtOnce(SCRIPT).replace('note(\'message\', message.data);',
  'note("message", message.data); if (/reload/.test(message.data)) ' +
  'location.reload();');

/** @type {import('../http/harness.mjs').Server} */
let server;
/** @type {Awaited<ReturnType<typeof startApplication>>} */
let front;
/** @type {Api} */
let api;
/** @type {Application} */
let app;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('playwright-core').BrowserContext} */
let context;

/** What happens to requests of the script: `open`, `mail` and so on, each with
 * its number from 0.
 * @type {(word: string, times: number, answer: (change?: Change) => void,
 *   incoming: import('./front.mjs').Incoming,
 *   reply: import('./front.mjs').Reply) => void} */
let work;
const usual = (/** @type {string} */ _word, /** @type {number} */ _times,
  /** @type {() => void} */ answer) => answer();
/** @type {Record<string, number>} */
let times = {};

before(async () => {
  server = await startServer({ conf: { hold: 5, lease: 60, away: 2 } });
  front = await startApplication(server, { '/app': pageOf(SCRIPT),
    '/head': pageAtOnce(SCRIPT), '/reloads': RELOADS },
  (incoming, reply, pass) => {
    const [, word] = /channel\/(\w+)/.exec(incoming.url ?? '') ?? ['', ''];
    times[word] = (times[word] ?? -1) + 1;
    work(word, times[word], pass, incoming, reply);
  });
  api = new Api(server.api);
  app = await Application.add(server, api);
  browser = await launch({ cache: true });
});
after(async () => {
  await browser?.close();
  api?.close();
  await front?.stop();
  await server?.stop();
});
beforeEach(async () => {
  work = usual;
  times = {};
  context = await browser.newContext();
});
afterEach(() => context.close());

/** A page at once with its channel. @param {string} path @param {string} id */
async function visit(path, id) {
  const page = await context.newPage();
  await page.goto(`${front.base}${path}#${await app.create(id)}`);
  return page;
}

/** @param {string} id @param {string[]} words */
async function send(id, words) {
  for (const word of words) await app.send(id, word);
}

/** @param {Page} page @param {string[]} words and no others */
async function hearsAll(page, words) {
  await hears(page, 'message', words.at(-1));
  assert.deepEqual(await heard(page), words);
}

const numbered = (/** @type {number} */ count, from = 0) =>
  Array.from({ length: count }, (_, i) => `message ${from + i}`);

describe('messages arrive once and in order', () => {
  test('8 of them, 4 before open() and 4 after', async () => {
    const id = newClient();
    const words = numbered(8);
    await app.create(id);
    await send(id, words.slice(0, 4));
    const page = await visit('/head', id);
    await hears(page, 'open');
    await send(id, words.slice(4));
    await hearsAll(page, words);
  });

  test('where replies are lost, whole and half', async () => {
    work = (word, times, answer) => {
      const most = times % 3 === 2 ? undefined : times % 3 * 40;
      answer(word === 'open' || word === 'mail' ? { most } : {});
    };
    const id = newClient();
    const words = numbered(12);
    await app.create(id);
    await send(id, words.slice(0, 4));
    const page = await visit('/head', id);
    await hears(page, 'open');
    for (const word of words.slice(4)) {
      await send(id, [word]);
      if (word.length % 2) await hears(page, 'message', word);
    }
    await hearsAll(page, words);
    assert.ok(times.mail > 6, `${times.mail} polls`);
  });

  test('where the page reloads amid a batch', async () => {
    const id = newClient();
    const words = ['1', '2 reload', '3', '4', '5 reload', '6 reload', '7', '8'];
    await app.create(id);
    await send(id, words.slice(0, 6));
    const page = await visit('/reloads', id);
    await hears(page, 'message', '6 reload');
    await send(id, words.slice(6));
    await hearsAll(page, words);
  });

  test('where it reloads again and again while they come', async () => {
    const id = newClient();
    const words = numbered(40);
    const page = await visit('/head', id);
    for (let i = 0; i < words.length; i += 5) {
      const sent = send(id, words.slice(i, i + 5));
      await page.reload();
      await page.reload();
      await sent;
    }
    await hearsAll(page, words);
  });

  test('where a reply is on its way when the page reloads', async () => {
    const id = newClient();
    const page = await visit('/head', id);
    await hears(page, 'open');
    await send(id, ['one']);
    await hears(page, 'message', 'one');
    /** @type {() => void} */
    let told = () => {};
    const swallowed = new Promise((resolve) => { told = () => resolve(0); });
    work = (word, _times, answer) => {
      if (word !== 'mail') return answer();
      // The server tells it, and nobody hears.
      work = usual;
      answer({ text: () => { told(); return new Array(1e6).join(' '); } });
    };
    await send(id, ['two', 'three']);
    await swallowed;
    await page.reload();
    await hearsAll(page, ['one', 'two', 'three']);
  });

  test('where the server is killed and started again', async () => {
    const id = newClient();
    const page = await visit('/head', id);
    const words = numbered(8);
    await hears(page, 'open');
    for (let i = 0; i < 8; i += 2) {
      await send(id, [words[i]]);
      await server.kill();
      await server.restart();
      await send(id, [words[i + 1]]);
    }
    await hearsAll(page, words);
    assert.deepEqual((await log(page)).filter(([name]) => name !== 'message'),
      [['open']]);
  });

  test('where nobody listens before it reloads', async () => {
    const client = await app.client();
    const page = await context.newPage();
    await page.goto(`${front.base}/app?token=${client.token}`);
    const deaf = () => page.evaluate((token) => {
      const self = /** @type {any} */ (globalThis);
      self.deaf = new self.goog.appengine.Channel(token).open();
    }, client.token);
    // By the poll behind a message the server knows that it has come.
    await app.send(client.id, 'one');
    await deaf();
    await until('it has one', () => times.mail >= 0);
    await app.send(client.id, 'two');
    await until('it has two', () => times.mail >= 1);
    await page.reload();
    await deaf();
    await page.evaluate(() => {
      const self = /** @type {any} */ (globalThis);
      self.got = [];
      self.deaf.onmessage = (/** @type {any} */ { data }) =>
        self.got.push(data);
    });
    await page.waitForFunction('got.length >= 2');
    assert.deepEqual(await page.evaluate('got'), ['one', 'two']);
  });

  test('where the tab has another token of the same client', async () => {
    const id = newClient();
    const page = await visit('/head', id);
    await send(id, ['one']);
    await hears(page, 'message', 'one');
    await page.goto('about:blank');
    await send(id, ['two']);
    await page.goto(`${front.base}/head#${await app.create(id)}`);
    await hearsAll(page, ['one', 'two']);
  });
});

describe('the page and the network', () => {
  test('what came while it lay in the back/forward cache', async () => {
    const id = newClient();
    const page = await visit('/app', id);
    await open(page, await app.create(id));
    await hears(page, 'open');
    await page.goto(`${front.base}/healthz`);
    await send(id, ['one', 'two']);
    await page.goBack({ waitUntil: 'commit' });
    assert.equal(await page.evaluate(() =>
      /** @type {any} */ (globalThis).socket?.readyState), 1, 'it was kept');
    await hearsAll(page, ['one', 'two']);
    assert.deepEqual((await log(page))[0], ['open']);
  });

  test('a page that comes back from there is the newest again', async () => {
    const id = newClient();
    const page = await visit('/app', id);
    await open(page, await app.create(id));
    await hears(page, 'open');
    await page.goto(`${front.base}/healthz`);
    const elsewhere = await browser.newContext();
    try {
      const other = await elsewhere.newPage();
      await other.goto(`${front.base}/app`);
      await open(other, await app.create(id));
      await hears(other, 'open');
      await page.goBack({ waitUntil: 'commit' });
      await hears(other, 'close');
      await send(id, ['one']);
      await hearsAll(page, ['one']);
      assert.deepEqual((await log(page)).map(([name]) => name),
        ['open', 'message']);
      assert.deepEqual(await heard(other), []);
    } finally {
      await elsewhere.close();
    }
  });

  test('a page that goes is told, long before its lease ends', async () => {
    const id = newClient();
    const page = await visit('/head', id);
    await hears(page, 'open');
    await page.goto('about:blank');
    await until('it is told', async () => (await app.presence()).events.some(
      (/** @type {any} */ one) => one.from === id &&
        one.event === 'disconnected'), { within: 30000, every: 200 });
  });

  test('a reload is no going', async () => {
    const id = newClient();
    const page = await visit('/head', id);
    await hears(page, 'open');
    await page.reload();
    await send(id, ['one']);
    await hears(page, 'message', 'one');
    // A third of the way of those that poll, and more than that of `away`.
    await until('it polls on', () => times.mail > 2,
      { within: 30000, every: 100 });
    assert.deepEqual((await app.presence()).events.filter(
      (/** @type {any} */ one) => one.from === id).map(
      (/** @type {any} */ one) => one.event), ['connected']);
  });

  test('a network that is back is used at once', async () => {
    const id = newClient();
    const page = await visit('/head', id);
    await hears(page, 'open');
    await context.setOffline(true);
    await send(id, ['while offline']);
    await context.setOffline(false);
    await hearsAll(page, ['while offline']);
  });

  test('after sleep a connection that is dead is given up', async () => {
    const id = newClient();
    const page = await visit('/head', id);
    await hears(page, 'open');
    let dead = 0;
    work = (word, _times, answer, incoming) => {
      if (word !== 'mail') return answer();
      dead += 1;
      incoming.resume(); // and never a word
    };
    await until('it polls into nothing', () => dead > 0, { within: 15000 });
    work = usual;
    await send(id, ['in the night']);
    await page.evaluate(() => {
      const { now } = Date;
      Date.now = () => now() + 3_600_000;
      dispatchEvent(new Event('focus'));
    });
    await hearsAll(page, ['in the night']);
  });

  /** As of a server that holds no polls. @type {Change} */
  const unheld = { text: (text) => JSON.stringify({ ...JSON.parse(text),
    poll: { wait: 0, pause: 700 } }) };

  test('the newer tab has it where polls are not held, too', async () => {
    work = (word, _times, answer) =>
      answer(word === 'mail' || word === 'open' ? unheld : {});
    const id = newClient();
    const older = await visit('/head', id);
    await hears(older, 'open');
    const newer = await visit('/head', id);
    await hears(older, 'close');
    await send(id, ['one']);
    await hearsAll(newer, ['one']);
    assert.deepEqual(await log(older), [['open'],
      ['error', { code: 409, description: 'Superseded.' }], ['close']]);
  });

  test('of two that open at once the second has it, whoever hears first',
    async () => {
      const id = newClient();
      let reach = () => {}, tell = () => {};
      const reached = new Promise((done) => { reach = () => done(0); });
      const told = new Promise((done) => { tell = () => done(0); });
      work = (word, _times, answer) => {
        if (word !== 'open') return answer();
        work = usual;
        answer({ text: async (text) => { reach(); await told; return text; } });
      };
      const older = await visit('/head', id);
      await reached;
      const newer = await visit('/head', id);
      await hears(newer, 'open');
      tell();
      await hears(older, 'close');
      await send(id, ['one']);
      await hearsAll(newer, ['one']);
      assert.deepEqual(await log(newer), [['open'], ['message', 'one']]);
    });

  test('pauses are kept', async () => {
    const at = /** @type {number[]} */ ([]);
    work = (word, _times, answer) => {
      if (word === 'mail') at.push(performance.now());
      answer(word === 'mail' || word === 'open' ? unheld : {});
    };
    const id = newClient();
    const page = await visit('/head', id);
    await hears(page, 'open');
    await until('four polls', () => at.length > 3, { within: 20000 });
    await send(id, ['one']);
    await hears(page, 'message', 'one');
    for (let i = 1; i < at.length; i++)
      assert.ok(at[i] - at[i - 1] > 600, `${at[i] - at[i - 1]} ms`);
  });

  test('where polls are cut at some age, they end before it', async () => {
    const asked = /** @type {string[]} */ ([]);
    work = (word, _times, answer, incoming, reply) => {
      if (word === 'mail') {
        asked.push(String(incoming.headers.prefer));
        setTimeout(() => reply.writableEnded || reply.destroy(), 3300).unref();
      }
      answer();
    };
    const id = newClient();
    const page = await visit('/head', id);
    await hears(page, 'open');
    await until('it has learned', () => asked.at(-1) === 'wait=2',
      { within: 60000, every: 100 });
    assert.equal(asked[0], 'wait=5');
    await send(id, ['one']);
    await hearsAll(page, ['one']);
  });
});
