// From the server of an application to a handler in a page: through
// goog.appengine, and through a room of the same page's native client by long
// poll. Side by side in one page, a message each in turns, so that what the
// machine does meanwhile meets both:
//
//   node tests/bench/jsapi.mjs            400 pairs; QUICK=1: 40
//
// Both sides are a durable request of the same connection pool, and a clock
// that starts before it.

import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Api } from '../http/api.mjs';
import { Application, newClient } from '../http/channel.mjs';
import { startServer } from '../http/harness.mjs';
import { Peer, newRoom } from '../http/peer.mjs';
import { launch } from '../browser/chromium.mjs';

const PAIRS = process.env.QUICK ? 40 : 400;
const WARM = 10;

/** Both clients are asking again by then, ms. */
const GAP = 60;

const now = () => performance.timeOrigin + performance.now();

/** @param {number[]} values @param {number} part */
const quantile = (values, part) =>
  [...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))];

const server = await startServer({ static: true });
const api = new Api(server.api);
const browser = await launch();
try {
  await measure();
} finally {
  await browser.close();
  api.close();
  await server.stop();
}

/** A page that listens at both; what it hears resolves who waits for it. */
async function listener() {
  const app = await Application.add(server, api);
  const client = newClient();
  const room = newRoom();
  const page = await browser.newPage({ bypassCSP: true });
  /** @type {(at: number) => void} */
  let heard = () => {};
  await page.exposeFunction('heard', (/** @type {number} */ at) => heard(at));
  await page.goto(server.base);
  await page.addScriptTag({ url: '/api/_ah/channel/jsapi' });
  await page.evaluate(async ([token, room]) => {
    const self = /** @type {any} */ (globalThis);
    const now = () => performance.timeOrigin + performance.now();
    const note = () => self.heard(now());
    const file = '/js/letterbox.js';
    const { join } = await import(file);
    self.room = await join('/api', room, { streams: false });
    self.room.addEventListener('message', (/** @type {any} */ { detail }) => {
      if (detail.type === 'chat') note();
    });
    await new Promise((resolve) => {
      self.socket = new self.goog.appengine.Channel(token)
        .open({ onopen: resolve, onmessage: note });
    });
  }, [await app.create(client), room]);
  const peer = new Peer(api, room);
  await peer.join();
  const once = () => new Promise((resolve) => { heard = resolve; });
  return { app, client, peer, once };
}

async function measure() {
  const { app, client, peer, once } = await listener();
  let n = 0;
  const ways = {
    jsapi: () => api.exchange('POST', '/channel/send', { token: app.key,
      json: { client_id: client, message: 'hello' } }),
    native: () => api.exchange('POST', `/rooms/${peer.room}/messages`, {
      token: peer.token, json: { n: ++n,
        messages: [{ type: 'chat', body: 'hello' }] } }),
  };
  const took = { jsapi: /** @type {number[]} */ ([]),
    native: /** @type {number[]} */ ([]) };
  for (let i = 0; i < PAIRS + WARM; i++) {
    const both = /** @type {const} */ (['jsapi', 'native']);
    for (const way of i % 2 ? both : [...both].reverse()) {
      await pause(GAP);
      const heard = once();
      const begun = now();
      const reply = await ways[way]();
      if (reply.status > 204) throw new Error(`${way}: ${reply.text}`);
      const ms = await heard - begun;
      if (i >= WARM) took[way].push(ms);
    }
  }
  const [{ model }] = cpus();
  console.log(`${PAIRS} pairs behind ${server.front.server}, ${
    cpus().length} x ${model}; ms from sending to the handler`);
  for (const [way, values] of Object.entries(took))
    console.log(`${way.padEnd(8)}${[0.25, 0.5, 0.75, 0.95].map((part) =>
      `p${100 * part} ${quantile(values, part).toFixed(2)}`).join('  ')}`);
  const ratio = quantile(took.jsapi, 0.5) / quantile(took.native, 0.5);
  console.log(`p50 of jsapi is ${ratio.toFixed(3)} of native`);
}
