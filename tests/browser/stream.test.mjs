// Polls as streams, where they come through, and what happens where they do
// not: with real web servers that keep them back or cut them off.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test }
  from 'node:test';
import { startServer } from '../http/harness.mjs';
import { until } from '../http/until.mjs';
import { startFront, startRelay } from './front.mjs';
import { blank, events, happens, heard, hears, join, kept, listen, post,
  thereAndBack } from './guest.mjs';
import { site } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Request} Request */

/** @type {import('playwright-core').BrowserContext} */
let context;
let number = 0;

const { browser, server } = await site(
  { conf: { hold: 3, room_messages: 200 } }, { cache: true });

/** @param {Request} request */
const isPoll = (request) => request.method() === 'GET' &&
  /\/messages\?/.test(request.url());
/** @param {Request} request */
const isStream = (request) => isPoll(request) &&
  request.headers().accept === 'text/event-stream';
/** Seconds that a poll wants to be held. @param {Request} request */
const waitOf = (request) =>
  Number(new URL(request.url()).searchParams.get('wait'));

/** All polls of a page from now on. @param {Page} page */
function watch(page) {
  const polls = /** @type {Request[]} */ ([]);
  page.on('request', (request) => {
    if (isPoll(request)) polls.push(request);
  });
  return polls;
}

/**
 * Two in a room that may stream; the second listens, by `polls`.
 * @param {string} base
 */
async function two(base, room = `stream-${++number}`) {
  const a = await blank(context, server.base);
  const b = await blank(context, base);
  const polls = watch(b);
  await join(a, room, { streams: false });
  await join(b, room, { streams: true });
  await listen(b);
  return { a, b, polls };
}

/**
 * Until a stream of the page brings messages.
 * @param {Page} a @param {Page} b @param {Request[]} polls
 */
async function streaming(a, b, polls) {
  // A busy machine may have been too slow for the first one.
  await until('a stream', async () => {
    const count = polls.length;
    const word = Math.random();
    await post(a, [word]);
    await hears(b, word);
    return polls.length === count && isStream(polls[count - 1]);
  }, { within: 20_000 });
  return (await heard(b)).length;
}

/** @param {number} from @param {number} count */
const numbers = (from, count) =>
  Array.from({ length: count }, (_, i) => from + i);

describe('a stream', () => {
  beforeEach(async () => {
    context = await browser.newContext();
  });
  afterEach(async () => {
    for (const page of context.pages()) {
      await page.unrouteAll({ behavior: 'ignoreErrors' });
    }
    await context.close();
  });

  test('carries what comes, one by one', async () => {
    const { a, b, polls } = await two(server.base);
    const seen = await streaming(a, b, polls);
    // Three words fit well into what one stream is held.
    await until('three by one stream', async () => {
      const count = polls.length;
      const last = (await heard(b)).length;
      for (const i of [0, 1, 2]) {
        await post(a, [last + i]);
        await hears(b, last + i);
      }
      return polls.length === count;
    }, { within: 20_000 });
    assert.ok((await heard(b)).length >= seen + 3);
    assert.deepEqual(await events(b), []);
  });

  test('one after the other loses nothing and doubles nothing', async () => {
    const { a, b, polls } = await two(server.base);
    const seen = await streaming(a, b, polls);
    const count = polls.length;
    let i = 0;
    // Without a pause, until two more have ended and begun.
    while (polls.length < count + 2) await post(a, [i++]);
    await hears(b, i - 1);
    assert.deepEqual((await heard(b)).slice(seen), numbers(0, i));
  });

  test('ends after some messages, so that they are acknowledged', async () => {
    const { a, b, polls } = await two(server.base);
    await streaming(a, b, polls);
    const { peer } = await kept(b);
    // More mail than a mailbox takes that nobody acknowledges.
    const count = polls.length;
    for (let i = 0; i < 320; i += 32) {
      await a.evaluate(([peer, i]) => Promise.all(Array.from({ length: 32 },
        (_, j) => /** @type {any} */ (globalThis).room
          .post('chat', `mail ${i + j}`, peer))),
      /** @type {const} */ ([peer, i]));
      await hears(b, `mail ${i + 31}`);
    }
    assert.ok(polls.length >= count + 4);
  });

  test('cut off anywhere loses nothing and doubles nothing', async (t) => {
    let most = 10;
    const relay = await startRelay(server, (incoming, _, pass) =>
      pass(incoming.headers.accept === 'text/event-stream'
        ? { most: most += 61 } : {}));
    t.after(relay.stop);
    const { a, b } = await two(relay.base);
    for (let i = 0; i < 30; i++) await post(a, [i]);
    await hears(b, 29);
    assert.deepEqual(await heard(b), numbers(0, 30));
  });

  test('that tells of a gap: it is told once, and what is left follows',
    async () => {
      const { a, b, polls } = await two(server.base);
      await streaming(a, b, polls);
      // Out of reach, while the room forgets.
      await b.route(/\/messages\?/, () => {});
      const gone = b.waitForRequest(/messages\?/);
      await b.evaluate(() => dispatchEvent(new Event('online')));
      await gone;
      await post(a, numbers(0, 250).map((i) => `lost ${i}`));
      await b.unroute(/\/messages\?/);
      const stream = b.waitForRequest(isStream);
      await b.evaluate(() => dispatchEvent(new Event('online')));
      await stream;
      await happens(b, 'gap');
      await hears(b, 'lost 249');
      const told = (await heard(b)).map((/** @type {string} */ body) =>
        /^lost (.*)/.exec(body)?.[1])
        .filter(Boolean).map(Number);
      assert.ok(told.length < 250 && told.length > 100, String(told.length));
      assert.deepEqual(told, numbers(250 - told.length, told.length));
      assert.equal((await events(b)).filter(([type]) => type === 'gap').length,
        1);
    });

  test('a newer poll elsewhere ends it: superseded', async () => {
    const room = 'stream-superseded';
    const { a, b, polls } = await two(server.base, room);
    await streaming(a, b, polls);
    const { token, cursor } = await kept(b);
    // It takes its place back once.
    const elsewhere = async () => {
      for (let times = 1; ; times++) {
        const { status } = await fetch(
          `${server.api}/rooms/${room}/messages?wait=1&after=${cursor}`,
          { headers: { 'X-Letterbox-Token': token } });
        if (status !== 409) return { status, times };
      }
    };
    const reply = elsewhere();
    await happens(b, 'closed', 'superseded');
    const { status, times } = await reply;
    assert.equal(status, 200);
    assert.ok(times > 1, 'it insisted');
  });

  test('ends with a server that goes, and comes back with it', async () => {
    const { a, b, polls } = await two(server.base);
    await streaming(a, b, polls);
    await server.kill();
    await happens(b, 'state', 'waiting');
    const posted = post(a, ['while away']);
    await server.restart();
    await posted;
    await hears(b, 'while away');
    await streaming(a, b, polls);
  });

  test('that hangs is given up when the network or the page is back',
    async () => {
      const { a, b, polls } = await two(server.base);
      await streaming(a, b, polls);
      let hanging = true;
      await b.route(/\/messages\?/, (route) =>
        hanging ? Promise.resolve() : route.continue());
      for (const back of ['online', 'visibilitychange']) {
        hanging = true;
        const gone = b.waitForRequest(/messages\?/);
        await b.evaluate(() => dispatchEvent(new Event('online')));
        await gone;
        await post(a, [back]);
        hanging = false;
        await b.evaluate((back) => {
          const now = Date.now();
          Date.now = () => now + 60_000;
          document.dispatchEvent(new Event(back, { bubbles: true }));
        }, back);
        await hears(b, back);
      }
    });

  test('a page from the back/forward cache streams on', async () => {
    const { a, b, polls } = await two(server.base);
    await streaming(a, b, polls);
    await thereAndBack(b, server.base, () => post(a, ['meanwhile']));
    await hears(b, 'meanwhile');
    await streaming(a, b, polls);
  });
});

describe('a tab', () => {
  test('that was frozen finds all that was said', async (t) => {
    context = await browser.newContext();
    t.after(() => context.close());
    const { a, b, polls } = await two(server.base);
    const seen = await streaming(a, b, polls);
    const tools = await context.newCDPSession(b);
    const state = (/** @type {'frozen' | 'active'} */ state) =>
      tools.send('Page.setWebLifecycleState', { state });
    await state('frozen');
    // More than one stream carries, and for longer than one is held.
    const begun = Date.now();
    for (let i = 0; i < 99; i++) await post(a, [i]);
    await until('the end of a hold', () => Date.now() - begun > 3500,
      { within: 10_000 });
    await post(a, [99]);
    await state('active');
    await hears(b, 99);
    assert.deepEqual((await heard(b)).slice(seen), numbers(0, 100));
  });
});

describe('a web server', { concurrency: true }, () => {
  before(async () => {
    context = await browser.newContext();
  });
  after(() => context.close());

  test('that keeps streams back is found out, and polled', async (t) => {
    const front = await startFront('lighttpd', server);
    t.after(front.stop);
    const room = 'stream-whole';
    const { a, b, polls } = await two(front.base, room);
    const streams = () => polls.filter(isStream);
    for (const i of numbers(0, 3)) {
      await post(a, [i]);
      await hears(b, i);
    }
    // The second is tried when nothing is said for as long as a poll is held.
    await until('it is tried again', () => streams().length === 2,
      { within: 20_000 });
    await post(a, [3]);
    await hears(b, 3);
    // What came to the poll in its place is the end of trying.
    const { length } = polls;
    await until('one poll more', () => polls.length > length,
      { within: 20_000 });
    assert.equal(streams().length, 2);
    assert.deepEqual(await heard(b), numbers(0, 4));
    assert.deepEqual(await events(b), []);

    await b.reload();
    await join(b, room, { streams: true });
    await listen(b);
    await post(a, ['after the reload']);
    await hears(b, 'after the reload');
    assert.equal(streams().length, 2, 'it is remembered');
    await b.close();
  });

  test('that cuts what is silent is found out, and asked for less',
    async (t) => {
      const room = 'stream-cut';
      const long = await startServer({ static: true });
      t.after(long.stop);
      const front = await startFront('nginx', long);
      t.after(front.stop);
      const a = await blank(context, long.base);
      await join(a, room);
      await Promise.all([true, false].map(async (streams) => {
        const b = await blank(context, front.base);
        const polls = watch(b);
        await join(b, room, { streams });
        await listen(b);
        assert.equal(waitOf((await until('a poll', () => polls))[0]), 25);
        const held = await until('a shorter poll', () =>
          polls.find((poll) => waitOf(poll) > 0 && waitOf(poll) < 25),
        { within: 40_000 });
        assert.ok(waitOf(held) < 4, `${waitOf(held)} s`);
        const count = polls.indexOf(held);
        await until('one more', () => polls.length > count + 1,
          { within: 20_000 });
        assert.ok(polls.slice(count).every((poll) => waitOf(poll) < 4));
        await post(a, [`streams: ${streams}`]);
        await hears(b, `streams: ${streams}`);
        const told = await events(b);
        assert.equal(told.filter(([, state]) => state === 'waiting').length, 2);

        // A reload knows it already.
        const next = b.waitForRequest(isPoll);
        await b.reload();
        await join(b, room, { streams });
        assert.ok(waitOf(await next) < 4);
        await b.close();
      }));
    });
});
