// The database locked, restored, replaced, read-only: said, never hidden.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ok, refused } from './api.mjs';
import { startServer } from './harness.mjs';
import { Peer, peers } from './peer.mjs';
import { served } from './served.mjs';
import { backup, holding, integrity, restore, rows } from './sqlite.mjs';
import { pace, timed, until } from './until.mjs';

const bodies = (/** @type {any[]} */ all) => all
  .filter((m) => m.type === 'chat').map((m) => m.body);

describe('storage', { concurrency: 2 }, () => {
  test('a restart loses nothing and nobody', () => served({},
    async (server, api) => {
      const [a, b] = await peers(api, ['a', 'b']);
      await a.say('chat', 1);
      await server.restart();
      assert.deepEqual(bodies(await b.drain()), [1]);
      await a.say('chat', 2);
      assert.deepEqual(bodies(await b.drain()), [2]);
      assert.equal(a.n, 2);
      const again = await b.join();
      assert.equal(again.reset, undefined);
    }));

  test('a stop cleans up: one file, and it is sound', () => served({},
    async (server, api) => {
      const [a] = await peers(api, ['a']);
      await a.say('chat', 'kept');
      assert.deepEqual(await server.kill('SIGTERM'), [0]);
      assert.equal(await integrity(server.database), 'ok');
      const found = await rows(server.database,
        'SELECT body FROM message WHERE type = \'chat\'');
      assert.deepEqual(found, [{ body: '"kept"' }]);
    }));

  test('a restored backup: reset, and all that it has', () => served({},
    async (server, api) => {
      const [a, b] = await peers(api, ['a', 'b']);
      await a.say('chat', 'in the backup');
      const copy = join(server.dir, 'backup.db');
      await backup(server.database, copy);
      await a.say('chat', 'after it');
      await b.drain();
      await server.kill('SIGTERM');
      restore(server.database, copy);
      await server.restart();
      const reply = await b.poll();
      assert.equal(reply.reset, true);
      assert.deepEqual(bodies(reply.messages), ['in the backup']);
      assert.equal((await b.poll()).reset, undefined);
      const back = await a.resume();
      assert.equal(back.n, 1, 'n is that of the backup');
      await a.say('chat', 'again');
      assert.deepEqual(bodies(await b.drain()), ['again']);
    }));

  test('a restored backup where no seq is beyond: reset as well',
    () => served({}, async (server, api) => {
      const [a, b] = await peers(api, ['a', 'b']);
      const copy = join(server.dir, 'backup.db');
      await backup(server.database, copy);
      await a.say('chat', 'lost by restoring');
      const { cursor } = await b.poll();
      await server.kill('SIGTERM');
      restore(server.database, copy);
      await server.restart();
      for (const i of [1, 2, 3]) await a.post(
        [{ type: 'chat', body: `new ${i}` }]).catch(async () => {
        await a.resume();
        await a.say('chat', `new ${i}`);
      });
      b.cursor = cursor;
      const reply = await b.poll();
      assert.equal(reply.reset, true);
      assert.deepEqual(bodies(reply.messages), ['new 1', 'new 2', 'new 3']);
    }));

  test('a backup restored while it runs: nothing acknowledged is elsewhere',
    () => served({}, async (server, api) => {
      const [a, b] = await peers(api, ['a', 'b']);
      await a.say('chat', 'in the backup');
      const copy = join(server.dir, 'backup.db');
      await backup(server.database, copy);
      await a.say('chat', 'after it');
      await b.drain();
      restore(server.database, copy);
      const reset = await until('a reset', async () => {
        const reply = await b.tryPoll();
        return reply.status === 200 && reply.json.reset && reply.json;
      });
      assert.deepEqual(bodies(reset.messages), ['in the backup']);
      await a.resume();
      const seq = await a.say('chat', 'new');
      const found = await rows(server.database,
        `SELECT body FROM message WHERE seq = ${seq}`);
      assert.deepEqual(found, [{ body: '"new"' }]);
    }));

  test('a post into a database that was moved away is not acknowledged',
    () => served({}, async (server, api) => {
      const [a] = await peers(api, ['a']);
      await a.say('chat', 1);
      renameSync(server.database, server.database + '.moved');
      for (const tail of ['-wal', '-shm'])
        if (existsSync(server.database + tail))
          renameSync(server.database + tail, `${server.database}.moved${tail}`);
      const reply = await a.tryPost(2, [{ type: 'chat', body: 2 }]);
      assert.notEqual(reply.status, 201, 'the file is not there any more');
      assert.ok([401, 500, 503].includes(reply.status), reply.text);
    }));

  test('a replaced database: 401, and the key makes it good', () => served({},
    async (server, api) => {
      const [a, b] = await peers(api, ['a', 'b']);
      await server.kill('SIGTERM');
      for (const tail of ['', '-wal', '-shm'])
        rmSync(server.database + tail, { force: true });
      await server.restart();
      await refused(a.tryPoll(), 401, 'not-a-member');
      for (const peer of [a, b]) await peer.join();
      await a.say('chat', 'new');
      assert.equal((await b.next('chat')).body, 'new');
    }));

  test('locked by another process: busy soon, others unharmed, well after',
    () => served({}, async (server, api) => {
      const [a, b, c] = await peers(api, ['a', 'b', 'c']);
      const poll = () => b.tryPoll();
      const usual = await pace(poll);
      await a.say('chat', 'before');
      await holding(server.database, async () => {
        const post = timed(a.tryPost(2, [{ type: 'chat', body: 'during' }]));
        assert.deepEqual(bodies(await b.drain()), ['before']);
        const locked = await pace(poll);
        assert.ok(locked <= Math.max(50, 2 * usual),
          `polls in ${locked} ms, usually ${usual}`);
        const { ms, value } = await post;
        await refused(value, 503, 'busy');
        assert.ok(ms <= 3000, `busy after ${ms} ms`);
        assert.equal(value.json.retryable, true);
        await refused(new Peer(api, a.room, 'd').tryJoin(), 503, 'busy');
      });
      const well = await timed(until('it is well', async () =>
        (await a.tryPost(2, [{ type: 'chat', body: 'during' }]))
          .status === 201));
      assert.ok(well.ms <= 1000, `well after ${well.ms} ms`);
      assert.deepEqual(bodies(await c.collect((all) =>
        all.length >= 2)), ['before', 'during'], 'once');
    }));

  test('locked for a moment: the post waits and is stored', () => served({},
    async (server, api) => {
      const [a, b] = await peers(api, ['a', 'b']);
      const post = await holding(server.database, async () => {
        const waiting = a.say('chat', 'patient');
        await b.drain();
        return { waiting };
      });
      await post.waiting;
      assert.deepEqual(bodies(await b.drain()), ['patient']);
    }));

  test('read-only: reads are served, posts are not, /readyz tells',
    () => served({ unprivileged: true }, async (server, api) => {
      const [a, b] = await peers(api, ['a', 'b']);
      await a.say('chat', 'before');
      await server.kill('SIGTERM');
      chmodSync(server.database, 0o400);
      await server.restart();
      await refused(api.request('GET', '/readyz'), 503, 'read-only');
      await ok(api.request('GET', '/healthz'), 200);
      assert.deepEqual(bodies(await b.drain()), ['before']);
      await refused(a.tryPost(2, [{ type: 'chat', body: 1 }]),
        503, 'read-only');
      await refused(new Peer(api, a.room, 'c').tryJoin(), 503, 'read-only');
      await server.kill('SIGTERM');
      chmodSync(server.database, 0o600);
      await server.restart();
      await ok(api.request('GET', '/readyz'), 200);
      await a.say('chat', 'after');
      assert.deepEqual(bodies(await b.drain()), ['after']);
    }));

  test('data that others can read: it refuses to start', async () => {
    await assert.rejects(startServer({ dataMode: 0o755 }),
      /letterbox ended: letterbox: .*chmod 700/);
  });
});
