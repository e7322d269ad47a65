// make run: what a newcomer sees first.

import { test, after } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import https from 'node:https';
import { join } from 'node:path';
import { MakeRun, ROOT, newState, dropState, processesOf } from './make_run.mjs';

const state = newState();
after(() => dropState(state));

/** @param {string[]} words */
const make = (...words) => {
  try {
    return execFileSync('make', ['-s', ...words],
      { cwd: ROOT, stdio: 'pipe' }).toString();
  } catch (error) {
    return String(/** @type {any} */ (error).stderr);
  }
};

/** A port that somebody else holds. @param {number} port */
async function hold(port) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening').catch(() => {});
  return server;
}

/** @param {string} url @param {unknown} [json] @param {string} [token] */
const send = (url, json, token) => fetch(url, {
  method: json ? 'POST' : 'GET',
  ...(json ? { body: JSON.stringify(json) } : {}),
  headers: {
    ...(json ? { 'content-type': 'application/json' } : {}),
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  },
});

/** @param {string} url @returns {Promise<import('http').IncomingMessage>} */
const getTls = (url) => new Promise((resolve, reject) =>
  https.get(url, { rejectUnauthorized: false }, (reply) => {
    reply.resume();
    resolve(reply);
  }).on('error', reject));

test('serves pages and API, remembers, and leaves nothing running',
  async (t) => {
    const run = await MakeRun.of(t, { STATE: state }).ready();
    assert.match(run.out, /^letterbox \d+\.\d+\.\d+ .*SQLite \d+\.\d+/m);
    const scratch = run.scratch;
    const page = await fetch(run.url);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-security-policy') ?? '',
      /script-src 'self'/);
    assert.match(page.headers.get('permissions-policy') ?? '',
      /camera=\(self\)/);
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');

    const room = run.url + 'api/rooms/remembered';
    const joined = await send(room + '/peers', { key: 'A'.repeat(22) });
    assert.equal(joined.status, 201);
    const { token, peer } = /** @type {any} */ (await joined.json());
    const post = await send(room + '/messages',
      { n: 1, messages: [{ type: 'chat', body: 'kept' }] }, token);
    assert.equal(post.status, 201);

    assert.match(make('clean-run', `STATE=${state}`), /is in use/);
    const timeline = execFileSync('sh', ['-c', run.line('Inspect')
      .replaceAll(state, '.')], { cwd: state }).toString();
    assert.match(timeline, /remembered/);

    assert.equal(processesOf(run.group).length > 3, true);
    await run.interrupt();
    assert.deepEqual(processesOf(run.group), []);
    assert.equal(existsSync(scratch), false, 'socket and configuration');
    await assert.rejects(fetch(run.url), 'the port is free');

    const again = await MakeRun.of(t, { STATE: state }).ready();
    const same = await send(
      again.url + 'api/rooms/remembered/peers', { token });
    assert.equal(same.status, 200);
    const resumed = /** @type {any} */ (await same.json());
    assert.equal(resumed.peer, peer);
    await again.interrupt();
  });

test('a replaced program takes over when the old one ends', async (t) => {
  const run = await MakeRun.of(t, { STATE: state }).ready();
  const program = () => processesOf(run.group)
    .filter((line) => /\/letterbox$/.test(line)).map((l) => l.split(/\s+/)[1]);
  const [old] = program();
  process.kill(Number(old), 'SIGTERM');
  const health = run.url + 'api/healthz';
  for (let tries = 0; (await fetch(health)).status !== 200; tries++) {
    assert.ok(tries < 100, 'the web server starts it again');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.notEqual(program()[0], old);
  await run.interrupt();
  assert.deepEqual(processesOf(run.group), []);
});

test('takes the next port when 8080 is busy', async (t) => {
  const server = await hold(8080);
  const run = await MakeRun.of(t, { STATE: state }).ready();
  assert.notEqual(new URL(run.url).port, '8080');
  assert.equal((await fetch(run.url)).status, 200);
  await run.interrupt();
  server.close();
});

test('names a chosen port that is busy, and fails', async (t) => {
  const server = await hold(0);
  const { port } = /** @type {import('net').AddressInfo} */ (server.address());
  const run = MakeRun.of(t, { STATE: state, PORT: String(port) });
  assert.notEqual(await run.end(), 0);
  assert.match(run.out, new RegExp(`port ${port} is busy`));
  assert.deepEqual(processesOf(run.group), []);
  server.close();
});

for (const [words, complaint] of [
  [{ PORT: '65536' }, /not a port/],
  [{ PORT: 'http' }, /not a port/],
  [{ HOST: '127.0.0.1' }, /TLS=1/],
  [{ TLS: '1', HOST: '192.0.2.77' }, /not an address of this machine/],
  [{ TLS: '1', HOST: 'nowhere.invalid' }, /no such name/],
])
  test(`refuses ${JSON.stringify(words)} in words`, async (t) => {
    const run = MakeRun.of(t, { STATE: state,
      .../** @type {Record<string, string>} */ (words) });
    assert.notEqual(await run.end(), 0);
    assert.match(run.out, /** @type {RegExp} */ (complaint));
  });

test('serves the network by https, with an invitation as QR code',
  async (t) => {
    const run = await MakeRun.of(t,
      { STATE: state, TLS: '1', HOST: 'localhost' }).ready();
    assert.match(run.url, /^https:\/\/localhost:\d+\/$/);
    assert.match(run.out, /[█▀▄]{10}/, 'the QR code');
    assert.equal((await getTls(run.url)).statusCode, 200);
    assert.equal((await getTls(run.url + 'api/healthz')).statusCode, 200);
    await run.interrupt();
    assert.deepEqual(processesOf(run.group), []);
  });

test('APPRTC=1 serves AppRTC beside it', async (t) => {
  const run = await MakeRun.of(t, { STATE: state, APPRTC: '1' }).ready();
  const sent = await fetch(run.line('AppRTC'), { redirect: 'manual' });
  assert.equal(sent.status, 302);
  assert.match(sent.headers.get('location') ?? '', /^\/\?r=\d{8}$/);
  const page = await fetch(run.line('AppRTC'));
  assert.match(await page.text(), /"room_key":"\d{8}"/);
  assert.equal((await fetch(run.url)).status, 200);
  await run.interrupt();
});

test('clean-run removes its state, and nothing else', () => {
  assert.match(make('clean-run', 'STATE=cgi-src'), /left alone/);
  assert.equal(existsSync(join(ROOT, 'cgi-src', 'LAYERS')), true);
  make('clean-run', `STATE=${state}`);
  assert.equal(existsSync(state), false);
});
