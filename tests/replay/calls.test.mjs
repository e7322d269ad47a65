// Calls of real browsers that go well: nothing may be found in them. With SOAK
// two hundred of them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explain, explanationText }
  from '../../public_html/js/replay/explain.js';
import { readText } from '../../public_html/js/replay/recording.js';
import { join } from '../browser/guest.mjs';
import { site } from '../browser/site.mjs';
import { Visitor } from '../browser/visitor.mjs';
import { until } from '../http/until.mjs';
import { call, caller, connected, exported } from '../recordings/scene.mjs';
import { letterbox } from './program.mjs';

/** @typedef {import('playwright-core').Page} Page */

const CALLS = process.env.SOAK ? 200 : 10;

const { browser, server } = await site();

/** Pages of the client alone, in that room. @param {string} room
 * @param {string[]} names */
async function pages(room, names) {
  /** @type {Page[]} */
  const list = [];
  for (const name of names) {
    list.push(await caller(browser, server.base, room, name));
  }
  return list;
}

/** The room and what the program says of it, when nobody has posted between.
 * @param {string} room */
async function settled(room) {
  let text = '';
  let said = '';
  await until('nobody posts any more', async () => {
    text = await exported(server, room);
    said = letterbox(['explain', '--json', '-d', server.database, '--',
      room]);
    return text === await exported(server, room);
  }, { within: 60_000, every: 100 });
  return { text, said };
}

/** @param {Page} page */
const leave = (page) =>
  page.evaluate(() => /** @type {any} */ (globalThis).room.leave());

/** The last one leaves the log to be read. @param {Page[]} list */
async function part(list) {
  for (const page of list) await leave(page);
  for (const page of list) await page.context().close();
}

/** @param {Page} page @param {number} count of others */
const connectedWith = (page, count) => page.waitForFunction((count) =>
  [.../** @type {any} */ (globalThis).call.peers.values()]
    .filter(({ state }) => state === 'connected').length === count, count);

/** @type {Record<string, (room: string) => Promise<string>>} each gives the
 *  name of its room */
const KINDS = {
  async 'data alone'(room) {
    const list = await pages(room, ['Ada', 'Bob']);
    for (const page of list) await call(page);
    for (const page of list) await connected(page);
    await part(list);
    return room;
  },

  async 'both call at once'(room) {
    const list = await pages(room, ['Ada', 'Bob']);
    await list[0].waitForFunction(() =>
      /** @type {any} */ (globalThis).room.peers.size === 1);
    await Promise.all(list.map(call));
    await Promise.all(list.map((page) => connected(page)));
    await part(list);
    return room;
  },

  async 'a reload, and another'(room) {
    const list = await pages(room, ['Ada', 'Bob']);
    for (const page of list) await call(page);
    for (const page of list) await connected(page);
    for (const page of list) {
      await page.reload();
      await join(page, room, { name: 'again' });
      await call(page);
      for (const each of list) await connected(each);
    }
    await part(list);
    return room;
  },

  async 'three of them'(room) {
    const list = await pages(room, ['Ada', 'Bob', 'Cleo']);
    for (const page of list) await call(page);
    for (const page of list) await connectedWith(page, 2);
    await part(list);
    return room;
  },

  async 'sound and picture'() {
    const ada = await Visitor.start(browser, server.base, 'Ada');
    const bob = await Visitor.come(browser, await ada.invitation, 'Bob');
    await ada.status(/Connected with Bob/);
    await bob.status(/Connected with Ada/);
    await ada.sees();
    const room = new URL(ada.page.url()).searchParams.get('room') ?? '';
    await bob.page.click('#leave');
    await ada.status(/Nobody else is here|has left/);
    await ada.close();
    await bob.close();
    return room;
  },
};

const kinds = Object.entries(KINDS);
describe('of good calls nothing is named', { concurrency: 2 }, () => {
  for (let i = 0; i < CALLS; i++) {
    const [kind, run] = kinds[i % kinds.length];
    test(`${i + 1}: ${kind}`, async () => {
      const room = await run(`room-${i}`);
      const { text, said } = await settled(room);
      const explanation = explain(readText(text));
      assert.deepEqual(explanation.findings, [], text);
      assert.ok(explanation.messages > 8 && explanation.pairs > 0);
      assert.equal(said, explanationText(explanation));
    });
  }
});

describe('what no message says is told in the log', () => {
  /** @param {string} room @returns {Promise<string[]>} what is named */
  const named = async (room) => JSON.parse((await settled(room)).said)
    .findings.map((/** @type {{rule: string}} */ { rule }) => rule);

  /** @param {string} room @param {string} where */
  const logged = (room, where) => until(`the log has ${where}`, async () =>
    (await exported(server, room)).includes(where), { within: 30_000 });

  test('a page that lost messages, and one that found the room full',
    async () => {
      const list = await pages('lost', ['Ada', 'Bob']);
      for (const page of list) await call(page);
      for (const page of list) await connected(page);
      await list[0].evaluate(() => {
        const { room } = /** @type {any} */ (globalThis);
        room.dispatchEvent(new CustomEvent('gap'));
        return room.rules({ capacity: 2 });
      });
      const refused = await list[1].evaluate(async () => {
        const file = '/js/letterbox.js';
        const { join } = await import(file);
        return join('api', 'lost', { peer: 'third', patience: 1 })
          .catch((/** @type {any} */ error) => error.code);
      });
      assert.equal(refused, 'room-full');
      await logged('lost', '"code":"gap"');
      await logged('lost', '"type":"room-full","body":{"capacity":2}');
      assert.deepEqual(await named('lost'), ['room-full', 'poll-gap']);
      await part(list);
    });

  test('an offer that is too large', async () => {
    const list = await pages('large', ['Ada', 'Bob']);
    await list[1].evaluate(() => {
      /** @type {any} */ (RTCSessionDescription.prototype).toJSON = () =>
        ({ type: 'offer', sdp: 'a'.repeat(70_000) });
    });
    for (const page of list) await call(page);
    await logged('large', '"code":"too-large"');
    assert.equal((await named('large'))[0], 'too-large');
    await part(list);
  });
});
