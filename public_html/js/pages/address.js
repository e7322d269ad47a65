/**
 * Addresses of rooms. The name stands in the query and so in the access logs
 * of web servers; the secret stands in the fragment, which no browser sends.
 */

import {random} from '../identity.js';

/** @typedef {{room: string, secret: string}} Place */

/** @returns {Place} that nobody can guess */
export function newPlace() {
  return {room: random(16), secret: random(16)};
}

/** @param {string} room */
function isRoom(room) {
  return /^[A-Za-z0-9._~-]{1,64}$/.test(room);
}

/**
 * @param {URL} url
 * @returns {Place | null}
 */
export function placeOf(url) {
  const room = url.searchParams.get('room') ?? '';
  const secret = new URLSearchParams(url.hash.slice(1)).get('secret') ?? '';
  return isRoom(room) ? {room, secret} : null;
}

/**
 * The page of rooms is beside this one, unless this one says otherwise.
 * @param {Place} place
 * @returns {URL}
 */
export function addressOf({room, secret}) {
  const named = document.querySelector('meta[name="letterbox-room"]');
  const url = new URL(named?.getAttribute('content') ?? 'room.html',
    document.baseURI);
  url.searchParams.set('room', room);
  if (secret) url.hash = new URLSearchParams({secret}).toString();
  return url;
}

/**
 * What somebody typed or pasted: an invitation or the name of a room.
 * @param {string} text
 * @returns {Place | null}
 */
export function understand(text) {
  const word = text.trim();
  if (isRoom(word)) return {room: word, secret: ''};
  try {
    return placeOf(new URL(word));
  } catch {
    return null;
  }
}

/** Addresses that mean "this computer" on every computer. */
export function isLocal() {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname);
}

/**
 * Somebody who pressed a button to come here is not asked a second time, and
 * nor is a page that reloads.
 * @param {string} room
 */
export function invited(room) {
  try {
    return sessionStorage.getItem('letterbox enter') !== room;
  } catch {
    return true;
  }
}

/** @param {string} room '' when the page has left it */
export function entered(room) {
  try {
    sessionStorage.setItem('letterbox enter', room);
  } catch {
    // Then every visit asks.
  }
}
