// Calls that fail, each for a known reason: recordings of real calls in which
// one thing is changed. The same seed changes the same thing.

import { sample } from './samples.mjs';

/** @typedef {import('../../public_html/js/replay/recording.js').Entry} Entry */
/** @typedef {(call: Call) => void} Edit */

/** A call that can be changed. */
export class Call {
  #random;

  /** @param {string} name of a recording @param {number} seed */
  constructor(name, seed) {
    const { header, messages } = sample(name);
    this.header = header;
    /** @type {Entry[]} */
    this.messages = messages;
    this.#random = seed * 48271 % 2147483647 || 1;
  }

  /** @param {number} below @returns {number} */
  random(below) {
    this.#random = this.#random * 48271 % 2147483647;
    return this.#random % below;
  }

  /** Descriptions of that kind. @param {string} kind */
  all(kind) {
    return this.messages.filter(({ type, body }) => type === 'description' &&
      body.type === kind);
  }

  /** One of them. @param {string} kind */
  one(kind) {
    const all = this.all(kind);
    return all[this.random(all.length)];
  }

  get last() {
    return this.messages[this.messages.length - 1];
  }

  /** Everything from there on is later. @param {Entry} message
   * @param {number} ms */
  delay(message, ms) {
    for (const each of this.messages.slice(this.messages.indexOf(message))) {
      each.at += ms;
    }
  }

  /** @param {(message: Entry) => boolean} which */
  drop(which) {
    this.messages = this.messages.filter((message) => !which(message));
  }

  /** Drops it and what is of no use without it; nobody hangs up.
   * @param {Entry} answer */
  unanswered(answer) {
    const { from, to } = answer;
    this.drop(({ type }) => type === 'left');
    const [first] = this.all('offer').filter((one) => one.from === to &&
      one.to === from);
    this.drop((one) => one === answer || one.from === from &&
      one.to === to && one.seq > first.seq);
  }

  /** @param {Partial<Entry>} message behind all others, or before `next`
   * @param {Entry} [next] */
  add(message, next) {
    const index = next ? this.messages.indexOf(next) : this.messages.length;
    const at = (this.messages[index - 1] ?? this.messages[index]).at;
    this.messages.splice(index, 0,
      /** @type {Entry} */ ({ seq: 0, at: at + 20, body: null, ...message }));
    const ahead = this.messages[index].at - (next?.at ?? Infinity);
    if (next && ahead > 0) this.delay(next, ahead);
  }

  /** Before anybody leaves. @param {Partial<Entry>} message */
  say(message) {
    this.add(message, this.messages.find(({ type }) => type === 'left'));
  }

  /** Another round: offer and answer with other words for ICE, and some
   * candidates. @param {number} after ms @param {string} kind of those
   * @param {number} [round] */
  restart(after, kind, round = 1) {
    this.drop(({ type }) => type === 'left');
    const [offer, answer] = [this.all('offer')[0], this.all('answer')[0]];
    for (const [message, wait] of /** @type {[Entry, number][]} */ (
      [[offer, after], [answer, 80]])) {
      const { from, to, body } = message;
      this.add({ from, to, type: 'description', at: this.last.at + wait,
        body: { ...body, re: undefined, sdp: body.sdp.replaceAll(
          /a=ice-ufrag:(.{3})./g, `a=ice-ufrag:$1${round}`) } });
      this.add({ from, to, type: 'candidate', body: {
        candidate: `candidate:1 1 udp 41885439 192.0.2.7 5${round}00 typ ${
          kind} raddr 0.0.0.0 rport 0`, sdpMid: '0', sdpMLineIndex: 0,
        session: body.session } });
    }
  }

  /** All candidates become such. @param {string} kind */
  kinds(kind) {
    for (const { type, body } of this.messages) {
      if (type !== 'candidate' || !body?.candidate) continue;
      body.candidate = kind === 'mdns'
        ? body.candidate.replace(/(\d+ (?:udp|tcp) \d+) \S+/,
          '$1 8c4b9f6e-1f0e-4a57-9d5b-0d6c2f6b1a11.local')
        : body.candidate.replace('typ host', `typ ${kind}`);
    }
  }

  /** The recording, with new seqs; `re` follows them. @returns {string} */
  write() {
    const seqs = new Map(this.messages.map(({ seq }, i) => [seq, i + 1]));
    const lines = this.messages.map(({ at, from, to, type, body }, i) => {
      const re = seqs.get(body?.re);
      return { seq: i + 1, at, from, to, type,
        body: re ? { ...body, re } : body };
    });
    return [this.header, ...lines].map((line) => JSON.stringify(line) + '\n')
      .join('');
  }
}

/** The m-lines of a description, behind its session part. @param {Entry}
 * message @param {(lines: string[]) => string[]} change */
function mLines({ body }, change) {
  const [session, ...lines] = body.sdp.split(/(?=^m=)/m);
  body.sdp = session + change(lines).join('');
}

/** @param {Entry} message @param {string | RegExp} from @param {string} to */
function sdp({ body }, from, to) {
  body.sdp = body.sdp.replaceAll(from, to);
}

/** An answer is lost, and somebody says why. @param {string} code
 * @returns {Edit} */
const lostAs = (code) => (call) => {
  const answer = call.one('answer');
  call.unanswered(answer);
  call.say({ from: answer.from, type: 'error', body: { code, text: 'Oh.',
    re: answer.body.re } });
};

/** @param {number} rounds @param {string} kind @returns {Edit} */
const loop = (rounds, kind) => (call) => {
  call.kinds(kind);
  for (let i = 1; i <= rounds; i++) {
    call.restart(8000 + call.random(9000), kind, i);
  }
};

/** @typedef {[rule: string, base: string, edit: Edit]} Fault */

/** @type {Fault[]} the rule that shall be named first */
export const EDITED = [
  ['too-large', 'good', lostAs('too-large')],
  ['too-large', 'good', (call) => {
    const answer = call.one('answer');
    const offer = call.all('offer')[0];
    call.unanswered(answer);
    offer.body.sdp += 'a=x-attribute:of no use\r\n'.repeat(2500);
  }],
  ['room-full', 'three', (call) => {
    const { from } = call.messages[call.messages.length - 1];
    call.drop((one) => one.from === from || one.to === from);
    const [{ from: owner }] = call.messages;
    call.add({ from: owner, to: owner, type: 'room-full',
      body: { capacity: 2 } });
  }],
  ['room-full', 'three', (call) => {
    const { from } = call.messages[0];
    call.say({ from, type: 'error', body: { code: 'room-full',
      text: 'Cleo could not come in.' } });
  }],
  ['poll-gap', 'good', lostAs('gap')],
  ['poll-gap', 'three', lostAs('reset')],
  ['mailbox-full', 'good', lostAs('mailbox-full')],
  ['mailbox-full', 'reload', lostAs('mailbox-full')],
  ['duplicate-peer', 'reload', (call) => {
    const [first] = call.all('offer');
    call.say({ ...first, seq: 0, at: call.last.at + 900 });
  }],
  ['duplicate-peer', 'reload', (call) => {
    const [{ from, to, body: { session } }] = call.all('offer');
    const old = call.messages.find((one) => one.type === 'candidate' &&
      one.from === from && one.to === to && one.body?.session === session);
    call.say({ ...old, seq: 0, at: call.last.at + 900 });
  }],
  ['duplicate-peer', 'good', (call) => {
    const answer = call.one('answer');
    call.say({ ...answer, seq: 0, at: answer.at + 300, body: { ...answer.body,
      session: 'another-one', sdp: answer.body.sdp.replace('a=ice-ufrag:',
        'a=ice-ufrag:x') } });
  }],
  ['duplicate-peer', 'good', lostAs('superseded')],
  ['unreadable', 'good', (call) => {
    const answer = call.one('answer');
    answer.body.sdp = answer.body.sdp.slice(2 + call.random(40));
  }],
  ['unreadable', 'good', (call) => {
    for (const { type, body } of call.messages) {
      if (type === 'candidate' && body?.candidate) {
        body.candidate = body.candidate.split(' ').slice(0, 5).join(' ');
      }
    }
  }],
  ['m-line-mismatch', 'good', (call) => mLines(call.one('answer'),
    (lines) => lines.slice(0, -1))],
  ['m-line-mismatch', 'good', (call) => mLines(call.one('answer'),
    ([first, second, ...rest]) => [second, first, ...rest])],
  ['m-line-mismatch', 'good', (call) => {
    const [offer, answer] = [call.all('offer')[0], call.all('answer')[0]];
    for (const message of [offer, answer]) {
      const again = structuredClone({ ...message, seq: 0,
        at: call.last.at + 1500 });
      mLines(again, (lines) => lines.slice(1));
      call.say(again);
    }
  }],
  ['no-codec', 'good', (call) => sdp(call.one('answer'),
    /(a=rtpmap:\d+) (VP8|VP9|H264|AV1|H265)\//g, '$1 X-$2/')],
  ['no-codec', 'good', (call) => {
    const answer = call.one('answer');
    sdp(answer, /^m=video \d+/gm, 'm=video 0');
    sdp(answer, 'BUNDLE 0 1 2', 'BUNDLE 0 2');
  }],
  ['no-codec', 'good', (call) => sdp(call.one('answer'),
    /(a=rtpmap:\d+) (opus|G722|PCMU|PCMA|red)\//g, '$1 X-$2/')],
  ['dtls-role', 'three', (call) => sdp(call.one('answer'), 'a=setup:active',
    'a=setup:actpass')],
  ['dtls-role', 'good', (call) => sdp(call.one('answer'),
    /a=fingerprint:.*\r\n/g, '')],
  ['dtls-role', 'good', (call) => {
    const [offer, answer] = [call.all('offer')[0], call.all('answer')[0]];
    call.say({ ...offer, seq: 0, at: call.last.at + 2000 });
    const turned = structuredClone({ ...answer, seq: 0,
      at: call.last.at + 2100 });
    delete turned.body.re;
    sdp(turned, 'a=setup:active', 'a=setup:passive');
    call.say(turned);
  }],
  ['glare', 'glare', (call) => {
    const answer = call.one('answer');
    call.drop((one) => one === answer || one.type === 'candidate' &&
      one.body?.session === answer.body.session);
  }],
  ['stale-answer', 'reload', (call) => {
    const [first, second] = call.all('answer');
    second.body.re = first.body.re;
    second.body.for = first.body.for;
  }],
  ['stale-answer', 'good', (call) => {
    const [offer] = call.all('offer');
    call.drop((one) => one === offer);
    call.one('answer').body.re = undefined;
  }],
  ['candidate-early', 'reload', (call) => {
    const [offer] = call.all('offer');
    const [answer] = call.all('answer');
    const last = call.messages.indexOf(answer) - 1 - call.random(3);
    call.drop((one) => one === offer);
    call.messages.splice(last, 0, offer);
  }],
  ['peer-vanished', 'good', (call) => {
    const answer = call.one('answer');
    call.drop((one) => one.seq >= answer.seq);
    call.add({ from: answer.from, type: 'left', at: call.last.at + 35_000,
      body: { reason: 'lease' } });
  }],
  ['peer-vanished', 'three', (call) => {
    const answer = call.all('answer')[0];
    call.drop((one) => one.seq >= answer.seq && one !== answer);
    call.add({ from: answer.to, type: 'left', at: call.last.at + 35_000,
      body: { reason: 'lease' } }, answer);
    answer.at = call.last.at + 36_000;
  }],
  ['peer-vanished', 'reload', (call) => {
    const answer = call.all('answer')[1];
    call.drop((one) => one.from === answer.from && one.seq > answer.seq);
    call.add({ from: answer.from, type: 'left', at: call.last.at + 35_000,
      body: { reason: 'lease' } });
  }],
  ['nobody-there', 'good', (call) => {
    const offer = call.all('offer')[0];
    const { from, to } = offer;
    call.drop((one) => one.seq > offer.seq && one.from !== from ||
      one.type === 'left');
    call.add({ from: to, type: 'left', body: { reason: 'leave' } }, offer);
  }],
  ['nobody-there', 'silence', (call) => {
    const { from } = call.one('offer');
    call.drop((one) => one.from !== from);
    for (const one of call.messages) delete one.to;
  }],
  ['answer-missing', 'good', (call) => {
    const answer = call.one('answer');
    call.drop((one) => one === answer || one.type === 'left');
  }],
  ['answer-missing', 'three', (call) => call.unanswered(call.one('answer'))],
  ['no-candidates', 'good', (call) => {
    const { from } = call.one('answer');
    call.drop((one) => one.type === 'candidate' && one.from === from);
    call.drop(({ type }) => type === 'left');
  }],
  ['only-mdns', 'good', (call) => {
    call.kinds('mdns');
    call.restart(16_000, 'host', 1);
    call.kinds('mdns');
  }],
  ['only-mdns', 'three', (call) => {
    const [{ from }] = call.all('answer');
    call.restart(20_000, 'host');
    call.kinds('mdns');
    for (const { from: other, body } of call.messages) {
      if (other !== from && body?.candidate) {
        body.candidate = body.candidate.replace(/\S+\.local/, '192.0.2.9');
      }
    }
  }],
  ['no-relay', 'good', (call) => {
    call.kinds('srflx');
    call.restart(17_000, 'srflx');
  }],
  ['no-relay', 'good', loop(4, 'host')],
  ['restart-loop', 'good', loop(3, 'relay')],
  ['restart-loop', 'good', loop(5, 'relay')],
  ['restart-loop', 'reload', (call) => {
    const [offer] = call.all('offer');
    const [answer] = call.all('answer');
    for (let i = 0; i < 6; i++) {
      const session = `page-${i}`;
      call.add({ ...offer, seq: 0, at: call.last.at + 9000,
        body: { ...offer.body, session } });
      call.add({ ...answer, seq: 0, at: call.last.at + 100,
        body: { ...answer.body, session: `other-${i}`, for: session,
          re: undefined } });
      call.add({ from: answer.from, to: answer.to, type: 'candidate',
        body: { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host',
          session: `other-${i}`, for: session } });
      call.add({ from: offer.from, to: offer.to, type: 'candidate',
        body: { candidate: 'candidate:1 1 udp 1 192.0.2.2 9 typ host',
          session } });
    }
  }],
  ['no-relay', 'three', (call) => {
    const { from, to } = call.one('answer');
    call.say({ from, to, type: 'error',
      body: { code: 'connection-failed', text: 'No way.' } });
  }],
  ['connection-failed', 'good', (call) => {
    call.kinds('relay');
    call.say({ from: call.one('offer').from, type: 'error',
      body: { code: 'connection-failed', text: 'No way.' } });
  }],
  ['connection-failed', 'three', (call) => {
    call.kinds('relay');
    call.say({ from: call.one('answer').from, type: 'error',
      body: { code: 'ice-failed', text: 'No way.' } });
  }],
  ['no-media', 'three', (call) => call.say({ from: call.one('answer').from,
    type: 'error', body: { code: 'no-camera', text: 'In use.' } })],
  ['no-media', 'silence', (call) => {
    const { from, to } = call.one('offer');
    call.drop((one) => one.from === from && one.to === to);
    call.say({ from, type: 'error', body: { code: 'no-microphone',
      text: 'Not allowed.' } });
  }],
  ['clock-jump', 'good', (call) => call.delay(call.one('answer'), -3_600_000)],
  ['clock-jump', 'three', (call) => call.delay(call.one('offer'),
    -1500 - call.random(60_000))],
  ['slow-answer', 'good', (call) => call.delay(call.one('answer'),
    10_000 + call.random(30_000))],
  ['slow-answer', 'three', (call) => {
    const { from } = call.one('offer');
    const mine = call.messages.filter((one) => one.type === 'candidate' &&
      one.from === from && one.body?.candidate);
    call.delay(mine[mine.length - 1], 12_000 + call.random(9000));
  }],
];

/** @param {Fault} fault @param {number} seed @returns {string} a recording */
export function broken([, base, edit], seed) {
  const call = new Call(base, seed);
  edit(call);
  return call.write();
}

/** Recordings of faults/, and what is to be named first. */
export const REAL = {
  'glare-ignored': 'glare', 'glare-crossed': 'glare',
  'early': 'candidate-early', 'early-media': 'candidate-early',
  'mute': 'no-candidates', 'mute-caller': 'no-candidates',
  'codec-video': 'no-codec', 'codec-audio': 'no-codec',
  'mixed-up': 'm-line-mismatch', 'role-actpass': 'dtls-role',
  'role-same': 'dtls-role', 'nothing': 'unreadable', 'nobody': 'nobody-there',
  'answer-late': 'stale-answer', 'vanish-asked': 'peer-vanished',
  'vanish-asking': 'peer-vanished', 'no-way': 'no-relay', 'hidden': 'only-mdns',
};
