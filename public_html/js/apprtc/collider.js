/**
 * The page's seat in the way of Collider's days: it joins by a request of its
 * own, hears by a WebSocket, and who is there first calls whoever comes.
 */

import {LetterboxWebSocket} from '../websocket/socket.js';
import {announce} from './params.js';

/** @typedef {import('./params.js').Params} Params */
/** @typedef {import('./seat.js').Message} Message */

/**
 * @param {any} params those of the page, or of a seat that this one replaces
 * @returns {Promise<Params>}
 */
export async function join(params) {
  if (params.me) announce(params);
  const {room_id: room, wss_post_url: post} = params;
  const reply = await fetch(`${mount(post)}/join/${room}${location.search}`,
    {method: 'POST', cache: 'no-store'});
  if (reply.status >= 500 || reply.status === 429) {
    throw new Error(`HTTP ${reply.status}`);
  }
  const {result, params: own, detail} = await reply.json();
  if (result !== 'SUCCESS') {
    return {...params, room_key: room,
      error: result === 'FULL' ? 'full' : 'refused',
      error_messages: [detail ?? result]};
  }
  // Its seat is that of a user, who is known by the first part of the id.
  const [me] = own.client_id.split('-');
  return {...own, room_key: own.room_id, me, asbr: '', vsbr: '',
    initiator: own.is_initiator === 'true' ? 1 : 0};
}

/**
 * Whether we call although nobody is there, and what is so until then.
 * @param {Params} params
 * @returns {import('./talk.js').State | undefined}
 */
export function waits(params) {
  return isCaller(params) && params.initiator === 1 ? 'alone' : undefined;
}

/** Who stays calls. Not so where native peers are: there it is who comes.
 * @param {any} params */
export function isCaller({caller}) {
  return caller === 'first';
}

/** Where the API is. @param {string} post address of Collider */
function mount(post) {
  return post.replace(/\/[^/]*$/, '');
}

/** See seat.js: the same from outside. */
export class Seat extends EventTarget {
  #params;
  #socket;

  /** @param {any} params */
  constructor(params) {
    super();
    const {wss_url: url, wss_post_url: post, room_id: roomid, client_id:
      clientid, messages} = this.#params = params;
    const socket = this.#socket = new LetterboxWebSocket(url, [],
      {api: mount(post), mode: 'collider'});
    this.open = new Promise((resolve) => {
      socket.addEventListener('open', () => {
        this.#send({cmd: 'register', roomid, clientid});
        for (const text of messages) this.#hear(text);
        resolve(null);
      });
    });
    socket.addEventListener('message', (/** @type {any} */ {data}) => {
      const {msg} = JSON.parse(data);
      if (msg) this.#hear(msg);
    });
    socket.addEventListener('close', () =>
      this.dispatchEvent(new CustomEvent('lost')));
  }

  /** @param {Message} message */
  say(message) {
    this.#send({cmd: 'send', msg: JSON.stringify(message)});
  }

  /** Leaves the room, also as the page goes. */
  leave() {
    const {room_id: room, client_id: client, wss_post_url: post} = this.#params;
    navigator.sendBeacon(`${mount(post)}/leave/${room}/${client}`);
    this.close();
  }

  /** Hears and says nothing any more; leaving is another matter. */
  close() {
    this.#socket.close();
  }

  /** @param {unknown} frame */
  #send(frame) {
    const {readyState} = this.#socket;
    if (readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** @param {string} text */
  #hear(text) {
    this.dispatchEvent(new CustomEvent('heard', {detail: JSON.parse(text)}));
  }
}
