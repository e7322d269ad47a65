// What happened in a room, page by page: who may see what of it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { Api, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { Peer, newRoom } from './peer.mjs';

const server = await startServer({ conf: { message_max: 65536 } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

const Ajv = /** @type {any} */ (Ajv2020).default ?? Ajv2020;
const valid = new Ajv().compile(JSON.parse(readFileSync(
  new URL('../../schema/export.json', import.meta.url), 'utf8')));

const adminKey = () =>
  readFileSync(join(server.data, 'admin.key'), 'utf8').trim();

/**
 * @param {string} room
 * @param {string} token
 * @param {Record<string, string>} [query]
 * @returns {Promise<{header: any, messages: any[], text: string}>}
 */
async function log(room, token, query) {
  const reply = await api.request('GET', `/rooms/${room}/log`,
    { token, query });
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.headers['content-type'], 'application/jsonl');
  assert.ok(reply.text.endsWith('\n'));
  const lines = reply.text.slice(0, -1).split('\n')
    .map((line) => JSON.parse(line));
  for (const line of lines) assert.ok(valid(line), JSON.stringify(line));
  const [header, ...messages] = lines;
  return { header, messages, text: reply.text };
}

/** A room with three in it, who said things to each other. */
async function kitchen() {
  const room = newRoom();
  const [a, b, c] = ['a', 'b', 'c'].map((id) => new Peer(api, room, id));
  await a.join({ name: 'Ada' });
  await a.post([{ type: 'chat', body: 'before the others' }]);
  await b.join();
  await c.join();
  await a.post([{ to: 'b', type: 'x', body: 'from a to b' },
    { to: 'c', type: 'x', body: 'from a to c' }]);
  await c.post([{ to: 'b', type: 'x', body: 'from c to b' },
    { type: 'x', body: 'from c' }]);
  return { room, a, b, c };
}

/** @param {any[]} messages */
const bodies = (messages) => messages.filter(({ type }) => type !== 'joined')
  .map(({ body }) => body);

describe('the log of a room', { concurrency: together }, () => {
  test('is, for a member, what is for everybody, for it and from it',
    async () => {
      const { room, a, b, c } = await kitchen();
      assert.deepEqual(bodies((await log(room, a.token)).messages),
        ['before the others', 'from a to b', 'from a to c', 'from c']);
      assert.deepEqual(bodies((await log(room, b.token)).messages),
        ['before the others', 'from a to b', 'from c to b', 'from c']);
      const { header, messages } = await log(room, c.token);
      assert.deepEqual(bodies(messages),
        ['before the others', 'from a to c', 'from c to b', 'from c']);
      assert.deepEqual(messages.filter(({ type }) => type === 'joined')
        .map(({ from }) => from), ['a', 'b', 'c']);
      assert.deepEqual({ ...header, epoch: '' }, { letterbox: 1, epoch: '',
        namespace: 'rooms', room, redacted: false });
      assert.equal(header.epoch, c.cursor.split('.')[0]);
    });

  test('is everything for the admin, who needs no room', async () => {
    const { room } = await kitchen();
    const { messages } = await log(room, adminKey());
    assert.deepEqual(bodies(messages), ['before the others', 'from a to b',
      'from a to c', 'from c to b', 'from c']);
    await refused(api.request('GET', `/rooms/${newRoom()}/log`,
      { token: adminKey() }), 404, 'not-found');
  });

  test('is nothing for strangers, nor for members of another room',
    async () => {
      const { room } = await kitchen();
      const other = new Peer(api, newRoom());
      await other.join();
      for (const token of [undefined, 'x', other.token, 'A'.repeat(43)]) {
        await refused(api.request('GET', `/rooms/${room}/log`, { token }),
          401, 'not-a-member');
      }
      await refused(api.request('GET', `/rooms/${newRoom()}/log`,
        { token: other.token }), 401, 'not-a-member');
    });

  test('comes page by page, without a hole', async () => {
    const { room, a } = await kitchen();
    for (const token of [a.token, adminKey()]) {
      const whole = await log(room, token);
      const paged = [];
      for (let seq = 0; ;) {
        const { header, messages } = await log(room, token,
          { after: String(seq), limit: '2' });
        assert.deepEqual(header, whole.header);
        if (!messages.length) break;
        assert.ok(messages.length <= 2);
        paged.push(...messages);
        seq = messages[messages.length - 1].seq;
      }
      assert.deepEqual(paged, whole.messages);
    }
  });

  test('has pages of bounded size', async () => {
    const room = newRoom();
    const peer = new Peer(api, room);
    await peer.join();
    for (let i = 0; i < 12; i++) {
      await peer.post([{ type: 'x', body: 'x'.repeat(60_000) }]);
    }
    const { messages, text } = await log(room, peer.token, { limit: '1000' });
    assert.ok(messages.length > 3 && messages.length < 9, `${messages.length}`);
    assert.ok(text.length < 400_000);
  });

  test('has bodies byte for byte, each in one line', async () => {
    const room = newRoom();
    const peer = new Peer(api, room);
    await peer.join();
    const reply = await api.request('POST', peer.path('messages'), {
      token: peer.token, headers: { 'content-type': 'application/json' },
      body: '{"n":1,"messages":[{"type":"x","body":{\n"a":\r1.0,"a":"\\u00e9"}' +
        '}]}' });
    assert.equal(reply.status, 201, reply.text);
    const { text } = await log(room, peer.token);
    assert.ok(text.includes('"body":{ "a": 1.0,"a":"\\u00e9"}}\n'), text);
  });

  test('can be read by who lapsed or left nothing behind, when it ended',
    async () => {
      const { room, a, b } = await kitchen();
      const reply = await api.request('POST', `/rooms/${room}/rules`,
        { token: a.token, json: { end: true } });
      assert.equal(reply.status, 200, reply.text);
      const { messages } = await log(room, b.token);
      assert.equal(messages[messages.length - 1].type, 'room-ended');
    });

  test('asks for sensible numbers', async () => {
    const { room, a } = await kitchen();
    for (const query of [{ after: 'x' }, { after: '-1' }, { after: '1.5' },
      { after: '9007199254740992' }, { limit: '0' }, { limit: '1001' },
      { limit: '' }, { after: `${a.cursor}` }]) {
      await refused(api.request('GET', `/rooms/${room}/log`,
        { token: a.token, query: /** @type {any} */ (query), bad: true }),
      400, 'bad-request');
    }
    assert.deepEqual((await log(room, a.token,
      { after: '9007199254740991' })).messages, []);
  });
});
