// A crowd as pages make it: peers in rooms of two that poll at the pace they
// are told, some of whom post, and visitors who ask for a file meanwhile.

import http from 'node:http';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {object} Client
 * @property {string} room
 * @property {string} token
 * @property {string} cursor
 * @property {number} n
 * @property {number} wait as the last reply said
 * @property {number} pause
 * @property {boolean} posting
 * @property {http.Agent} agent
 * @property {AbortController} cut ends what it waits for
 *
 * @typedef {{status: number, body: any}} Reply
 */

/** The q-quantile. @param {number[]} values @param {number} q */
export function quantile(values, q) {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

/**
 * One request; a connection that was closed while it was idle is a new one.
 * @param {string} url @param {http.RequestOptions} options
 * @param {string} [text] @returns {Promise<Reply>}
 */
const ask = (url, options, text) => new Promise((resolve, reject) => {
  const request = http.request(url, options, (response) => {
    const parts = /** @type {Buffer[]} */ ([]);
    response.on('data', (part) => parts.push(part));
    response.on('error', reject);
    response.on('end', () => {
      const status = response.statusCode ?? 0;
      const whole = Buffer.concat(parts).toString();
      const json = /json/.test(response.headers['content-type'] ?? '');
      resolve({ status, body: json ? JSON.parse(whole) : whole });
    });
  });
  request.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code === 'ECONNRESET' && request.reusedSocket)
      resolve(ask(url, options, text));
    else
      reject(error);
  });
  request.end(text);
});

export class Crowd {
  /** @type {Client[]} */
  clients = [];
  /** Milliseconds, each. */
  posts = /** @type {number[]} */ ([]);
  deliveries = /** @type {number[]} */ ([]);
  files = /** @type {number[]} */ ([]);
  /** Replies by their status, of all but what was expected. */
  odd = /** @type {Map<string, number>} */ (new Map());
  polls = 0;
  #listeners = /** @type {Promise<void>[]} */ ([]);
  #posters = /** @type {Promise<void>[]} */ ([]);
  #listening = true;
  #posting = true;
  #turn = 0;
  #expected = 0;
  #heard = 0;

  /** @param {string} api @param {string} file */
  constructor(api, file) {
    this.api = api;
    this.file = file;
  }

  /** @param {string} what */
  #note(what) {
    this.odd.set(what, (this.odd.get(what) ?? 0) + 1);
  }

  /** Rooms of two, entered a few at a time. @param {number} rooms */
  async enter(rooms) {
    const names = Array.from({ length: rooms }, () =>
      `small-${randomBytes(8).toString('hex')}`);
    const wanted = names.flatMap((room) => [room, room]);
    const enter = async () => {
      for (let room; (room = wanted.pop());) await this.#join(room);
    };
    await Promise.all([enter(), enter()]);
  }

  /** @param {string} room */
  async #join(room) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
    const { status, body } = await ask(`${this.api}/rooms/${room}/peers`,
      { method: 'POST', agent,
        headers: { 'content-type': 'application/json' } },
      JSON.stringify({ key: randomBytes(16).toString('base64url') }));
    if (status !== 201) throw new Error(`join: ${status}`);
    this.clients.push({ room, agent, token: body.token, cursor: body.cursor,
      n: body.n, posting: false, ...body.poll, cut: new AbortController() });
  }

  /** @param {Client} c @param {Reply} reply */
  #collect(c, { status, body }) {
    if (status !== 200) {
      this.#note(`poll ${status}`);
      c.pause = 1000;
      return;
    }
    this.polls++;
    c.cursor = body.cursor;
    ({ wait: c.wait, pause: c.pause } = body.poll);
    for (const { type, body: said } of body.messages) {
      if (type !== 'bench') continue;
      this.deliveries.push(performance.now() - said.at);
      this.#heard++;
    }
  }

  /** @param {Client} c */
  async #listen(c) {
    while (this.#listening) {
      const { signal } = c.cut;
      try {
        const query = `after=${c.cursor}&wait=${c.wait}`;
        this.#collect(c, await ask(
          `${this.api}/rooms/${c.room}/messages?${query}`,
          { agent: c.agent, signal,
            headers: { authorization: `Bearer ${c.token}` } }));
        await sleep(c.pause, undefined, { signal });
      } catch (error) {
        // Begun anew on purpose, or a connection that was lost.
        if (!signal.aborted) {
          this.#note(`poll ${/** @type {any} */ (error).code}`);
          await sleep(200);
        }
      }
    }
  }

  /** The next client that has none under way, for they are counted. */
  async #post() {
    for (let i = 0; i < this.clients.length; i++) {
      this.#turn = (this.#turn + 7) % this.clients.length;
      if (!this.clients[this.#turn].posting) break;
    }
    const c = this.clients[this.#turn];
    const at = performance.now();
    const text = JSON.stringify({ n: c.n + 1,
      messages: [{ type: 'bench', body: { at } }] });
    c.posting = true;
    try {
      const { status } = await ask(`${this.api}/rooms/${c.room}/messages`, {
        method: 'POST', agent: c.agent, headers: {
          authorization: `Bearer ${c.token}`,
          'content-type': 'application/json' },
      }, text);
      this.posts.push(performance.now() - at);
      if (status !== 201) {
        this.#note(`post ${status}`);
        return;
      }
      c.n++;
      this.#expected++;
    } finally {
      c.posting = false;
    }
  }

  async #visit() {
    const at = performance.now();
    const { status } = await ask(this.file, { agent: false });
    this.files.push(performance.now() - at);
    if (status !== 200) this.#note(`file ${status}`);
  }

  /** At a steady pace, whatever the answers take.
   * @param {number} each ms @param {() => Promise<void>} what */
  async #every(each, what) {
    const under = /** @type {Promise<void>[]} */ ([]);
    for (let next = performance.now(); this.#posting; next += each) {
      await sleep(Math.max(0, next - performance.now()));
      under.push(what().catch((error) => this.#note(`${error.code}`)));
    }
    await Promise.all(under);
  }

  /** All poll; posts and visits come at a steady pace. */
  start() {
    this.#listeners = this.clients.map((c) => this.#listen(c));
    this.#posters = [
      this.#every(40, () => this.#post()),
      this.#every(50, () => this.#visit()),
    ];
  }

  /** Everybody asks anew. @param {number} [within] ms; 0: at once */
  again(within = 0) {
    for (const c of this.clients) {
      if (within > 0) setTimeout(() => this.#anew(c), Math.random() * within);
      else this.#anew(c);
    }
  }

  /** @param {Client} c */
  #anew(c) {
    const old = c.cut;
    c.cut = new AbortController();
    old.abort();
  }

  /** Forgets what was measured so far, but for what was not as expected. */
  forget() {
    this.posts = [];
    this.deliveries = [];
    this.files = [];
    this.polls = 0;
  }

  /** Ends when all that was posted was heard, or `patience` ms are over.
   * @param {number} patience @returns how many messages were not heard */
  async stop(patience = 10000) {
    const end = performance.now() + patience;
    this.#posting = false;
    await Promise.all(this.#posters);
    while (this.#heard < this.#expected && performance.now() < end)
      await sleep(50);
    this.#listening = false;
    this.again();
    await Promise.all(this.#listeners);
    for (const { agent } of this.clients) agent.destroy();
    return this.#expected - this.#heard;
  }
}
