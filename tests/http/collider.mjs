// A client of AppRTC in Collider's days: what it asks, and how it hears.

import assert from 'node:assert/strict';
import { Client } from './channel.mjs';

/** @typedef {import('./api.mjs').Api} Api */

/** @param {Api} api @param {string} room @param {Record<string, string>}
 *   [headers] @param {Record<string, string>} [query] */
export const ask = (api, room, headers = {}, query = {}) =>
  api.exchange('POST', `/join/${room}`, { headers, query });

export class Guest {
  /** @param {Api} api @param {any} params */
  constructor(api, params) {
    this.api = api;
    this.params = params;
    this.room = params.room_id;
    this.id = params.client_id;
    this.channel = new Client(api, new URL(params.wss_url).hash.slice(1));
  }

  /** @param {Api} api @param {string} room @param {string} [cookie] */
  static async join(api, room, cookie) {
    const reply = await ask(api, room, cookie ? { cookie } : {});
    assert.equal(reply.status, 200, reply.text);
    const { result, params } = JSON.parse(reply.text);
    assert.equal(result, 'SUCCESS', reply.text);
    const guest = new Guest(api, params);
    guest.cookie = String(reply.headers['set-cookie']).split(';')[0];
    return guest;
  }

  cookie = '';

  get messages() {
    return this.params.messages.map((/** @type {string} */ text) =>
      JSON.parse(text));
  }

  /** By the room's server. @param {unknown} message */
  async message(message) {
    const reply = await this.api.exchange('POST',
      `/message/${this.room}/${this.id}`, { body: JSON.stringify(message),
        headers: { 'content-type': 'text/plain;charset=UTF-8' } });
    assert.equal(reply.status, 200, reply.text);
    return JSON.parse(reply.text).result;
  }

  /** By Collider. @param {unknown} message @param {string} [id] a mark */
  wire(message, id) {
    return this.api.exchange('POST', `/ws/${this.room}/${this.id}`, {
      body: JSON.stringify(message), query: id ? { id } : {},
      headers: { 'content-type': 'text/plain;charset=UTF-8' } });
  }

  leave() {
    return this.api.exchange('POST', `/leave/${this.room}/${this.id}`, {});
  }

  /** @returns {Promise<any[]>} */
  async open() {
    return (await this.channel.open()).map((text) => JSON.parse(text));
  }

  /** @param {number} [wait] s @returns {Promise<any[]>} */
  async hear(wait = 10) {
    return (await this.channel.mail(wait)).map((text) => JSON.parse(text));
  }
}
