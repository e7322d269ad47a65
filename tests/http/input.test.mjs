// Bad input for every member of every request: refused by name, and nothing
// of the request is stored.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { newKey, newRoom, peers } from './peer.mjs';

const server = await startServer({ hostile: true });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

const chat = { type: 'chat', body: 1 };
const NUMBERS = ['1', 1.5, -1, null, true, [], {}];
const STRINGS = [1, null, true, [], {}];
const BOOLEANS = ['true', 1, 0, null, [], {}];

/**
 * The member that is wrong, and the wrong values.
 * @typedef {[member: string, values: unknown[]]} Case
 * @type {Case[]}
 */
const JOIN = [
  ['key', [...STRINGS, '', 'a'.repeat(21), 'a'.repeat(44), 'a b'.repeat(10),
    '+'.repeat(22), `${'a'.repeat(22)}=`]],
  ['peer', [...STRINGS, '', 'x'.repeat(65), 'a b', 'a/b', '\u00e9', '.',
    '..']],
  ['name', [...STRINGS, '', 'x'.repeat(65), 'a\nb', 'a\u0000b', '\u007f',
    '\u0085']],
  ['secret', [...STRINGS, '', 'x'.repeat(257), '\u00e9'.repeat(129)]],
  ['ticket', STRINGS],
  ['history', ['chat', 1, null, {}, [1], [null], [''], ['x'.repeat(65)],
    Array(17).fill('a')]],
  ['lease', [...NUMBERS, 0, 601]],
  ['messages', ['a', 1, null, {}, [], [1], [null], [[]]]],
  ['after', [...STRINGS, '', 'x', '1.1']],
  ['token', STRINGS],
  ['unknown', [1]],
];

/** @type {Case[]} */
const POST = [
  ['n', [...NUMBERS, 0, '', undefined, 2 ** 63]],
  ['messages', ['a', 1, null, {}, [], [1], [null], [[chat]], undefined]],
  ['type', [...STRINGS, '', 'x'.repeat(65), 'a\nb', '\u0000', 'joined',
    'left', 'room-', 'room-ended', undefined]],
  ['to', [...STRINGS, '', 'x'.repeat(65), 'a b', '..']],
  ['body', [undefined]],
  ['other', [1]],
  ['after', [...STRINGS, '', 'x', '1.1']],
  ['wait', NUMBERS],
  ['token', [1, null, [], {}]],
  ['unknown', [1]],
];

/** @type {Case[]} */
const RULES = [
  ['lock', BOOLEANS],
  ['capacity', [...NUMBERS, 0, 2 ** 40]],
  ['admit', [...STRINGS, '', 'a b', 'x'.repeat(65)]],
  ['remove', [...STRINGS, '', 'a b']],
  ['end', [false, 1, 'true', null]],
  ['unknown', [1]],
];

/** @param {unknown} value */
const shown = (value) => JSON.stringify(value)?.slice(0, 40) ?? 'nothing';

describe('bad input', { concurrency: together }, () => {
  for (const [member, values] of JOIN)
    test(`join: ${member}`, async () => {
      const room = newRoom();
      for (const value of values) {
        const base = member === 'token' ? {} : { key: newKey() };
        const problem = await refused(api.request('POST',
          `/rooms/${room}/peers`,
          { bad: true, json: { ...base, [member]: value } }),
        400, 'bad-request', `${member}: ${shown(value)}`);
        if (member !== 'messages' || !Array.isArray(value) || !value.length)
          assert.equal(problem.member, member, shown(value));
      }
      const [first] = await peers(api, ['a'], room);
      assert.equal((await first.state()).peers.length, 1);
    });

  test('join: neither key nor token', async () => {
    await refused(api.request('POST', `/rooms/${newRoom()}/peers`,
      { json: {} }), 400, 'bad-request');
  });

  test('join: an info may have 1 KiB, not a byte more', async () => {
    const room = newRoom();
    const join = (/** @type {number} */ size) => api.request('POST',
      `/rooms/${room}/peers`, { json: { key: newKey(), peer: 'a',
        info: 'x'.repeat(size - 2) } });
    const problem = await refused(join(1025), 400, 'bad-request');
    assert.equal(problem.member, 'info');
    assert.equal((await join(1024)).status, 201);
  });

  test('join: an id that is wrong in the messages with it', async () => {
    const room = newRoom();
    await refused(api.request('POST', `/rooms/${room}/peers`, { bad: true,
      json: { key: newKey(), messages: [chat, { ...chat, to: 'a b' }] } }),
    400, 'bad-request');
    const [first] = await peers(api, ['a'], room);
    assert.equal((await first.state()).peers.length, 1);
  });

  for (const [member, values] of POST)
    test(`post: ${member}`, async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      const inner = ['type', 'to', 'body', 'other'].includes(member);
      for (const value of values) {
        const wrong = { [member]: value };
        const json = inner
          ? { n: 1, messages: [chat, { ...chat, ...wrong }] }
          : { n: 1, messages: [chat], ...wrong };
        await refused(api.request('POST', a.path('messages'),
          { token: a.token, json, bad: true }),
        400, 'bad-request', `${member}: ${shown(value)}`);
      }
      assert.deepEqual(await b.drain(), []);
      await a.say('chat', 'n is still 1');
    });

  test('post: mail to oneself is refused', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    await refused(a.tryPost(1, [chat, { ...chat, to: 'a' }]),
      400, 'bad-request');
    assert.deepEqual(await b.drain(), []);
  });

  test('post: wait without after has nothing to collect', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const problem = await refused(api.request('POST', a.path('messages'), {
      token: a.token, json: { n: 1, messages: [chat], wait: 20 }, bad: true,
    }), 400, 'bad-request');
    assert.equal(problem.member, 'wait');
    assert.deepEqual(await b.drain(), []);
    await a.post([chat], { wait: 0 });
  });

  for (const [member, values] of RULES)
    test(`rules: ${member}`, async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      for (const value of values)
        await refused(api.request('POST', a.path('rules'),
          { token: a.token, json: { [member]: value }, bad: true }),
        400, 'bad-request', `${member}: ${shown(value)}`);
      assert.deepEqual(await b.drain(), []);
    });

  test('rules: at least one', async () => {
    const [a] = await peers(api, ['a']);
    await refused(api.request('POST', a.path('rules'),
      { token: a.token, json: {}, bad: true }), 400, 'bad-request');
  });

  for (const [tail, members] of /** @type {[string, string][]} */ ([
    ['peers', '"key":"KEY","peer":"x","peer":"y"'],
    ['messages', '"n":1,"n":1,"messages":[{"type":"chat","body":1}]'],
    ['messages', '"n":1,"messages":[{"type":"a","type":"a","body":1}]'],
    ['rules', '"lock":true,"lock":true'],
    ['leave', '"token":"TOKEN","\\u0074oken":"TOKEN"']]))
    test(`${tail}: a doubled member is refused: ${members}`, async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      const body = `{${members.replace('KEY', newKey())
        .replaceAll('TOKEN', a.token)}}`;
      await refused(api.request('POST', a.path(tail),
        { token: tail === 'peers' ? undefined : a.token, body, bad: true }),
      400, 'bad-request');
      assert.deepEqual(await b.drain(), []);
    });

  for (const tail of ['peers', 'messages', 'rules', 'away', 'leave'])
    test(`${tail}: the envelope is an object`, async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      for (const json of [[], 'a', 1, null, true])
        await refused(api.request('POST', a.path(tail),
          { token: a.token, json, bad: true }), 400, 'bad-request');
      await refused(api.request('POST', a.path(tail),
        { token: a.token, body: ' ', bad: true }), 400, 'bad-json');
      assert.deepEqual(await b.drain(), []);
    });

  for (const tail of ['away', 'leave'])
    test(`${tail}: members and media types`, async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      for (const json of [{ token: 1 }, { token: a.token, more: 1 }])
        await refused(api.request('POST', a.path(tail),
          { json, bad: true }), 400, 'bad-request');
      await refused(api.request('POST', a.path(tail), {
        headers: { 'content-type': 'application/xml' }, bad: true,
        body: JSON.stringify({ token: a.token }),
      }), 415, 'media-type');
      assert.deepEqual(await b.drain(), []);
    });

  for (const wait of ['x', '-1', '1.5', '', '1e3', '99999999999999999'])
    test(`poll: wait is not '${wait}'`, async () => {
      const [a] = await peers(api, ['a']);
      await refused(api.request('GET', a.path('messages'),
        { token: a.token, query: { wait }, bad: true }), 400, 'bad-request');
    });

  test('poll: a doubled or broken query member', async () => {
    const [a] = await peers(api, ['a']);
    for (const query of ['wait=1&wait=1', 'after=%zz', 'wait=%'])
      assert.equal((await fetch(`${server.api}${a.path('messages')}?${query}`,
        { headers: { authorization: `Bearer ${a.token}` } })).status, 400,
      query);
  });

  test('an unknown member with a name beyond all bounds', async () => {
    const [a] = await peers(api, ['a']);
    for (const name of ['x'.repeat(2000), 'x'.repeat(90000),
      '\u0001'.repeat(9000)])
      await refused(api.request('POST', a.path('messages'), {
        token: a.token, json: { [name]: 1 }, bad: true,
      }), 400, 'bad-request');
  });

  test('a token of any form that is not one', async () => {
    const [a] = await peers(api, ['a']);
    for (const token of ['x', 'x'.repeat(43), 'x'.repeat(2000), 'a b',
      `${a.token}x`, a.token.slice(0, -1), a.token.toUpperCase(), '"', '%00'])
      await refused(api.request('GET', a.path('messages'),
        { token, bad: true }), 401, 'not-a-member', token.slice(0, 20));
    await refused(api.request('GET', a.path('messages'), {
      headers: { authorization: `Basic ${a.token}` },
    }), 401, 'not-a-member');
  });
});
