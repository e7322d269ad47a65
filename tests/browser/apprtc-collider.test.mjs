// Two browsers at our page of AppRTC's rooms as of Collider's days, and with
// those of other days in one room.

import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { newRoom } from '../http/apprtc.mjs';
import { startServer } from '../http/harness.mjs';
import { Caller, complaintsOf } from './apprtc.mjs';
import { checkForEverybody } from './everybody.mjs';
import { site } from './site.mjs';
import { Visitor } from './visitor.mjs';

/** @typedef {import('../http/harness.mjs').Server} Server */

/** @type {Visitor[]} */
let visitors = [];

/** Rooms of AppRTC's own, and those of everybody. */
const conf = { hold: 5, 'dialect.apprtc': 'on' };
const { browser, server } = await site({ conf });
const mixed = await startServer({ static: true, conf: { ...conf,
  'apprtc.namespace': 'rooms' } });
after(() => mixed.stop());
afterEach(async () => {
  const complaints = complaintsOf(visitors);
  for (const visitor of visitors) await visitor.close();
  visitors = [];
  assert.deepEqual(complaints, []);
});

/** @param {string} room @param {Server} [at] */
async function caller(room, at = server) {
  const who = await Caller.visit(browser, `${at.api}/r/${room}`);
  visitors.push(who);
  return who;
}

/** @param {Caller[]} both */
const connected = (...both) => Promise.all(both.map(async (who) => {
  await who.status(/^Connected\./);
  await who.watches();
}));

/** @param {Server} [at] */
async function pair(at) {
  const room = newRoom();
  const ada = await caller(room, at);
  await ada.status(/Nobody else is here/);
  const bob = await caller(room, at);
  await connected(ada, bob);
  return { room, ada, bob };
}

describe('two pages', () => {
  test('a call, with pictures', async () => {
    const { ada } = await pair();
    await checkForEverybody(ada.page);
  });

  test('each of them reloads, and they meet again', async () => {
    const { ada, bob } = await pair();
    for (const who of [ada, bob]) {
      await who.page.reload();
      await connected(ada, bob);
    }
  });

  test('each of them reloads, and the word that it goes is lost', async () => {
    const { ada, bob } = await pair();
    for (const who of [ada, bob]) {
      await who.page.evaluate(() => { navigator.sendBeacon = () => true; });
      await who.page.reload();
      await connected(ada, bob);
    }
  });

  test('the first reloads before it has called', async () => {
    const room = newRoom();
    const ada = await Caller.hesitate(browser, `${server.api}/r/${room}`);
    visitors.push(ada);
    const bob = await caller(room);
    await bob.status(/Nobody else is here/);
    const bye = bob.hearsBye();
    await ada.page.reload();
    await bye;
    await ada.allows();
    await connected(ada, bob);
  });

  test('hanging up is told, and who stays calls who comes', async () => {
    const { room, ada, bob } = await pair();
    await bob.page.click('#leave');
    await ada.status(/The other one has left/);
    const eve = await caller(room);
    await connected(ada, eve);
  });

  test('who loses its channel to another comes back to its seat', async () => {
    const room = newRoom();
    const ada = await caller(room);
    await ada.status(/Nobody else is here/);
    const bob = new Caller(await (await browser.newContext()).newPage());
    visitors.push(bob);
    const join = () => bob.page.waitForResponse(/\/join\//)
      .then((reply) => reply.json());
    const joined = join();
    await bob.page.goto(`${server.api}/r/${room}`);
    const { params: { client_id: clientid } } = await joined;
    await connected(ada, bob);
    const again = join();
    /** @param {string} word @param {unknown} body */
    const post = async (word, body) => (await fetch(server.api + word,
      { method: 'POST', body: JSON.stringify(body) })).json();
    const { token } = await post('/ws', { cmd: 'register', roomid: room,
      clientid });
    await post('/_ah/channel/open', { token });
    assert.equal((await again).result, 'SUCCESS');
    await connected(ada, bob);
  });

  test('a third is told that the room is full', async () => {
    const { room } = await pair();
    const eve = await caller(room);
    await eve.page.getByText(/The room is full/).waitFor();
  });

  test('the server is killed before the second says a word', async () => {
    const room = newRoom();
    const ada = await caller(room);
    await ada.status(/Nobody else is here/);
    const bob = new Caller(await (await browser.newContext()).newPage());
    visitors.push(bob);
    let kills = 0;
    await bob.page.route(/\/ws\//, async (route) => {
      if (!kills++) {
        await server.kill('SIGKILL');
        await server.restart();
      }
      await route.continue();
    });
    await bob.page.goto(`${server.api}/r/${room}`);
    await connected(ada, bob);
    assert.ok(kills > 0);
    for (const who of [ada, bob])
      who.complaints = who.complaints.filter((text) =>
        !text.startsWith('Failed to load resource'));
  });
});

describe('in rooms of everybody who comes second calls', () => {
  test('two pages, and one of them reloads', async () => {
    const { ada, bob } = await pair(mixed);
    await ada.page.reload();
    await connected(ada, bob);
  });

  test('with a page of the Channel API\'s days', async () => {
    const room = newRoom();
    const ada = await caller(room, mixed);
    await ada.status(/Nobody else is here/);
    const old = await Caller.visit(browser, `${mixed.api}/?r=${room}`);
    visitors.push(old);
    await connected(ada, old);
    await ada.page.reload();
    await connected(ada, old);
  });

  test('with the call page', async () => {
    const room = newRoom();
    const ada = await caller(room, mixed);
    await ada.status(/Nobody else is here/);
    const nat = await Visitor.come(browser,
      `${mixed.base}/room.html?room=${room}`, 'Nat');
    visitors.push(nat);
    await Promise.all([connected(ada),
      nat.status(/Connected with/).then(() => nat.sees())]);
  });
});
