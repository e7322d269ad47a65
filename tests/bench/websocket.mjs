// There and back: a frame of a WebSocket over a room that another page sends
// back, and a message of the native client in a room beside it, in turns, so
// that what the machine does meanwhile meets both:
//
//   node tests/bench/websocket.mjs        400 pairs; QUICK=1: 40

import { cpus } from 'node:os';
import { startServer } from '../http/harness.mjs';
import { newRoom } from '../http/peer.mjs';
import { launch } from '../browser/chromium.mjs';

/** @typedef {import('playwright-core').Page} Page */

const PAIRS = process.env.QUICK ? 40 : 400;
const WARM = 10;
const WAYS = /** @type {const} */ (['frame', 'native']);

/** @param {number[]} values @param {number} part */
const quantile = (values, part) =>
  [...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))];

const server = await startServer({ static: true });
const browser = await launch();
try {
  await measure();
} finally {
  await browser.close();
  await server.stop();
}

/** A page in both rooms. @param {string[]} rooms @param {boolean} echoes */
async function visit([frames, messages], echoes) {
  const page = await (await browser.newContext({ bypassCSP: true })).newPage();
  await page.goto(server.base);
  await page.evaluate(async ([frames, messages, echoes]) => {
    const self = /** @type {any} */ (globalThis);
    const [socketFile, roomFile] = ['/js/websocket.js', '/js/letterbox.js'];
    const { WebSocket } = await import(socketFile);
    const { join } = await import(roomFile);
    const socket = new WebSocket(`/${frames}`, [], { api: '/api' });
    await new Promise((resolve) => { socket.onopen = resolve; });
    const room = await join('/api', messages);
    self.say = {
      frame: () => socket.send('hello'),
      native: () => void room.post('chat', 'hello'),
    };
    self.heard = () => {};
    const hear = (/** @type {string} */ way) =>
      echoes ? self.say[way]() : self.heard(way);
    socket.onmessage = () => hear('frame');
    room.addEventListener('message', (/** @type {any} */ { detail }) => {
      if (detail.type === 'chat') hear('native');
    });
  }, /** @type {const} */ ([frames, messages, echoes]));
  return page;
}

async function measure() {
  const rooms = [newRoom(), newRoom()];
  await visit(rooms, true);
  const page = await visit(rooms, false);
  const took = await page.evaluate(async ([count, warm, ways]) => {
    const self = /** @type {any} */ (globalThis);
    /** @type {Record<string, number[]>} */
    const took = { frame: [], native: [] };
    for (let i = 0; i < count + warm; i++) {
      for (const way of i % 2 ? ways : [...ways].reverse()) {
        // Both clients are asking again by then.
        await new Promise((resolve) => { setTimeout(resolve, 60); });
        const back = new Promise((resolve) => { self.heard = resolve; });
        const begun = performance.now();
        self.say[way]();
        await back;
        if (i >= warm) took[way].push(performance.now() - begun);
      }
    }
    return took;
  }, /** @type {const} */ ([PAIRS, WARM, WAYS]));
  const [{ model }] = cpus();
  console.log(`${PAIRS} pairs behind ${server.front.server}, ${
    cpus().length} x ${model}; ms there and back`);
  for (const way of WAYS)
    console.log(`${way.padEnd(8)}${[0.25, 0.5, 0.75, 0.95].map((part) =>
      `p${100 * part} ${quantile(took[way], part).toFixed(2)}`).join('  ')}`);
  const ratio = quantile(took.frame, 0.5) / quantile(took.native, 0.5);
  console.log(`p50 of a frame is ${ratio.toFixed(3)} of native`);
}
