// A reader of server-sent events (WHATWG HTML, section 9.2), by an ordinary
// request with a token in its header.

import http from 'node:http';
import { once } from 'node:events';
import { faultOf } from './spec.mjs';

/** @typedef {{id?: string, event: string, data: any}} Event */

/** One stream of one poll. */
export class Events {
  /**
   * @param {import('./peer.mjs').Peer} peer
   * @param {number} wait seconds
   * @param {Record<string, string>} [headers]
   */
  constructor(peer, wait, headers = {}) {
    const { url } = peer.api;
    const query = new URLSearchParams(
      { ...(peer.cursor && { after: peer.cursor }), wait: String(wait) });
    /** @type {Event[]} */
    this.events = [];
    this.comments = 0;
    this.text = '';
    this.ended = false;
    this.request = http.get({
      host: url.hostname, port: url.port, agent: false,
      path: `${url.pathname}${peer.path('messages')}?${query}`,
      headers: { accept: 'text/event-stream',
        authorization: `Bearer ${peer.token}`, ...headers },
    });
    this.request.on('error', () => undefined); // told by `response`, or `ended`
    this.response = once(this.request, 'response').then(([incoming]) => {
      incoming.setEncoding('utf8');
      incoming.on('data', (/** @type {string} */ text) => this.#take(text));
      incoming.on('close', () => {
        this.ended = true;
      });
      incoming.on('error', () => undefined);
      return /** @type {http.IncomingMessage} */ (incoming);
    });
    this.response.catch(() => undefined);
  }

  /** @param {string} text */
  #take(text) {
    this.text += text;
    const blocks = this.text.split('\n\n');
    this.text = blocks.pop() ?? '';
    for (const block of blocks) this.#block(block);
  }

  /** @param {string} block */
  #block(block) {
    /** @type {Event} */
    const event = { event: 'message', data: undefined };
    let data = '';
    for (const line of block.split('\n')) {
      const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (field === 'data') data += value;
      else if (field === 'id') event.id = value;
      else if (field === 'event') event.event = value;
      else if (field === '') this.comments += 1;
      else throw new Error(`unknown field ${field}`);
    }
    if (!data) return;
    event.data = JSON.parse(data);
    const fault = event.event === 'message'
      ? faultOf('spec#/components/schemas/Message', event.data)
      : event.event === 'pause'
        ? faultOf('spec#/components/schemas/Pace', event.data) : undefined;
    if (fault) throw new Error(`${event.event}: ${fault}`);
    this.events.push(event);
  }

  /** @returns {Event[]} the messages so far */
  get messages() {
    return this.events.filter((e) => e.event === 'message');
  }

  close() {
    this.request.destroy();
  }
}
