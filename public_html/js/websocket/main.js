/**
 * `{api}/websocket.js`: a WebSocket for old pages on hosts that have none.
 *
 *   <script src="https://example.org/letterbox.cgi/websocket.js"
 *     data-for="wss://old.example/ws/"></script>
 *
 * From then on `new WebSocket('wss://old.example/ws/kitchen')` is a place in
 * the room `kitchen`, and all other addresses get the browser's own sockets.
 * The program serves these modules joined to one classic script
 * (schema/script.py): old pages open their sockets before a module would run.
 *
 *   data-for       beginnings of addresses, parted by white space; those of
 *                  this host may begin with a slash
 *   data-mode      `room` (each frame to all others) or `collider`
 *   data-greeting  first frames, parted by commas: for who comes first,
 *                  second, and too late
 *   data-api       where the API is, if not where this script comes from
 */

import {beyond, parseAddress} from './address.js';
import {LetterboxWebSocket} from './socket.js';

const Native = globalThis.WebSocket;
const script = /** @type {HTMLScriptElement | null} */ (
  document.currentScript);
const {mode, greeting, api, for: beginnings} = script?.dataset ?? {};

/** @type {import('./socket.js').Options} */
const options = {
  api: api ? words(api) : placeOf(script?.src || document.baseURI),
  mode: mode === 'collider' ? 'collider' : 'room',
  for: words(beginnings).map((beginning) =>
    /^wss?:$/.test(beginning) ? beginning : parseAddress(beginning).href),
  greeting: greeting?.split(',').map((word) => word.trim()),
};

/** @param {string | undefined} text */
function words(text) {
  return text?.split(/\s+/).filter(Boolean) ?? [];
}

/**
 * Beside this script; where a host knows no paths behind a program, `?path=`.
 * @param {string} address of the script
 */
function placeOf(address) {
  const url = new URL(address);
  const path = url.searchParams.get('path') ?? '';
  const up = (/** @type {string} */ text) => text.replace(/\/[^/]*$/, '');
  url.hash = url.search = '';
  return path ? `${url.href}?path=${up(path)}` : up(url.href);
}

/** @param {any} url */
function isOurs(url) {
  try {
    const address = parseAddress(url);
    address.hash = '';
    return beyond(address.href, options.for ?? []) !== null;
  } catch {
    return false; // the browser has the words for it
  }
}

/** The browser's own and ours under one name. */
class WebSocket extends LetterboxWebSocket {
  /**
   * @param {string | URL} url
   * @param {string | string[]} [protocols]
   */
  constructor(url, protocols = []) {
    // Who returns another object needs no super().
    if (!arguments.length || !isOurs(url)) {
      return Reflect.construct(Native, arguments);
    }
    super(url, protocols, options);
  }

  /** @param {any} it */
  static [Symbol.hasInstance](it) {
    return it instanceof LetterboxWebSocket ||
      (this === WebSocket && it instanceof Native);
  }
}

const page = /** @type {any} */ (globalThis);
page.LetterboxWebSocket = LetterboxWebSocket;
if (options.for?.length) page.WebSocket = WebSocket;
