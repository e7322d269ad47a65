// A user of AppRTC: the parameters of its page, its channel, and what it posts.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Client } from './channel.mjs';

/** @returns {string} a room that no other test uses */
export const newRoom = () => `r-${randomBytes(6).toString('hex')}`;

/** @param {import('./api.mjs').Api} api @param {Record<string, string>} query
 * @param {Record<string, string>} [headers] */
export const visit = (api, query, headers = {}) =>
  api.exchange('GET', '/', { query, headers });

export class User {
  /** @param {import('./api.mjs').Api} api @param {any} params */
  constructor(api, params) {
    this.api = api;
    this.params = params;
    this.me = params.me;
    this.room = params.room_key;
    this.channel = new Client(api, params.token);
  }

  /** @param {import('./api.mjs').Api} api @param {string} room
   * @param {Record<string, string>} [query] @param {string} [cookie] */
  static async join(api, room, query = {}, cookie) {
    const reply = await visit(api, { r: room, t: 'json', ...query },
      cookie ? { cookie } : {});
    assert.equal(reply.status, 200, reply.text);
    const params = JSON.parse(reply.text);
    assert.deepEqual(params.error_messages, [], reply.text);
    const user = new User(api, params);
    user.cookie = String(reply.headers['set-cookie']).split(';')[0];
    return user;
  }

  cookie = '';

  /** @param {string} body */
  postRaw(body) {
    return this.api.exchange('POST', '/message', {
      query: { r: this.room, u: this.me }, body,
      headers: { 'content-type': 'text/plain;charset=UTF-8' },
    });
  }

  /** @param {unknown} message */
  async post(message) {
    const reply = await this.postRaw(JSON.stringify(message));
    assert.deepEqual([reply.status, reply.text], [200, '']);
  }

  /** @returns {Promise<any[]>} */
  async open() {
    return (await this.channel.open()).map((text) => JSON.parse(text));
  }

  /** @param {number} [wait] s @returns {Promise<any[]>} */
  async hear(wait = 0) {
    return (await this.channel.mail(wait)).map((text) => JSON.parse(text));
  }
}
