// The hook that a server starts beside it.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Api } from './api.mjs';
import { keys } from './channel.mjs';
import { startServer } from './harness.mjs';
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

const ear = await new Ear().listen();
after(() => ear.close());

/** @param {Server} server @param {Api} api */
async function comesAndGoes(server, api) {
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
 * @param {(server: Server, api: Api) => Promise<void>} body */
async function withServer(options, body) {
  const server = await startServer(options);
  const api = new Api(server.api);
  try {
    await body(server, api);
  } finally {
    api.close();
    await server.stop();
  }
  await has(server, 0);
}

describe('beside a server there is a hook', () => {
  test('while a key has one', () => withServer({}, async (server, api) => {
    await keys(server, 'add', 'mute');
    const app = await comesAndGoes(server, api);
    assert.equal(hooks(server).length, 1);
    await keys(server, 'remove', app.name);
    await has(server, 0);
    await comesAndGoes(server, api);
  }));

  test('again, when it was killed', () => withServer({},
    async (server, api) => {
      await comesAndGoes(server, api);
      const [first] = hooks(server);
      process.kill(first, 'SIGKILL');
      await until('there is another', () => hooks(server)
        .some((pid) => pid !== first), { within: 30000 });
      await comesAndGoes(server, api);
      assert.match(server.stderr, /hook why=signal number=9/);
    }));

  test('one alone, of whatever server', () => withServer({ processes: 3 },
    async (server, api) => {
      await comesAndGoes(server, api);
      assert.equal(hooks(server).length, 1);
      // Which of the three it is of is not known: all but one go.
      for (const box of server.boxes.slice(0, 2)) await box.end('SIGKILL');
      await Promise.all(server.boxes.slice(0, 2).map((box) => box.start()));
      await comesAndGoes(server, api);
      await has(server, 1);
    }));

  test('that goes with a server that is killed', () => withServer({},
    async (server, api) => {
      await comesAndGoes(server, api);
      await server.kill('SIGKILL');
      await has(server, 0);
      await server.restart();
      await comesAndGoes(server, api);
    }));

  test('of the program that takes over', () => withServer({ copy: true },
    async (server, api) => {
      await comesAndGoes(server, api);
      const [first] = hooks(server);
      const [pid] = server.pids;
      process.kill(pid, 'SIGHUP');
      await until('there is another', () => hooks(server).length === 1 &&
        hooks(server)[0] !== first, { within: 30000 });
      assert.deepEqual(server.pids, [pid]);
      await comesAndGoes(server, api);
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
        .trim().split(' ').map(Number);
      assert.deepEqual(children, hooks(server));
    }));

  test('again, when a backup was restored', () => withServer({},
    async (server, api) => {
      await comesAndGoes(server, api);
      const [first] = hooks(server);
      const copy = join(server.dir, 'backup.db');
      await backup(server.database, copy);
      const app = await comesAndGoes(server, api);
      restore(server.database, copy);
      await until('there is another', () => hooks(server)
        .some((pid) => pid !== first), { within: 30000 });
      // The key made after the backup is gone, and nobody is told twice.
      assert.doesNotMatch(await keys(server, 'list'), new RegExp(app.name));
      const told = ear.all.length;
      await comesAndGoes(server, api);
      assert.equal(ear.all.length, told + 2);
    }));

  test('or none, as the configuration says', () => withServer(
    { conf: { hook: 'off' } }, async (server, api) => {
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
