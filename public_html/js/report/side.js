/**
 * The browser's side of a call as a value of JSON (schema/browser.json), and
 * its place in a report. What comes out of a file may be anybody's: of it only
 * what is as it should be is taken.
 */

/** @typedef {import('./watch.js').Watch} Watch */
/** @typedef {import('./watch.js').Noted} Noted */
/** @typedef {import('./watch.js').Other} Other */

/**
 * @typedef {object} Side
 * @property {1} letterboxBrowser version of the format
 * @property {number} from ms of Unix time: since when
 * @property {number} at until when
 * @property {string} browser its name and version
 * @property {string} system
 * @property {string} words what the user says, '': nothing
 * @property {string} self the peer's id
 * @property {Record<string, number>} servers for ICE, how many by kind
 * @property {Noted[]} notes
 * @property {number} dropped notes that are not there any more
 * @property {Other[]} others
 */

/** Characters of what the user says. */
export const WORDS_MAX = 2000;

/** Most say that they are several; the first one counts.
 * @type {[string, RegExp][]} */
const BROWSERS = [
  ['Edge', /\bEdgA?\/(\d+)/],
  ['Opera', /\bOPR\/(\d+)/],
  ['Samsung Internet', /\bSamsungBrowser\/(\d+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /(?:Chrome|CriOS)\/(\d+)/],
  ['Safari', /\bVersion\/(\d+).* Safari\//],
];

const SYSTEMS = ['Android', 'iPhone', 'iPad', 'CrOS', 'Windows', 'Mac OS',
  'Linux'];

// Written so that no page ends at them in which this script stands.
const END = '<\/body>';
const DONE = '<\/script>';
const BEGIN = '<script id="browser" type="application/json">';

/**
 * @param {Watch} watch
 * @param {{words: string, agent: string, ice: RTCIceServer[]}} more
 * @returns {Side}
 */
export function sideOf(watch, {words, agent, ice}) {
  const {from, self, notes, dropped, others} = watch;
  /** @type {Record<string, number>} */
  const servers = {};
  for (const url of ice.flatMap(({urls}) => urls)) {
    const kind = /^(stun|turn)s?(?=:)/.exec(url)?.[0] ?? 'other';
    servers[kind] = (servers[kind] ?? 0) + 1;
  }
  return {letterboxBrowser: 1, from, at: Date.now(), ...browserOf(agent),
    words: words.slice(0, WORDS_MAX), self, servers, notes, dropped, others};
}

/**
 * Name, first number of the version, system: less than the whole line, which
 * tells one machine from another.
 * @param {string} agent navigator.userAgent
 */
export function browserOf(agent) {
  const found = BROWSERS.map(([name, form]) => [name, form.exec(agent)?.[1]])
    .find(([, version]) => version);
  const system = SYSTEMS.find((name) => agent.includes(name));
  return {browser: found?.join(' ') ?? 'unknown', system: system ?? 'unknown'};
}

/**
 * The same, with ids that the room's log has; others get a number, for the log
 * calls them by another name.
 * @param {Side} side
 * @param {(id: string) => boolean} known
 * @returns {Side}
 */
export function named(side, known) {
  /** @type {string[]} */
  const strangers = [];
  const name = (/** @type {string} */ id) => {
    if (!id || known(id)) return id;
    if (!strangers.includes(id)) strangers.push(id);
    return `peer-${strangers.indexOf(id) + 1}`;
  };
  return {...side, self: name(side.self),
    notes: side.notes.map(({who, ...note}) =>
      (who ? {...note, who: name(who)} : note)),
    others: side.others.map((other) => ({...other, peer: name(other.peer)}))};
}

/**
 * A page with the browser's side in it, behind the recording if it has one.
 * @param {string} html
 * @param {Side} side
 */
export function enclose(html, side) {
  const at = html.lastIndexOf(END);
  const known = (/** @type {string} */ id) =>
    html.includes(`"from":${escaped(id)},`);
  return `${html.slice(0, at)}${BEGIN}\n${escaped(named(side, known))}\n` +
    `${DONE}\n${html.slice(at)}`;
}

/** No place ends early where there is no "<". @param {unknown} value */
function escaped(value) {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** Whether a browser's side fits into it. @param {string} html */
export function isReport(html) {
  return html.startsWith('<!doctype html>') &&
    html.includes('\n<script id="recording"') &&
    /<\/body>\s*<\/html>\s*$/.test(html);
}

/* ---- reading ---- */

/** @type {(value: any, most?: number) => string} */
const text = (value, most = 256) =>
  (typeof value === 'string' ? value.slice(0, most) : '');
/** @type {(value: any) => number} */
const number = (value) => (Number.isFinite(value) ? value : 0);
/** @type {(value: any, most: number) => any[]} */
const list = (value, most) => (Array.isArray(value) ? value : [])
  .filter((each) => typeof each === 'object' && each !== null).slice(0, most);
/** @type {(value: any) => Record<string, any>} */
const flat = (value) => Object.fromEntries(Object.entries(value ?? {})
  .filter(([, each]) => typeof each === 'string' || Number.isFinite(each))
  .slice(0, 40).map(([name, each]) => [text(name),
    typeof each === 'string' ? text(each) : each]));

/**
 * @param {string} json of a file
 * @returns {Side | null} null: it is none
 */
export function readSide(json) {
  let value;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  if (value?.letterboxBrowser !== 1) return null;
  const {from, at, browser, system, words, self, servers, dropped} = value;
  return {letterboxBrowser: 1, from: number(from), at: number(at),
    browser: text(browser), system: text(system), words: text(words, WORDS_MAX),
    self: text(self), servers: flat(servers), dropped: number(dropped),
    notes: list(value.notes, 400).map((note) => ({at: number(note.at),
      what: text(note.what), to: text(note.to),
      ...(note.who ? {who: text(note.who)} : {})})),
    others: list(value.others, 20).map((other) => ({peer: text(other.peer),
      at: number(other.at), state: text(other.state), seen: other.seen && {
        pair: flat(other.seen.pair), transport: flat(other.seen.transport),
        ways: flat(other.seen.ways), media: list(other.seen.media, 20).map(flat),
      }, samples: list(other.samples, 100).map((sample) =>
        /** @type {any} */ (flat(sample)))}))};
}
