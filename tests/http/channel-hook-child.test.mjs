// The hook that a server starts beside it.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Api } from './api.mjs';
import { keys } from './channel.mjs';
import { startServer, together } from './harness.mjs';
import { Ear, Hook } from './hook.mjs';
import { backup, restore } from './sqlite.mjs';
import { until } from './until.mjs';

/** @typedef {import('./harness.mjs').Server} Server */

/** Processes of `letterbox hook` on a server's data.
 * @param {Server} server */
const hooks = ({ dir }) => readdirSync('/proc').filter((name) => {
  if (!/^\d+$/.test(name)) return false;
  try {
    const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
    return words[1] === 'hook' && words.includes(`${dir}/letterbox.conf`);
  } catch {
    return false; // ended meanwhile
  }
}).map(Number);

/** @param {Server} server @param {number} count */
const has = (server, count) => until(`there are ${count} hooks`,
  () => hooks(server).length === count, { within: 30000 });

/** @typedef {{server: Server, api: Api, ear: Ear}} Scene */

/** @param {Scene} scene */
async function comesAndGoes({ server, api, ear }) {
  const app = await ear.application(server, api);
  const client = await app.client();
  await client.open();
  await client.close();
  await until('both were told', () => ear.wordsOf(client.id).length >= 2,
    { within: 60000 });
  assert.deepEqual(ear.wordsOf(client.id), ['connected', 'disconnected']);
  return app;
}

/** @param {import('./harness.mjs').Options} options
 * @param {(scene: Scene) => Promise<void>} body */
async function withServer(options, body) {
  const server = await startServer(options);
  const api = new Api(server.api);
  const ear = await new Ear().listen();
  try {
    await body({ server, api, ear });
  } finally {
    api.close();
    // What still listens would keep this process.
    await server.stop().finally(() => ear.close());
  }
  await has(server, 0);
}

describe('beside a server there is a hook', { concurrency: together }, () => {
  test('while a key has one', () => withServer({}, async (scene) => {
    const { server } = scene;
    await keys(server, 'add', 'mute');
    const app = await comesAndGoes(scene);
    assert.equal(hooks(server).length, 1);
    await keys(server, 'remove', app.name);
    await has(server, 0);
    await comesAndGoes(scene);
  }));

  test('again, when it was killed', () => withServer({},
    async (scene) => {
      const { server } = scene;
      await comesAndGoes(scene);
      const [first] = hooks(server);
      process.kill(first, 'SIGKILL');
      await until('there is another', () => hooks(server)
        .some((pid) => pid !== first), { within: 30000 });
      await comesAndGoes(scene);
      assert.match(server.stderr, /hook why=signal number=9/);
    }));

  test('one alone, of whatever server', () => withServer({ processes: 3 },
    async (scene) => {
      const { server } = scene;
      await comesAndGoes(scene);
      assert.equal(hooks(server).length, 1);
      // Which of the three it is of is not known: all but one go.
      for (const box of server.boxes.slice(0, 2)) await box.end('SIGKILL');
      await Promise.all(server.boxes.slice(0, 2).map((box) => box.start()));
      // One that is ended before it serves ends otherwise.
      await until('all serve', () =>
        (server.stderr.match(/^start /gm) ?? []).length === 5, { within: 60000 });
      await comesAndGoes(scene);
      await has(server, 1);
    }));

  test('that goes with a server that is killed', () => withServer({},
    async (scene) => {
      const { server } = scene;
      await comesAndGoes(scene);
      await server.kill('SIGKILL');
      await has(server, 0);
      await server.restart();
      await comesAndGoes(scene);
    }));

  test('of the program that takes over', () => withServer({ copy: true },
    async (scene) => {
      const { server } = scene;
      await comesAndGoes(scene);
      const [first] = hooks(server);
      const [pid] = server.pids;
      process.kill(pid, 'SIGHUP');
      await until('there is another', () => hooks(server).length === 1 &&
        hooks(server)[0] !== first, { within: 30000 });
      assert.deepEqual(server.pids, [pid]);
      await comesAndGoes(scene);
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
        .trim().split(' ').map(Number);
      assert.deepEqual(children, hooks(server));
    }));

  test('again, when a backup was restored', () => withServer({},
    async (scene) => {
      const { server } = scene;
      await comesAndGoes(scene);
      const [first] = hooks(server);
      const copy = join(server.dir, 'backup.db');
      await backup(server.database, copy);
      const app = await comesAndGoes(scene);
      restore(server.database, copy);
      await until('there is another', () => hooks(server)
        .some((pid) => pid !== first), { within: 30000 });
      // The key made after the backup is gone, and is told nothing.
      assert.doesNotMatch(await keys(server, 'list'),
        new RegExp(`^${app.name} `, 'm'));
      const told = scene.ear.all.length;
      await comesAndGoes(scene);
      assert.ok(scene.ear.all.slice(told).every(({ headers }) =>
        headers['x-letterbox-key-name'] !== app.name));
    }));

  test('or none, as the configuration says', () => withServer(
    { conf: { hook: 'off' } }, async (scene) => {
      const { server, api, ear } = scene;
      const app = await ear.application(server, api);
      const client = await app.client();
      await client.open();
      // One that is started by hand finds what was said meanwhile.
      const hook = new Hook(server);
      await until('it was told', () => ear.wordsOf(client.id).length > 0,
        { within: 30000 });
      assert.deepEqual(hooks(server), [hook.pid]);
      assert.equal(await hook.end(), 0);
    }));
});
