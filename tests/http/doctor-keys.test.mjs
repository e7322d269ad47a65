// Keys of applications for who has no shell: with the doctor's code, and
// nothing without it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { Application, keys } from './channel.mjs';
import { startServer } from './harness.mjs';

const server = await startServer({ conf: {
  trusted_proxy: '127.0.0.1, ::1' } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

/** Tries are counted by address: each comes from one of its own. */
let guest = 0;
/** @param {unknown} json @param {import('./api.mjs').Options} [options] */
const post = (json, options = {}) =>
  api.request('POST', '/doctor/keys.json', { json, ...options,
    headers: { 'x-forwarded-for': `192.0.2.${++guest}`, ...options.headers } });

/** The code of this moment. */
async function code() {
  await api.request('GET', '/doctor');
  return readFileSync(join(server.data, 'doctor.code'), 'utf8').trim();
}

/** A pass, which is what the report comes with. */
async function pass() {
  const reply = await ok(api.request('POST', '/doctor.json', {
    json: { code: await code() },
    headers: { 'x-forwarded-for': `192.0.2.${++guest}` } }), 200);
  return reply.pass;
}

const names = (/** @type {any} */ { keys }) =>
  keys.map((/** @type {any} */ key) => key.name);

describe('with the code', () => {
  test('a key is added, shown once, and works', async () => {
    const reply = await ok(post({ code: await code(), add: 'shop',
      strict: true, hook: 'https://shop.example/app' }), 201);
    assert.match(reply.key, /^[\w-]{43}$/);
    assert.deepEqual(reply.keys.map((/** @type {any} */ key) =>
      ({ ...key, created_at: 0 })), [{ name: 'shop', strict: true,
      hook: 'https://shop.example/app', created_at: 0 }]);
    await new Application(api, 'shop', reply.key).create('ada');
    const list = await ok(post({ code: await pass() }), 200);
    assert.deepEqual([names(list), list.key], [['shop'], undefined]);
    assert.ok(!JSON.stringify(list).includes(reply.key));
    assert.match(await keys(server, 'list'), /^shop .* strict https:/);
  });

  test('a key is removed, and its channels end', async () => {
    const { key } = await ok(post({ code: await code(), add: 'brief' }), 201);
    const app = new Application(api, 'brief', key);
    const client = await app.client();
    await client.open();
    const left = await ok(post({ code: await code(), remove: 'brief' }), 200);
    assert.ok(!names(left).includes('brief'));
    await refused(app.post('create', { client_id: 'x' }), 401, 'key');
    await refused(client.tryMail(), 401, 'channel-token');
    // What is not there is gone.
    await ok(post({ code: await code(), remove: 'brief' }), 200);
  });

  test('a name is given once', async () => {
    await ok(post({ code: await code(), add: 'twice' }), 201);
    await refused(post({ code: await code(), add: 'twice' }), 409, 'key-taken');
  });
});

describe('without it', () => {
  test('nobody learns or changes anything', async () => {
    const before = await keys(server, 'list');
    const used = await code();
    await ok(post({ code: used }), 200);
    const own = await pass();
    for (const wrong of [used, '', 'x', 'aaaaaaaa', `${own}x`])
      for (const json of [{ code: wrong }, { code: wrong, add: 'intruder' },
        { code: wrong, remove: 'shop' }])
        await refused(post(json), 403, 'doctor', JSON.stringify(json));
    // A pass may have been read on the way.
    for (const json of [{ code: own, add: 'intruder' },
      { code: own, remove: 'shop' }])
      await refused(post(json), 403, 'doctor', JSON.stringify(json));
    assert.equal(await keys(server, 'list'), before);
  });

  test('other sites, forms and addresses get nowhere', async () => {
    const now = await code();
    const json = { code: now, add: 'intruder' };
    const bad = { bad: true };
    await refused(post(json, { headers: {
      origin: 'https://elsewhere.example' } }), 403, 'origin');
    for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
      await refused(post(json, { ...bad, headers: { 'content-type': type } }),
        415, 'media-type');
    await refused(api.request('GET', '/doctor/keys.json', { ...bad,
      query: { code: now } }), 405, 'method-not-allowed');
    await refused(post({}, { ...bad, query: { code: now } }), 400,
      'bad-request');
    // Nothing of that was an answer to the code.
    await ok(post({ code: now }), 200);
  });

  test('tries are counted', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.1' };
    const replies = [];
    for (let i = 0; i < 14; i++)
      replies.push((await post({ code: 'wrong' }, { headers })).status);
    assert.ok(replies.includes(429), `${replies}`);
  });
});

test('what is wrong is said before the code is used', async () => {
  const now = await code();
  for (const json of [{ code: now, add: 'Shop' }, { code: now, add: '' },
    { code: now, add: 'x'.repeat(33) }, { code: now, remove: 'a b' },
    { code: now, add: 'a', remove: 'b' }, { code: now, add: 'a', hook: 'x' },
    { code: now, add: 'a', hook: `http://${'x'.repeat(1100)}` },
    { code: now, add: 7 }, { code: now, add: 'a', strict: 'yes' },
    { code: now, other: 1 }, { add: 'a' }, { code: 7 }, []])
    await refused(post(json, { bad: true }), 400, 'bad-request',
      JSON.stringify(json));
  await ok(post({ code: now, add: 'after-all', hook: '' }), 201);
});
