// What was posted comes out byte for byte, and what is not strict JSON never
// gets in.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { peers } from './peer.mjs';

const server = await startServer();
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

const deep = (/** @type {number} */ n) => '['.repeat(n) + ']'.repeat(n);

/** @type {[string, string | Buffer][]} */
const ACCEPTED = [
  ['the largest 64-bit integer', '9223372036854775807'],
  ['an integer beyond 64 bits', '-123456789012345678901234567890'],
  ['a number beyond doubles', '1e400'],
  ['minus zero', '-0'],
  ['digits that a double would lose', '0.1000000000000000055511151231257827'],
  ['exponents as they were written', '[1E+2,1e-0,0.0E0]'],
  ['doubled members', '{"a":1,"a":2,"":3,"":4}'],
  ['members of our own envelope', '{"n":1,"messages":[],"type":"x"}'],
  ['depth 32', deep(32)],
  ['depth 32 of objects', '{"a":'.repeat(32) + '1' + '}'.repeat(32)],
  ['text beyond the basic plane', '"\u{1f600} \u{10ffff} e\u0301 \u2028"'],
  ['escapes as they were written', '"\\u00e9\\/\\b\\f\\n\\r\\t\\"\\\\"'],
  ['an escaped zero', '"a\\u0000b"'],
  ['an escaped pair of surrogates', '"\\ud83d\\uDE00"'],
  ['noncharacters', '"\u{fffe}\u{ffff}"'],
  ['delete, which is no control in JSON', '"\x7f"'],
  ['white space inside', '{ "a" :\t[ 1 ,\r\n 2 ] }'],
  ['null', 'null'], ['true', 'true'], ['an empty string', '""'],
  ['an empty object', '{}'], ['an empty array', '[]'],
  ['a byte order mark inside a string', '"\ufeff"'],
  ['words that look like HTML', '"</script><!--"'],
];

/** @type {[string, string | Buffer][]} */
const REFUSED = [
  ['NaN', 'NaN'], ['Infinity', '-Infinity'], ['undefined', 'undefined'],
  ['single quotes', "'a'"], ['a bare word', 'abc'], ['True', 'True'],
  ['a member without quotes', '{a:1}'],
  ['a trailing comma in an array', '[1,]'],
  ['a trailing comma in an object', '{"a":1,}'],
  ['a leading comma', '[,1]'], ['two commas', '[1,,2]'],
  ['a comment', '[1/*c*/]'], ['a line comment', '[1]//c\n'],
  ['a leading zero', '01'], ['minus a leading zero', '-01'],
  ['a leading plus', '+1'], ['a point in front', '.5'],
  ['a point behind', '1.'], ['an empty exponent', '1e'],
  ['hexadecimal', '0x1F'], ['a lone minus', '-'],
  ['a lone high surrogate', '"\\ud800"'],
  ['a lone low surrogate', '"\\udc00"'],
  ['surrogates the wrong way round', '"\\udc00\\ud800"'],
  ['a high surrogate before text', '"\\ud800a"'],
  ['a raw line feed', '"a\nb"'], ['a raw tab', '"a\tb"'],
  ['a raw zero', '"a\0b"'], ['a raw escape', '"\x1b[31m"'],
  ['an unknown escape', '"\\x41"'], ['a short escape', '"\\u12"'],
  ['an escape of no hex', '"\\u00g0"'],
  ['depth 33', deep(33)],
  ['an array that does not end', '[1'], ['a string that does not end', '"a'],
  ['a wrong bracket', '[1}'], ['nothing', ''],
  ['two values', '1 2'], ['a form feed between', '[1,\f2]'],
  ['a no-break space between', '[1,\u00a02]'],
  ['a member without a value', '{"a"}'], ['a member of a number', '{1:2}'],
  ['UTF-8 broken off', Buffer.from([0x22, 0xe2, 0x82, 0x22])],
  ['a lone continuation byte', Buffer.from([0x22, 0x80, 0x22])],
  ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
  ['an overlong zero', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
  ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ['beyond U+10FFFF', Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22])],
  ['Latin-1', Buffer.from([0x22, 0xe9, 0x22])],
];

/** @param {number} n @param {string | Buffer} body */
const postOf = (n, body) => Buffer.concat([
  Buffer.from(`{"n":${n},"messages":[{"type":"chat","body":`),
  Buffer.from(body), Buffer.from('}]}')]);

describe('bodies', { concurrency: together }, () => {
  for (const [name, body] of ACCEPTED)
    test(`kept byte for byte: ${name}`, async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      await ok(api.request('POST', a.path('messages'),
        { token: a.token, body: postOf(1, body) }), 201);
      const reply = await b.tryPoll();
      const wanted = Buffer.from(`"body":${body},"at":`);
      assert.ok(reply.body.includes(wanted), reply.text);
    });

  for (const [name, body] of REFUSED)
    test(`refused, and nothing is stored: ${name}`, async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      const whole = postOf(1, body);
      const problem = await refused(api.request('POST', a.path('messages'),
        { token: a.token, body: whole, bad: true }), 400, 'bad-json');
      const start = whole.indexOf('"body":') + 7;
      assert.ok(problem.at >= start && problem.at <= whole.length,
        `at ${problem.at} of ${start}..${whole.length}`);
      await a.say('chat', 'next');
      assert.deepEqual((await b.drain()).map((m) => m.body), ['next']);
    });

  test('many bodies of one post stay apart', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const texts = ACCEPTED.slice(0, 24).map(([, body]) => body);
    const body = Buffer.from(`{ "messages" : [${texts.map((t) =>
      `{"body" : ${t} ,\n"type":"chat"}`).join(' , ')}] , "n" : 1 } `);
    await ok(api.request('POST', a.path('messages'),
      { token: a.token, body }), 201);
    const reply = await b.tryPoll();
    for (const text of texts)
      assert.ok(reply.text.includes(`"body":${text},"at":`), String(text));
  });

  /** @type {[string, (text: Buffer) => Buffer | string][]} */
  const WRAPPED = [
    ['a byte order mark in front', (t) => '\ufeff' + t],
    ['UTF-16', (t) => Buffer.from(String(t), 'utf16le')],
    ['text behind the end', (t) => t + 'x'],
    ['a second document', (t) => `${t}${t}`],
    ['a zero behind the end', (t) => t + '\0'],
    ['a body cut in half', (t) => t.subarray(0, 20)],
  ];
  for (const [name, wrap] of WRAPPED)
    test(`a request is not JSON with ${name}`, async () => {
      const [a, b] = await peers(api, ['a', 'b']);
      await refused(api.request('POST', a.path('messages'), {
        token: a.token, bad: true, body: wrap(postOf(1, '1')),
      }), 400, 'bad-json');
      assert.deepEqual(await b.drain(), []);
    });

  test('the offset is that of the first wrong byte', async () => {
    const [a] = await peers(api, ['a']);
    const body = '{"n":1,"messages":[{"type":"chat","body":"\u00e9\u{1f600}",}]}';
    const problem = await refused(api.request('POST', a.path('messages'),
      { token: a.token, bad: true, body }), 400, 'bad-json');
    assert.equal(problem.at, Buffer.from(body).indexOf('}]}'));
  });

  test('types and names are kept byte for byte as well', async () => {
    const [a, b] = await peers(api, ['a', 'b']);
    const type = '"ch\\u0061t \\/ \u{1f600}"';
    await ok(api.request('POST', a.path('messages'), { token: a.token,
      body: `{"n":1,"messages":[{"type":${type},"body":1}]}` }), 201);
    const [message] = await b.drain();
    assert.equal(message.type, JSON.parse(type));
  });
});
