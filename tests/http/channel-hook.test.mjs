// Posts to applications who comes and goes: what is in them, in which order,
// and what happens when an application does not take them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Api } from './api.mjs';
import { keys } from './channel.mjs';
import { startServer, together } from './harness.mjs';
import { Ear, Hook, assertSigned } from './hook.mjs';
import { rows } from './sqlite.mjs';
import { until } from './until.mjs';

const run = promisify(execFile);

const server = await startServer({ conf: { hook: 'off', hold: 5, lease: 8,
  away: 8 } });
const api = new Api(server.api);
const hook = new Hook(server);
/** @type {Ear[]} */
const ears = [];
after(async () => {
  assert.equal(await hook.end(), 0);
  assert.doesNotMatch(hook.stderr, /Sanitizer|runtime error/);
  for (const ear of ears) await ear.close();
  api.close();
  await server.stop();
});

/** @param {string} [pem] */
async function anEar(pem) {
  const ear = await new Ear(pem).listen();
  ears.push(ear);
  return ear;
}

/** @param {Ear} ear @param {number} count */
const taken = (ear, count) => until(`${count} were taken`,
  () => ear.taken.length >= count, { within: 60000 });

/** @param {import('./channel.mjs').Application} app */
const outboxOf = async (app) => (await rows(server.database,
  `SELECT seq FROM outbox WHERE key = '${app.name}'`)).length;

describe('a hook', { concurrency: together }, () => {
  test('is told in the words of the original, and by whom', async () => {
    const ear = await anEar();
    const app = await ear.application(server, api);
    const client = await app.client('a/"é" &b');
    await client.open();
    await taken(ear, 1);
    const [told] = ear.all;
    assert.equal(told.method, 'POST');
    assert.equal(told.path, '/app/_ah/channel/connected/');
    assert.equal(told.body, 'from=a%2F%22%C3%A9%22+%26b');
    assert.equal(told.from, 'a/"é" &b');
    assert.equal(told.headers['content-type'],
      'application/x-www-form-urlencoded');
    assert.match(told.event, /^[a-z0-9]{8}\.\d+$/);
    assertSigned(told, app);
    await client.close();
    await taken(ear, 2);
    assert.equal(ear.all[1].path, '/app/_ah/channel/disconnected/');
    assertSigned(ear.all[1], app);
    assert.notEqual(ear.all[1].event, told.event);
    await until('the outbox is empty', async () => !await outboxOf(app),
      { within: 30000 });
    assert.equal(ear.all.length, 2);
  });

  test('hears that somebody came once mail arrives there', async () => {
    const ear = await anEar();
    const app = await ear.application(server, api);
    const client = await app.client();
    ear.answer = async () => {
      await app.send(client.id, 'welcome');
      return 204;
    };
    await client.open();
    await taken(ear, 1);
    assert.deepEqual(await client.mail(5), ['welcome']);
  });

  test('hears who vanished, within the lease', async () => {
    const ear = await anEar();
    const app = await ear.application(server, api);
    const client = await app.client();
    const begun = Date.now();
    await client.open();
    await taken(ear, 2);
    assert.deepEqual(ear.wordsOf(client.id), ['connected', 'disconnected']);
    const ms = ear.all[1].at - begun;
    assert.ok(ms > 7000 && ms < 8000 * 5, `${ms} ms`);
  });

  test('is not told of reloads', async () => {
    const ear = await anEar();
    const app = await ear.application(server, api);
    const client = await app.client();
    await client.open();
    await client.tryPost('away');
    await client.open();
    await client.close();
    await taken(ear, 2);
    assert.deepEqual(ear.wordsOf(client.id), ['connected', 'disconnected']);
  });

  for (const [name, status] of /** @type {const} */ ([['an error', 500],
    ['a refusal', 404], ['no reply', 0]]))
    test(`is asked again after ${name}: the same event, in order`, async () => {
      const ear = await anEar();
      ear.answer = (_, n) => n <= 2 ? status : 200;
      const app = await ear.application(server, api);
      const client = await app.client();
      await client.open();
      await client.close();
      await taken(ear, 2);
      assert.deepEqual(ear.all.map(({ word }) => word),
        ['connected', 'connected', 'connected', 'disconnected']);
      assert.equal(new Set(ear.all.map(({ event }) => event)).size, 2);
      for (const told of ear.all) assertSigned(told, app);
    });

  test('that redirects is not followed, and the log says so', async () => {
    const [ear, other] = [await anEar(), await anEar()];
    ear.headers = { location: other.url };
    ear.answer = (_, n) => n <= 2 ? [301, 307][n - 1] : 200;
    const app = await ear.application(server, api);
    await (await app.client()).open();
    await taken(ear, 1);
    assert.deepEqual(ear.all.map(({ status }) => status), [301, 307, 200]);
    assert.equal(other.all.length, 0);
    assert.match(hook.stderr,
      new RegExp(`hook-failed key=${app.name} why=redirect status=301 `));
  });

  test('whose certificate nobody vouches for hears nothing', async () => {
    const key = join(server.dir, 'ear.key');
    const cert = join(server.dir, 'ear.crt');
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
      'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj',
      '/CN=127.0.0.1', '-keyout', key, '-out', cert]);
    const ear = await anEar(readFileSync(key, 'utf8') +
      readFileSync(cert, 'utf8'));
    const app = await ear.application(server, api);
    await (await app.client()).open();
    await hook.said(new RegExp(`hook-failed key=${app.name} why=tls `));
    assert.deepEqual(ear.all, []);
    assert.equal(await outboxOf(app), 1);
  });

  test('that fails for one client hears of the others', async () => {
    const ear = await anEar();
    const app = await ear.application(server, api);
    const bad = await app.client('bad');
    ear.answer = ({ from }) => from === 'bad' ? 503 : 200;
    await bad.open();
    for (let i = 0; i < 20; i++) {
      const client = await app.client();
      await client.open();
      await client.close();
    }
    await taken(ear, 40);
    assert.deepEqual(ear.wordsOf('bad'), []);
    ear.answer = () => 200;
    await taken(ear, 41);
    await until('the log says that it goes on', () => hook.stderr
      .includes(`hook-caught-up key=${app.name}`), { within: 30000 });
  });

  test('that is slow gets eight at a time, one of a client', async () => {
    const ear = await anEar();
    const app = await ear.application(server, api);
    /** @type {(() => void)[]} */
    const open = [];
    ear.answer = () => new Promise((done) => open.push(() => done(200)));
    for (let i = 0; i < 12; i++) {
      const client = await app.client();
      await client.open();
      await client.close();
    }
    await until('eight wait', () => open.length === 8, { within: 30000 });
    assert.equal(new Set(ear.all.map(({ from }) => from)).size, 8);
    ear.answer = () => 200;
    for (const done of open) done();
    await taken(ear, 24);
    assert.equal(ear.most, 8);
  });

  test('that says a great deal has still taken it', async () => {
    const ear = await anEar();
    ear.speech = 'x'.repeat(1 << 20);
    const app = await ear.application(server, api);
    await (await app.client()).open();
    await taken(ear, 1);
    await until('it is noted', async () => !await outboxOf(app),
      { within: 30000 });
    assert.equal(ear.all.length, 1);
  });

  test('that breaks off behind its status has still taken it', async () => {
    const ear = await anEar();
    ear.headers = { 'content-length': '1000' };
    ear.breaks = true;
    const app = await ear.application(server, api);
    const client = await app.client();
    await client.open();
    await client.close();
    await until('both are noted', async () => ear.all.length >= 2 &&
      !await outboxOf(app), { within: 60000 });
    assert.deepEqual(ear.all.map(({ word }) => word),
      ['connected', 'disconnected']);
  });

  test('that was down is told what it missed', async () => {
    const ear = await anEar();
    const { port } = ear;
    const app = await ear.application(server, api);
    await ear.close();
    const clients = [await app.client(), await app.client()];
    for (const client of clients) await client.open();
    for (const client of clients) await client.close();
    await until('the outbox holds them', async () => await outboxOf(app) === 4,
      { within: 30000 });
    assert.deepEqual(ear.all, []);
    await until('the log says so', () => new RegExp(
      `hook-failed key=${app.name} why=no-connection`).test(hook.stderr),
    { within: 30000 });
    await ear.listen(port);
    await taken(ear, 4);
    for (const { id } of clients)
      assert.deepEqual(ear.wordsOf(id), ['connected', 'disconnected']);
  });

  test('of a key that was removed hears nothing more', async () => {
    const ear = await anEar();
    ear.answer = () => 500;
    const app = await ear.application(server, api);
    await (await app.client()).open();
    await until('it is in the outbox', async () => await outboxOf(app) === 1,
      { within: 30000 });
    await until('it was tried', () => ear.all.length > 0, { within: 30000 });
    await keys(server, 'remove', app.name);
    assert.equal(await outboxOf(app), 0);
    // Another application of the same name, told of its own alone.
    const next = await anEar();
    await keys(server, 'add', app.name, '--hook', next.url).then((key) => {
      app.key = key;
    });
    const client = await app.client();
    await client.open();
    await taken(next, 1);
    assert.deepEqual(next.all.map(({ from }) => from), [client.id]);
    assertSigned(next.all[0], app);
    const before = ear.all.length;
    await client.close();
    await taken(next, 2);
    assert.equal(ear.all.length, before);
  });

  test('that is down for very long is told of the last', async () => {
    const ear = await anEar();
    const { port } = ear;
    await ear.close();
    const most = 65536;
    const over = 40;
    // As a hook before this one has left it; the key is not seen before all
    // of it is there.
    await run('sqlite3', [server.database, '-cmd', '.timeout 20000', `BEGIN;
      INSERT INTO key (name, hash, hook, created_at) VALUES ('long',
        randomblob(32), '${ear.url}', 1);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
        WHERE i < ${most + over})
      INSERT INTO outbox SELECT 'long', i, 'abcdefgh', i % 2, 'c' || i / 2, 1
        FROM n;
      COMMIT`]);
    await hook.said(new RegExp(`hook-full key=long dropped=${over}\n`));
    await until('they are out of the database', async () => (await rows(
      server.database, `SELECT count(*) AS n, min(seq) AS least FROM outbox
        WHERE key = 'long'`)).every(({ n, least }) => n === most &&
        least === over + 1), { within: 30000 });
    await ear.listen(port);
    await taken(ear, 100);
    await keys(server, 'remove', 'long');
    assert.ok(ear.all.every(({ event }) =>
      Number(event.split('.')[1]) > over));
  });

  test('of another hook waits for the end of this one', async () => {
    const other = new Hook(server);
    await other.said(/another hook works .* waiting/);
    assert.equal(await other.end('SIGKILL'), 'SIGKILL');
  });
});
