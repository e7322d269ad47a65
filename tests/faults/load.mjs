// Posters and readers that never give up, and a history of all they did.

import { Peer } from '../http/peer.mjs';

/**
 * Everything that was acknowledged, everything that was read, and how each
 * request was refused that had to be repeated: status or error, and when.
 * @typedef {{acked: Map<string, number>, read: Map<string, number[]>,
 *   refused: {what: string, at: number}[], onAck: (by: Peer) => void}} History
 */

/** @returns {History} */
export const newHistory = () =>
  ({ acked: new Map(), read: new Map(), refused: [], onAck: () => undefined });

/** As long as our client waits beyond the hold, ms. */
const PATIENCE = 10000;

const moment = () => new Promise((resolve) => setTimeout(resolve, 10));

/**
 * One exchange, again and again until Letterbox itself answers. The web
 * server answers 5xx by itself while nobody is behind it, and one that is
 * restarted may let a poll through that its client has given up: the newer one
 * is superseded by it.
 * @param {History} history
 * @param {(signal: AbortSignal) => Promise<import('../http/api.mjs').Reply>}
 *   exchange
 * @param {() => boolean} stopped
 * @param {number} [hold] seconds that it may be held
 * @returns {Promise<import('../http/api.mjs').Reply | undefined>}
 */
async function insist(history, exchange, stopped, hold = 0) {
  while (!stopped()) {
    /** @type {any} */
    const reply = await exchange(AbortSignal.timeout(
      hold * 1000 + PATIENCE)).catch((error) => error);
    const ours = /json/.test(String(reply.headers?.['content-type']));
    const code = ours ? reply.json.code ?? '' : '';
    if (ours && code !== 'superseded' &&
      (reply.status < 500 || !reply.json.retryable)) return reply;
    if (stopped()) return undefined;
    history.refused.push({ at: performance.now(),
      what: `${reply.status ?? reply.code ?? reply.name} ${code}` });
    await moment();
  }
  return undefined;
}

/**
 * Posts 1, 2, 3 ... until told to stop; the last one is acknowledged too.
 * @param {History} history @param {Peer} peer @param {() => boolean} stopped
 */
export async function poster(history, peer, stopped) {
  for (let n = 1; !stopped(); n++) {
    const json = { n, messages: [{ type: 'load', body: `${peer.id}:${n}` }] };
    const reply = await insist(history, (signal) => peer.api.exchange('POST',
      peer.path('messages'), { token: peer.token, json, signal }), () => false);
    if (reply?.status !== 201)
      throw new Error(`${peer.id}:${n} ${reply?.status} ${reply?.text}`);
    history.acked.set(`${peer.room}/${peer.id}:${n}`, reply.json.seqs[0]);
    history.onAck(peer);
  }
}

/**
 * Reads a room until told to stop; drops what it has seen.
 * @param {History} history @param {Peer} peer @param {() => boolean} stopped
 */
export async function reader(history, peer, stopped) {
  /** @type {number[]} */
  const seqs = [];
  history.read.set(peer.room, seqs);
  while (!stopped()) {
    const reply = await insist(history, (signal) => peer.api.exchange('GET',
      peer.path('messages'), { token: peer.token, signal,
        query: { after: peer.cursor, wait: 1 } }), stopped, 1);
    if (!reply) return;
    if (reply.status !== 200 || reply.json.gap || reply.json.reset)
      throw new Error(`reader ${reply.status} ${reply.text.slice(0, 300)}`);
    for (const { seq, type } of reply.json.messages)
      if (type === 'load' && seq > (seqs.at(-1) ?? 0)) seqs.push(seq);
    peer.cursor = reply.json.cursor;
  }
}

/**
 * Holds a poll in a room where nothing is said, until told to stop.
 * @param {History} history @param {Peer} peer @param {() => boolean} stopped
 */
export async function waiter(history, peer, stopped) {
  let end = new AbortController();
  const look = setInterval(() => stopped() && end.abort(), 20);
  while (!stopped()) {
    const reply = await insist(history, (late) => {
      const own = end = new AbortController();
      late.addEventListener('abort', () => own.abort());
      return peer.api.exchange('GET', peer.path('messages'),
        { token: peer.token, signal: own.signal,
          query: { after: peer.cursor, wait: 20 } });
    }, stopped, 20);
    if (reply && reply.status !== 200)
      throw new Error(`waiter ${reply.status} ${reply.text.slice(0, 300)}`);
    if (reply) peer.cursor = reply.json.cursor;
  }
  clearInterval(look);
}

/**
 * Rooms with posters and a reader each, joined.
 * @param {import('../http/api.mjs').Api} api
 * @param {{rooms: number, posters: number}} size
 */
export async function crowd(api, { rooms, posters }) {
  const all = { posters: /** @type {Peer[]} */ ([]),
    readers: /** @type {Peer[]} */ ([]) };
  for (let r = 0; r < rooms; r++) {
    const reader = new Peer(api, `room${r}`, 'reader');
    await reader.join();
    all.readers.push(reader);
    for (let p = 0; p < posters; p++) {
      const peer = new Peer(api, `room${r}`, `p${p}`);
      await peer.join();
      all.posters.push(peer);
    }
  }
  return all;
}
