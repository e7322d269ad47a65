// How an application asks: its key or a signature, JSON or a form, and what is
// refused at the door.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { Application, keys, newClient } from './channel.mjs';
import { startServer, together } from './harness.mjs';
import { served } from './served.mjs';
import { until } from './until.mjs';

const server = await startServer();
const api = new Api(server.api);
const app = await Application.add(server, api);
after(async () => {
  api.close();
  await server.stop();
});

const wrong = { bad: true };

describe('a key', { concurrency: together }, () => {
  test('is asked for, by every call', async () => {
    for (const call of ['create', 'send', 'presence'])
      for (const token of [undefined, 'x', app.key.slice(1), app.key + 'A',
        app.key.toUpperCase(), 'A'.repeat(43)]) {
        const reply = await app.post(call, { client_id: 'x', message: 'x' },
          { token, ...wrong });
        await refused(Promise.resolve(reply), 401, 'key', String(token));
        assert.equal(reply.headers['www-authenticate'], 'Bearer');
      }
  });

  test('comes as Authorization or as X-Letterbox-Key', async () => {
    const client_id = newClient();
    for (const headers of [{ authorization: `bearer ${app.key}` },
      { 'x-letterbox-key': app.key }])
      await ok(app.post('create', { client_id }, { token: undefined,
        headers: /** @type {{}} */ (headers) }), 201);
  });

  test('is looked at before the body', async () => {
    await refused(app.post('create', undefined, { token: 'x', body: '{',
      ...wrong }), 401, 'key');
  });

  test('is known from its making on, and refused when removed', async () => {
    const brief = await Application.add(server, api);
    await brief.create('x');
    assert.match(await keys(server, 'list'), new RegExp(`^${brief.name} `, 'm'));
    await keys(server, 'remove', brief.name);
    await refused(brief.post('create', { client_id: 'x' }), 401, 'key');
    assert.doesNotMatch(await keys(server, 'list'),
      new RegExp(`^${brief.name} `, 'm'));
  });

  test('is not in the database', async () => {
    const list = JSON.parse(await keys(server, 'list', '--json'));
    const mine = list.find((/** @type {any} */ k) => k.name === app.name);
    assert.deepEqual(Object.keys(mine).sort(),
      ['created_at', 'hook', 'name', 'strict']);
    assert.ok(!JSON.stringify(list).includes(app.key));
  });
});

describe('a signed request', { concurrency: together }, () => {
  const body = JSON.stringify({ client_id: 'signed' });
  const now = () => Math.floor(Date.now() / 1000);
  /** @param {Record<string, string>} headers @param {string} [call]
   * @param {string} [text] */
  const ask = (headers, call = 'create', text = body) =>
    app.post(call, undefined, { token: undefined, headers, body: text });

  test('needs no key on the wire', async () => {
    await ok(ask(app.signature('create', body)), 201);
    await ok(ask(app.signature('create', body, now() - 290)), 201);
    await ok(ask(app.signature('create', body, now() + 290)), 201);
  });

  test('that comes again is one message', async () => {
    const client = await app.client();
    const text = JSON.stringify({ client_id: client.id, message: 'one' });
    const headers = app.signature('send', text);
    for (let i = 0; i < 3; i++)
      assert.equal((await ask(headers, 'send', text)).status, 204);
    // Whoever means two signs two: other times, or an id each.
    const later = app.signature('send', text, `${now()}.5`);
    assert.equal((await ask(later, 'send', text)).status, 204);
    assert.deepEqual(await client.open(), ['one', 'one']);
    // With the key itself nothing is a repeat but what says so.
    await app.send(client.id, 'one');
    await app.send(client.id, 'one');
    assert.deepEqual(await client.mail(), ['one', 'one']);
  });

  test('that comes again is one token', async () => {
    const text = JSON.stringify({ client_id: newClient() });
    const token = async (/** @type {number | string} */ date) =>
      (await ok(ask(app.signature('create', text, date), 'create', text), 201))
        .token;
    const date = now();
    const first = await token(date);
    await until('a second has passed', () => now() > date + 1);
    assert.equal(await token(date), first);
    assert.notEqual(await token(`${date}.1`), first);
  });

  test('is good for its method, path, time and body alone', async () => {
    const good = app.signature('create', body);
    /** @type {[string, Promise<import('./api.mjs').Reply>][]} */
    const tries = [
      ['another body', ask(good, 'create', body.replace('signed', 'forged'))],
      ['another call', ask(app.signature('send', body))],
      ['another name', ask({ ...good, 'x-letterbox-key-name': 'x' })],
      ['another date', ask({ ...good, 'x-letterbox-date': String(now() + 2) })],
      ['too old', ask(app.signature('create', body, now() - 310))],
      ['of the future', ask(app.signature('create', body, now() + 310))],
      ['no date', ask({ ...good, 'x-letterbox-date': '' })],
      ['no number', ask({ ...good, 'x-letterbox-date': '1e9' })],
      ['cut short', ask({ ...good, 'x-letterbox-signature':
        good['x-letterbox-signature'].slice(1) })],
      ['of another key', ask(new Application(api, app.name, 'A'.repeat(43))
        .signature('create', body))],
    ];
    for (const [what, reply] of tries) await refused(reply, 401, 'key', what);
  });
});

describe('a form', { concurrency: together }, () => {
  test('has the fields of the same names', async () => {
    const client_id = newClient() + ' +&=%é';
    const { token } = await ok(app.form('create',
      { client_id, duration_minutes: '30' }, wrong), 201);
    const message = 'a+b&c=d%20é\u{1F600}\n"';
    for (const id of ['m1', 'm1', 'm2'])
      assert.equal((await app.form('send', { client_id, message, id }, wrong))
        .status, 204);
    assert.equal((await app.form('send', { client_id: token, message: 'x'
      .repeat(32767) }, wrong)).status, 204);
    const reply = await api.exchange('POST', '/_ah/channel/open',
      { json: { token } });
    assert.deepEqual(reply.json.messages.map((/** @type {any} */ m) => m.data),
      [message, message, 'x'.repeat(32767)]);
  });

  test('the longest message, percent-encoded to the last byte', async () => {
    const client = await app.client();
    const body = `client_id=${encodeURIComponent(client.id)}&message=` +
      '%78'.repeat(32767);
    assert.equal((await app.form('send', body, wrong)).status, 204);
    assert.deepEqual(await client.open(), ['x'.repeat(32767)]);
  });

  test('says the same of what is wrong', async () => {
    for (const [call, fields, code] of /** @type {const} */ ([
      ['create', 'client_id=', 'channel-client-id'],
      ['create', 'x=1', 'channel-client-id'],
      ['create', `client_id=${'x'.repeat(257)}`, 'channel-client-id'],
      ['create', 'client_id=%ff%fe', 'channel-client-id'],
      ['create', 'client_id=%c0%80', 'channel-client-id'],
      ['create', 'client_id=x&duration_minutes=', 'channel-duration'],
      ['create', 'client_id=x&duration_minutes=0', 'channel-duration'],
      ['create', 'client_id=x&duration_minutes=1441', 'channel-duration'],
      ['create', 'client_id=x&duration_minutes=1.0', 'channel-duration'],
      ['create', 'client_id=x&duration_minutes=+5', 'channel-duration'],
      ['send', 'client_id=x&message=', 'channel-message'],
      ['send', 'client_id=x', 'channel-message'],
      ['send', 'client_id=x&message=%ff', 'channel-message'],
      ['send', `client_id=x&message=${'x'.repeat(32768)}`, 'channel-message'],
      ['send', 'client_id=x&message=x&message=y', 'bad-request'],
      ['send', 'client_id=x&client_id=y&message=x', 'bad-request'],
      ['send', 'client_id=%zz&message=x', 'bad-request'],
      ['send', 'client_id=x%00y&message=x', 'bad-request'],
      ['send', 'client_id=x&message=x&id=%ff', 'bad-request'],
    ])) await refused(app.form(call, fields, wrong), 400, code, fields);
  });
});

describe('JSON', { concurrency: together }, () => {
  test('is strict', async () => {
    for (const [body, code] of /** @type {const} */ ([
      ['', 'bad-json'], ['{', 'bad-json'], ['[]', 'bad-request'],
      ['"x"', 'bad-request'], ['{"client_id":"\\ud800"}', 'bad-json'],
      ['{"client_id":"x","client_id":"y"}', 'bad-request'],
      ['{"client_id":"x","client\\u005fid":"y"}', 'bad-request'],
      ['{"client_id":"x","other":1}', 'bad-request'],
      ['\ufeff{"client_id":"x"}', 'bad-json'],
      ["{'client_id':'x'}", 'bad-json'],
    ])) await refused(app.post('create', undefined, { body, ...wrong }), 400,
      code, body);
    await refused(app.post('create', undefined, { ...wrong, body: Buffer.from(
      [...Buffer.from('{"client_id":"'), 0xff, ...Buffer.from('"}')]) }), 400,
    'bad-json');
  });

  test('other types are refused', async () => {
    for (const type of ['text/plain', 'text/json', 'multipart/form-data', ''])
      await refused(app.post('create', undefined, { body: '{"client_id":"x"}',
        headers: { 'content-type': type }, ...wrong }), 415, 'media-type', type);
  });

  test('too much is refused', async () => {
    const problem = await refused(app.post('send', { client_id: 'x',
      message: 'x'.repeat(110000) }, wrong), 413, 'too-large');
    assert.equal(problem.limit, 106496);
  });

  test('other methods and paths are refused', async () => {
    const reply = await api.request('GET', '/channel/create', wrong);
    await refused(Promise.resolve(reply), 405, 'method-not-allowed');
    assert.equal(reply.headers.allow, 'POST');
    for (const path of ['/channel', '/channel/', '/channel/x', '/_ah/channel',
      '/_ah/channel/x', '/channels', '/channel/create/'])
      await refused(api.exchange('POST', path, { json: {} }), 404, 'not-found',
        path);
  });
});

test('an application that asks too fast is told when to come back', () =>
  served({ conf: { key_rate: 1, key_burst: 5 } }, async (own, door) => {
    const [fast, other] = [await Application.add(own, door),
      await Application.add(own, door)];
    const replies = [];
    for (let i = 0; i < 8; i++)
      replies.push(await fast.post('send', { client_id: 'x', message: 'x' }));
    const last = replies.at(-1);
    assert.deepEqual(replies.slice(0, 5).map((r) => r.status), Array(5)
      .fill(204));
    await refused(Promise.resolve(/** @type {any} */ (last)), 429, 'too-fast');
    assert.ok(Number(last?.headers['retry-after']) >= 1);
    await other.create('x');
  }));
