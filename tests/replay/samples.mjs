// The recordings of tests/recordings, and such as nobody made.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readText } from '../../public_html/js/replay/recording.js';

/** @typedef {import('../../public_html/js/replay/recording.js').Entry} Entry */

export const NAMES = ['good', 'reload', 'three', 'glare', 'silence',
  'candidates'];

/** @param {string} name @returns its path */
export const pathOf = (name) =>
  fileURLToPath(new URL(`../recordings/${name}.jsonl`, import.meta.url));

/** @param {string} name */
export const textOf = (name) => readFileSync(pathOf(name), 'utf8');

/** @param {string} name */
export const sample = (name) => readText(textOf(name));

export const HEADER = '{"letterbox":1,"epoch":"e","namespace":"rooms",' +
  '"room":"r","redacted":false}';

/** A recording of these messages, as text. @param {Partial<Entry>[]} messages */
export function made(messages) {
  const lines = messages.map((message, i) => {
    const { seq = i + 1, at = 1000 * i, from = 'a', to, type = 'chat',
      body = '' } = message;
    return JSON.stringify({ seq, at, from, to, type, body });
  });
  return [HEADER, ...lines].map((line) => line + '\n').join('');
}

/**
 * Many calls one after the other, of few peers: as long as is wished.
 * @param {number} count of messages
 * @param {number} [peers]
 */
export function long(count, peers = 6) {
  const sdp = sample('good').messages.find(({ type }) =>
    type === 'description')?.body.sdp;
  /** @type {Partial<Entry>[]} */
  const messages = [];
  for (let i = 0; i < peers; i++) {
    messages.push({ from: `peer-${i}`, type: 'joined',
      body: { name: `Peer ${i}` }, at: i });
  }
  let at = peers;
  for (let i = 0; messages.length < count; i++) {
    const pair = [`peer-${i % peers}`, `peer-${(i * 7 + 1) % peers}`];
    if (pair[0] === pair[1]) continue;
    const [from, to] = pair;
    const put = (/** @type {Partial<Entry>} */ message) =>
      messages.push({ from, to, at: at += 1 + (i * 13) % 40, ...message });
    put({ type: 'description', body: { type: 'offer', sdp } });
    for (let k = 0; k < 6; k++) {
      put({ type: 'candidate', body: { sdpMid: '0', candidate:
        `candidate:${k} 1 udp 1 192.0.2.${k + 1} 9 typ ${
          ['host', 'srflx', 'relay'][k % 3]}` } });
    }
    put({ from: to, to: from, type: 'description',
      body: { type: 'answer', sdp } });
    put({ from: to, to: from, type: 'candidate', body: null });
    if (i % 50 === 0) at += 60_000;
  }
  return made(messages.slice(0, count));
}
