// The description itself: its examples keep its own rules, and its message
// schemas refuse what is wrong.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { bodyFault, faultOf, messageSchemas, spec } from './spec.mjs';

/** @param {any} node @param {string} pointer
 * @param {(node: any, pointer: string) => void} visit */
function walk(node, pointer, visit) {
  if (typeof node !== 'object' || node === null) return;
  visit(node, pointer);
  for (const [key, value] of Object.entries(node))
    walk(value, `${pointer}/${key.replaceAll('~', '~0')
      .replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}`,
    visit);
}

/** @type {Map<any, string>} each once, however often it is referred to */
const media = new Map();
walk(spec.paths, 'spec#/paths', collect);
walk(spec.components.responses, 'spec#/components/responses', collect);

/** @param {any} node @param {string} pointer */
function collect(node, pointer) {
  if (node.schema && (node.examples || pointer.includes('/content/')))
    media.set(node, pointer);
}

test('every example of the description keeps its schema', () => {
  let seen = 0;
  for (const [node, pointer] of media)
    for (const [name, { value }] of Object.entries(node.examples ?? {})) {
      const text = pointer.includes('text~1plain') && value[0] === '{';
      const fault = faultOf(pointer + '/schema',
        text ? JSON.parse(value) : value);
      assert.equal(fault, undefined, `${pointer} ${name}: ${fault}`);
      seen += 1;
    }
  assert.ok(seen > 10, `${seen} examples`);
});

test('every reference of the description leads somewhere', () => {
  walk(spec, 'spec#', (node) => {
    if (typeof node.$ref !== 'string') return;
    const found = node.$ref.split('/').slice(1).reduce(
      (/** @type {any} */ at, /** @type {string} */ step) => at?.[step], spec);
    assert.ok(found, node.$ref);
  });
});

test('every media type is named here', () => {
  const types = new Set();
  for (const pointer of media.values())
    types.add(pointer.split('/content/')[1]?.split('/')[0]);
  assert.deepEqual([...types].sort(), ['application~1json',
    'application~1jsonl', 'application~1problem+json',
    'application~1x-www-form-urlencoded',
    'text~1event-stream', 'text~1html', 'text~1javascript', 'text~1plain']);
});

test('envelopes take no members that are not described', () => {
  const open = Object.entries(spec.components.schemas)
    .filter(([, schema]) => /** @type {any} */ (schema).type === 'object' &&
      /** @type {any} */ (schema).additionalProperties !== false);
  assert.deepEqual(open.map(([name]) => name), []);
});

test('every code of a problem is provoked by some test', () => {
  const codes = new Set();
  walk(spec.components.responses, '', ({ code }) => {
    for (const one of code?.enum ?? (code?.const ? [code.const] : []))
      codes.add(one);
  });
  const here = new URL('./', import.meta.url);
  const tests = readdirSync(here).filter((f) => f.endsWith('.test.mjs'))
    .map((f) => readFileSync(new URL(f, here), 'utf8')).join('');
  // These need a failing machine; the fault tests make one.
  const faults = ['no-memory', 'io', 'timeout'];
  const missing = [...codes].filter((code) =>
    !tests.includes(`'${code}'`) && !faults.includes(code));
  assert.deepEqual(missing, []);
});

test('every schema of a message keeps its examples', () => {
  assert.equal(messageSchemas.size, 11);
  for (const [type, schema] of messageSchemas) {
    assert.ok(schema.examples.length, type);
    for (const example of schema.examples)
      assert.equal(bodyFault(type, example), undefined, type);
  }
});

/** @type {[string, unknown][]} */
const WRONG = [
  ['description', { type: 'offer' }],
  ['description', { type: 'hello', sdp: 'v=0' }],
  ['description', { sdp: 'v=0' }],
  ['description', { type: 'offer', sdp: 'v=0', re: 0 }],
  ['description', null],
  ['candidate', { sdpMid: '0' }],
  ['candidate', 'candidate:1'],
  ['candidate', { candidate: '', sdpMLineIndex: 65536 }],
  ['bye', 'bye'],
  ['error', { code: 'no-camera' }],
  ['error', { code: 'No Camera', text: '' }],
  ['chat', ''],
  ['chat', { text: 'hi' }],
  ['joined', { name: '' }],
  ['joined', { peer: 'a' }],
  ['left', {}],
  ['left', { reason: 'bored' }],
  ['room-rules', { lock: true }],
  ['room-knock', { peer: 'a' }],
  ['room-ended', null],
];

for (const [type, body] of WRONG)
  test(`a ${type} is not ${JSON.stringify(body)}`, () => {
    assert.notEqual(bodyFault(type, body), undefined);
  });
