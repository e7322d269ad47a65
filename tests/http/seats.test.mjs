// Seats: how many polls are held is one number, whatever the number of
// processes, and who has none is told when to come again, never refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Api, ok } from './api.mjs';
import { Peer, newRoom, peers } from './peer.mjs';
import { served } from './served.mjs';
import { timed, until } from './until.mjs';

const HOLD = 2;
/** What these are about has nothing to do with who stands before. */
const LIGHTTPD = { front: 'lighttpd' };
const EVENT = { hold: HOLD, front: 'event' };

/**
 * Peers that are alone in their rooms, the i-th at the i-th process.
 * @param {Api[]} apis @param {number} count
 */
const loners = (apis, count) => Promise.all(Array.from({ length: count },
  async (_, i) => {
    const peer = new Peer(apis[i % apis.length], newRoom());
    await peer.join();
    await peer.drain();
    return peer;
  }));

/**
 * The numbers of /metrics of one process.
 * @param {Api} api
 */
async function metrics(api) {
  const reply = await api.request('GET', '/metrics');
  assert.equal(reply.status, 200);
  return new Map(reply.text.split('\n')
    .filter((/** @type {string} */ line) => line && line[0] !== '#')
    .map((/** @type {string} */ line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }));
}

/**
 * A client that polls as it is told, for a time.
 * @param {Peer} peer @param {number} end by performance.now()
 */
async function follow(peer, end) {
  let polls = 0;
  for (let wait = HOLD; performance.now() < end; polls++) {
    const { ms, value } = await timed(peer.poll(wait));
    const { poll } = value;
    assert.ok((poll.wait === 0) !== (poll.pause === 0), JSON.stringify(poll));
    assert.ok(poll.pause >= 0 && poll.pause <= 1650, `${poll.pause} ms`);
    assert.ok(ms < HOLD * 1000 + 1500, `held for ${ms} ms`);
    ({ wait } = poll);
    await pause(poll.pause);
  }
  return polls;
}

/** @param {Parameters<typeof served>[0]} options
 * @param {(apis: Api[], api: Api) => Promise<void>} body */
const withApis = (options, body) => () => served(options,
  async (server, api) => {
    const apis = server.mounts.map((url) => new Api(url));
    try {
      await body(apis, api);
    } finally {
      for (const each of apis) each.close();
    }
  });

test('seats: above them a poll is answered at once, with a pause',
  () => served({ ...LIGHTTPD, conf: { ...EVENT, seats: 1 } },
    async (_, api) => {
      const [a, b] = await peers(api, ['a', 'b']);
      const [one, other] = await Promise.all([timed(a.poll(HOLD)),
        timed(b.poll(HOLD))]);
      const [short, long] = [one, other].sort((x, y) => x.ms - y.ms);
      assert.ok(long.ms > 1800, `one of them is held: ${long.ms}`);
      assert.ok(short.ms < 1500, `the other is not: ${short.ms}`);
      assert.equal(short.value.poll.wait, 0);
      assert.ok(short.value.poll.pause >= 45 && short.value.poll.pause <= 55);
      assert.deepEqual(long.value.poll, { wait: HOLD, pause: 0 });
    }));

test('two processes share four seats', withApis(
  { ...LIGHTTPD, processes: 2, conf: { ...EVENT, seats: 4 } },
  async (apis, api) => {
    const clients = await loners(apis, 12);
    const end = performance.now() + 4000;
    let most = 0;
    const watch = async () => {
      while (performance.now() < end - 500) {
        const held = (await Promise.all(apis.map(metrics)))
          .reduce((sum, m) => sum + (m.get('letterbox_waiters') ?? 0), 0);
        assert.ok(held <= 4, `${held} polls are held`);
        most = Math.max(most, held);
        await pause(50);
      }
    };
    const polls = await Promise.all(
      [watch(), ...clients.map((peer) => follow(peer, end))]);
    assert.equal(most, 4, 'all seats are used');
    assert.ok(polls.slice(1).every((n) => Number(n) > 1));
    const now = await metrics(api);
    assert.ok(now.has('letterbox_seats{front="event"}'));
    assert.ok(Number(now.get('letterbox_hold_ms{front="event"}')) ===
      HOLD * 1000);
  }));

test('a killed process gives its seats back', () => served(
  { ...LIGHTTPD, processes: 2,
    conf: { ...EVENT, seats: 2, hold: 30, lease: 40 } },
  async (server) => {
    const [one, two] = server.mounts.map((url) => new Api(url));
    const [a, b, c] = await loners([one], 3);
    c.api = two;
    const gone = [a, b].map((peer) => peer.tryPoll(30).catch(() => null));
    await until('both seats are taken', async () =>
      (await metrics(two)).get('letterbox_seats{front="event"}') === 2);
    assert.ok((await c.poll(30)).poll.pause > 0);
    await server.boxes[0].end('SIGKILL');
    await Promise.all(gone);
    await until('they are free', async () => {
      const { poll } = await c.poll(0);
      return poll.wait > 0;
    }, { within: 20000, every: 500 });
    one.close();
    two.close();
  }));

test('news do not make a client without a seat spin', () => served(
  { ...LIGHTTPD, conf: { ...EVENT, seats: 0 } }, async (_, api) => {
    const [a, b] = await peers(api, ['a', 'b']);
    await a.say('chat', 1);
    const reply = await b.poll(25);
    assert.equal(reply.messages.length, 1);
    assert.equal(reply.poll.wait, 0);
    assert.ok(reply.poll.pause >= 45, `${reply.poll.pause} ms`);
    const posted = await b.post([{ type: 'chat', body: 2 }],
      { after: b.cursor });
    assert.ok(posted.poll.pause >= 45, 'a post that collects says it as well');
    const joined = await new Peer(api, newRoom()).join();
    assert.ok(joined.poll.pause >= 45, 'and a join');
  }));

test('nobody is refused for want of seats', withApis(
  { ...LIGHTTPD, processes: 2,
    conf: { hold: HOLD, seats_threads: 3, front: 'thread' } },
  async (apis) => {
    const clients = await loners(apis, 40);
    const end = performance.now() + 2500;
    // Each answer is a 200 that the specification allows, or this throws.
    await Promise.all(clients.map((peer) => follow(peer, end)));
    await ok(apis[0].request('GET', '/healthz'), 200);
  }));
