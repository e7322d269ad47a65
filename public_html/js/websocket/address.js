/**
 * Addresses of sockets: what the standard accepts, and which room an address
 * means.
 */

/** Longest name of a room. */
const MOST = 64;

/**
 * As the constructor of the standard reads it.
 * @param {string | URL} url
 * @returns {URL} of ws: or wss:
 */
export function parseAddress(url) {
  let address;
  try {
    address = new URL(url, globalThis.document?.baseURI);
  } catch {
    throw new DOMException(`The URL '${url}' is invalid.`, 'SyntaxError');
  }
  if (/^https?:$/.test(address.protocol)) {
    address.protocol = address.protocol.replace('http', 'ws');
  }
  if (!/^wss?:$/.test(address.protocol)) {
    throw new DOMException(
      `The URL's scheme is neither ws nor wss: '${address.protocol}'.`,
      'SyntaxError');
  }
  return address;
}

/**
 * @param {string | Iterable<string>} protocols
 * @returns {string[]}
 */
export function parseProtocols(protocols) {
  const names = typeof protocols === 'string' ? [protocols]
    : Array.from(protocols, String);
  for (const name of names) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      throw new DOMException(`The subprotocol '${name}' is invalid.`,
        'SyntaxError');
    }
  }
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length) {
    throw new DOMException('A subprotocol is named twice.', 'SyntaxError');
  }
  return names;
}

/**
 * What an address says beyond one of the beginnings; null when it begins with
 * none. A beginning ends where a part of an address ends: that of one host is
 * not that of a longer one.
 * @param {string} address whole
 * @param {string[]} beginnings
 */
export function beyond(address, beginnings) {
  for (const beginning of beginnings) {
    if (!address.startsWith(beginning)) continue;
    const rest = address.slice(beginning.length);
    if (!rest || /[/?#=&:]$/.test(beginning) || /^[/?#]/.test(rest)) {
      return rest;
    }
  }
  return null;
}

/**
 * The room of an address: what it says beyond its beginning, without slashes
 * around; what else no name of a room may have is written as `~` and two
 * digits. `wss://old.example/ws/kitchen` beyond `wss://old.example/ws/` is
 * `kitchen`; native clients meet it there.
 * @param {string} rest
 * @returns {Promise<string>}
 */
export async function roomOf(rest) {
  const text = decode(rest).replace(/^\/+|\/+$/g, '') || 'socket';
  const bytes = new TextEncoder().encode(text);
  const name = Array.from(bytes, (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9._-]/.test(char) ? char
      : `~${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
  if (/^\.+$/.test(name)) return name.replaceAll('.', '~2E');
  if (name.length <= MOST) return name;
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return '~' + btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
