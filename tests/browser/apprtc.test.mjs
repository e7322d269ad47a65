// Two browsers at our page of AppRTC's rooms: a call, reloads, hanging up, a
// killed server, and somebody on the native page in the same room.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { newRoom } from '../http/apprtc.mjs';
import { Caller, complaintsOf } from './apprtc.mjs';
import { checkForEverybody as check } from './everybody.mjs';
import { site } from './site.mjs';
import { Visitor } from './visitor.mjs';

/** @type {Visitor[]} */
let visitors = [];

const { browser, server } = await site({ conf: { hold: 5,
  'dialect.apprtc': 'on', 'apprtc.namespace': 'rooms' } });
afterEach(async () => {
  const complaints = complaintsOf(visitors);
  for (const visitor of visitors) await visitor.close();
  visitors = [];
  assert.deepEqual(complaints, []);
});

/** @param {string} room */
async function caller(room) {
  const who = await Caller.visit(browser, `${server.api}/?r=${room}`);
  visitors.push(who);
  return who;
}

/** @param {string} room */
async function hesitant(room) {
  const who = await Caller.hesitate(browser, `${server.api}/?r=${room}`);
  visitors.push(who);
  return who;
}

/** @param {Caller[]} both */
const connected = (...both) => Promise.all(both.map(async (who) => {
  await who.status(/^Connected\./);
  await who.watches();
}));

async function pair() {
  const room = newRoom();
  const ada = await caller(room);
  await ada.status(/Nobody else is here/);
  const bob = await caller(room);
  await connected(ada, bob);
  return { room, ada, bob };
}

describe('two pages of AppRTC', () => {
  test('a call, with pictures', async () => {
    const { ada, bob } = await pair();
    assert.deepEqual([(await ada.params()).initiator,
      (await bob.params()).initiator], [0, 1]);
  });

  test('each of them reloads, and they meet again', async () => {
    const { ada, bob } = await pair();
    for (const who of [ada, bob]) {
      await who.page.reload();
      await connected(ada, bob);
    }
  });

  test('the first reloads while the second is asked for the camera',
    async () => {
      const room = newRoom();
      const ada = await caller(room);
      await ada.status(/Nobody else is here/);
      const bob = await hesitant(room);
      const bye = bob.hearsBye();
      await ada.page.reload();
      await bye;
      await bob.allows();
      await connected(ada, bob);
    });

  test('both are asked, and the first reloads', async () => {
    const room = newRoom();
    const ada = await hesitant(room);
    const bob = await hesitant(room);
    const bye = bob.hearsBye();
    await ada.page.reload();
    await bye;
    await bob.allows();
    await bob.status(/The other one has left/);
    await ada.allows();
    await connected(ada, bob);
  });

  test('hanging up is told, and somebody else may come', async () => {
    const { room, ada, bob } = await pair();
    await bob.page.click('#leave');
    await ada.status(/The other one has left/);
    await bob.page.getByText('You have hung up.').waitFor();
    const eve = await caller(room);
    await connected(ada, eve);
  });

  test('a third is told that the room is full, and comes later', async () => {
    const { room, ada, bob } = await pair();
    const eve = await caller(room);
    await eve.page.getByText(/The room is full/).waitFor();
    await check(eve.page);
    await bob.page.click('#leave');
    await ada.status(/The other one has left/);
    await eve.page.keyboard.press('Tab');
    await eve.page.keyboard.press('Enter');
    await connected(ada, eve);
  });

  test('two windows of one browser are two people', async () => {
    const room = newRoom();
    const ada = await caller(room);
    await ada.status(/Nobody else is here/);
    const bob = new Caller(await ada.page.context().newPage());
    await bob.page.goto(`${server.api}/?r=${room}`);
    await connected(ada, bob);
    await bob.page.reload();
    await connected(ada, bob);
    const eve = new Caller(await ada.page.context().newPage());
    await eve.page.goto(`${server.api}/?r=${room}`);
    await eve.page.getByText(/The room is full/).waitFor();
  });

  test('for everybody: alone, in a call, by keyboard, and after', async () => {
    const room = newRoom();
    const ada = await caller(room);
    await ada.status(/Nobody else is here/);
    assert.equal(await ada.page.inputValue('#link'),
      (await ada.params()).room_link);
    await check(ada.page);
    const bob = await caller(room);
    await connected(ada, bob);
    await check(ada.page);
    for (const [name, off] of [['Microphone', 'mic'], ['Camera', 'cam']]) {
      await ada.page.getByRole('button', { name }).focus();
      await ada.page.keyboard.press('Enter');
      await ada.page.waitForSelector(`#${off}[aria-pressed=false]`);
      await ada.page.keyboard.press('Enter');
      await ada.page.waitForSelector(`#${off}[aria-pressed=true]`);
    }
    await ada.page.getByRole('button', { name: 'Hang up' }).focus();
    await ada.page.keyboard.press('Enter');
    await ada.page.getByText('You have hung up.').waitFor();
    await check(ada.page);
    await bob.status(/The other one has left/);
    await check(bob.page);
  });

  test('who has no camera sees and hears the other', async () => {
    const room = newRoom();
    const ada = await caller(room);
    await ada.status(/Nobody else is here/);
    const bob = new Caller(await (await browser.newContext()).newPage());
    visitors.push(bob);
    await bob.page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException('no', 'NotAllowedError'));
    });
    await bob.page.goto(`${server.api}/?r=${room}`);
    await ada.status(/^Connected\./);
    await bob.status(/^Connected\./);
    await bob.watches();
  });

  test('who is put out of the room comes back to it', async () => {
    const { room, ada, bob } = await pair();
    const { me } = await bob.params();
    await fetch(`${server.api}/message?r=${room}&u=${me}`,
      { method: 'POST', body: '{"type":"bye"}' });
    await connected(ada, bob);
    for (const who of [ada, bob]) {
      who.complaints = who.complaints.filter((text) =>
        !text.startsWith('Failed to load resource'));
    }
  });

  test('the server is killed in the middle', async () => {
    const { room, ada, bob } = await pair();
    await server.kill('SIGKILL');
    await server.restart();
    await bob.page.reload();
    await connected(ada, bob);
    await bob.page.click('#leave');
    await ada.status(/The other one has left/);
    const eve = await caller(room);
    await connected(ada, eve);
    for (const who of [ada, bob]) {
      who.complaints = who.complaints.filter((text) =>
        !text.startsWith('Failed to load resource'));
    }
  });
});

describe('AppRTC and the call page in one room', () => {
  /** @param {string} room */
  async function native(room) {
    const who = await Visitor.come(browser,
      `${server.base}/room.html?room=${room}`, 'Nat');
    visitors.push(who);
    return who;
  }

  /** @param {Caller} ada @param {Visitor} nat */
  const meet = (ada, nat) => Promise.all([connected(ada),
    nat.status(/Connected with/).then(() => nat.sees())]);

  test('AppRTC first, then reloads on either side', async () => {
    const room = newRoom();
    const ada = await caller(room);
    await ada.status(/Nobody else is here/);
    const nat = await native(room);
    await meet(ada, nat);
    await nat.page.reload();
    await meet(ada, nat);
    await ada.page.reload();
    await meet(ada, nat);
  });

  test('the call page first, then bye from either side', async () => {
    const room = newRoom();
    const nat = await native(room);
    await nat.status(/Nobody else is here/);
    const ada = await caller(room);
    await meet(ada, nat);
    await ada.page.click('#leave');
    await nat.status(/Nobody else is here|has left/);
    const bob = await caller(room);
    await meet(bob, nat);
    await nat.page.click('#leave');
    await bob.status(/The other one has left/);
  });
});
