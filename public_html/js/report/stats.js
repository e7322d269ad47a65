/**
 * What of getStats() may be shown to others: figures, and words of the
 * standard. No address, no user name or password of ICE, no id, nothing that
 * tells one machine from another: what is not named here is not taken.
 */

/** @typedef {Record<string, string | number>} Figures by their names there */

/**
 * @typedef {object} Seen of one connection
 * @property {Figures} pair the way that is used; empty: there is none
 * @property {Figures} transport
 * @property {Record<string, number>} ways how many pairs there are, by state
 * @property {Figures[]} media what flows
 */

/** Streams of a connection. */
const MEDIA_MAX = 16;

/** Of the pair in use. */
const PAIR = ['currentRoundTripTime', 'availableOutgoingBitrate', 'bytesSent',
  'bytesReceived', 'packetsDiscardedOnSend'];

const TRANSPORT = ['dtlsState', 'iceState', 'iceRole', 'dtlsRole', 'tlsVersion',
  'dtlsCipher', 'srtpCipher', 'selectedCandidatePairChanges'];

/** @type {Record<string, string[]>} by type */
const MEDIA = {
  'inbound-rtp': ['kind', 'packetsReceived', 'packetsLost', 'bytesReceived',
    'jitter', 'nackCount', 'pliCount', 'framesDecoded', 'framesDropped',
    'framesPerSecond', 'frameWidth', 'frameHeight', 'freezeCount',
    'totalFreezesDuration', 'concealedSamples', 'totalSamplesReceived'],
  'outbound-rtp': ['kind', 'packetsSent', 'bytesSent', 'nackCount', 'pliCount',
    'retransmittedPacketsSent', 'framesEncoded', 'framesSent',
    'framesPerSecond', 'frameWidth', 'frameHeight', 'qualityLimitationReason'],
  'remote-inbound-rtp': ['kind', 'packetsLost', 'fractionLost', 'jitter',
    'roundTripTime'],
};

/** @type {(value: unknown) => value is string | number} */
function fits(value) {
  return typeof value === 'number' ? Number.isFinite(value)
    : typeof value === 'string' && /^[\w+/-]{1,48}$/.test(value);
}

/**
 * @param {any} stat
 * @param {string[]} names
 * @returns {Figures}
 */
function pick(stat, names) {
  return Object.fromEntries(names.filter((name) => fits(stat?.[name]))
    .map((name) => [name, round(stat[name])]));
}

/** Six digits after the point are enough. @param {string | number} value */
function round(value) {
  return typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value;
}

/** @param {Map<string, any>} stats @param {any} transport */
function pairOf(stats, transport) {
  // Firefox has no transports, and says `selected` instead.
  const pair = stats.get(transport?.selectedCandidatePairId) ??
    [...stats.values()].find(({type, selected}) =>
      type === 'candidate-pair' && selected);
  if (!pair) return {};
  const local = stats.get(pair.localCandidateId);
  const remote = stats.get(pair.remoteCandidateId);
  const kinds = {local: local?.candidateType, remote: remote?.candidateType,
    protocol: local?.protocol, relayProtocol: local?.relayProtocol};
  return {...pick(kinds, Object.keys(kinds)), ...pick(pair, PAIR)};
}

/**
 * @param {{forEach: (each: (stat: any, id: string) => void) => void}} report
 * @returns {Seen}
 */
export function seen(report) {
  /** @type {Map<string, any>} */
  const stats = new Map();
  report.forEach((stat, id) => stats.set(id, stat));
  /** @type {Record<string, number>} */
  const ways = {};
  /** @type {Figures[]} */
  const media = [];
  let transport;
  for (const stat of stats.values()) {
    if (stat.type === 'transport') transport ??= stat;
    else if (stat.type === 'candidate-pair' && fits(stat.state)) {
      ways[stat.state] = (ways[stat.state] ?? 0) + 1;
    } else if (stat.type in MEDIA && media.length < MEDIA_MAX) {
      const codec = pick(stats.get(stat.codecId), ['mimeType', 'clockRate']);
      media.push({type: stat.type, ...codec, ...pick(stat, MEDIA[stat.type])});
    }
  }
  return {pair: pairOf(stats, transport), transport: pick(transport, TRANSPORT),
    ways, media};
}
