// Several processes over one data folder are one server.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { Peer, leaves, newRoom, peers } from './peer.mjs';
import { served } from './served.mjs';
import { timed, until } from './until.mjs';

const server = await startServer({ processes: 2, conf: { hold: 2 } });
const [one, two] = server.mounts.map((url) => new Api(url));
after(async () => {
  one.close();
  two.close();
  await server.stop();
});

const chat = (/** @type {unknown} */ body) => [{ type: 'chat', body }];

const parked = () => server.parked(1);

/** A joins at the first process, b at the second. */
async function apart() {
  const room = newRoom();
  const [a] = await peers(one, ['a'], room);
  const [b] = await peers(two, ['b'], room);
  await a.drain();
  return [a, b];
}

describe('two processes', { concurrency: together }, () => {
  test('a member of one is a member of the other', async () => {
    const [a, b] = await apart();
    a.api = two;
    b.api = one;
    await a.say('chat', 1);
    assert.equal((await b.next('chat')).body, 1);
    const { token } = b;
    await b.join();
    assert.equal(b.token, token);
  });

  test('n counts in both', async () => {
    const [a, b] = await apart();
    const replies = [];
    for (const api of [one, two, one]) {
      a.api = api;
      replies.push(await ok(a.tryPost(1, chat('x')), 201));
    }
    assert.deepEqual(replies[1], replies[0]);
    assert.deepEqual(replies[2], replies[0]);
    a.api = two;
    assert.equal((await refused(a.tryPost(3, chat(1)), 409, 'n-gap'))
      .expected, 2);
    assert.equal((await b.drain()).length, 1);
  });

  test('the same post at once through both is stored once', async () => {
    const [a, b] = await apart();
    for (let n = 1; n <= 10; n++) {
      const both = await Promise.all([one, two].map((api) =>
        ok(api.request('POST', a.path('messages'),
          { token: a.token, json: { n, messages: chat(n) } }), 201)));
      assert.deepEqual(both[0], both[1]);
    }
    assert.deepEqual((await b.drain()).map((m) => m.body),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('the same join at once through both is one peer', async () => {
    const room = newRoom();
    const [a] = await peers(one, ['a'], room);
    const b = new Peer(one, room);
    const other = Object.assign(new Peer(two, room), { key: b.key });
    const replies = await Promise.all([b.join(), other.join()]);
    assert.equal(replies[0].token, replies[1].token);
    assert.equal((await a.drain()).length, 1);
  });

  test('posters at both: all readers see one order', async () => {
    const room = newRoom();
    const all = [...await peers(one, ['a', 'b', 'c'], room),
      ...await peers(two, ['d', 'e', 'f'], room)];
    for (const peer of all) await peer.drain();
    const posters = all.filter((peer) => 'abde'.includes(peer.id));
    await Promise.all(posters.map(async (peer) => {
      for (let i = 0; i < 25; i++) await peer.say('chat', `${peer.id}${i}`);
    }));
    const [c, f] = await Promise.all([all[2], all[5]].map((reader) =>
      reader.collect((got) => got.length === 100)));
    assert.deepEqual(f, c);
  });

  test('rules are the same in both', async () => {
    const [a] = await apart();
    await a.rules({ lock: true });
    await refused(new Peer(two, a.room, 'c').tryJoin(), 403, 'locked');
    assert.equal((await a.next('room-knock')).from, 'c');
  });
});

test('a message wakes the poll parked at the other at once', async () => {
  const [a, b] = await apart();
  const times = [];
  await until('nobody waits', async () => await parked() === 0);
  for (let i = 0; i < 20; i++) {
    const held = b.poll(2);
    await until('it waits', async () => await parked() === 1,
      { every: 1 });
    const start = performance.now();
    await a.say('chat', i);
    const { messages } = await held;
    times.push(performance.now() - start);
    assert.deepEqual(messages.map((/** @type {any} */ m) => m.body), [i]);
  }
  times.sort((x, y) => x - y);
  // By CGI the post is the start of a process, and the end of another.
  const most = server.front.processes === 'each' ? 200 : 50;
  assert.ok(times[10] < most, `median ${times[10]} ms`);
});

test('a newer post at the other has the held one answered', async () => {
  const [a, b] = await apart();
  await until('nobody waits', async () => await parked() === 0);
  b.api = two;
  const held = timed(ok(b.tryPost(1, chat(1), { after: b.cursor, wait: 2 }),
    201));
  await until('it waits', async () => await parked() === 1);
  b.api = one;
  b.n = 1;
  await b.say('chat', 2);
  const { ms, value } = await held;
  assert.deepEqual(value.messages, []);
  assert.ok(ms < 1500, `${ms} ms`);
  assert.equal((await a.drain()).length, 2);
});

test('a newer poll at the other ends the older', async () => {
  const [a, b] = await apart();
  await until('nobody waits', async () => await parked() === 0);
  const older = timed(b.tryPoll(2));
  await until('it waits', async () => await parked() === 1);
  b.api = one;
  const newer = b.poll(2);
  const { ms, value } = await older;
  // The word between processes may be older than a young poll, which is then
  // asked to come again.
  if (value.status !== 200) await refused(value, 409, 'superseded');
  else assert.deepEqual(value.json.messages, []);
  assert.ok(ms < 1500, `${ms} ms`);
  await a.say('chat', 'for the newer');
  assert.equal((await newer).messages[0].body, 'for the newer');
});

test('whoever is removed at one hears at the other nothing of later',
  async () => {
    for (let i = 0; i < 20; i++) {
      const [a, b] = await apart();
      await until('nobody waits', async () => await parked() === 0);
      const held = b.tryPoll(2);
      await until('it waits', async () => await parked() === 1, { every: 1 });
      if (i % 2) await a.say('chat', 'to both');
      await a.rules({ remove: 'b' });
      await a.say('chat', 'to those who are left');
      const reply = await held;
      // What was said before, as it came; then nothing.
      if (reply.status === 200) {
        const { seq } = (await ok(one.request('GET', a.path('messages'),
          { token: a.token }), 200)).messages.find(
          (/** @type {any} */ m) => m.type === 'left');
        assert.ok(reply.json.messages.every(
          (/** @type {any} */ m) => m.seq < seq), JSON.stringify(reply.json));
      }
      await refused(b.tryPoll(), 401, 'not-a-member');
    }
  });

test('who goes at one has its poll at the other answered', async () => {
  const [, b] = await apart();
  await until('nobody waits', async () => await parked() === 0);
  const held = timed(ok(b.tryPoll(2), 200));
  await until('it waits', async () => await parked() === 1, { every: 1 });
  b.api = one;
  await b.beacon('away');
  const { ms } = await held;
  assert.ok(ms < 1500, `${ms} ms`);
});

test('a peer that polls at both in turn supersedes nobody', async () => {
  const [a, b] = await apart();
  let done = false;
  const rounds = server.front.processes === 'ours' ? 200 : 60;
  // Others keep both busy with commits.
  const others = [one, two].map(async (api) => {
    const [other] = await peers(api, ['other']);
    while (!done) await other.say('chat', 0);
  });
  try {
    for (let i = 0; i < rounds; i++) {
      a.api = [one, two][i >> 1 & 1];
      b.api = [one, two][i & 1];
      if (i % 3) await a.say('chat', i); // then the poll is answered at once
      const poll = b.tryPoll(2);
      if (i % 3 === 0) await a.say('chat', i);
      b.cursor = (await ok(poll, 200)).cursor;
    }
  } finally {
    done = true;
    await Promise.all(others);
  }
});

test('one process killed: the other goes on, nobody is lost', async () => {
  const [a, b] = await apart();
  await server.boxes[1].end('SIGKILL');
  b.api = one;
  const [said] = await Promise.all([a.say('chat', 1), b.next('chat')]);
  assert.ok(said > 0);
  await server.boxes[1].start();
  b.api = two;
  await until('it answers', async () =>
    (await fetch(`${server.mounts[1]}/healthz`)).status === 200);
  await a.say('chat', 2);
  assert.equal((await b.next('chat')).body, 2);
});

test('on SIGTERM what is parked is answered, and it ends', async () => {
  const [, b] = await apart();
  await until('nobody waits', async () => await parked() === 0);
  const held = b.tryPoll(2);
  await until('it waits', async () => await parked() === 1);
  const { ms, value } = await timed(server.boxes[1].end('SIGTERM'));
  assert.equal(value, 0);
  assert.ok(ms < 2000, `${ms} ms`);
  const reply = await held;
  if (reply.status !== 200) await refused(reply, 503, 'shutting-down');
  await server.restart();
});

describe('the leases of two processes', { concurrency: together }, () => {
  const short = { processes: 2, conf: { hold: 1, lease: 3 } };
  const away = { processes: 2, conf: { hold: 4, away: 1 } };

  test('a page that came to one goes at the other', () => served(away,
    async ({ mounts }) => {
      const apis = mounts.map((url) => new Api(url));
      const [a] = await peers(apis[0], ['a']);
      const b = new Peer(apis[0], a.room, 'b');
      await b.join();
      b.api = apis[1];
      await b.drain();
      await b.beacon('away');
      await leaves(a, 'b', 'lease');
      for (const api of apis) api.close();
    }));

  test('a page that goes at one and comes to the other stays', () =>
    served(away, async ({ mounts }) => {
      const apis = mounts.map((url) => new Api(url));
      await until('it comes in time', async () => {
        const [a, b] = await peers(apis[0], ['a', 'b']);
        const { ms } = await timed(b.beacon('away').then(() => {
          b.api = apis[1];
          return b.resume({ after: b.cursor });
        }));
        if (ms > 500) return false; // it may have been gone
        for (const { messages } of await Promise.all([a.poll(4), b.poll(4)]))
          assert.deepEqual(messages, []);
        return true;
      });
      for (const api of apis) api.close();
    }));

  test('who polls at one is present at the other', () => served(short,
    async ({ mounts }) => {
      const apis = mounts.map((url) => new Api(url));
      const room = newRoom();
      const [a] = await peers(apis[0], ['a'], room);
      const [b] = await peers(apis[1], ['b'], room);
      await a.drain();
      for (let i = 0; i < 4; i++)
        for (const { messages } of await Promise.all([a.poll(1), b.poll(1)]))
          assert.deepEqual(messages, []);
      for (const api of apis) api.close();
    }));

  test('a lease ends once, whoever sees it', () => served(short,
    async ({ mounts }) => {
      const apis = mounts.map((url) => new Api(url));
      const room = newRoom();
      const watchers = [...await peers(apis[0], ['a', 'b'], room),
        ...await peers(apis[1], ['c', 'd'], room)];
      await new Peer(apis[0], room, 'x').join();
      await new Peer(apis[1], room, 'y').join();
      const left = (/** @type {any[]} */ all) => all
        .filter((m) => m.type === 'left').map((m) => m.from).sort();
      const seen = await Promise.all(watchers.map(async (watcher) => {
        const got = await watcher.collect((all) => left(all).length >= 2);
        return left(got.concat((await watcher.poll(1)).messages));
      }));
      for (const ids of seen) assert.deepEqual(ids, ['x', 'y']);
      for (const api of apis) api.close();
    }));
});
