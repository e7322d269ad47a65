// diagram, export --format: every recording in every format, and names and
// bodies that would be commands there.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import Ajv from 'ajv';
import { scratch } from '../http/letterbox.mjs';
import { letterbox, told } from './cli.mjs';

const load = createRequire(import.meta.url);
const RECORDINGS = fileURLToPath(new URL('../recordings/', import.meta.url));
const dir = scratch();

const HOSTILE = ['end', '%%{init: {}}%%', 'a\nb', '"; @enduml', 'x#59;y; z', '<b onload=x>',
  '\u202eabc', '\u001b[2J', '!include /etc/passwd', '{"x":1}', 'as p1', '\\n',
  ']]}}', "'", '--', '**x**', 'wrap:', 'loop', 'é', '</script>', '$$x$$'];

const hostile = join(dir, 'hostile.jsonl');
writeFileSync(hostile, [{ letterbox: 1, epoch: 'abcdefgh', namespace: 'rooms',
  room: HOSTILE.join(' '), redacted: false },
...HOSTILE.map((text, i) => ({ seq: i + 1, at: i - 5, from: text,
  to: i % 3 ? HOSTILE[(i + 1) % HOSTILE.length] : undefined,
  type: i % 2 ? text : 'chat', body: text })),
{ seq: 90, at: 9e15, from: HOSTILE[2], type: 'joined', body: { name: HOSTILE[3] } },
{ seq: 91, at: 9e15, from: HOSTILE[2], to: 'x', type: 'description',
  body: { type: HOSTILE[3], sdp: HOSTILE[4] } },
].map((line) => JSON.stringify(line) + '\n').join(''));

const files = readdirSync(RECORDINGS).filter((n) => /\.jsonl$/.test(n))
  .map((name) => join(RECORDINGS, name)).concat(hostile);

/** @param {string} file @returns {any[]} */
const messages = (file) => readFileSync(file, 'utf8').trimEnd().split('\n')
  .slice(1).map((line) => JSON.parse(line));

// As a line may be: no sign of a label is one of the language.
const LABEL = '(?:[A-Za-z0-9 .,()+\\-/_]|[^\\u0000-\\u007f]|CODE)*';

/** @param {string} lines @param {string} code of a sign */
const language = (lines, code) => new RegExp(`^(?:${
  lines.replaceAll('LABEL', LABEL.replace('CODE', code))})$`, 'u');

/** @type {Record<string, RegExp>} */
const LINES = {
  mermaid: language('sequenceDiagram|participant (?:p\\d+ as LABEL|everybody)|' +
    '(?:Note over p\\d+|p\\d+->>(?:p\\d+|everybody)): \\d+ LABEL', '#\\d+;'),
  plantuml: language('@startuml|@enduml|participant (?:"LABEL" as p\\d+|everybody)|' +
    '(?:note over p\\d+|p\\d+ -> (?:p\\d+|everybody)) : \\d+ LABEL',
  '<U\\+[0-9A-F]{4}>'),
  // Nothing that a terminal obeys.
  text: /^[^\p{Cc}\u202e]*$/u,
};

describe('pictures', () => {
  for (const format of Object.keys(LINES))
    test(`${format}: each message is a line, and nothing else is said`, () => {
      for (const file of files) {
        const lines = told('diagram', file, '-f', format).trimEnd().split('\n');
        for (const line of lines) assert.match(line, LINES[format]);
        const head = lines.filter((line) =>
          /^(sequenceDiagram|participant|@|.* seq$)/.test(line));
        assert.equal(lines.length - head.length, messages(file).length, file);
      }
    });

  test('mermaid it is unless told otherwise, and by export as well', () => {
    assert.equal(told('diagram', files[0]), told('export', files[0], '-f', 'mermaid'));
  });

  test('addresses and names are pseudonyms, unless all is asked for', () => {
    const file = join(RECORDINGS, 'good.jsonl');
    assert.doesNotMatch(told('diagram', file), /Ada|192\.0\.2|fd00/);
    assert.match(told('diagram', file, '--whole'), /Ada/);
  });
});

describe('har', () => {
  const ajv = new (/** @type {any} */ (Ajv).default ?? Ajv)({ strict: false,
    validateFormats: false, logger: false });
  ajv.addMetaSchema(load('ajv/dist/refs/json-schema-draft-06.json'));
  const schemas = load('har-schema');
  for (const schema of Object.values(schemas)) ajv.addSchema(schema);
  const valid = ajv.getSchema('har.json#');

  test('every recording fits its schema, an entry for each that was posted', () => {
    for (const file of files) {
      const har = JSON.parse(told('export', file, '-f', 'har', '--whole'));
      assert.ok(valid(har), `${file}: ${ajv.errorsText(valid.errors)}`);
      const posted = messages(file).filter(({ type }) => !/^room-/.test(type));
      assert.equal(har.log.entries.length, posted.length);
      har.log.entries.forEach((/** @type {any} */ entry, /** @type {number} */ i) => {
        const { from, type, body } = posted[i];
        assert.ok(new URL(entry.request.url).pathname.startsWith('/rooms/'));
        assert.ok(!Number.isNaN(Date.parse(entry.startedDateTime)));
        const sent = JSON.parse(entry.request.postData.text);
        if (type === 'joined') assert.deepEqual(sent, { peer: from, ...body });
        else if (type === 'left') assert.deepEqual(sent, {});
        else {
          const [said] = sent.messages;
          assert.deepEqual([said.type, said.body], [type, body]);
        }
      });
    }
  });

  test('what is wrong does not fit', () => {
    assert.equal(valid({ log: { version: '1.2', entries: [] } }), false);
  });
});

test('rtcstats: what both sides had to apply, with the time between', () => {
  for (const file of files) {
    const lines = told('export', file, '-f', 'rtcstats', '--whole').trimEnd().split('\n');
    assert.equal(lines.shift(), 'RTCStatsDump');
    assert.deepEqual(JSON.parse(lines.shift() ?? ''), { fileFormat: 3 });
    const known = new Set();
    let at = 0;
    const offered = [];
    for (const line of lines) {
      const [method, id, value, delta] = JSON.parse(line);
      at += delta;
      if (method === 'create') known.add(id);
      assert.ok(known.has(id), line);
      if (method === 'setLocalDescription') offered.push([at, value.sdp]);
    }
    assert.deepEqual(offered, messages(file)
      .filter(({ type }) => type === 'description')
      .map(({ at, body }) => [Math.min(at, 8.64e15), body.sdp]));
  }
});

test('rtcstats: what no connection can have said is left out', () => {
  const file = join(dir, 'odd.jsonl');
  const bodies = [{ type: 'offer', sdp: 5 }, { type: {}, sdp: 'v=0' }, 'v=0', null,
    { candidate: 5 }, { candidate: ['x'] }, { sdpMid: '0' }, [], 'candidate:1'];
  writeFileSync(file, [{ letterbox: 1, epoch: 'abcdefgh', namespace: 'rooms',
    room: 'odd', redacted: false }, ...bodies.flatMap((body, i) =>
    ['description', 'candidate'].map((type, k) =>
      ({ seq: 2 * i + k + 1, at: -9e15, from: 'a', type, body })))]
    .map((line) => JSON.stringify(line) + '\n').join(''));
  assert.deepEqual(told('export', file, '-f', 'rtcstats', '--whole').trimEnd()
    .split('\n').slice(2).map((line) => JSON.parse(line)),
  [['create', 'a > *', {}, -8.64e15], ['onicecandidate', 'a > *', null, 0]]);
});

test('a format that there is not, or that is no picture; no file', () => {
  for (const [line, why] of /** @type {[string[], RegExp][]} */ ([
    [['export', hostile, '-f', 'pdf'], /--format is not `pdf'/],
    [['diagram', hostile, '-f', 'har'], /no picture/]])) {
    const { status, stderr } = letterbox(line);
    assert.equal(status, 2);
    assert.match(stderr, why);
  }
  assert.match(letterbox(['diagram', 'nobody.jsonl']).stderr,
    /there is no file of that name either/);
});
