// Credentials for TURN end; a long call has fresh ones by then.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../http/until.mjs';
import { site } from './site.mjs';
import { Visitor } from './visitor.mjs';

const { browser, server } = await site({
  conf: { hold: 3, turn: 'turn:127.0.0.1:9',
    turn_secret_file: '$DIR/turn.secret', turn_ttl: 60 },
  files: { 'turn.secret': 'of the relay, shared\n' },
});

test('a connection gets fresh credentials before the old ones end',
  async () => {
    const ada = await Visitor.start(browser, server.base, 'Ada');
    const bob = new Visitor(await (await browser.newContext()).newPage());
    const { page } = bob;
    await page.clock.install();
    await page.addInitScript(() => {
      const self = /** @type {any} */ (globalThis);
      const { prototype } = RTCPeerConnection;
      const set = prototype.setConfiguration;
      self.routes = [];
      self.restarts = 0;
      prototype.setConfiguration = function (init) {
        self.routes.push(init?.iceServers?.[0]);
        set.call(this, init);
      };
      const restart = prototype.restartIce;
      prototype.restartIce = function () {
        self.restarts++;
        restart.call(this);
      };
    });
    await page.goto(await ada.invitation);
    await bob.enter('Bob');
    await bob.status(/Connected with Ada/);
    const asked = /** @type {number[]} */ ([]);
    let elapsed = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/api/ice')) asked.push(elapsed);
    });
    const routes = () => page.evaluate(() =>
      /** @type {any} */ (globalThis).routes);
    await page.evaluate(() => {
      const self = /** @type {any} */ (globalThis);
      self.routes = [];
      self.restarts = 0;
    });
    for (const count of [1, 2, 3]) {
      await until('fresh ones', async () => {
        await page.clock.runFor(1000);
        elapsed += 1;
        return (await routes()).length >= count;
      }, { within: 30_000 });
    }
    for (const { urls, username, credential } of await routes()) {
      assert.deepEqual(urls, ['turn:127.0.0.1:9']);
      const [expiry] = username.split(':');
      assert.ok(Math.abs(Number(expiry) - Date.now() / 1000 - 60) < 30);
      assert.ok(credential);
    }
    // Once before it knows for how long, then each half of that.
    assert.ok(asked[0] < 60, `${asked}`);
    for (const i of [1, 2]) assert.ok(asked[i] - asked[i - 1] < 45, `${asked}`);
    assert.equal(await page.evaluate(() =>
      /** @type {any} */ (globalThis).restarts), 0, 'a way that works stays');
    await bob.sees();
    await bob.close();
    await ada.close();
  });
