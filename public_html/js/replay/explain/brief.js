/**
 * Of a session description what the rules ask for.
 */

import {sdpOf} from '../sdp.js';

/**
 * @typedef {object} Line an m-line
 * @property {string} kind audio, video, application
 * @property {string} mid
 * @property {string} protocol
 * @property {boolean} rejected
 * @property {string[]} codecs 'vp8/90000'; [] where none are named
 * @property {string} setup
 * @property {boolean} fingerprint there is one
 */

/**
 * @typedef {object} Brief
 * @property {string} kind of RTCSdpType, or 'odd' when it cannot be read
 * @property {string} connection a word for the RTCPeerConnection it is of
 * @property {string} ufrag of the first m-line
 * @property {Line[]} lines
 * @property {Record<string, number>} kinds of the candidates in it
 * @property {number} count of them
 */

/** M-lines that are told apart. */
const LINES_MAX = 64;

const KINDS = ['offer', 'answer', 'pranswer', 'rollback'];

/** @param {any} body @returns {Brief} */
export function briefOf(body) {
  const text = typeof body?.sdp === 'string' ? body.sdp : '';
  const named = KINDS.includes(body?.type);
  const odd = !named || body.type !== 'rollback' && !text.startsWith('v=0');
  /** @type {Brief} */
  const brief = {kind: odd ? 'odd' : body.type, connection: '', ufrag: '',
    lines: [], kinds: {}, count: 0};
  const session = typeof body?.session === 'string' ? body.session : '';
  // Browsers give each connection an id there (RFC 8866, section 5.2).
  brief.connection = session ||
    (/^o=\S+ (\S+)/m.exec(text.slice(0, 1024))?.[1] ?? '');
  if (odd) return brief;
  const {media: all, ufrag} = sdpOf(text);
  const media = all.slice(0, LINES_MAX);
  brief.ufrag = ufrag;
  brief.lines = media.map(({kind, mid, protocol, rejected, codecs, setup,
    fingerprint}) => ({kind, mid, protocol, rejected, setup,
    fingerprint: fingerprint !== '',
    codecs: codecs.map(({name, detail}) =>
      `${name}/${detail}`.toLowerCase())}));
  for (const {candidates} of media) {
    for (const {kind} of candidates) {
      brief.kinds[kind] = (brief.kinds[kind] ?? 0) + 1;
      brief.count++;
    }
  }
  return brief;
}
