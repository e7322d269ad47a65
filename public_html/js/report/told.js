/**
 * The browser's side of a call in words.
 */

import {clock, counted, duration, plain} from '../replay/plain.js';

/** @typedef {import('./side.js').Side} Side */
/** @typedef {import('./stats.js').Figures} Figures */
/** @typedef {import('./stats.js').Seen} Seen */
/** @typedef {import('./watch.js').Noted} Noted */
/** @typedef {import('./watch.js').Other} Other */
/** @typedef {[string, string]} Fact what, and how it is */

/**
 * @typedef {object} Told
 * @property {Fact[]} facts
 * @property {{title: string, facts: Fact[], rows: string[][]}[]} others rows:
 *   as COLUMNS says
 * @property {Fact[]} notes when, and what
 * @property {string} dropped what the notes lack, '': nothing
 */

export const COLUMNS = ['At', 'Round trip', 'Sent', 'Received', 'Packets lost',
  'Frames'];

// Looked up by words out of files, so no plain objects: what an object has of
// its own accord is not meant.

/** @type {Map<string, (who: string, to: string) => string>} */
const NOTES = new Map(Object.entries({
  room: (_, to) => `The room: ${to}`,
  came: (who) => `${who} is there`,
  gone: (who, to) => `${who} is gone (${to})`,
  state: (who, to) => `${who}: ${to}`,
  connection: (who, to) => `Connection with ${who}: ${to}`,
  ice: (who, to) => `ICE with ${who}: ${to}`,
  gathering: (who, to) => `Candidates for ${who}: ${to}`,
  signaling: (who, to) => `Signaling with ${who}: ${to}`,
  server: (_, to) => `A server for ICE did not help (${to})`,
  offer: (who, to) => `No offer for ${who}: ${to}`,
  description: (who, to) => `A description of ${who} failed: ${to}`,
  candidate: (who, to) => `A candidate of ${who} failed: ${to}`,
  bye: (who, to) => `A good-bye of ${who} failed: ${to}`,
  post: (who, to) => `A message for ${who} was not posted: ${to}`,
  media: (_, to) => `Camera and microphone: ${to}`,
  page: (_, to) => `The page: ${to}`,
  script: (_, to) => `An error in the page: ${to}`,
}));

/** @param {unknown} bytes */
function size(bytes) {
  const count = Number(bytes) || 0;
  if (count < 1000) return `${count} B`;
  return count < 1e6 ? `${(count / 1000).toFixed(1)} kB`
    : `${(count / 1e6).toFixed(1)} MB`;
}

/** @param {unknown} seconds */
const ms = (seconds) => `${Math.round(Number(seconds) * 1000)} ms`;

/** @param {Record<string, string | number>} counts */
const several = (counts) => Object.entries(counts)
  .map(([what, count]) => `${count} ${what}`).join(', ');

/** @param {Figures} stat of a stream, in words */
function stream(stat) {
  const {type, mimeType = '', frameWidth, frameHeight} = stat;
  const has = (/** @type {string} */ name, /** @type {string} */ words) =>
    (stat[name] ? [`${stat[name]} ${words}`] : []);
  const frames = frameWidth ? [`${frameWidth} × ${frameHeight}`] : [];
  const codec = String(mimeType).split('/').pop();
  if (type === 'remote-inbound-rtp') {
    return [...has('packetsLost', 'packets lost there'),
      ...stat.roundTripTime ? [`round trip ${ms(stat.roundTripTime)}`] : []];
  }
  if (type === 'outbound-rtp') {
    const why = stat.qualityLimitationReason;
    return [codec, ...frames, ...has('framesPerSecond', 'frames a second'),
      size(stat.bytesSent), ...has('retransmittedPacketsSent', 'sent again'),
      ...why && why !== 'none' ? [`held back by ${why}`] : []];
  }
  return [codec, ...frames, ...has('framesPerSecond', 'frames a second'),
    size(stat.bytesReceived), `${stat.packetsLost ?? 0} packets lost`,
    ...has('framesDropped', 'frames dropped'), ...has('freezeCount', 'freezes'),
    ...stat.jitter ? [`jitter ${ms(stat.jitter)}`] : []];
}

/** @type {Map<unknown, string>} */
const WAYS = new Map(Object.entries({'inbound-rtp': 'comes in',
  'outbound-rtp': 'goes out', 'remote-inbound-rtp': 'arrives there'}));

/** @param {Seen} seen @returns {Fact[]} */
function connection({pair, transport, ways, media}) {
  const {local, remote, protocol, relayProtocol} = pair;
  const relay = relayProtocol ? `, to the relay by ${relayProtocol}` : '';
  /** @type {Fact[]} */
  const facts = [['Way', local ? `${local} to ${remote}, by ${protocol}${relay}`
    : 'none']];
  if (pair.currentRoundTripTime !== undefined) {
    facts.push(['Round trip', ms(pair.currentRoundTripTime)]);
  }
  if (local) {
    facts.push(['Bytes', `${size(pair.bytesSent)} sent, ${
      size(pair.bytesReceived)} received`]);
  }
  if (Object.keys(ways).length) facts.push(['Pairs tried', several(ways)]);
  const {dtlsState, iceRole, dtlsRole, srtpCipher} = transport;
  const keys = [dtlsState, dtlsRole, srtpCipher].filter(Boolean);
  if (keys.length) facts.push(['Encryption', `DTLS ${keys.join(', ')}`]);
  if (iceRole) facts.push(['Role in ICE', String(iceRole)]);
  return [...facts, ...media.map((stat) => /** @type {Fact} */ ([
    `${stat.kind === 'audio' ? 'Sound' : 'Picture'} ${WAYS.get(stat.type) ?? '?'}`,
    stream(stat).filter(Boolean).join(', ')]))];
}

/** @param {Other} other @param {number} from @returns {Fact[]} */
function factsOf({state, at, seen}, from) {
  /** @type {Fact[]} */
  const facts = [['State', state], ['Came after', clock(at - from)],
    ...seen ? connection(seen) : []];
  return facts.map(([what, how]) => [plain(what), plain(how)]);
}

/**
 * @param {Side} side
 * @param {(id: string) => string} nameOf
 * @returns {Told}
 */
export function tell(side, nameOf) {
  const {from, at, browser, system, servers, notes, others, dropped} = side;
  const who = (/** @type {string | undefined} */ id) =>
    (id === side.self ? 'this browser' : nameOf(id ?? ''));
  return {
    facts: [['Browser', `${plain(browser)}, ${plain(system)}`],
      ...side.self ? [/** @type {Fact} */ (['It is', nameOf(side.self)])] : [],
      ['Watched for', duration(at - from)],
      ['Servers for ICE', plain(several(servers)) || 'none']],
    others: others.map((other) => ({
      title: who(other.peer),
      facts: factsOf(other, from),
      rows: other.samples.map(({at: then, rtt, sent, received, lost, frames}) =>
        [clock(then - from), rtt === undefined ? '' : `${rtt} ms`, size(sent),
          size(received), String(lost ?? ''), String(frames ?? '')].map(plain)),
    })),
    notes: notes.map(({at: then, what, to, who: id}) => [clock(then - from),
      plain((NOTES.get(what) ?? ((whom) => `${what} ${whom}: ${to}`))(
        who(id), to))]),
    dropped: dropped ? `${counted(dropped, 'line')} of the middle left out.` : '',
  };
}
