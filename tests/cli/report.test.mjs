// A report is made to be given away: of all that a room was told in
// confidence, however it was written, nothing is in it.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../http/letterbox.mjs';
import { told } from './cli.mjs';

const dir = scratch();
const ROOM = 'kitchen-of-secrets';

/** @param {string} text every character as \u00xx */
const escaped = (text) => [...text].map((c) =>
  `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
/** @param {string} text every character as %xx */
const percent = (text) => [...text].map((c) =>
  `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
const base64 = (/** @type {string} */ text) =>
  Buffer.from(text).toString('base64');
const sdp = (/** @type {string} */ line) => ({ type: 'offer',
  sdp: `v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\n${line}\r\nm=audio 9 X 0\r\n` });
const candidate = (/** @type {string} */ rest) =>
  ({ candidate: `candidate:1 1 udp 1 ${rest}` });

/**
 * Secrets, and the bodies that tell them. Those of the first half are told
 * in the last one once more, in a chat before and behind.
 * @type {[string, unknown][]}
 */
const PLANTED = [
  // Told by the name of a member.
  ['ada lovelace', { name: 'ada lovelace' }],
  ['grace-h', { displayName: 'grace-h' }],
  ['hopper', { user: { nick_name: 'hopper' } }],
  ['tok-4711-aaaa', { token: 'tok-4711-aaaa' }],
  ['acc3ss-t0ken', { accessToken: 'acc3ss-t0ken' }],
  ['pw.with.dots', { auth: { password: 'pw.with.dots' } }],
  ['turnUser17', { iceServers: [{ urls: 'turn:0.0.0.0', username: 'turnUser17' }] }],
  ['turnWord17', { iceServers: [{ urls: 'turn:0.0.0.0', credential: 'turnWord17' }] }],
  ['cr3d+nested/', { credential: { password: 'cr3d+nested/' } }],
  ['first-of-list', { tokens: ['first-of-list', 'x'] }],
  ['second-of-list', { secrets: [['x', { it: 'second-of-list' }]] }],
  ['t1cket.abc', { ticket: 't1cket.abc' }],
  ['73519824', { ticket: 73519824 }],
  ['stream-key-1', { stream_key: 'stream-key-1' }],
  ['basic64stuff', { authorization: 'basic64stuff' }],
  ['cook13-monster', { 'set-cookie': 'cook13-monster' }],
  ['uFr4gUfr4g', { ...candidate('0.0.0.0 9 typ host'), usernameFragment: 'uFr4gUfr4g' }],
  ['parlour-of-ada', { roomName: 'parlour-of-ada' }],
  ['pwd-is-not-it', { ice: { icePwd: 'pwd-is-not-it' } }],
  // SDP and candidates.
  ['10.11.12.13', candidate('10.11.12.13 9 typ host')],
  ['10.11.12.14', candidate('0.0.0.0 9 typ srflx raddr 10.11.12.14 rport 9')],
  ['2001:db8:77::5', candidate('2001:db8:77::5 9 typ host')],
  ['fe80::7711', sdp('c=IN IP6 fe80::7711')],
  ['7c1f-aa.local', candidate('7c1f-aa.local 9 typ host')],
  ['box.home.example', sdp('c=IN IP4 box.home.example')],
  ['fR4gInSdp', sdp('a=ice-ufrag:fR4gInSdp')],
  ['fR4gInLine', candidate('0.0.0.0 9 typ host ufrag fR4gInLine')],
  ['pAssw0rd/of+ice', sdp('a=ice-pwd:pAssw0rd/of+ice')],
  ['sdesKey+abc', sdp('a=crypto:1 AES inline:sdesKey+abc|2^20')],
  ['1dentityAssertion', sdp('a=identity:1dentityAssertion')],
  ['cname-of-ada', sdp('a=ssrc:1 cname:cname-of-ada')],
  ['Call of the board', sdp('s=Call of the board').sdp],
  ['maker-ada', { sdp: 'v=0\r\no=maker-ada 1 1 IN IP4 0.0.0.0\r\n' }],
  ['ada@home.example', sdp('e=ada@home.example')],
  // In words.
  ['10.11.12.15', 'I am at 10.11.12.15, and you?'],
  ['bob.b@mail.example', { text: 'write to bob.b@mail.example.' }],
  ['hunter2hunter2', { text: 'password: hunter2hunter2' }],
  ['inv1te-fragment', 'https://0.0.0.0/room.html?room=x#secret=inv1te-fragment'],
  ['user77:pass77', 'turn it: https://user77:pass77@0.0.0.0/'],
  ['bearer-of-news', ['Authorization: Bearer bearer-of-news']],
  ['room-in-query', 'https://0.0.0.0/room.html?room=room-in-query'],
  // In other clothes.
  ['10.11.12.16', { raw: `"${escaped('10.11.12.16')}"` }],
  ['10.11.12.17', { q: `at=${percent('10.11.12.17')}&x` }],
  ['10.11.12.18', { q: percent(percent('10.11.12.18')) }],
  ['2001:db8:99::9', percent('2001:db8:99::9')],
  ['inner-token-1', JSON.stringify({ token: 'inner-token-1' })],
  ['inner-token-2', `42${JSON.stringify(['x', { token: 'inner-token-2' }])}`],
  ['inner-token-3', JSON.stringify(JSON.stringify({ a: [{ token: 'inner-token-3' }] }))],
  ['10.11.12.19', { blob: base64('candidate:1 1 udp 1 10.11.12.19 9 typ host') }],
  ['packed-pwd-9', base64(sdp('a=ice-pwd:packed-pwd-9').sdp)],
];

/** Those that are in a text, in whatever clothes. @param {string} text */
const found = (text) => [ROOM, ...PLANTED.map(([secret]) => secret)].filter(
  (secret) => [secret, escaped(secret), percent(secret), percent(percent(secret)),
    encodeURIComponent(secret), base64(secret).slice(0, -4),
    Buffer.from(secret).toString('hex')]
    .some((form) => text.toLowerCase().includes(form.toLowerCase())));

test('of 50 planted secrets none is in a report, in whatever clothes', () => {
  assert.equal(new Set(PLANTED.map(([secret]) => secret)).size, 50);
  let seq = 0;
  const line = (/** @type {unknown} */ body, from = 'a') => JSON.stringify(
    { seq: ++seq, at: 1000 * seq, from, type: 'chat', body }) + '\n';
  const named = PLANTED.slice(0, 19).map(([secret]) => secret);
  const chat = [`This is ${ROOM}.`, ...named.map((name) => `so: ${name}!`)];
  const text = `{"letterbox":1,"epoch":"abcdefgh","namespace":"rooms","room":${
    JSON.stringify(ROOM)},"redacted":false}\n` +
    chat.map((said) => line(said)).join('') +
    PLANTED.map(([, body]) => line(body)).join('') +
    chat.map((said) => line({ a: [said] })).join('') +
    // JSON may be escaped where it need not.
    line('@').replace('"@"', `"${escaped('10.11.12.13')}"`) +
    line('@').replace('"@"', `{"${escaped('token')}":"${escaped('tok-4711-aaaa')}"}`) +
    line('hello', 'ada@home.example');
  const file = join(dir, 'planted.jsonl');
  writeFileSync(file, text);
  told('import', file, join(dir, 'data'));
  const page = told('report', ROOM, '-d', join(dir, 'data'));
  // The program of the page speaks of it too.
  const at = page.lastIndexOf('<script id="recording"');
  const enclosed = page.slice(at, page.indexOf('</script>', at));
  assert.equal(enclosed.trim().split('\n').length, seq + 2);
  assert.deepEqual(found(page), [], enclosed);
  // What would hold them is looked for in a report that holds all.
  const whole = told('report', ROOM, '--whole', '-d', join(dir, 'data'));
  assert.ok(found(whole).length > 40);
  assert.match(page, /<dt>Made by<\/dt><dd>Letterbox [\d.]+/);
  assert.match(page, /The configuration of the server is not known/);
  assert.ok(!page.slice(page.lastIndexOf('id="environment"')).includes(dir));
  // Nor in what is made for others.
  for (const format of ['jsonl', 'har', 'rtcstats', 'mermaid', 'plantuml', 'text'])
    assert.deepEqual(found(told('export', ROOM, '--format', format,
      '-d', join(dir, 'data'))), [], format);
  // Redacted once more it is the same.
  const again = told('export', ROOM, '-d', join(dir, 'data'));
  writeFileSync(file, again);
  told('import', file, join(dir, 'again'));
  const { room } = JSON.parse(again.slice(0, again.indexOf('\n')));
  assert.equal(told('export', room, '-d', join(dir, 'again')), again);
});

test('a report says how the server was configured, and not where', () => {
  const conf = join(dir, 'letterbox.conf');
  const data = join(dir, 'configured');
  writeFileSync(join(dir, 'room.jsonl'), '{"letterbox":1,"epoch":"abcdefgh",' +
    '"namespace":"rooms","room":"blue","redacted":false}\n' +
    '{"seq":1,"at":1,"from":"a","type":"chat","body":1}\n');
  told('import', join(dir, 'room.jsonl'), data);
  writeFileSync(conf, `data_dir = ${data}\nhold = 5\nlease = 47\n`);
  const page = told('report', 'blue', '-c', conf);
  const words = page.slice(page.lastIndexOf('id="environment"'));
  assert.match(words, /<dd>47 s<\/dd>/);
  assert.match(words, /<dt>TURN servers<\/dt><dd>none configured/);
  assert.match(words, /<dt>SQLite<\/dt><dd>3\.\d+/);
  assert.ok(!words.includes(dir));
});
