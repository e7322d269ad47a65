/**
 * What the server tells a page of AppRTC's: with the page, and again when the
 * page joins anew.
 */

/**
 * @typedef {object} Params
 * @property {string[]} error_messages
 * @property {string} [error] why one is not in the room: 'full', or a code
 * @property {string} token of the channel
 * @property {string} me
 * @property {string} room_key
 * @property {string} room_link
 * @property {number} initiator 1: calls whoever is there
 * @property {string} pc_config JSON, as the next one is
 * @property {string} media_constraints
 * @property {string} asbr kbit/s that sound may take, or ''
 * @property {string} vsbr the same of the picture
 * @property {string} [wss_url] of Collider's days: where it is heard; with this
 *   the page has yet to join
 */

/** @returns {Params | null} null: the page was served without them */
export function given() {
  const text = document.getElementById('parameters')?.textContent ?? '{}';
  const params = JSON.parse(text);
  return params.room_key || params.room_id ? params : null;
}

/** @param {string} word below the address of the page */
export const address = (word) => new URL(word, document.baseURI);

/** That a token of ours lives: as the address says, within bounds. */
export function minutes() {
  const tt = new URL(document.baseURI).searchParams.get('tt');
  const wish = tt && /^\d+$/.test(tt) ? Number(tt) : 30;
  return Math.min(1440, Math.max(3, wish));
}

/**
 * Joins again, in the place of the seat that this page has.
 * @param {Params} params
 * @returns {Promise<Params>}
 */
export function join(params) {
  announce(params);
  return ask(new URL(document.baseURI), {});
}

/**
 * A new token for the same seat.
 * @param {Params} params
 * @returns {Promise<Params>}
 */
export function renew({me, token}) {
  const url = new URL(document.baseURI);
  url.searchParams.set('u', me);
  return ask(url, {'X-Letterbox-Token': token});
}

/** @param {URL} url @param {HeadersInit} headers */
async function ask(url, headers) {
  url.searchParams.set('t', 'json');
  const reply = await fetch(url, {cache: 'no-store', headers});
  if (reply.status >= 500 || reply.status === 429) {
    throw new Error(`HTTP ${reply.status}`);
  }
  return reply.json();
}

/**
 * Whoever comes next in this browser, a reload or join(), takes our seat. Only
 * for a moment: a second window is somebody else.
 * @param {Params} params
 */
export function announce({room_key: room, me}) {
  document.cookie = `apprtc-goes=${room}/${me}; path=/; max-age=10; ` +
    'samesite=lax';
}

/**
 * Constraints of then, in the words of now.
 * @param {any} track
 * @returns {MediaTrackConstraints | boolean}
 */
function modern(track) {
  if (typeof track === 'boolean') return track;
  /** @type {Record<string, any>} */
  const out = {};
  const all = [...Object.entries(track.mandatory ?? {}),
    ...(track.optional ?? []).flatMap((/** @type {any} */ o) =>
      Object.entries(o))];
  for (const [name, value] of all) {
    const [, bound, what] = /^(min|max)([A-Z].*)$/.exec(name) ?? [];
    if (!bound || !Number(value)) continue;
    const size = what[0].toLowerCase() + what.slice(1);
    out[size] = {...out[size], ...(bound === 'min' ? {ideal: Number(value)}
      : {max: Number(value)})};
  }
  return Object.keys(out).length ? out : true;
}

/** @param {Params} params @returns {MediaStreamConstraints} */
export function wishes({media_constraints: json}) {
  const {audio = true, video = true} = JSON.parse(json);
  return {audio: modern(audio), video: modern(video)};
}

/** @param {Params} params @returns {RTCConfiguration} */
export function configuration({pc_config: json}) {
  const {iceServers = [], iceTransports} = JSON.parse(json);
  return {iceServers,
    iceTransportPolicy: iceTransports === 'relay' ? 'relay' : 'all'};
}
