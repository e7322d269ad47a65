// replay: a recording happens again in a room of a server that runs, and the
// room is like the recording.

import assert from 'node:assert/strict';
import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../http/harness.mjs';
import { scratch } from '../http/letterbox.mjs';
import { freePort } from '../http/port.mjs';
import { until } from '../http/until.mjs';
import { follow, letterbox, objects, told } from './cli.mjs';

const RECORDINGS = fileURLToPath(new URL('../recordings/', import.meta.url));
const FAULTS = join(RECORDINGS, 'faults');
const dir = scratch();

/** @type {import('../http/harness.mjs').Server} */
let server;
before(async () => {
  server = await startServer({ conf: { away: 1 } });
});
after(() => server?.stop());

let number = 0;
const fresh = () => `room-${number++}`;

/** @param {string} text @returns its path */
function fileOf(text) {
  const file = join(dir, `${number++}.jsonl`);
  writeFileSync(file, text);
  return file;
}

/** What was said, an answer's `re` as a place. @param {string} text */
function said(text) {
  const messages = text.trimEnd().split('\n').slice(1)
    .map((line) => JSON.parse(line));
  const places = new Map(messages.map(({ seq }, i) => [seq, i]));
  return messages.map(({ from, to, type, body }) => ({ from, to, type,
    body: body?.re ? { ...body, re: places.get(body.re) } : body }));
}

/** @param {string} room */
const exported = (room) => told('export', room, '--whole', '-d', server.database);

/** @param {string} file @param {string} room @param {string[]} more */
const args = (file, room, ...more) =>
  ['replay', file, '--to', server.api, '--room', room, ...more];

const HEADER = '{"letterbox":1,"epoch":"abcdefgh","namespace":"rooms",' +
  '"room":"blue","redacted":false}\n';

/** @param {[number, string, string, unknown, string?][]} list at, from, type,
 *   body, to */
const recording = (list) => HEADER + list.map(([at, from, type, body, to], i) =>
  JSON.stringify({ seq: i + 10, at, from, to, type, body }) + '\n').join('');

/** @param {number} count */
const chat = (count) => recording([
  [0, 'a', 'joined', {}], [0, 'b', 'joined', {}],
  .../** @type {any[]} */ (Array.from({ length: count }, (_, i) =>
    [i, 'ab'[i % 2], 'chat', i, 'ba'[i % 2]]))]);

describe('all of it', () => {
  for (const name of readdirSync(RECORDINGS).filter((n) => /\.jsonl$/.test(n)))
    test(`${name}: the same messages in the same order`, () => {
      const room = fresh();
      told(...args(join(RECORDINGS, name), room, '--speed', 'max'));
      assert.deepEqual(said(exported(room)),
        said(readFileSync(join(RECORDINGS, name), 'utf8')));
    });

  test('who went and came again does so, and who was never seen comes', () => {
    const room = fresh();
    const text = recording([[0, 'a', 'joined', { name: 'Ada', info: [1] }],
      [0, 'b', 'chat', 1, 'a'], [0, 'a', 'left', { reason: 'leave' }],
      [0, 'a', 'joined', { name: 'Ada' }], [0, 'a', 'chat', 2, 'nobody']]);
    told(...args(fileOf(text), room, '--speed', 'max'));
    assert.deepEqual(said(exported(room)).map(({ from, type }) => from + type),
      ['ajoined', 'bjoined', 'bchat', 'aleft', 'ajoined', 'achat']);
  });

  test('more mail than a mailbox holds', () => {
    const room = fresh();
    const text = chat(540);
    told(...args(fileOf(text), room, '-s', 'max'));
    assert.deepEqual(said(exported(room)), said(text));
  });

  test('a room of the database, from a message on, some types only', () => {
    const [one, two] = [fresh(), fresh()];
    told(...args(fileOf(chat(10)), one, '-s', 'max'));
    const seqs = exported(one).trimEnd().split('\n').slice(1)
      .map((line) => JSON.parse(line).seq);
    told(...args(one, two, '-s', 'max', '--from', String(seqs[7]), '-d',
      server.database, '--only', 'bye,chat'));
    assert.deepEqual(said(exported(two)), [0, 1, 7, 8, 9, 10, 11]
      .map((i) => said(exported(one))[i]));
  });

  test('delays are held, so many times as fast', () => {
    const begun = Date.now();
    const text = recording([[5000, 'a', 'chat', 1], [9000, 'a', 'chat', 2]]);
    told(...args(fileOf(text), fresh(), '--speed', '4'));
    assert.ok(Date.now() - begun >= 1000);
  });

  test('each line is told, and is JSON if wished', () => {
    const file = fileOf(chat(2));
    assert.match(told(...args(file, fresh(), '-s', 'max')),
      /join .* a .*\n.*join .* b .*\n.*post .* a +-> b +chat 0\n/);
    assert.deepEqual(objects('replay', ...args(file, fresh(), '-s', 'max'))
      .map(({ do: what, from, type }) => [what, from, type]),
    [['join', 'a', undefined], ['join', 'b', undefined],
      ['post', 'a', 'chat'], ['post', 'b', 'chat']]);
  });
});

describe('a peer that vanished', () => {
  /** @param {string} room */
  const came = (room) => said(exported(room)).map(({ from, type, body }) =>
    [from, type, body?.reason].filter((word) => word).join(' '));

  test('vanishes: the server ends its lease before all that came later', () => {
    const room = fresh();
    const { stderr } = letterbox(args(fileOf(recording([[0, 'a', 'joined', {}],
      [1, 'b', 'joined', {}], [2, 'a', 'chat', 1, 'b'],
      [3, 'a', 'left', { reason: 'lease' }], [4, 'b', 'chat', 2, 'a'],
      [5, 'b', 'left', { reason: 'leave' }]])), room, '-s', 'max'));
    assert.match(stderr, /2 came, 1 left, 1 vanished\./);
    assert.deepEqual(came(room), ['a joined', 'b joined', 'a chat',
      'a left lease', 'b chat', 'b left leave']);
  });

  for (const name of readdirSync(FAULTS).filter((n) => /^vanish/.test(n)))
    test(`${name}: explained by the same rule first`, () => {
      const file = join(FAULTS, name), room = fresh();
      told(...args(file, room, '--speed', 'max'));
      /** @param {string[]} what */
      const first = (...what) =>
        objects('explain', 'explain', ...what)[0].findings[0].rule;
      assert.equal(first(file), 'peer-vanished');
      assert.equal(first(room, '-d', server.database), 'peer-vanished');
    });

  test('is the same peer when it comes again', () => {
    const room = fresh();
    const steps = objects('replay', ...args(fileOf(recording([
      [0, 'a', 'chat', 1], [3, 'a', 'left', { reason: 'lease' }],
      [4, 'a', 'joined', {}], [5, 'a', 'chat', 2],
      [6, 'a', 'left', { reason: 'lease' }]])), room, '-s', 'max'));
    assert.deepEqual(steps.map(({ do: what, from }) => `${what} ${from}`),
      ['join a', 'post a', 'vanish a', 'join a', 'post a', 'vanish a']);
    assert.deepEqual(came(room), ['a joined', 'a chat', 'a left lease',
      'a joined', 'a chat', 'a left lease']);
  });
});

describe('chaos', () => {
  /** @param {string[]} more */
  const bodies = (...more) => {
    const room = fresh();
    told(...args(fileOf(chat(60)), room, '-s', 'max', ...more));
    return said(exported(room)).slice(2).map(({ body }) => body);
  };
  const all = Array.from({ length: 60 }, (_, i) => i);

  test('is the same for the same seed, another for another', () => {
    const wish = ['--drop', '0.3', '--double', '0.3', '--reorder', '5'];
    const once = bodies(...wish, '--seed', '7');
    assert.deepEqual(bodies(...wish, '--seed', '7'), once);
    assert.notDeepEqual(bodies(...wish, '--seed', '8'), once);
  });

  test('does what it is called', () => {
    assert.deepEqual(bodies('--drop', '1'), []);
    assert.deepEqual(bodies('--double', '1'), all.flatMap((i) => [i, i]));
    const shuffled = bodies('--reorder', '3');
    assert.notDeepEqual(shuffled, all);
    assert.deepEqual([...shuffled].sort((a, b) => a - b), all);
    shuffled.forEach((body, i) => assert.ok(Math.abs(body - i) <= 3 * 2));
  });
});

test('a server that is killed in the middle: all of it, nothing twice', async () => {
  const room = fresh();
  const text = recording(/** @type {any} */ (Array.from({ length: 200 },
    (_, i) => [i * 10, 'ab'[i % 2], 'chat', i])));
  const run = follow(...args(fileOf(text), room));
  await run.shows(/chat 100\n/);
  await server.kill();
  await server.restart();
  assert.equal(await run.ended, 0, run.stderr);
  assert.deepEqual(said(exported(room)).filter(({ type }) => type === 'chat')
    .map(({ body }) => body), Array.from({ length: 200 }, (_, i) => i));
});

test('Ctrl-C: all leave', async () => {
  const room = fresh();
  const run = follow(...args(fileOf(recording([[0, 'a', 'chat', 1],
    [0, 'b', 'chat', 2], [1e6, 'a', 'chat', 3]])), room));
  await run.shows(/chat 2\n/);
  run.child.kill('SIGINT');
  assert.equal(await run.ended, 1);
  assert.match(run.stderr, /2 posted of 3 .* 2 left/);
  await until('both have left', async () =>
    said(exported(room)).filter(({ type }) => type === 'left').length === 2);
});

describe('a room with a secret', () => {
  const file = fileOf(chat(2));
  /** Opens it, and keeps it open. @param {string} room */
  const open = (room) => fetch(`${server.api}/rooms/${room}/peers`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: 'k'.repeat(24), secret: 'hush' }) });

  test('it is in a file that nobody else can read', async () => {
    const [room, secret] = [fresh(), join(dir, 'secret')];
    assert.equal((await open(room)).status, 201);
    writeFileSync(secret, ' hush\n', { mode: 0o600 });
    const known = [...args(file, room, '-s', 'max'), '--secret-file', secret];
    told(...known);
    chmodSync(secret, 0o644);
    const seen = letterbox(known);
    assert.equal(seen.status, 1);
    assert.match(seen.stderr, /secret can be read by others/);
  });

  test('it is what standard input says', async () => {
    const room = fresh();
    assert.equal((await open(room)).status, 201);
    const told = letterbox([...args(file, room, '-s', 'max'), '--secret-file',
      '-'], { input: 'hush\n' });
    assert.equal(told.status, 0, told.stderr);
  });

  test('without it, or with another, nobody comes in', async () => {
    const room = fresh();
    assert.equal((await open(room)).status, 201);
    for (const more of [[], ['--secret-file', '-']]) {
      const { status, stderr } = letterbox([...args(file, room), ...more],
        { input: 'hash' });
      assert.equal(status, 1);
      assert.match(stderr, /answers 403, secret/);
    }
  });

  test('an empty one, and one that is none, are told', () => {
    const line = args(file, fresh());
    assert.match(letterbox([...line, '--secret-file', '-'], { input: ' \n' })
      .stderr, /holds less than 1 char/);
    assert.match(letterbox([...line, '--secret-file', '/nowhere']).stderr,
      /No such file/);
    const both = letterbox(['replay', '-', '--to', server.api, '-r', 'x',
      '--secret-file', '-']);
    assert.equal(both.status, 2);
    assert.match(both.stderr, /not both/);
  });
});

describe('what is not right', () => {
  const good = join(RECORDINGS, 'good.jsonl');
  /** @type {[string, string[], number, RegExp][]} */
  const wrong = [
    ['no address', ['replay', good, '-r', 'x'], 2, /--to is needed/],
    ['no room', ['replay', good, '--to', 'http://127.0.0.1:1'], 2, /--room is needed/],
    ['a file address', ['replay', good, '--to', 'file:///etc', '-r', 'x'], 2, /http/],
    ['a room that none is', ['replay', good, '--to', 'http://x', '-r', 'a/b'], 2, /1 to 64/],
    ['a share beyond all', ['replay', good, '--to', 'http://x', '-r', 'x', '--drop',
      '2'], 2, /--drop is a number from 0 to 1/],
    ['a speed of nothing', ['replay', good, '--to', 'http://x', '-r', 'x', '-s', '0'],
      2, /--speed/],
    ['nobody of that name', ['replay', good, '--to', 'http://x', '-r', 'x', '--as',
      'me'], 4, /Nobody/],
    ['no such file', ['replay', '/nowhere', '--to', 'http://x', '-r', 'x', '-d', dir],
      1, /./],
  ];
  for (const [name, line, status, why] of wrong)
    test(name, () => {
      const ended = letterbox(line);
      assert.equal(ended.status, status, ended.stderr);
      assert.match(ended.stderr, why);
    });

  test('a server that is none, and one that refuses', () => {
    const file = fileOf(chat(1));
    const page = letterbox(['replay', file, '--to', server.base, '-r', 'x']);
    assert.equal(page.status, 1);
    assert.match(page.stderr, /It cannot go on: the server answers 40\d/);
    told(...args(file, 'taken', '-s', 'max'));
    const taken = letterbox(args(file, 'taken', '-s', 'max'));
    assert.equal(taken.status, 1);
    assert.match(taken.stderr, /peer-taken/);
  });

  test('where nobody answers it says so long before it gives up', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const run = follow('replay', fileOf(chat(1)), '--to', nobody, '-r', 'x');
    await until('it says so', () => /no answer .*; trying/.test(run.stderr));
    assert.equal(run.child.exitCode, null);
    run.child.kill('SIGINT');
    await run.ended;
  });

  test('a redacted recording is told', () => {
    const { stderr } = letterbox(args(fileOf(chat(1)
      .replace('"redacted":false', '"redacted":true')), fresh(), '-s', 'max'));
    assert.match(stderr, /is redacted/);
  });
});
