// The client of the tests: one HTTP exchange, held against the description of
// the API on its way out and back. What a peer does stands in peer.mjs.

import http from 'node:http';
import assert from 'node:assert/strict';
import { bodyFault, replyFault, requestFault } from './spec.mjs';

const SERVERS_OWN = /^(joined|left|room-.*)$/;

/**
 * @typedef {object} Options
 * @property {Record<string, string | number>} [query]
 * @property {string} [token] as Authorization: Bearer
 * @property {Record<string, string>} [headers]
 * @property {unknown} [json] body, to be written as JSON
 * @property {string | Buffer} [body] body as it is; application/json unless
 *   the headers say otherwise
 * @property {boolean} [bad] the request is wrong on purpose
 * @property {AbortSignal} [signal]
 */

/** What came back. */
export class Reply {
  /**
   * @param {number} status
   * @param {http.IncomingHttpHeaders} headers
   * @param {Buffer} body
   */
  constructor(status, headers, body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  get text() {
    return this.body.toString('utf8');
  }

  /** @returns {any} */
  get json() {
    return JSON.parse(this.text);
  }

  /** @returns {string | undefined} the code of a problem */
  get code() {
    return this.status >= 400 ? this.json.code : undefined;
  }
}

/** One mount of one server. */
export class Api {
  /** @param {string} url of the mount */
  constructor(url) {
    this.url = new URL(url);
    this.agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
  }

  /** Lets go of the kept connections. */
  close() {
    this.agent.destroy();
  }

  /**
   * @param {string} method
   * @param {string} path after the mount
   * @param {Options} [options]
   * @returns {Promise<Reply>}
   */
  async request(method, path, options = {}) {
    const asked = this.#asked(method, path, options);
    if (!options.bad) {
      const fault = requestFault(asked);
      assert.equal(fault, undefined, `request ${method} ${path}: ${fault}`);
    }
    const reply = await this.#send(asked, options);
    const fault = method === 'OPTIONS' && reply.status === 204
      ? undefined : replyFault({ method, path }, reply);
    assert.equal(fault, undefined, `reply to ${method} ${path}: ${fault}\n` +
      `${reply.status} ${reply.text.slice(0, 400)}`);
    checkMessages(reply);
    return reply;
  }

  /**
   * The same without judgement: for servers that are being killed.
   * @param {string} method
   * @param {string} path
   * @param {Options} options
   * @returns {Promise<Reply>}
   */
  exchange(method, path, options) {
    return this.#send(this.#asked(method, path, options), options);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Options} options
   */
  #asked(method, path, { query = {}, token, headers = {}, json, body }) {
    const data = json === undefined ? body : JSON.stringify(json);
    return {
      method, path,
      query: new URLSearchParams(/** @type {Record<string, string>} */ (query)),
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(data !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: data === undefined ? undefined : Buffer.from(data),
    };
  }

  /**
   * @param {import('./spec.mjs').Asked} asked
   * @param {Options} options
   * @returns {Promise<Reply>}
   */
  #send({ method, path, query, headers, body }, { signal }) {
    const search = query.size ?? [...query].length ? `?${query}` : '';
    return new Promise((resolve, reject) => {
      const request = http.request({
        host: this.url.hostname, port: this.url.port, method, signal,
        path: this.url.pathname + path + search,
        agent: this.agent,
        headers: body ? { ...headers, 'content-length': body.length } : headers,
      }, (incoming) => {
        /** @type {Buffer[]} */
        const chunks = [];
        incoming.on('data', (chunk) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => resolve(new Reply(
          incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks))));
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

/** Holds the server's own messages of a reply against their schemas.
 * @param {Reply} reply */
function checkMessages(reply) {
  if (reply.status >= 300 ||
      !/^application\/json(;|$)/.test(String(reply.headers['content-type'])))
    return;
  let last = 0;
  for (const { seq, type, body } of reply.json.messages ?? []) {
    assert.ok(seq > last, `seq ${seq} after ${last}`);
    last = seq;
    if (!SERVERS_OWN.test(type)) continue;
    const fault = bodyFault(type, body);
    assert.equal(fault, undefined, `body of ${type}: ${fault}`);
  }
}

/**
 * A refusal, as promised: status, code, and what people need to know.
 * @param {Reply | Promise<Reply>} promise
 * @param {number} status
 * @param {string} code
 * @param {string} [what] in words, for the error
 * @returns {Promise<any>} the problem document
 */
export async function refused(promise, status, code, what = '') {
  const reply = await promise;
  assert.equal(`${reply.status} ${reply.code ?? reply.text.slice(0, 200)}`,
    `${status} ${code}`, `${what} ${reply.text.slice(0, 400)}`);
  const problem = reply.json;
  assert.equal(problem.type, `/problems/${code}`);
  assert.equal(problem.status, status);
  assert.match(problem.detail, /^[^a-z].*\.$/s, 'a sentence');
  return problem;
}

/**
 * The JSON of an answer that is not a refusal.
 * @param {Reply | Promise<Reply>} promise
 * @param {number} status
 * @returns {Promise<any>}
 */
export async function ok(promise, status) {
  const reply = await promise;
  assert.equal(reply.status, status, reply.text.slice(0, 400));
  return reply.body.length ? reply.json : undefined;
}
