/**
 * Reads session descriptions (SDP, RFC 8866; as browsers write it, RFC 9429)
 * and candidate lines (RFC 8839) to tell what they say. Tolerant: what it does
 * not know it leaves out, for the page shows the text itself as well. Nothing
 * here throws.
 */

/** @typedef {'mdns' | 'host' | 'srflx' | 'prflx' | 'relay' | 'other'} Kind */

/**
 * @typedef {object} Candidate RFC 8839, section 5.1
 * @property {Kind} kind mdns: a host whose address hides behind a name
 * @property {string} foundation
 * @property {number} component
 * @property {string} protocol lower case
 * @property {number} priority
 * @property {string} address
 * @property {number} port
 * @property {string} tcp type of a TCP candidate (RFC 6544), else ''
 * @property {string} related address and port it stands for, else ''
 * @property {string} ufrag of its generation, else ''
 */

/**
 * @typedef {object} Codec
 * @property {number} payload its number on the wire
 * @property {string} name
 * @property {string} detail clock rate and channels
 * @property {string} fmtp its parameters
 */

/**
 * @typedef {object} Media one m-line and what stands under it
 * @property {number} line where it begins; the first line is 1
 * @property {string} kind audio, video, application
 * @property {number} port
 * @property {boolean} rejected port 0, and not bundled only (RFC 9429, 5.3.1)
 * @property {string} protocol
 * @property {string} mid
 * @property {string} direction RFC 8866, section 6.7
 * @property {Codec[]} codecs without those that repair others
 * @property {string} ufrag RFC 8839, section 5.4
 * @property {string} setup RFC 8842: actpass, active or passive
 * @property {string} fingerprint
 * @property {Candidate[]} candidates
 */

/**
 * @typedef {object} Sdp
 * @property {Media[]} media
 * @property {string[]} bundle mids of the first group (RFC 9143)
 * @property {string} ufrag of the first m-line
 * @property {string[]} odd lines that are no SDP, at most ten
 */

const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** They repair or protect others and say nothing of their own. */
const HELPERS = new Set(['rtx', 'red', 'ulpfec', 'flexfec-03', 'cn',
  'telephone-event']);

/** More of them is no call, but somebody who wants to fill our memory. */
const MEDIA_MAX = 256;
const CODECS_MAX = 256;

/**
 * @param {unknown} line `candidate:...` with or without `a=`
 * @returns {Candidate | null} when it is none
 */
export function candidateOf(line) {
  const words = String(line ?? '').trim().replace(/^a=/, '').split(/\s+/);
  const [head, component, protocol, priority, address, port, typ, type] =
    words;
  if (!head.startsWith('candidate:') || typ !== 'typ' || !type ||
    ![component, priority, port].every((each) => /^\d+$/.test(each))) {
    return null;
  }
  /** @type {Record<string, string>} pairs behind the type */
  const more = {};
  for (let i = 8; i + 1 < words.length; i += 2) more[words[i]] ??= words[i + 1];
  // Where addresses are redacted their words say what they were.
  const mdns = type === 'host' && /\.local\.?$|^mdns-/i.test(address);
  return {
    kind: mdns ? 'mdns' : /^(host|srflx|prflx|relay)$/.test(type)
      ? /** @type {Kind} */ (type) : 'other',
    foundation: head.slice('candidate:'.length),
    component: Number(component), protocol: protocol.toLowerCase(),
    priority: Number(priority), address, port: Number(port),
    tcp: more.tcptype ?? '',
    related: more.raddr ? `${more.raddr} ${more.rport ?? ''}`.trim() : '',
    ufrag: more.ufrag ?? '',
  };
}

/**
 * @param {unknown} text
 * @returns {Sdp}
 */
export function sdpOf(text) {
  /** @type {Sdp} */
  const sdp = {media: [], bundle: [], ufrag: '', odd: []};
  /** What holds for every m-line that does not say otherwise. */
  const session = {direction: 'sendrecv', ufrag: '', setup: '',
    fingerprint: ''};
  let number = 0;
  for (const line of String(text ?? '').split(/\r\n|\r|\n/)) {
    number++;
    if (line[1] !== '=') {
      if (line && sdp.odd.length < 10) sdp.odd.push(line);
      continue;
    }
    const value = line.slice(2);
    if (line[0] === 'm') {
      if (sdp.media.length === MEDIA_MAX) break;
      sdp.media.push(mediaOf(value, number, session));
    } else if (line[0] === 'a') {
      attribute(value, sdp, sdp.media.at(-1), session);
    }
  }
  for (const media of sdp.media) finish(media, sdp);
  sdp.ufrag = sdp.media[0]?.ufrag ?? session.ufrag;
  return sdp;
}

/**
 * @param {string} value of an m-line: kind port protocol formats
 * @param {number} line
 * @param {{direction: string, ufrag: string, setup: string,
 *   fingerprint: string}} session
 * @returns {Media}
 */
function mediaOf(value, line, session) {
  const [kind, port = '', protocol = '', ...formats] = value.split(/\s+/);
  const rtp = protocol.includes('RTP');
  return {line, kind, port: parseInt(port, 10), rejected: false, protocol,
    mid: '', candidates: [], ...session,
    direction: rtp ? session.direction : '',
    codecs: rtp ? formats.slice(0, CODECS_MAX).map((payload) =>
      ({payload: Number(payload), name: '', detail: '', fmtp: ''})) : []};
}

/**
 * @param {string} text behind `a=`
 * @param {Sdp} sdp
 * @param {Media | undefined} media the m-line it stands under
 * @param {any} session
 */
function attribute(text, sdp, media, session) {
  const at = text.indexOf(':');
  const name = at < 0 ? text : text.slice(0, at);
  const value = at < 0 ? '' : text.slice(at + 1).trim();
  const place = media ?? session;
  if (DIRECTIONS.includes(name)) place.direction = name;
  else if (name === 'ice-ufrag') place.ufrag = value;
  else if (name === 'setup' || name === 'fingerprint') place[name] = value;
  else if (name === 'group' && !sdp.bundle.length) {
    const [semantics, ...mids] = value.split(/\s+/);
    if (semantics === 'BUNDLE') sdp.bundle = mids;
  } else if (media) underMedia(name, value, media, text);
}

/**
 * @param {string} name
 * @param {string} value
 * @param {Media} media
 * @param {string} text
 */
function underMedia(name, value, media, text) {
  const [number, rest = ''] = value.split(/\s+(.*)/s);
  const codec = () => media.codecs.find(({payload}) =>
    payload === Number(number));
  if (name === 'mid') media.mid = value;
  else if (name === 'candidate') {
    const candidate = candidateOf(text);
    if (candidate) media.candidates.push(candidate);
  } else if (name === 'rtpmap') {
    const known = codec();
    const [called, rate = '', channels = ''] = rest.split('/');
    if (known) {
      known.name = called;
      known.detail = channels ? `${rate}/${channels}` : rate;
    }
  } else if (name === 'fmtp') {
    const known = codec();
    if (known) known.fmtp = rest;
  }
}

/** @type {Record<number, string>} payload types with a meaning of their own */
const STATIC = {0: 'PCMU', 8: 'PCMA', 9: 'G722', 13: 'CN'};

/** @param {Media} media @param {Sdp} sdp */
function finish(media, sdp) {
  for (const codec of media.codecs) codec.name ||= STATIC[codec.payload] ?? '';
  media.codecs = media.codecs.filter(({name}) =>
    name && !HELPERS.has(name.toLowerCase()));
  // Port 0 with a mid of the group is a line that lives in another's port.
  media.rejected = media.port === 0 && !sdp.bundle.includes(media.mid);
}

/** Each name once, in the order of preference. @param {Media} media */
export function codecNames({codecs}) {
  return [...new Set(codecs.map(({name}) => name))];
}

/** An m-line in words. @param {Media} media */
export function mediaWords(media) {
  if (media.rejected) return `${media.kind} refused`;
  const turn = media.direction && media.direction !== 'sendrecv'
    ? ` ${media.direction}` : '';
  const [first] = codecNames(media);
  return media.kind === 'application' ? 'data'
    : `${media.kind}${turn}${first ? ` ${first}` : ''}`;
}
