/**
 * A WebSocket for hosts that carry none: the interface of the standard over a
 * room of Letterbox.
 *
 *   import {WebSocket} from './js/websocket.js';
 *   const socket = new WebSocket('wss://example.org/kitchen');
 *   socket.onmessage = ({data}) => console.log(data);
 *   socket.onopen = () => socket.send('Hello, all others');
 *
 * What is sent waits where the network or the server is away for a while, and
 * comes once, in order. Pages that were written for WebSocket take one script
 * instead, `{api}/websocket.js`: see docs/websocket.md, with the close codes
 * and what else is different.
 */

import {LetterboxWebSocket} from './websocket/socket.js';

export {LetterboxWebSocket, LetterboxWebSocket as WebSocket};

/** @typedef {import('./websocket/socket.js').Options} Options */
