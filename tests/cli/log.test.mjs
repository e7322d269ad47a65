// rooms, peers, log and show, on the database of a server that runs.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { Api } from '../http/api.mjs';
import { startServer } from '../http/harness.mjs';
import { binary } from '../http/letterbox.mjs';
import { Peer } from '../http/peer.mjs';
import { follow, letterbox, objects, told } from './cli.mjs';

const SDP = ['v=0', 'o=- 4611 2 IN IP4 127.0.0.1', 's=-', 't=0 0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 0 8', 'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:Ab3d', 'a=ice-pwd:0123456789abcdefghijkl', 'a=setup:actpass',
  'a=mid:0', 'a=sendonly', 'a=rtpmap:111 opus/48000/2',
  'a=rtpmap:63 red/48000/2',
  'a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host',
  'a=odd\u001b[2J\u202e', ''].join('\r\n');
const SRFLX = 'candidate:842 1 udp 1677729535 2001:db8::9 61000 typ srflx ' +
  'raddr 192.0.2.7 rport 50000 generation 0';
const NAME = '\u202eAnn "x"';
const EVIL = '\u001b]0;x\u0007\u202e 192.0.2.7';

/** @type {import('../http/harness.mjs').Server} */
let server;
/** @type {Peer} */
let alice;
/** @type {Peer} */
let bob;
/** @type {string[]} */
let at;

before(async () => {
  server = await startServer();
  const api = new Api(server.api);
  alice = new Peer(api, 'blue', 'alice');
  bob = new Peer(api, 'blue', 'bob');
  await alice.join({ name: NAME });
  await bob.join();
  const re = await alice.say('description', { type: 'offer', sdp: SDP }, 'bob');
  await bob.say('description', { type: 'answer', sdp: SDP, re }, 'alice');
  await alice.say('candidate', { candidate: SRFLX, sdpMid: '0' });
  await alice.say('candidate', null);
  await bob.say('chat', { text: EVIL });
  await new Peer(api, 'green', 'carol').join();
  at = ['-d', server.data];
});
after(() => server.stop());

describe('rooms and peers', () => {
  test('rooms tells what each room holds', () => {
    const [blue, green] = objects('room', 'rooms', ...at);
    assert.deepEqual([blue.namespace, blue.name, blue.peers, blue.messages,
      blue.kept, blue.ended_at], ['rooms', 'blue', 2, 7, false, null]);
    assert.equal(green.messages, 1);
    assert.match(told('rooms', ...at), /^PEERS +MESSAGES +BYTES .*ROOM\n +2 +7 .* rooms\/blue\n/);
    assert.equal(told('rooms', '--names', ...at), 'blue\ngreen\n');
  });

  test('peers tells who was there, harmlessly', () => {
    const [first, second] = objects('peer', 'peers', 'blue', ...at);
    assert.deepEqual([first.peer, first.state, first.name, second.waiting],
      ['alice', 'present', NAME, 1]);
    const text = told('peers', 'blue', ...at);
    assert.doesNotMatch(text, /\u202e/);
    assert.match(text, /present .* alice  "\\u\{202e\}Ann \\"x\\""\n/);
  });
});

describe('log', () => {
  test('it is a readable timeline', () => {
    const lines = told('log', 'blue', ...at).trimEnd().split('\n');
    assert.match(lines[0], /^--- \d{4}-\d\d-\d\d \(\+0000\)$/);
    assert.equal(lines.length, 8);
    assert.match(lines[1], /^\d\d:\d\d:\d\d\.\d{3} +1 +alice -> \* +joined +\d+  /);
    assert.match(lines[3], new RegExp('^\\S+ +3 +\\+\\S+  alice -> bob +' +
      'description +\\d+  offer: audio sendonly opus/red/0 \\.\\.\\., ' +
      'ufrag ufrag-1, actpass, 1 candidate$'));
    assert.match(lines[4], / bob   -> alice +description .* re 3: answer: audio/);
    assert.match(lines[5], /candidate +\d+  srflx udp ip6-1:61000 from ip4-1:50000, mid 0$/);
    assert.match(lines[6], /end of candidates$/);
    assert.match(lines[7], /chat +\d+  \\x1b\]0;x\\x07\\u\{202e\} ip4-1$/);
  });

  test('addresses are shown when asked for, passwords are not', () => {
    const hidden = told('log', 'blue', ...at) + told('log', 'blue', '--json', ...at);
    assert.doesNotMatch(hidden, /192\.0\.2\.7|2001:db8|0123456789abc/);
    const shown = told('log', 'blue', '--show-addresses', '--json', ...at);
    assert.match(shown, /192\.0\.2\.7/);
    assert.match(shown, /2001:db8::9/);
    assert.doesNotMatch(shown, /0123456789abc/);
  });

  test('for programs it is an object a line, with the body', () => {
    const all = objects('message', 'log', 'blue', ...at);
    assert.deepEqual(all.map((m) => m.seq), [1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(all.map((m) => m.to),
      [undefined, undefined, 'bob', 'alice', undefined, undefined, undefined]);
    assert.equal(all[0].ms_since, null);
    assert.equal(all[3].re, 3);
    assert.equal(all[2].size, Buffer.byteLength(JSON.stringify(
      { type: 'offer', sdp: SDP })));
    assert.equal(all[2].body.sdp, SDP.replace('192.0.2.7', 'ip4-1')
      .replace('0123456789abcdefghijkl', 'pwd-1').replace('Ab3d', 'ufrag-1'));
    assert.equal(all[5].body, null);
    assert.doesNotMatch(told('log', 'blue', '--json', ...at), /[\u001b\u202e]/);
  });

  test('it begins where it is asked to, and shows the types asked for', () => {
    const seqs = (/** @type {string[]} */ ...args) =>
      objects('message', 'log', 'blue', ...at, ...args).map((m) => m.seq);
    assert.deepEqual(seqs('--since', '5'), [5, 6, 7]);
    assert.deepEqual(seqs('--since', '8'), []);
    assert.deepEqual(seqs('--since', '1d'), [1, 2, 3, 4, 5, 6, 7]);
    const whole = objects('message', 'log', 'blue', ...at);
    const later = new Date(whole[6].at + 1000).toISOString().slice(0, 19);
    assert.deepEqual(seqs('--since', later + 'Z'), []);
    assert.deepEqual(seqs('--since', '2001-01-01'), [1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(seqs('-t', 'chat,candidate'), [5, 6, 7]);
    assert.equal(letterbox(['log', 'blue', '--since', 'soon', ...at]).status, 2);
  });

  test('it fits a terminal, with colours unless NO_COLOR is set', () => {
    /** @param {string} before */
    const seen = (before) => execFileSync('script', ['-qec',
      `stty cols 90; ${before} ${binary()} log blue -d '${server.data}'`,
      '/dev/null'], { encoding: 'utf8', env: { ...process.env, TERM: 'xterm' } });
    const coloured = seen('');
    assert.match(coloured, /\u001b\[32mdescription/);
    const plain = seen('NO_COLOR=1');
    assert.doesNotMatch(plain, /\u001b/);
    for (const line of plain.trimEnd().split(/\r?\n/))
      assert.ok([...line].length <= 90, line);
    assert.match(plain, /…/);
  });
});

describe('show', () => {
  test('a description is laid out', () => {
    const text = told('show', 'blue', '3', ...at);
    assert.match(text, /^3  \d{4}-.* alice -> bob  description, \d+ bytes\n\noffer\n  session\n/);
    assert.match(text, /\n  0 audio, mid 0, sendonly, port 9, UDP\/TLS\/RTP\/SAVPF\n/);
    assert.match(text, /\n    ice   ufrag ufrag-1, pwd pwd-1\n    dtls  setup actpass\n/);
    assert.match(text, /\n    codec 111 opus\/48000\/2\n          63  red\/48000\/2\n          0   static\n/);
    assert.match(text, /\n    cand  host udp ip4-1:50000\n/);
    assert.match(text, /\n    a=odd\\x1b\[2J\\u\{202e\}\n/);
    assert.match(told('show', 'blue', '3', '--whole', ...at), /pwd 0123456789abc/);
  });

  test('other bodies are indented', () => {
    assert.match(told('show', 'blue', '7', ...at),
      /\n\{\n  "text": "\\u001b\]0;x\\u0007\\u\{202e\} ip4-1"\n\}\n$/);
    assert.match(told('show', 'blue', '5', ...at),
      /\nsrflx udp ip6-1:61000 from ip4-1:50000\n  foundation 842, component 1, /);
    const [one] = objects('message', 'show', 'blue', '6', ...at);
    assert.equal(one.body, null);
  });

  test('what is not there has an exit code of its own', () => {
    for (const args of [['show', 'blue', '8'], ['show', 'nix', '1'],
      ['log', 'nix'], ['peers', 'rooms/nix'], ['log', '#99']]) {
      const { status, stdout, stderr } = letterbox([...args, ...at]);
      assert.equal(status, 4, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, /^letterbox: .*no (room|message)/);
    }
    assert.equal(letterbox(['show', 'blue', 'x', ...at]).status, 2);
  });
});

describe('follow', () => {
  test('what comes is shown, and it ends well at Ctrl-C', async () => {
    const f = follow('log', 'blue', '-f', ...at);
    await f.shows(/chat/);
    await alice.say('chat', 'the newest');
    await f.shows(/the newest/);
    f.child.kill('SIGINT');
    assert.equal(await f.ended, 0);
    assert.equal(f.stderr, '');
  });

  test('it ends quietly when nobody reads any more', async () => {
    const f = follow('log', 'blue', '--follow', '--json', ...at);
    await f.shows(/the newest/);
    f.child.stdout.destroy();
    assert.equal(await f.ended, 0);
    assert.equal(f.stderr, '');
  });
});
