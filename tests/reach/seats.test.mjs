// A small host lives on with many people who poll: bench/small_host.mjs, in
// short. Its figures are for a quiet machine; here it is only to be alive, at
// five times of what the figures may be.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTS, smallHost } from '../bench/small_host.mjs';

/** @param {string} what @param {import('../bench/small_host.mjs').Figures} f */
function alive(what, f) {
  const odd = Object.keys(f.odd).filter((key) => / 5\d\d$/.test(key));
  assert.deepEqual(odd, [], `${what}: ${JSON.stringify(f.odd)}`);
  assert.ok(f.posts > 10, `${what}: ${f.posts} posts`);
  assert.ok(f.post[1] < 1500, `${what}: a post took ${f.post[1]} ms`);
  assert.ok(f.delivery[1] < 10000, `${what}: delivery took ${f.delivery[1]}`);
  assert.ok(f.file < 1000, `${what}: a file took ${f.file} ms`);
}

test('mod_fcgid, 20 processes: 200 clients, also all at once', async () => {
  const { steady, bursts: [once], lost } =
    await smallHost(HOSTS['mod_fcgid, event'], { warm: 3, seconds: 5,
      bursts: [0] });
  alive('steady', steady);
  alive('all at once', once);
  const hand = Math.max(steady.hand, once.hand);
  assert.ok(hand <= 20, `${hand} requests in hand`);
  assert.equal(lost, 0, 'all that was posted was heard');
});

// Each poll is a process here, and the machine may have others to care for.
test('mod_cgid: 40 clients', async () => {
  const { steady, lost } = await smallHost(HOSTS.mod_cgid,
    { rooms: 20, warm: 3, seconds: 5, bursts: [] });
  alive('steady', steady);
  assert.equal(lost, 0, 'all that was posted was heard');
});
