// Whoever reaches the FastCGI socket can send anything: half requests,
// silence, absurd lengths. Nobody else notices.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { Api } from './api.mjs';
import { Connection, TYPE, ask, begin, pairs, record, request, variables }
  from './fcgi.mjs';
import { startServer } from './harness.mjs';
import { newKey, newRoom, peers } from './peer.mjs';
import { pace, until } from './until.mjs';

const server = await startServer({ hostile: true, front: 'lighttpd' });
const [socket] = server.sockets;
const [pid] = server.pids;
const api = new Api(server.api);
const open = new Set();

after(async () => {
  for (const connection of open) connection.close();
  api.close();
  assert.deepEqual(server.pids, [pid], 'the same process');
  assert.doesNotMatch(server.stderr, /Sanitizer|runtime error/);
  await server.stop(); // throws when it did not end by itself, with 0
});

const descriptors = () => readdirSync(`/proc/${pid}/fd`).length;

/** @param {Buffer | string} bytes */
async function hurl(bytes) {
  const connection = new Connection(socket);
  open.add(connection);
  await connection.write(bytes);
  return connection;
}

const alive = async () =>
  assert.equal((await ask(socket, 'GET', '/healthz')).status, 200);

const join = JSON.stringify({ key: newKey() });
const params = variables('POST', `/rooms/${newRoom()}/peers`, { body: join });
const head = Buffer.concat([begin(),
  record(TYPE.PARAMS, pairs(params)), record(TYPE.PARAMS, '')]);
const lengths = (/** @type {number[]} */ ...bytes) => Buffer.concat([begin(),
  record(TYPE.PARAMS, Buffer.from(bytes)), record(TYPE.PARAMS, ''),
  record(TYPE.STDIN, '')]);
const beginRole = (/** @type {number} */ role) => record(TYPE.BEGIN,
  Buffer.from([0, role, 0, 0, 0, 0, 0, 0]));

/** @type {[string, Buffer][]} */
const HOSTILE = [
  ['silence', Buffer.alloc(0)],
  ['one byte', Buffer.from([1])],
  ['half a header', begin().subarray(0, 5)],
  ['begin and nothing more', begin()],
  ['half of the variables', head.subarray(0, 60)],
  ['variables that never end', Buffer.concat([begin(),
    record(TYPE.PARAMS, pairs(params))])],
  ['no body where one is announced', head],
  ['half a body', Buffer.concat([head, record(TYPE.STDIN, join.slice(0, 9))])],
  ['a body shorter than announced', Buffer.concat([head,
    record(TYPE.STDIN, join.slice(0, 9)), record(TYPE.STDIN, '')])],
  ['a body longer than announced', Buffer.concat([head,
    record(TYPE.STDIN, join + 'x'.repeat(500)), record(TYPE.STDIN, '')])],
  ['random bytes', randomBytes(5000)],
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
  ['zeros', Buffer.alloc(5000)],
  ['ones', Buffer.alloc(5000, 255)],
  ['version 2', record(TYPE.BEGIN, Buffer.alloc(8), { version: 2 })],
  ['request id 0', record(TYPE.BEGIN, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0]),
    { id: 0 })],
  ['a short begin', record(TYPE.BEGIN, Buffer.from([0, 1]))],
  ['a long begin', record(TYPE.BEGIN, Buffer.alloc(300, 1))],
  ['no begin at all', Buffer.concat([record(TYPE.PARAMS, pairs(params)),
    record(TYPE.PARAMS, ''), record(TYPE.STDIN, '')])],
  ['the role of an authorizer', beginRole(2)],
  ['a role that is none', beginRole(77)],
  ['a name beyond its record', lengths(200, 3, 65, 66)],
  ['a value beyond its record', lengths(1, 100, 65)],
  ['a name of 2 GiB', lengths(255, 255, 255, 255, 1, 65)],
  ['a value of 2 GiB', lengths(1, 255, 255, 255, 255, 65)],
  ['a long length cut off', lengths(1, 128, 0)],
  ['a lone name length', lengths(5)],
  ['an empty name', lengths(0, 0, 0, 0, 0, 3, 97, 98, 99)],
  ['no variables', Buffer.concat([begin(), record(TYPE.PARAMS, ''),
    record(TYPE.STDIN, '')])],
  ['a stranger\'s records', Buffer.concat([begin(),
    record(TYPE.PARAMS, pairs(params), { id: 9 }),
    record(TYPE.STDIN, '', { id: 9 })])],
  ['data for a filter', Buffer.concat([begin(), record(TYPE.DATA, 'x')])],
  ['the records of an answer', Buffer.concat([begin(),
    record(TYPE.STDOUT, 'Status: 200\r\n\r\n'), record(TYPE.END,
      Buffer.alloc(8))])],
  ['begin twice', Buffer.concat([begin(), begin()])],
  ['two requests interleaved', Buffer.concat([begin({ id: 1 }),
    begin({ id: 2 }), record(TYPE.PARAMS, pairs(params), { id: 2 })])],
  ['an abort of nothing', record(TYPE.ABORT, '')],
  ['an abort in the middle', Buffer.concat([head, record(TYPE.ABORT, '')])],
  ['variables without measure', Buffer.concat([begin(),
    ...Array.from({ length: 40 }, (_, i) => record(TYPE.PARAMS,
      pairs({ [`HTTP_X${i}`]: 'x'.repeat(60000) }))) ])],
  ['a body without measure', Buffer.concat([head,
    ...Array.from({ length: 40 }, () => record(TYPE.STDIN,
      'x'.repeat(65528)))])],
  ['thousands of empty records', Buffer.concat([begin(),
    ...Array.from({ length: 5000 }, () => record(TYPE.DATA, ''))])],
  ['padding alone', Buffer.concat([begin(), ...Array.from({ length: 99 },
    () => record(TYPE.PARAMS, '', { padding: 255 }))])],
  ...['-1', '99999999999999999999', '0x10', '1e3', ' 5', ''].map((length) =>
    /** @type {[string, Buffer]} */ ([`a content length of '${length}'`,
      request({ ...params, CONTENT_LENGTH: length }, { body: join })])),
  ['a zero in a name', request({ ...params, 'A\0B': 'x' }, { body: join })],
  ['a method of 64 KiB', request({ ...params,
    REQUEST_METHOD: 'X'.repeat(65000) })],
  ['a path with zeros', request({ ...params, PATH_INFO: '/rooms/\0/peers' },
    { body: join })],
];

describe('on the FastCGI socket', () => {
  for (const [name, bytes] of HOSTILE)
    test(`nobody minds: ${name}`, async () => {
      await hurl(bytes);
      await alive();
    });

  test('fifty hostile connections slow nobody down', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const exchange = async () => {
      await a.say('chat', 1);
      await b.drain();
    };
    const usual = await pace(exchange);
    for (let i = 0; i < 50; i++) await hurl(HOSTILE[i % HOSTILE.length][1]);
    const now = await pace(exchange);
    assert.ok(now <= Math.max(500, 5 * usual), `${now} ms, usually ${usual}`);
  });

  test('what was closed is let go of', async () => {
    for (const connection of open) connection.close();
    open.clear();
    await until('the descriptors are back', () => descriptors() < 40);
    await alive();
  });

  test('headers beyond measure are refused in words', async () => {
    const connection = new Connection(socket);
    const big = Object.fromEntries([1, 2, 3].map((i) =>
      [`HTTP_X_${i}`, 'x'.repeat(60000)]));
    await connection.write(Buffer.concat([begin(),
      ...Object.entries({ ...variables('GET', '/healthz'), ...big })
        .map(([name, value]) => record(TYPE.PARAMS, pairs({ [name]: value }))),
      record(TYPE.PARAMS, ''), record(TYPE.STDIN, '')]));
    const { status, json } = await connection.reply();
    assert.deepEqual([status, json.code], [431, 'headers-too-large']);
    connection.close();
  });

  test('a request in single bytes is a request', async () => {
    const connection = new Connection(socket);
    for (const byte of request(variables('GET', '/healthz')))
      await connection.write(Buffer.from([byte]));
    assert.equal((await connection.reply()).status, 200);
    connection.close();
  });

  test('variables in many records are one request', async () => {
    const all = pairs(variables('GET', '/healthz'));
    const connection = new Connection(socket);
    await connection.write(Buffer.concat([begin(),
      ...[...all].map((byte) => record(TYPE.PARAMS, Buffer.from([byte]),
        { padding: 3 })),
      record(TYPE.PARAMS, ''), record(TYPE.STDIN, '')]));
    assert.equal((await connection.reply()).status, 200);
    connection.close();
  });

  test('a kept connection carries one request after the other', async () => {
    const connection = new Connection(socket);
    for (const id of [1, 2, 300, 65535]) {
      await connection.write(request(variables('GET', '/healthz'),
        { id, keep: true }));
      assert.equal((await connection.reply(id)).json.status, 'ok');
    }
    assert.equal(connection.socket.destroyed, false);
    connection.close();
  });

  test('a kept connection carries requests sent in one go', async () => {
    const connection = new Connection(socket);
    await connection.write(Buffer.concat([1, 2, 3].map((id) =>
      request(variables('GET', '/healthz'), { id, keep: true }))));
    for (const id of [1, 2, 3])
      assert.equal((await connection.reply(id)).status, 200);
    connection.close();
  });

  test('without keep the connection is closed after the answer', async () => {
    const connection = new Connection(socket);
    await connection.write(request(variables('GET', '/healthz')));
    await connection.reply();
    await connection.closed;
  });

  test('a web server may ask for values', async () => {
    const connection = await hurl(record(TYPE.GET_VALUES,
      pairs({ FCGI_MPXS_CONNS: '', FCGI_MAX_CONNS: '' }), { id: 0 }));
    await connection.write(request(variables('GET', '/healthz'),
      { keep: true }));
    assert.equal((await connection.reply()).status, 200);
    const answer = connection.records.find((r) =>
      r.type === TYPE.GET_VALUES_RESULT);
    assert.ok(answer?.content.includes('FCGI_MPXS_CONNS'));
  });

  test('an unknown management record is answered as unknown', async () => {
    const connection = await hurl(record(99, 'x', { id: 0 }));
    await until('an answer', () =>
      connection.records.some((r) => r.type === TYPE.UNKNOWN));
  });

  test('an aborted poll is let go of', async () => {
    const [a] = await peers(api, ['a']);
    const connection = await hurl(request(variables('GET',
      a.path('messages'), { query: 'wait=20', token: a.token }),
    { keep: true }));
    await until('it is parked', async () => /^letterbox_waiters 1$/m
      .test((await api.request('GET', '/metrics')).text));
    await connection.write(record(TYPE.ABORT, ''));
    await until('it is answered', () =>
      connection.records.some((r) => r.type === TYPE.END));
    await until('it is free', async () => /^letterbox_waiters 0$/m
      .test((await api.request('GET', '/metrics')).text));
  });

  test('a reader that does not read stops nobody', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    for (let i = 0; i < 20; i++) await a.say('chat', 'x'.repeat(60000));
    const lazy = new Connection(socket);
    lazy.socket.pause();
    open.add(lazy);
    for (let i = 0; i < 5; i++)
      await lazy.write(request(variables('GET', b.path('messages'),
        { token: b.token, query: '' }), { id: i + 1, keep: true }));
    for (let i = 0; i < 20; i++) await a.say('chat', i);
    lazy.close();
    await alive();
  });
});
