// The program as a web server starts it by CGI, with an environment that no
// web server should make: missing, doubled and absurd variables, bodies that
// are not as long as was said, queries as arguments. It answers, and stores
// nothing of it.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { binary, scratch } from './letterbox.mjs';
import { newKey, newRoom } from './peer.mjs';
import { rows } from './sqlite.mjs';

const dir = scratch();
mkdirSync(join(dir, 'data'), { mode: 0o700 });
writeFileSync(join(dir, 'letterbox.conf'), `data_dir = ${dir}/data\n`);

/** Itself, and not what leads to it: that takes longer than all the rest. */
const PYTHON = execFileSync('python3',
  ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

/** A process with exactly these strings as its environment. */
const BECOME = `
import ctypes, json, os, sys
program, env, args, close = json.loads(sys.argv[1])
def strings(words):
    raw = [w.encode('latin1') for w in words] + [None]
    return (ctypes.c_char_p * len(raw))(*raw)
for fd in close:
    os.close(fd)
ctypes.CDLL(None).execve(program.encode(), strings([program] + args),
    strings(env))
`;

/**
 * @typedef {{body?: string, args?: string[], close?: number[]}} More close:
 *   descriptors that are not open
 * @param {string[]} env
 * @param {More} [more]
 */
function run(env, { body = '', args = [], close = [] } = {}) {
  const { stdout, stderr, status, signal } = spawnSync(PYTHON, ['-c', BECOME,
    JSON.stringify([binary({ hostile: Boolean(process.env.SOAK) }),
      [...env, `LETTERBOX_CONF=${dir}/letterbox.conf`], args, close])],
  { input: body, timeout: 20000 });
  const said = stderr.toString();
  assert.doesNotMatch(said, /Sanitizer|runtime error/);
  return { out: stdout.toString('latin1'), status, signal, said };
}

/** A reply as RFC 3875 wants it. @param {string[]} env @param {More} [more] */
function ask(env, more) {
  const { out, status, signal, said } = run(env, more);
  assert.deepEqual([status, signal], [0, null], said);
  const [head, ...rest] = out.split('\r\n\r\n');
  const text = rest.join('\r\n\r\n');
  const code = Number(/^Status: (\d{3}) [A-Z]/m.exec(head)?.[1]);
  assert.ok(code, `a status: ${out.slice(0, 300)}`);
  const length = /^Content-Length: (\d+)$/mi.exec(head)?.[1];
  assert.equal(Number(length), text.length, head);
  return { code, text };
}

const ROOM = newRoom();
const JOIN = JSON.stringify({ key: newKey(), peer: 'intruder' });

/** What a web server makes of a join. @type {Record<string, string>} */
const GOOD = {
  GATEWAY_INTERFACE: 'CGI/1.1', SERVER_PROTOCOL: 'HTTP/1.1',
  SERVER_SOFTWARE: 'none/1', REQUEST_METHOD: 'POST',
  SCRIPT_NAME: '/letterbox.cgi', PATH_INFO: `/rooms/${ROOM}/peers`,
  QUERY_STRING: '', REMOTE_ADDR: '192.0.2.1', CONTENT_TYPE: 'application/json',
  CONTENT_LENGTH: String(JOIN.length),
};

/** @param {Record<string, string | undefined>} [changes] */
const joins = (changes = {}) => Object.entries({ ...GOOD, ...changes })
  .filter(([, value]) => value !== undefined)
  .map(([name, value]) => `${name}=${value}`);
const health = joins({ REQUEST_METHOD: 'GET', PATH_INFO: '/healthz',
  CONTENT_LENGTH: undefined, CONTENT_TYPE: undefined });

const long = 'x'.repeat(65536);

/** Refused. @type {[string, string[], More?][]} */
const REFUSED = [
  ['no REQUEST_METHOD', joins({ REQUEST_METHOD: undefined })],
  ['an empty REQUEST_METHOD', joins({ REQUEST_METHOD: '' })],
  ['an unknown REQUEST_METHOD', joins({ REQUEST_METHOD: 'post' })],
  ['two REQUEST_METHODs', [...joins(), 'REQUEST_METHOD=PUT']],
  ['no PATH_INFO', joins({ PATH_INFO: undefined })],
  ['no CONTENT_TYPE', joins({ CONTENT_TYPE: undefined })],
  ['no CONTENT_LENGTH', joins({ CONTENT_LENGTH: undefined })],
  ...['', '0', '-1', '+5', '0x20', '1e2', '5 ', ' 5', '5,5', '1.5', 'x',
    '99999999999999999999', '9'.repeat(400)].map((value) =>
    /** @type {[string, string[]]} */ ([`a CONTENT_LENGTH of '${value
      .slice(0, 20)}'`, joins({ CONTENT_LENGTH: value })])),
  ['a body that is shorter', joins({ CONTENT_LENGTH: '500' })],
  ['a body that is longer', joins({ CONTENT_LENGTH: '9' })],
  ['a body beyond all bounds', joins({ CONTENT_LENGTH: '3000000' }),
    { body: 'x'.repeat(3000000) }],
  ['two CONTENT_LENGTHs', [...joins(), 'CONTENT_LENGTH=3']],
  ['no standard input', joins(), { close: [0] }],
  ['two slashes', joins({ PATH_INFO: `//rooms/${ROOM}/peers` })],
  ['two slashes inside', joins({ PATH_INFO: `/rooms//${ROOM}/peers` })],
  ['dots', joins({ PATH_INFO: `/rooms/../rooms/${ROOM}/peers` })],
  ['dots for a room', joins({ PATH_INFO: '/rooms/../peers' })],
  ['encoded dots', joins({ PATH_INFO: '/rooms/%2e%2e/peers' })],
  ['an encoded slash', joins({ PATH_INFO: `/rooms/${ROOM}%2Fx/peers` })],
  ['an encoded NUL', joins({ PATH_INFO: `/rooms/${ROOM}%00/peers` })],
  ['a NUL in ?path=', joins({ PATH_INFO: '',
    QUERY_STRING: `path=/rooms/${ROOM}%00/peers` })],
  ['broken encoding', joins({ PATH_INFO: `/rooms/${ROOM}%zz/peers` })],
  ['line ends', joins({ PATH_INFO: `/rooms/${ROOM}\r\nX: y/peers` })],
  ['bytes of no script', joins({ PATH_INFO: '/rooms/\xff\xfe/peers' })],
  ['a path of 64 KiB', joins({ PATH_INFO: `/rooms/${long}/peers` })],
  ['a header of 64 KiB', joins({ HTTP_X_LONG: long })],
  ['a token of 64 KiB', joins({ HTTP_AUTHORIZATION: `Bearer ${long}` })],
  ['thousands of variables', [...joins(), ...Array.from({ length: 3000 },
    (_, i) => `HTTP_X_${i}=some value of a header`)]],
  ['a stranger\'s origin', joins({ HTTP_ORIGIN: 'https://evil.example' })],
];

/** No reason to refuse. @type {[string, string[], More?][]} */
const ANSWERED = [
  ['no SERVER_SOFTWARE', [...health.filter((v) => !/SOFTWARE/.test(v))]],
  ['no REMOTE_ADDR', [...health.filter((v) => !/REMOTE/.test(v))]],
  ['no QUERY_STRING', [...health.filter((v) => !/QUERY/.test(v))]],
  ['variables that are none', [...health, '', '=', '=x', 'x', 'HTTP_', 'A=']],
  ['bytes of no script', [...health, 'HTTP_X=\xff\x80', '\xff=\xfe']],
  ['two PATH_INFOs, the last being empty', [...health, 'PATH_INFO=']],
  ['no standard input', health, { close: [0] }],
  ['no standard error', health, { close: [2] }],
  ...[['log', 'kitchen'], ['-c', '/etc/passwd'], ['-t'], ['--help'],
    ['--example'], ['doctor'], ['']].map((args) =>
    /** @type {[string, string[], More]} */ (
      [`the arguments ${JSON.stringify(args)}`, health, { args }])),
];

describe('by CGI', () => {
  for (const [name, env, more] of REFUSED)
    test(`refused: ${name}`, () => {
      const { code, text } = ask(env, { body: JOIN, ...more });
      assert.ok(code >= 400 && code < 500, `${code} ${text}`);
      assert.equal(JSON.parse(text).status, code);
    });

  for (const [name, env, more] of ANSWERED)
    test(`answered: ${name}`, () => {
      const { code, text } = ask(env, more);
      assert.deepEqual([code, text], [200, '{"status":"ok"}']);
    });

  test('nobody takes the reply', () => {
    const { signal } = run(health, { close: [1] });
    assert.equal(signal, null);
  });

  test('nothing of all this was stored, and a good request is', async () => {
    const count = async () => (await rows(join(dir, 'data/letterbox.db'),
      'SELECT count(*) AS count FROM message'))[0].count;
    assert.equal(await count(), 0);
    assert.equal(ask(joins(), { body: JOIN }).code, 201);
    assert.equal(await count(), 1);
    // Of chunks nobody knows the length; the body goes to its end.
    const chunks = joins({ CONTENT_LENGTH: undefined,
      HTTP_TRANSFER_ENCODING: 'chunked', PATH_INFO: `/rooms/${newRoom()}/peers` });
    assert.equal(ask(chunks, { body: JOIN }).code, 201);
    assert.equal(await count(), 2);
  });
});
