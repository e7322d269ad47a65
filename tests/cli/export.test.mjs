// export and import: the same bytes again, nothing that was to be hidden, and
// of a file that is not right nothing at all.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync,
  writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { scratch } from '../http/letterbox.mjs';
import { letterbox, objects, told } from './cli.mjs';

const RECORDINGS = fileURLToPath(new URL('../recordings/', import.meta.url));
const Ajv = /** @type {any} */ (Ajv2020).default ?? Ajv2020;
const valid = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(
  new URL('../../schema/export.json', import.meta.url), 'utf8')));
const dir = scratch();
let number = 0;

/** A path that nothing is at. */
const fresh = () => join(dir, String(number++));

/** @param {string} text @returns its path */
function fileOf(text) {
  const file = fresh();
  writeFileSync(file, text);
  return file;
}

/** @param {string} text of an export */
const roomOf = (text) => JSON.parse(text.slice(0, text.indexOf('\n'))).room;

/** Imports into a new folder, and exports again.
 * @param {string} text @param {string[]} options */
function again(text, ...options) {
  const folder = fresh();
  told('import', fileOf(text), folder);
  return told('export', roomOf(text), ...options, '-d', folder);
}

const HEADER = '{"letterbox":1,"epoch":"abcdefgh","namespace":"rooms",' +
  '"room":"blue","redacted":false}\n';

/** @param {number} seq @param {unknown} body @param {object} [more] */
const line = (seq, body, more = {}) => JSON.stringify({ seq, at: 1000 * seq,
  from: 'a', to: undefined, type: 'chat', ...more, body }) + '\n';

describe('the same bytes again', () => {
  for (const name of readdirSync(RECORDINGS).filter((n) => /\.jsonl$/.test(n)))
    test(`${name}, whole and redacted`, () => {
      const text = readFileSync(join(RECORDINGS, name), 'utf8');
      assert.equal(again(text, '--whole'), text);
      const redacted = again(text);
      assert.notEqual(redacted, text);
      assert.equal(again(redacted), redacted);
      for (const one of redacted.trimEnd().split('\n'))
        assert.ok(valid(JSON.parse(one)), one);
    });

  const count = process.env.SOAK ? 10000 : 20;
  test(`${count} mailboxes that nobody made`, () => {
    const bytes = randomBytes(32);
    let at = 0;
    const rest = (/** @type {number} */ n) => {
      const digest = createHash('sha256').update(bytes).update(String(at++));
      return digest.digest().readUInt32BE() % n;
    };
    const bodies = [() => null, () => rest(1e9) / 7, () => '\ud83d\ude00\u202e',
      () => ({ a: [[], {}, ''], name: 'x'.repeat(rest(5000)) }),
      () => `192.0.2.${rest(256)}:${rest(65536)}`,
      () => ({ candidate: `candidate:1 1 udp 1 h${rest(9)}.example 9 typ host` }),
      () => ({ type: 'offer', sdp: `a=ice-pwd:${rest(1e9)}\r\nm=audio 9 X 0\r\n` })];
    for (let i = 0; i < count; i++) {
      let text = HEADER;
      for (let seq = 1 + rest(5); rest(30); seq += 1 + rest(3))
        text += line(seq, bodies[rest(bodies.length)](),
          { ...(rest(2) && { to: `p${rest(5)}` }), type: `t${rest(9)}` });
      assert.equal(again(text, '--whole'), text, bytes.toString('hex'));
      const redacted = again(text);
      assert.equal(again(redacted), redacted, bytes.toString('hex'));
    }
  });

  test('out of a report, where it is enclosed', () => {
    const text = readFileSync(join(RECORDINGS, 'good.jsonl'), 'utf8');
    const folder = fresh(), from = fresh();
    told('import', fileOf(text), folder);
    const page = told('report', roomOf(text), '-d', folder);
    const name = roomOf(told('export', roomOf(text), '-d', folder));
    told('import', fileOf(page), from);
    assert.equal(told('export', name, '-d', from),
      told('export', roomOf(text), '-d', folder));
  });

  test('a body passes byte for byte, whatever it is', () => {
    const text = HEADER + '{"seq":9007199254740991,"at":-5,"from":"\\"",' +
      '"type":"x","body":{"a":1.0,"a":1e2,"b":"\\u00e9\\/, \\"body\\":"}}\n';
    assert.equal(again(text, '--whole'), text);
  });
});

test('of 50 secrets none is in an export', () => {
  const secrets = Array.from({ length: 50 }, (_, i) => [
    `10.9.${i}.7`, `2001:db8:${i}::7`, `secret-host-${i}.local`,
    `planted${i}planted`, `planted${i}planted`][i % 5]);
  let text = HEADER.replace('"blue"', '"planted-room"');
  secrets.forEach((secret, i) => text += line(i + 1, [
    { candidate: `candidate:1 1 udp 1 ${secret} 9 typ host` },
    { text: `see http://[${secret}]:8080/` },
    { sdp: `c=IN IP4 ${secret}\r\n`, type: 'offer' },
    { sdp: `a=ice-pwd:${secret}\r\n`, type: 'offer' },
    [{ name: secret }, { token: secret }, { password: secret },
      { text: `https://x.example/?token=${secret}&a` },
      { ToKeN: secret, iceServers: [{ credential: secret }] }][Math.floor(i / 5) % 5],
  ][i % 5]));
  const folder = fresh();
  told('import', fileOf(text), folder);
  const shown = told('export', 'planted-room', '-d', folder);
  for (const secret of [...secrets, 'planted-room'])
    assert.ok(!shown.includes(secret), secret);
  assert.equal(shown.split('\n').length, 52);
});

describe('what is not right', () => {
  /** @type {[string, string | Buffer, number, RegExp][]} */
  const wrong = [
    ['empty', '', 1, /empty/],
    ['foreign', 'PK\u0003\u0004\n', 1, /not JSON/],
    ['without a header', line(1, 'x'), 1, /"seq" is not known/],
    ['of another version', HEADER.replace('1', '2'), 1, /version 2/],
    ['of no epoch', HEADER.replace('abcdefgh', ''), 1, /"epoch"/],
    ['cut off', HEADER + line(1, 'x') + line(2, 'x').slice(0, -1), 3, /cut off/],
    ['cut in a line', HEADER + line(1, 'x').slice(0, 20) + '\n', 2, /not JSON/],
    ['doubled', HEADER + line(1, 'x') + line(1, 'x'), 3, /seq 1 comes after 1/],
    ['reordered', HEADER + line(2, 'x') + line(1, 'x'), 3, /seq 1 comes after 2/],
    ['with a second header', HEADER + line(1, 'x') + HEADER, 3, /not known/],
    ['with a member too many', HEADER + line(1, 'x', { x: 1 }), 2, /"x" is not known/],
    ['with one too few', HEADER + '{"seq":1,"at":1,"from":"a","type":"x"}\n', 2,
      /"body" is missing/],
    ['from nobody', HEADER + line(1, 'x', { from: '' }), 2, /"from"/],
    ['with an empty line', HEADER + '\n' + line(1, 'x'), 2, /not JSON/],
    ['not of UTF-8', Buffer.concat([Buffer.from(HEADER + line(1, 'x')),
      Buffer.from([0x22, 0xff, 0x22, 10])]), 3, /not JSON/],
    ['with a line too long', HEADER + line(1, 'x'.repeat(3 << 20)), 2, /longer than/],
    ['too deep', HEADER + line(1, 0).replace('0}', '['.repeat(99) + ']'.repeat(99) + '}'),
      2, /not JSON/],
    ['with a seq that is none', HEADER + line(0, 'x'), 2, /"seq"/],
  ];
  for (const [name, text, at, why] of wrong)
    test(`a file ${name} is told with its line, and nothing of it is there`, () => {
      const file = fresh(), folder = fresh();
      writeFileSync(file, text);
      const { status, stdout, stderr } = letterbox(['import', file, folder]);
      assert.equal(status, 1);
      assert.equal(stdout, '');
      assert.match(stderr, new RegExp(`, line ${at}: .*Nothing was imported`));
      assert.match(stderr, why);
      if (existsSync(join(folder, 'letterbox.db')))
        assert.deepEqual(objects('room', 'rooms', '-d', folder), []);
    });

  test('a line without an end is not read to its end', () => {
    const { status, stderr } = letterbox(['import', '/dev/zero', fresh()]);
    assert.equal(status, 1);
    assert.match(stderr, /line 1: it is longer than/);
  });

  test('rooms of one server share a folder, others do not', () => {
    const folder = fresh();
    const green = HEADER.replace('blue', 'green');
    told('import', fileOf(HEADER + line(1, 'x')), folder);
    told('import', fileOf(green + line(2, 'x')), folder);
    assert.equal(objects('room', 'rooms', '-d', folder).length, 2);
    /** @type {[string, RegExp][]} */
    const refused = [
      [HEADER + line(9, 'x'), /a room of this name already/],
      [HEADER.replace('blue', 'red') + line(2, 'x'), /another room has seq 2/],
      [HEADER.replace('abcdefgh', 'xxxxxxxx').replace('blue', 'red'),
        /another epoch/]];
    for (const [text, why] of refused) {
      const { status, stderr } = letterbox(['import', fileOf(text), folder]);
      assert.equal(status, 1);
      assert.match(stderr, why);
    }
    assert.equal(objects('room', 'rooms', '-d', folder).length, 2);
    assert.equal(letterbox(['check', '-d', folder]).status, 0);
  });

  test('a folder in which a server works is left alone', () => {
    const folder = fresh();
    mkdirSync(folder);
    writeFileSync(join(folder, 'server.key'), '');
    const { status, stderr } = letterbox(
      ['import', fileOf(HEADER), folder]);
    assert.equal(status, 1);
    assert.match(stderr, /A server works in/);
    assert.ok(!existsSync(join(folder, 'letterbox.db')));
  });

  test('a file that is not there is told', () => {
    assert.equal(letterbox(['import', fresh(), fresh()]).status, 1);
    const folder = fresh();
    mkdirSync(folder);
    copyFileSync(fileOf('x'.repeat(9999)), join(folder, 'letterbox.db'));
    const { status, stderr } = letterbox(['import', fileOf(HEADER), folder]);
    assert.equal(status, 1);
    assert.match(stderr, /Nothing was imported/);
  });
});
