// The two sides of a channel: an application with its key, and a client with
// the token that the application has got for it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ok } from './api.mjs';

const run = promisify(execFile);

/**
 * `letterbox key ...`, as the account that the server is.
 * @param {import('./harness.mjs').Server} server @param {string[]} words
 * @returns {Promise<string>} what it printed
 */
export async function keys(server, ...words) {
  const { uid } = statSync(server.data);
  const account = process.getuid?.() === 0 && uid ? { uid, gid: uid } : {};
  const { stdout } = await run(server.program, ['key', ...words, '-c',
    join(server.dir, 'letterbox.conf')], account);
  return stdout.trim();
}

/** @returns {string} a client id that no other test uses */
export const newClient = () => `c/${randomBytes(9).toString('hex')}`;

/**
 * A token as the server makes it, with whatever is wanted in it.
 * @param {import('./harness.mjs').Server} server
 * @param {Record<string, unknown>} claims
 * @param {string} [key] of the server; its own
 */
export function mint(server, claims, key) {
  const own = key ?? readFileSync(join(server.data, 'server.key'), 'utf8')
    .trim();
  const payload = Buffer.from(JSON.stringify({ x: randomBytes(9)
    .toString('base64url'), peer: 'client', ...claims })).toString('base64url');
  return `${payload}.${createHmac('sha256', own)
    .update(`channel\0${payload}\0`).digest('base64url')}`;
}

let count = 0;

/** An application's server. */
export class Application {
  /** @param {import('./api.mjs').Api} api @param {string} name
   * @param {string} key */
  constructor(api, name, key) {
    this.api = api;
    this.name = name;
    this.key = key;
  }

  /**
   * With a fresh key.
   * @param {import('./harness.mjs').Server} server
   * @param {import('./api.mjs').Api} api @param {string[]} options
   */
  static async add(server, api, ...options) {
    const name = `app-${process.pid}-${++count}`;
    const key = await keys(server, 'add', name, ...options);
    assert.match(key, /^[A-Za-z0-9_-]{43}$/);
    return new Application(api, name, key);
  }

  /** A token that ends when the test wants it to, as the server makes it.
   * @param {import('./harness.mjs').Server} server
   * @param {number} life seconds from now @param {string} [room] client id */
  mint(server, life, room = newClient()) {
    const hash = createHash('sha256').update(this.key).digest();
    return mint(server, { ns: `channel:${this.name}`, room,
      exp: Math.floor(Date.now() / 1000) + life,
      by: createHmac('sha256', hash).update('generation').digest()
        .subarray(0, 9).toString('base64url') });
  }

  /** @param {string} call @param {unknown} json
   * @param {import('./api.mjs').Options} [options] */
  post(call, json, options = {}) {
    return this.api.request('POST', `/channel/${call}`,
      { token: this.key, json, ...options });
  }

  /** The same as a form. @param {string} call
   * @param {Record<string, string> | string} fields
   * @param {import('./api.mjs').Options} [options] */
  form(call, fields, options = {}) {
    return this.api.request('POST', `/channel/${call}`, {
      token: this.key, body: String(typeof fields === 'string' ? fields
        : new URLSearchParams(fields)), ...options,
      headers: { 'content-type': 'application/x-www-form-urlencoded',
        ...options.headers },
    });
  }

  /** The headers of a request that is signed instead.
   * @param {string} call @param {string} body
   * @param {number | string} [date] s */
  signature(call, body, date = Math.floor(Date.now() / 1000)) {
    const hash = createHash('sha256').update(body).digest('hex');
    const text = `POST\n/channel/${call}\n${date}\n${hash}`;
    return {
      'content-type': 'application/json',
      'x-letterbox-key-name': this.name,
      'x-letterbox-date': String(date),
      'x-letterbox-signature': createHmac('sha256',
        createHash('sha256').update(this.key).digest())
        .update(text).digest('base64url'),
    };
  }

  /** @param {string} client @param {number} [minutes]
   * @returns {Promise<string>} a token */
  async create(client, minutes) {
    const { token } = await ok(this.post('create', { client_id: client,
      ...(minutes && { duration_minutes: minutes }) }), 201);
    return token;
  }

  /** @param {string} client or a token @param {string} message
   * @param {string} [id] */
  async send(client, message, id) {
    const reply = await this.post('send', { client_id: client, message,
      ...(id && { id }) });
    assert.equal(reply.status, 204, reply.text);
  }

  /** @param {{after?: string, wait?: number}} [question]
   * @returns {Promise<any>} */
  presence(question = {}) {
    return ok(this.post('presence', question), 200);
  }

  /** A client of a new channel. @param {string} [id] @param {number} [minutes] */
  async client(id = newClient(), minutes) {
    return new Client(this.api, await this.create(id, minutes), id);
  }
}

/** A browser with a channel token. */
export class Client {
  cursor = '';
  /** @type {any} what open() said */
  told;

  /** @param {import('./api.mjs').Api} api @param {string} token
   * @param {string} [id] */
  constructor(api, token, id = '') {
    this.api = api;
    this.token = token;
    this.id = id;
  }

  /** @param {string} word @param {unknown} [more] */
  tryPost(word, more = {}) {
    return this.api.exchange('POST', `/_ah/channel/${word}`, {
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ token: this.token, .../** @type {{}} */ (more) }),
    });
  }

  /** @returns {Promise<string[]>} what waited for it */
  async open() {
    const after = this.cursor ? { after: this.cursor } : {};
    this.told = await ok(this.tryPost('open', after), 200);
    return this.#heard(this.told);
  }

  /** @param {number} [wait] s @param {import('./api.mjs').Options} [options] */
  tryMail(wait = 0, options = {}) {
    return this.api.exchange('GET', '/_ah/channel/mail', {
      query: { ...(this.cursor && { after: this.cursor }),
        ...(this.told && { opening: this.told.opening }) },
      headers: { 'x-letterbox-token': this.token, prefer: `wait=${wait}` },
      ...options,
    });
  }

  /** @param {number} [wait] s @returns {Promise<string[]>} */
  async mail(wait = 0) {
    return this.#heard(await ok(this.tryMail(wait), 200));
  }

  /** @param {any} reply */
  #heard({ messages, cursor }) {
    this.cursor = cursor;
    return messages.map((/** @type {any} */ m) => m.data);
  }

  async close() {
    assert.equal((await this.tryPost('close')).status, 204);
  }

  /** By the wire of the development server.
   * @param {string} [command] @param {Record<string, string>} [more] */
  dev(command, more = {}) {
    return this.api.exchange('GET', '/_ah/channel/dev', { query: {
      ...(command !== undefined && { command }), channel: this.token, ...more,
    } });
  }
}
