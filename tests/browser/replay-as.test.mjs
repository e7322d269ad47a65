// letterbox replay --as: one side of a recorded call, against a live one.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { test } from 'node:test';
import { follow } from '../cli/cli.mjs';
import { scratch } from '../http/letterbox.mjs';
import { call, exported } from '../recordings/scene.mjs';
import { blank, join } from './guest.mjs';
import { site } from './site.mjs';

const text = readFileSync(new URL('../recordings/reload.jsonl', import.meta.url),
  'utf8').split('\n').slice(0, 15).join('\n') + '\n';
const [ada, bob] = text.split('\n').slice(1, 3).map((line) =>
  JSON.parse(line).from);
const file = path(scratch(), 'call.jsonl');
writeFileSync(file, text);

const { browser, server } = await site();

/** A page that calls, and keeps its connections where they can be seen.
 * @param {string} room */
async function live(room) {
  const page = await blank(await browser.newContext(), server.base);
  page.setDefaultTimeout(30_000);
  await page.evaluate(() => {
    const self = /** @type {any} */ (globalThis);
    self.connections = [];
    self.RTCPeerConnection = class extends RTCPeerConnection {
      /** @param {RTCConfiguration} configuration */
      constructor(configuration) {
        super(configuration);
        self.connections.push(this);
      }
    };
  });
  await join(page, room, { name: 'Live' });
  await call(page);
  return page;
}

/** @param {string} room @param {string} who */
const played = (room, who) => follow('replay', file, '--to', server.api,
  '--room', room, '--as', who, '--speed', 'max');

/** @param {string} room */
const descriptions = async (room) => (await exported(server, room)).trim()
  .split('\n').slice(1).map((line) => JSON.parse(line))
  .filter(({ type }) => type === 'description');

/** The newest connection has taken a description of that type.
 * @param {import('playwright-core').Page} page @param {string} type */
const taken = (page, type) => page.waitForFunction((type) => {
  const last = /** @type {any} */ (globalThis).connections.at(-1);
  return last?.signalingState === 'stable' &&
    last.remoteDescription?.type === type;
}, type);

test('an offer of then is answered by who is there now', async () => {
  const page = await live('offers');
  const run = played('offers', bob);
  await taken(page, 'offer');
  assert.equal(await run.ended, 0, run.stderr);
  assert.match(run.stderr, /the connection cannot/);
  const [offer, answer] = await descriptions('offers');
  assert.equal(offer.to, answer.from);
  assert.equal(answer.body.re, offer.seq);
  assert.equal(answer.body.for, offer.body.session);
  assert.ok(!text.includes(offer.body.session));
});

test('an answer of then waits for an offer, and is for it', async () => {
  const run = played('answers', ada);
  await run.shows(/wait .* until somebody is there/);
  const page = await live('answers');
  await taken(page, 'answer');
  assert.equal(await run.ended, 0, run.stderr);
  const [offer, answer] = await descriptions('answers');
  assert.equal(answer.to, offer.from);
  assert.equal(answer.body.re, offer.seq);
  assert.equal(answer.body.for, offer.body.session);
});
