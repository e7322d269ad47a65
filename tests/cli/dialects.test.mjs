// What browsers said in each recording, through every dialect: it arrives
// unchanged in meaning, in order, and once.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { Api } from '../http/api.mjs';
import { User, newRoom } from '../http/apprtc.mjs';
import { Application, Client } from '../http/channel.mjs';
import { Guest } from '../http/collider.mjs';
import { startServer } from '../http/harness.mjs';
import { Peer } from '../http/peer.mjs';
import { until } from '../http/until.mjs';

const RECORDINGS = fileURLToPath(new URL('../recordings/', import.meta.url));

/** @type {import('../http/harness.mjs').Server} */
let server;
/** @type {Api} */
let api;
before(async () => {
  server = await startServer({ conf: { 'dialect.apprtc': 'on',
    key_rate: 100000, key_burst: 1000000 } });
  api = new Api(server.api);
});
after(async () => {
  api.close();
  await server.stop();
});

/** @typedef {{from: string, to: string, type: string, body: any}} Message */

const isOfCall = (/** @type {string} */ type) =>
  type === 'description' || type === 'candidate';

/** What two of a recording said to each other, for each two that did.
 * @param {string} name @returns {Message[][]} */
function calls(name) {
  /** @type {Map<string, Message[]>} */
  const found = new Map();
  for (const line of readFileSync(join(RECORDINGS, name), 'utf8').trimEnd()
    .split('\n').slice(1)) {
    const message = JSON.parse(line);
    if (!isOfCall(message.type) || !message.to) continue;
    const who = [message.from, message.to].sort().join();
    found.set(who, [...found.get(who) ?? [], message]);
  }
  return [...found.values()];
}

/** As AppRTC says it, which has no word for the end of candidates.
 * @param {Message} m */
const apprtc = ({ type, body }) => type === 'description'
  ? { type: body.type, sdp: body.sdp }
  : { type: 'candidate', label: body.sdpMLineIndex, id: body.sdpMid,
    candidate: body.candidate };

/** Hears until there is as much as was said; then nothing more.
 * @template T @param {T[]} said @param {() => Promise<T[]>} hear
 * @param {T[]} [heard] */
async function hearAll(said, hear, heard = []) {
  await until('all of it is heard', async () => {
    if (heard.length < said.length) heard.push(...await hear());
    return heard.length >= said.length || undefined;
  }, { within: 60000 });
  assert.deepEqual(heard, said);
  assert.deepEqual(await hear(), []);
}

/** Each two sides of a dialect: how they come, say something, and hear.
 * @typedef {{say: (m: Message) => Promise<unknown>, hear: () => Promise<any[]>}}
 *   Side
 * @type {Record<string, {as: (m: Message) => unknown,
 *   pair: (ids: string[]) => Promise<Side[]>}>} */
const DIALECTS = {
  'the API of rooms': {
    as: ({ type, body }) => ({ type, body }),
    pair: async (ids) => {
      const room = newRoom();
      const peers = ids.map((id) => new Peer(api, room, id));
      for (const peer of peers) await peer.join();
      return peers.map((peer) => ({
        say: ({ to, type, body }) => peer.post([{ to, type, body }]),
        hear: async () => (await peer.poll()).messages
          .filter((/** @type {Message} */ { type }) => isOfCall(type))
          .map((/** @type {Message} */ { type, body }) => ({ type, body })),
      }));
    },
  },
  'AppRTC with a channel': {
    as: apprtc,
    pair: async () => {
      const room = newRoom();
      const users = [await User.join(api, room), await User.join(api, room)];
      for (const user of users) await user.open();
      return users.map((user) => ({ say: (m) => user.post(apprtc(m)),
        hear: () => user.hear() }));
    },
  },
  'AppRTC with Collider': {
    as: apprtc,
    pair: async () => {
      const room = newRoom();
      const guests = [await Guest.join(api, room), await Guest.join(api, room)];
      for (const guest of guests) await guest.open();
      return guests.map((guest, i) => ({
        // The caller by the room's server, the other by Collider.
        say: (m) => i === 0 ? guest.message(apprtc(m)) : guest.wire(apprtc(m)),
        hear: () => guest.hear(0),
      }));
    },
  },
  'the Channel API': {
    as: ({ type, body }) => ({ type, body }),
    pair: async () => {
      const app = await Application.add(server, api);
      /** @type {Client[]} */
      const clients = [await app.client(), await app.client()];
      for (const client of clients) await client.open();
      return clients.map((client, i) => ({
        say: ({ type, body }) => app.send(clients[1 - i].id,
          JSON.stringify({ type, body })),
        hear: async () => (await client.mail()).map((text) => JSON.parse(text)),
      }));
    },
  },
};

for (const [dialect, { as, pair }] of Object.entries(DIALECTS))
  describe(dialect, () => {
    for (const name of readdirSync(RECORDINGS).filter((n) => /\.jsonl$/.test(n)))
      test(`${name}`, async () => {
        const found = calls(name);
        assert.ok(found.length > 0);
        for (const all of found) {
          // As JSON, which has no undefined label.
          const wanted = (/** @type {Message} */ m) =>
            JSON.parse(JSON.stringify(as(m)));
          const call = as === apprtc ? all.filter(({ body }) => body) : all;
          const ids = [call[0].from, call[0].to];
          const sides = await pair(ids);
          for (const message of call)
            await sides[ids.indexOf(message.from)].say(message);
          for (const [i, side] of sides.entries())
            await hearAll(call.filter(({ to }) => to === ids[i]).map(wanted), side.hear);
        }
      });
  });
