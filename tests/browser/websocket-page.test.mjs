// The page of a WebSocket room, tests/samples/tornado-page: as it is with a
// WebSocket server, and with one line more without one.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { startServer } from '../http/harness.mjs';
import { until } from '../http/until.mjs';
import { startApplication } from './application.mjs';
import { launch } from './chromium.mjs';
import { checkForEverybody } from './everybody.mjs';
import { moves } from './picture.mjs';
import { tag } from './sockets.mjs';

/** @typedef {import('playwright-core').Page} Page */

const FOLDER = new URL('../samples/tornado-page/', import.meta.url);
const page = readFileSync(new URL('room.html', FOLDER), 'utf8');
const script = readFileSync(new URL('room.js', FOLDER), 'utf8');
const inline = page.replace('<script src="room.js">', `<script>${script}`);
const LINE = tag('data-for="/ws/" ' +
  'data-greeting="initiator, not initiator, fullhouse"');

/** @type {import('../http/harness.mjs').Server} */
let server;
/** @type {Awaited<ReturnType<typeof startApplication>>} */
let front;
/** @type {import('playwright-core').Browser} */
let browser;
let number = 0;

before(async () => {
  server = await startServer({ conf: { hold: 3, lease: 12 } });
  front = await startApplication(server,
    { '/room': inline.replace('<title>', `${LINE}<title>`) });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await front?.stop();
  await server?.stop();
});

const newRoom = () => `/room?room=house-${++number}`;

/** In a browser of its own. @param {string} address */
async function visit(address) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(address);
  return page;
}

/** @param {Page} page @param {string} text */
const says = (page, text) => page.waitForFunction((text) =>
  document.getElementById('status')?.textContent === text, text);

/** @param {Page[]} pages */
async function inCall(...pages) {
  await Promise.all(pages.map((page) => moves(page, '#other')));
}

/** @param {Page[]} pages */
const leave = (...pages) =>
  Promise.all(pages.map((page) => page.context().close()));

test('the page is what it says: it needs a WebSocket server', async () => {
  const web = createServer((_, reply) =>
    reply.writeHead(200, { 'Content-Type': 'text/html' }).end(inline));
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  /** @type {Set<import('ws').WebSocket>} */
  const clients = new Set();
  new WebSocketServer({ server: web }).on('connection', (client) => {
    clients.add(client);
    client.send(['initiator', 'not initiator'][clients.size - 1] ??
      'fullhouse');
    client.on('message', (data) => {
      for (const other of clients) if (other !== client) other.send(`${data}`);
    });
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (
    web.address());
  const room = `http://127.0.0.1:${port}${newRoom()}`;
  const [ada, bob] = [await visit(room), await visit(room)];
  await inCall(ada, bob);
  const third = await visit(room);
  await says(third, 'The room is full');
  await leave(ada, bob, third);
  web.close();
});

describe('with one line more', () => {
  test('two complete a call, a third hears that it is full', async () => {
    const room = front.base + newRoom();
    const ada = await visit(room);
    await says(ada, 'initiator');
    const bob = await visit(room);
    await inCall(ada, bob);
    const third = await visit(room);
    await says(third, 'The room is full');
    await says(ada, 'connected');
    await says(bob, 'connected');
    await checkForEverybody(ada);
    await leave(ada, bob, third);
  });

  for (const [who, index] of /** @type {const} */ ([['first', 0],
    ['second', 1]]))
    test(`the ${who} reloads, and is no third`, async () => {
      const room = front.base + newRoom();
      const pages = [await visit(room)];
      await says(pages[0], 'initiator');
      pages.push(await visit(room));
      await inCall(...pages);
      await pages[index].reload();
      await inCall(...pages);
      await leave(...pages);
    });

  test('a server that is killed meanwhile takes nothing along', async () => {
    const room = front.base + newRoom();
    const ada = await visit(room);
    await says(ada, 'initiator');
    // The first word of the second is the last that the server hears.
    const bob = await (await browser.newContext()).newPage();
    /** @type {Promise<unknown>} */
    let killed = Promise.resolve();
    let posts = 0;
    await bob.route(/\/messages$/, async (route) => {
      if (route.request().method() === 'POST' && !posts++) {
        killed = server.kill('SIGKILL');
        await killed;
      }
      await route.continue();
    });
    await bob.goto(room);
    await says(bob, 'not initiator');
    await until('the second has spoken', () => posts > 0,
      { within: 30_000 });
    await killed;
    await server.restart();
    await inCall(ada, bob);
    await leave(ada, bob);
  });

  test('who comes when one has left takes the place', async () => {
    const room = front.base + newRoom();
    const ada = await visit(room);
    await says(ada, 'initiator');
    await leave(await visit(room).then(async (bob) => {
      await inCall(ada, bob);
      await bob.evaluate(() => /** @type {any} */ (globalThis).socket.close());
      await says(bob, 'Closed: 1005');
      return bob;
    }));
    const cy = await visit(room);
    await inCall(ada, cy);
    assert.equal(await cy.evaluate(() =>
      /** @type {any} */ (globalThis).initiator), false);
    await leave(ada, cy);
  });
});
