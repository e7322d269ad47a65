// A peer of the tests: keeps its key, token, counter and cursor, as a page
// would. Everything goes through the judging client of api.mjs.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { ok } from './api.mjs';
import { until } from './until.mjs';

/** @returns {string} a fresh key */
export const newKey = () => randomBytes(16).toString('base64url');

/** @returns {string} a name for a room that no other test uses */
export const newRoom = () => `r-${randomBytes(9).toString('hex')}`;

/**
 * @typedef {{seq: number, from: string, to?: string, type: string, body: any,
 *   at: number}} Message
 * @typedef {{to?: string, type: string, body: unknown}} Posting
 */

/** One peer of one room. */
export class Peer {
  /**
   * @param {import('./api.mjs').Api} api
   * @param {string} room
   * @param {string} [id] the wished id
   */
  constructor(api, room, id) {
    this.api = api;
    this.room = room;
    this.id = id ?? '';
    this.key = newKey();
    this.token = '';
    this.n = 0;
    this.cursor = '';
  }

  /** @param {string} tail of the path */
  path(tail) {
    return `/rooms/${this.room}/${tail}`;
  }

  /** Asks to join; whatever comes back.
   * @param {Record<string, unknown>} [more] */
  tryJoin(more = {}) {
    const peer = this.id ? { peer: this.id } : {};
    return this.api.request('POST', this.path('peers'),
      { json: { key: this.key, ...peer, ...more } });
  }

  /** Joins by the key.
   * @param {Record<string, unknown>} [more] @returns {Promise<any>} */
  async join(more) {
    return this.#learn(await ok(this.tryJoin(more), 201));
  }

  /** Comes back by the token.
   * @param {Record<string, unknown>} [more] @returns {Promise<any>} */
  async resume(more = {}) {
    return this.#learn(await ok(this.api.request('POST', this.path('peers'),
      { token: this.token, json: { ...more } }), 200));
  }

  /** @param {any} reply */
  #learn(reply) {
    this.id = reply.peer;
    this.token = reply.token;
    this.n = reply.n;
    this.cursor = reply.cursor;
    return reply;
  }

  /** Posts with any n; whatever comes back.
   * @param {number} n @param {Posting[]} messages
   * @param {Record<string, unknown>} [more] */
  tryPost(n, messages, more = {}) {
    return this.api.request('POST', this.path('messages'),
      { token: this.token, json: { n, messages, ...more } });
  }

  /** The next post of this peer.
   * @param {Posting[]} messages @param {Record<string, unknown>} [more]
   * @returns {Promise<any>} */
  async post(messages, more) {
    const reply = await ok(this.tryPost(this.n + 1, messages, more), 201);
    this.n += 1;
    if (reply.cursor) this.cursor = reply.cursor;
    return reply;
  }

  /** One message to everybody, or to one peer.
   * @param {string} type @param {unknown} body @param {string} [to]
   * @returns {Promise<number>} its seq */
  async say(type, body, to) {
    const message = to ? { to, type, body } : { type, body };
    return (await this.post([message])).seqs[0];
  }

  /** A poll; whatever comes back.
   * @param {number} [wait] seconds @param {import('./api.mjs').Options} [more]
   */
  tryPoll(wait = 0, more = {}) {
    return this.api.request('GET', this.path('messages'), {
      token: this.token,
      query: { ...(this.cursor && { after: this.cursor }), wait }, ...more,
    });
  }

  /** One poll from the cursor on.
   * @param {number} [wait] seconds @returns {Promise<any>} */
  async poll(wait) {
    const reply = await ok(this.tryPoll(wait), 200);
    this.cursor = reply.cursor;
    return reply;
  }

  /** Polls until enough messages are there.
   * @param {(got: Message[]) => unknown} enough
   * @param {string} [what] in words
   * @returns {Promise<Message[]>} */
  async collect(enough, what = 'the messages') {
    /** @type {Message[]} */
    const got = [];
    return until(what, async () => {
      got.push(...(await this.poll(1)).messages);
      return enough(got) ? got : undefined;
    }, { every: 0, within: 15000 });
  }

  /** The next message of a type, whatever else comes before it.
   * @param {string} type @returns {Promise<Message>} */
  async next(type) {
    const has = (/** @type {Message} */ m) => m.type === type;
    const got = await this.collect((all) => all.some(has), `a ${type}`);
    return /** @type {Message} */ (got.find(has));
  }

  /** What is there now and comes at once.
   * @returns {Promise<Message[]>} */
  async drain() {
    return (await this.poll(0)).messages;
  }

  /** @returns {Promise<any>} who is there, and the rules */
  state() {
    return ok(this.api.request('GET', `/rooms/${this.room}`,
      { token: this.token }), 200);
  }

  /** Tells that the page goes, as sendBeacon does.
   * @param {'away' | 'leave'} how */
  beacon(how) {
    return ok(this.api.request('POST', this.path(how), {
      headers: { 'content-type': 'text/plain;charset=UTF-8' },
      body: JSON.stringify({ token: this.token }),
    }), 204);
  }

  /** @param {Record<string, unknown>} rules */
  tryRules(rules) {
    return this.api.request('POST', this.path('rules'),
      { token: this.token, json: rules });
  }

  /** @param {Record<string, unknown>} rules @returns {Promise<any>} */
  rules(rules) {
    return ok(this.tryRules(rules), 200);
  }
}

/**
 * Peers of one room, joined one after the other; the earlier ones have
 * collected the news of the later ones.
 * @param {import('./api.mjs').Api} api
 * @param {string[]} ids
 * @param {string} [room]
 */
export async function peers(api, ids, room = newRoom()) {
  const all = ids.map((id) => new Peer(api, room, id));
  for (const peer of all) await peer.join();
  for (const peer of all) await peer.drain();
  return all;
}

/** @param {{type: string}[]} all */
export const types = (all) => all.map((m) => m.type);

/** Waits for a `left` of somebody, once. @param {Peer} watcher
 * @param {string} id @param {string} reason */
export async function leaves(watcher, id, reason) {
  const left = await watcher.next('left');
  assert.deepEqual([left.from, left.body], [id, { reason }]);
  return left;
}
