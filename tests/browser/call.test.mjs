// Two browsers in a call: they see and read each other, and nothing that
// happens to a page or to the server ends that for long.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { site } from './site.mjs';
import { Visitor } from './visitor.mjs';

/** @type {Visitor[]} */
let visitors = [];

// Short holds: a poll that was sent to nobody, because the server had been
// killed just before, is given up after hold and 10 s.
const { browser, server } = await site({ conf: { hold: 5 } });
afterEach(async () => {
  const complaints = visitors.flatMap((visitor) => visitor.complaints);
  for (const visitor of visitors) await visitor.close();
  visitors = [];
  assert.deepEqual(complaints, []);
});

/** Two people who see each other. */
async function pair() {
  const ada = await Visitor.start(browser, server.base, 'Ada');
  visitors.push(ada);
  const bob = await Visitor.come(browser, await ada.invitation, 'Bob');
  visitors.push(bob);
  await ada.status(/Connected with Bob/);
  await bob.status(/Connected with Ada/);
  return { ada, bob };
}

describe('a call', () => {
  test('both see moving pictures and read each other', async () => {
    const { ada, bob } = await pair();
    await Promise.all([ada.sees(), bob.sees()]);
    await ada.says('Hello Bob');
    await bob.hears('Hello Bob');
    await bob.says('Hello Ada');
    await ada.hears('Hello Ada');
  });

  test('a reload is the same peer, and the call comes back', async () => {
    const { ada, bob } = await pair();
    const before = await bob.kept();
    const members = await ada.members(server.api);
    await bob.page.reload();
    await bob.status(/Connected with Ada/);
    await Promise.all([ada.sees(), bob.sees()]);
    assert.equal((await bob.kept()).peer, before.peer);
    assert.deepEqual(await ada.members(server.api), members);
    assert.equal(members.length, 2);
    await bob.says('Here again');
    await ada.hears('Here again');
  });

  test('both reload at once', async () => {
    const { ada, bob } = await pair();
    await Promise.all([ada.page.reload(), bob.page.reload()]);
    await ada.status(/Connected with Bob/);
    await bob.status(/Connected with Ada/);
    await Promise.all([ada.sees(), bob.sees()]);
    assert.equal((await ada.members(server.api)).length, 2);
  });

  test('one reloads five times in a row', async () => {
    const { ada, bob } = await pair();
    for (let i = 0; i < 5; i++) {
      await bob.page.reload({ waitUntil: 'domcontentloaded' });
    }
    await bob.status(/Connected with Ada/);
    await Promise.all([ada.sees(), bob.sees()]);
    assert.equal((await ada.members(server.api)).length, 2);
  });

  test('a closed page is seen by the other within 5 s', async () => {
    const { ada, bob } = await pair();
    const start = performance.now();
    await bob.close();
    visitors.pop();
    await ada.status(/Bob is gone/);
    const took = performance.now() - start;
    assert.ok(took < 5000, `${took} ms`);
    await ada.page.locator('#others video').waitFor({ state: 'detached' });
    await ada.page.locator('#alone').waitFor();
  });

  test('who leaves is gone at once, and may come back', async () => {
    const { ada, bob } = await pair();
    await bob.page.click('#leave');
    await ada.status(/Bob has left/);
    await bob.page.click('#again');
    await bob.status(/Connected with Ada/);
    await Promise.all([ada.sees(), bob.sees()]);
  });

  test('a third one sees both', async () => {
    const { ada, bob } = await pair();
    const cleo = await Visitor.come(browser, await ada.invitation, 'Cleo');
    visitors.push(cleo);
    await Promise.all([ada.sees(2), bob.sees(2), cleo.sees(2)]);
    await ada.status(/^Connected with Bob and Cleo\.$/);
    await cleo.says('Good evening');
    await Promise.all([ada.hears('Good evening'), bob.hears('Good evening')]);
  });

  test('a server that goes away and comes back ends no call', async () => {
    const { ada, bob } = await pair();
    await server.kill();
    await ada.status(/server cannot be reached. The call goes on/);
    await ada.says('Still here');
    await bob.hears('Still here');
    await server.restart();
    await ada.status(/Connected with Bob/);
    await bob.status(/Connected with Ada/);
    await bob.page.reload();
    await bob.status(/Connected with Ada/);
    await Promise.all([ada.sees(), bob.sees()]);
    // A server that is away is told by the browser itself, too.
    for (const visitor of visitors) {
      visitor.complaints = visitor.complaints.filter((text) =>
        !text.startsWith('Failed to load resource'));
    }
  });
});
