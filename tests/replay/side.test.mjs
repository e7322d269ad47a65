// The browser's side of a call: what may be in it, how much, and what is made
// of it again.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, describe, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { browserOf, enclose, isReport, named, readSide, sideOf }
  from '../../public_html/js/report/side.js';
import { seen } from '../../public_html/js/report/stats.js';
import { tell } from '../../public_html/js/report/told.js';
import { Watch } from '../../public_html/js/report/watch.js';

const Ajv = /** @type {any} */ (Ajv2020).default ?? Ajv2020;
const ajv = new Ajv({ strict: false });
const valid = ajv.compile(JSON.parse(readFileSync(
  new URL('../../schema/browser.json', import.meta.url), 'utf8')));
/** @param {unknown} side as it goes into a file */
const judge = (side) => assert.ok(valid(JSON.parse(JSON.stringify(side))),
  ajv.errorsText(valid.errors));

/** Of a connection, as Chromium tells it; SECRET stands where no one may look.
 * @type {Record<string, any>} */
const STATS = {
  SECRETt: { type: 'transport', selectedCandidatePairId: 'SECRETp',
    dtlsState: 'connected', iceRole: 'controlling', iceState: 'connected',
    iceLocalUsernameFragment: 'SECRET', tlsVersion: 'FEFD',
    srtpCipher: 'AES_CM_128_HMAC_SHA1_80', localCertificateId: 'SECRET' },
  SECRETp: { type: 'candidate-pair', state: 'succeeded', localCandidateId: 'l',
    remoteCandidateId: 'r', currentRoundTripTime: 0.0234567891, bytesSent: 1200,
    bytesReceived: 3_400_000, transportId: 'SECRETt' },
  other: { type: 'candidate-pair', state: 'failed' },
  odd: { type: 'candidate-pair', state: 'SECRET is 192.0.2.1' },
  l: { type: 'local-candidate', candidateType: 'relay', protocol: 'udp',
    relayProtocol: 'tls', address: 'SECRET', ip: 'SECRET', url: 'SECRET',
    relatedAddress: 'SECRET', usernameFragment: 'SECRET', port: 4711 },
  r: { type: 'remote-candidate', candidateType: 'srflx', address: 'SECRET' },
  c: { type: 'codec', mimeType: 'video/VP8', clockRate: 90000,
    sdpFmtpLine: 'SECRET' },
  i: { type: 'inbound-rtp', kind: 'video', codecId: 'c', packetsLost: 7,
    bytesReceived: 3_000_000, framesDecoded: 250, frameWidth: 640,
    frameHeight: 480, jitter: 0.004, ssrc: 4711, mid: 'SECRET',
    trackIdentifier: 'SECRET', decoderImplementation: 'SECRET' },
  o: { type: 'outbound-rtp', kind: 'audio', bytesSent: 1000,
    qualityLimitationReason: 'a word, SECRET', rid: 'SECRET' },
  cert: { type: 'certificate', fingerprint: 'SECRET' },
};
/** @type {any} */
const report = new Map(Object.entries(STATS));

/** @type {Watch[]} */
let watches = [];
afterEach(() => {
  for (const watch of watches) watch.end();
  watches = [];
});

/** A page in a room with others, as far as it is watched. */
class Stage {
  watch = new Watch();
  room = Object.assign(new EventTarget(), { peer: 'me', state: 'open' });
  call = new EventTarget();

  constructor() {
    watches.push(this.watch);
    this.watch.room(/** @type {any} */ (this.room));
    this.watch.call(/** @type {any} */ (this.call));
  }

  /** @param {string} id */
  came(id) {
    const peer = Object.assign(new EventTarget(), { id, state: 'connecting',
      stats: async () => report });
    this.call.dispatchEvent(new CustomEvent('peer', { detail: peer }));
    return peer;
  }

  /** @param {Partial<{words: string, agent: string, ice: any[]}>} [more] */
  side(more = {}) {
    return sideOf(this.watch, { words: '', agent: 'x', ice: [], ...more });
  }
}

/** @param {EventTarget} peer @param {string} what @param {string} to */
const happens = (peer, what, to) =>
  peer.dispatchEvent(new CustomEvent('note', { detail: { what, to } }));

describe('of getStats()', () => {
  test('figures and words of the standard are taken, and nothing else', () => {
    const all = seen(report);
    assert.ok(!JSON.stringify(all).includes('SECRET'), JSON.stringify(all));
    assert.ok(!JSON.stringify(all).includes('4711'));
    assert.deepEqual(all.pair, { local: 'relay', remote: 'srflx',
      protocol: 'udp', relayProtocol: 'tls', currentRoundTripTime: 0.023457,
      bytesSent: 1200, bytesReceived: 3_400_000 });
    assert.deepEqual(all.ways, { succeeded: 1, failed: 1 });
    assert.equal(all.transport.dtlsState, 'connected');
    assert.equal(all.media[0].mimeType, 'video/VP8');
    assert.equal(all.media[0].framesDecoded, 250);
  });

  test('a browser without transports has a pair in use as well', () => {
    const { SECRETt: _, ...rest } = STATS;
    assert.deepEqual(seen(new Map(Object.entries(rest))).pair, {});
    rest.SECRETp = { ...rest.SECRETp, selected: true };
    assert.equal(seen(new Map(Object.entries(rest))).pair.local, 'relay');
  });

  test('nothing at all is nothing', () => {
    assert.deepEqual(seen(new Map()),
      { pair: {}, transport: {}, ways: {}, media: [] });
  });
});

describe('what is watched', () => {
  test('is as the schema says, and names no server', async () => {
    const stage = new Stage();
    const peer = stage.came('bob');
    happens(peer, 'server', 'turns 701');
    happens(peer, 'description', 'InvalidStateError');
    peer.state = 'connected';
    peer.dispatchEvent(new Event('state'));
    stage.room.dispatchEvent(new CustomEvent('closed',
      { detail: { code: 'removed', message: 'SECRET' } }));
    await stage.watch.sample();
    const side = stage.side({ words: 'Oh!\n"no"', ice: [
      { urls: 'stun:SECRET.example' }, { urls: ['turn:SECRET', 'turns:SECRET'],
        username: 'SECRET', credential: 'SECRET' }] });
    judge(side);
    assert.ok(!JSON.stringify(side).includes('SECRET'));
    assert.deepEqual(side.servers, { stun: 1, turn: 1, turns: 1 });
    assert.deepEqual(side.notes.map(({ what, to }) => `${what} ${to}`),
      ['room open', 'came connecting', 'server turns 701',
        'description InvalidStateError', 'state connected', 'room removed']);
    assert.deepEqual({ ...side.others[0].samples[0], at: 0 }, { at: 0, rtt: 23,
      sent: 1200, received: 3_400_000, lost: 7, frames: 250 });
  });

  test('stays bounded, with its beginning and its end', async () => {
    const stage = new Stage();
    for (let i = 0; i < 40; i++) {
      const peer = stage.came(`peer${i}`);
      for (let k = 0; k < 20; k++) happens(peer, 'ice', `n${i} ${k}`);
    }
    for (let i = 0; i < 100; i++) await stage.watch.sample();
    const side = stage.side({ words: 'x'.repeat(5000) });
    judge(side);
    assert.equal(side.notes.length, 300);
    assert.equal(side.dropped, 1 + 40 * 21 - 300);
    assert.equal(side.notes[0].what, 'room');
    assert.equal(side.notes[299].to, 'n39 19');
    assert.deepEqual(side.others.map(({ peer }) => peer),
      Array.from({ length: 12 }, (_, i) => `peer${28 + i}`));
    for (const { samples } of side.others) assert.ok(samples.length >= 15);
    assert.ok(JSON.stringify(side).length < 100_000);
  });

  test('goes on where the page before ended', async () => {
    const first = new Stage();
    happens(first.came('bob'), 'connection', 'failed');
    await first.watch.sample();
    const past = JSON.parse(JSON.stringify(first.watch.past));
    const { watch } = new Stage();
    watch.resume(past);
    assert.equal(watch.from, first.watch.from);
    assert.deepEqual(watch.notes.map(({ to }) => to),
      ['open', 'connecting', 'failed', 'reloaded', 'open']);
    assert.deepEqual(watch.others, past.others);
    for (let i = 0; i < 400; i++) watch.note('ice', 'new');
    assert.equal(watch.notes.length, 300);
    assert.equal(watch.dropped, 105);
    // A page that went on and on is no larger.
    const long = new Stage();
    long.watch.resume(JSON.parse(JSON.stringify(watch.past)));
    assert.equal(long.watch.notes.length, 300);
    judge(long.side());
  });

  test('an error is called by its name, if it has a decent one', () => {
    const { watch } = new Stage();
    const odd = Object.assign(new Error('x'), { name: 'Ada <ada@x.example>' });
    for (const error of [new TypeError('SECRET'), odd, null, undefined, 'SECRET',
      { code: 'too-fast' }, new DOMException('SECRET', 'AbortError')])
      watch.failed('script', error);
    assert.deepEqual(watch.notes.slice(1).map(({ to }) => to), ['TypeError',
      'other', 'undefined', 'undefined', 'undefined', 'too-fast',
      'AbortError']);
  });

  test('who cannot tell any more is believed what he said last', async () => {
    const stage = new Stage();
    const peer = stage.came('bob');
    await stage.watch.sample();
    peer.stats = async () => new Map();
    await stage.watch.sample();
    peer.stats = () => Promise.reject(new Error('closed'));
    await stage.watch.sample();
    assert.equal(stage.side().others[0].seen?.pair.local, 'relay');
    assert.equal(stage.side().others[0].samples.length, 1);
  });
});

describe('a report', () => {
  const PAGE = '<!doctype html>\n<body>\n<script id="recording" ' +
    'type="application/jsonl">\n{"seq":1,"at":1,"from":"bob","type":"x",' +
    '"body":"</body>"}\n</script>\n</body>\n</html>\n';

  /** @param {string} html */
  const inside = (html) =>
    /<script id="browser" type="application\/json">\n(.*)\n<\/script>\n<\/body>/
      .exec(html)?.[1] ?? '';

  test('takes the browser\'s side behind its recording', () => {
    const stage = new Stage();
    stage.came('bob');
    stage.came('eve');
    const evil = '</script><script>alert(1)</script><!--';
    const side = stage.side({ words: evil });
    const html = enclose(PAGE, side);
    assert.equal(html.split('<script').length, 3);
    assert.ok(html.startsWith(PAGE.slice(0, PAGE.lastIndexOf('</body>'))));
    const again = readSide(inside(html));
    assert.equal(again?.words, evil);
    // Whom the log has goes by its id, others by a number.
    assert.equal(again?.self, 'peer-1');
    assert.deepEqual(again?.others.map(({ peer }) => peer), ['bob', 'peer-2']);
    assert.deepEqual(again?.notes.map(({ who }) => who),
      [undefined, 'bob', 'peer-2']);
    assert.deepEqual(again,
      { ...named(side, (id) => id === 'bob'), others: again?.others,
        notes: again?.notes });
  });

  test('is known from what a web server says instead', () => {
    assert.ok(isReport(PAGE));
    for (const page of ['', '<!doctype html>\n<body>It works!</body>',
      PAGE.slice(0, -20), ` ${PAGE}`]) assert.ok(!isReport(page), page);
  });

  test('of anybody is read as far as it makes sense', () => {
    for (const text of ['', 'x', 'null', '[]', '{}', '{"letterboxBrowser":2}'])
      assert.equal(readSide(text), null);
    const odd = readSide(JSON.stringify({ letterboxBrowser: 1, from: 'x',
      words: { a: 1 }, self: 7, servers: [1, { a: 1 }], notes: [null, 1, 'x', {},
        { at: 1e400, what: {}, to: [] }], others: [{ samples: [{ at: {} }, 5],
        seen: { pair: 3, media: [{ type: {}, kind: 'x' }] } }, { seen: 7 }] }));
    assert.ok(odd);
    const told = tell(odd, (id) => id);
    assert.equal(told.others.length, 2);
    assert.ok(told.notes.every((row) => row.every((it) =>
      typeof it === 'string')));
    // Words that every object knows.
    for (const word of ['__proto__', 'constructor', 'toString', 'valueOf',
      'hasOwnProperty', 'isPrototypeOf']) {
      const side = readSide(`{"letterboxBrowser":1,"servers":{"${word}":1},` +
        `"notes":[{"what":"${word}","to":"x","who":"bob"}],"others":[{"seen":{` +
        `"pair":{"${word}":1},"ways":{"${word}":1},"media":[{"type":"${word}",` +
        `"${word}":1}]}}]}`);
      assert.ok(side);
      const { facts, notes, others } = tell(side, (id) => id);
      assert.equal(notes[0][1], `${word} bob: x`);
      assert.deepEqual(facts.at(-1), ['Servers for ICE', `1 ${word}`]);
      const ways = others[0].facts.find(([what]) => what === 'Pairs tried');
      assert.equal(ways?.[1], `1 ${word}`);
      assert.ok(others[0].facts.some(([what]) => what === 'Picture ?'));
    }
  });

  test('is told in words, in which nothing turns or hides', () => {
    const stage = new Stage();
    const peer = stage.came('bob');
    happens(peer, 'connection', 'failed');
    const side = { ...stage.side({ agent: 'x' }), browser: 'a\u202eb\u0007' };
    side.notes.push({ at: 1, what: 'new\u200b', to: 'x\u2066', who: 'bob' });
    const told = tell(side, () => 'Bob');
    const all = JSON.stringify(told);
    assert.match(all, /Connection with Bob: failed/);
    assert.match(all, /u\{202e\}b.*u\{7\}/);
    assert.doesNotMatch(all, /[\u0000-\u001f\u200b\u202e\u2066]/);
  });
});

test('browsers are told by name and number, and no more', () => {
  const NET = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, ' +
    'like Gecko) ';
  const rows = [
    [`${NET}Chrome/140.0.7339.80 Safari/537.36`, 'Chrome 140', 'Linux'],
    [`${NET}HeadlessChrome/140.0.0.0 Safari/537.36`, 'Chrome 140', 'Linux'],
    [`${NET}Chrome/140.0.0.0 Safari/537.36 Edg/139.0.1`, 'Edge 139', 'Linux'],
    [`${NET}Chrome/140.0.0.0 Safari/537.36 OPR/121.0`, 'Opera 121', 'Linux'],
    ['Mozilla/5.0 (Windows NT 10.0; rv:141.0) Gecko/20100101 Firefox/141.0',
      'Firefox 141', 'Windows'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 ' +
      '(KHTML, like Gecko) Version/18.5 Safari/605.1.15', 'Safari 18', 'Mac OS'],
    ['Mozilla/5.0 (Linux; Android 15; Some Phone 7) AppleWebKit/537.36 (KHTML,' +
      ' like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36', 'Chrome 139',
    'Android'],
    ['curl/8', 'unknown', 'unknown'],
  ];
  for (const [agent, browser, system] of rows)
    assert.deepEqual(browserOf(agent), { browser, system });
});
