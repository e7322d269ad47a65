// A recorded side as what a connection is asked to do, and what is renewed.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readText } from '../../public_html/js/replay/recording.js';
import { fitted, renewed, renewedCandidate }
  from '../../public_html/js/replay/renew.js';
import { rolesOf, scriptOf } from '../../public_html/js/replay/script.js';
import { sdpOf } from '../../public_html/js/replay/sdp.js';
import { Story } from '../../public_html/js/replay/story.js';
import { made, sample } from './samples.mjs';

/** @typedef {import('../../public_html/js/replay/recording.js').Entry} Entry */

/** @param {Entry[]} messages @param {string} self @param {string} other */
const acts = (messages, self, other) =>
  scriptOf(messages, new Story(messages), self, other)
    .map(({ act, anew, why }) => `${anew ? '*' : ''}${act}${why && `:${why}`}`);

/** Of a recording, by who talks: first the one that was called.
 * @param {string} name */
function both(name) {
  const { messages } = sample(name);
  const [[self, other]] = rolesOf(messages);
  const brief = (/** @type {string[]} */ list) =>
    list.filter((act, i) => act !== list[i - 1]);
  return [brief(acts(messages, self, other)),
    brief(acts(messages, other, self))];
}

describe('scripts', () => {
  test('of a good call, for either side', () => {
    assert.deepEqual(both('good'), [
      ['*take', 'candidate', 'answer', 'candidate', 'close'],
      ['*offer', 'take', 'candidate', 'close']]);
  });

  test('of a reload: another connection for both', () => {
    assert.deepEqual(both('reload'), [
      ['*take', 'candidate', 'answer', 'candidate', '*take', 'answer',
        'candidate'],
      ['*offer', 'take', 'candidate', '*offer', 'take', 'candidate']]);
  });

  test('of offers that meet: one is ignored, one gives way', () => {
    const { messages } = sample('glare');
    const [a, b] = [...new Set(messages.map(({ from }) => from))].sort();
    assert.ok(acts(messages, b, a).includes('leave:glare'));
    const polite = acts(messages, a, b);
    assert.ok(polite.includes('*take') && polite.includes('answer'));
  });

  test('of silence', () => {
    const [called, calling] = both('silence');
    assert.deepEqual(called, ['*take', 'candidate']);
    assert.deepEqual(calling, ['*offer']);
  });

  test('without sessions, with byes, among others', () => {
    const say = (/** @type {string} */ from, /** @type {string} */ to,
      /** @type {string} */ type, /** @type {any} */ body) =>
      ({ from, to, type, body });
    const { messages } = readText(made([
      say('a', 'b', 'description', { type: 'offer', sdp: '' }),
      say('c', 'b', 'description', { type: 'offer', sdp: '' }),
      say('b', 'a', 'description', { type: 'answer', sdp: '' }),
      say('a', 'b', 'description', { type: 'offer', sdp: '' }),
      say('b', 'a', 'bye', null),
      say('a', 'b', 'description', { type: 'offer', sdp: '' }),
    ]));
    assert.deepEqual(acts(messages, 'b', 'a'),
      ['*take', 'answer', 'take', 'close', '*take']);
    assert.deepEqual(acts(messages, 'a', 'b'),
      ['*offer', 'take', 'offer', 'close', '*offer']);
    assert.deepEqual(rolesOf(messages),
      [['b', 'a'], ['a', 'b'], ['b', 'c'], ['c', 'b']]);
  });
});

describe('renewed', () => {
  const offer = sample('good').messages.find(({ body }) =>
    body?.type === 'offer')?.body.sdp;
  const answer = sample('good').messages.find(({ body }) =>
    body?.type === 'answer')?.body.sdp;

  test('what browsers take stays as it is', () => {
    assert.equal(renewed(offer), offer);
    const line = 'candidate:1 1 udp 1 192.0.2.7 5 typ srflx raddr 10.0.0.1 ' +
      'rport 9';
    assert.equal(renewedCandidate(line), line);
    assert.equal(renewedCandidate(line.replace('192.0.2.7', 'fe80::1')),
      line.replace('192.0.2.7', 'fe80::1'));
  });

  test('words that stand for addresses and passwords give way', () => {
    assert.equal(renewed('o=- 1 2 IN IP4 ip4-1\r\nc=IN IP6 ip6-2\r\n' +
      'a=ice-pwd:pwd-1\r\na=candidate:1 1 udp 1 ip4-1 5 typ relay raddr ' +
      'ip4-2 rport 9\r\n'), 'o=- 1 2 IN IP4 0.0.0.0\r\nc=IN IP4 0.0.0.0\r\n' +
      `a=ice-pwd:pwd/1${'x'.repeat(17)}\r\na=candidate:1 1 udp 1 192.0.2.1 5 ` +
      'typ relay raddr 0.0.0.0 rport 9\r\n');
    assert.equal(renewedCandidate('candidate:1 1 udp 1 mdns-1 5 typ host'),
      'candidate:1 1 udp 1 192.0.2.1 5 typ host');
    assert.equal(renewedCandidate('candidate:'), 'candidate:');
  });

  test('an answer is put into the order of our offer, by our mids', () => {
    const [head, ...sections] = offer.split(/^(?=m=)/m);
    const ours = [head, ...sections.reverse()].join('')
      .replace(/^a=mid:(\S+)/gm, 'a=mid:x$1');
    const { sdp, mids } = fitted(answer, offer, ours);
    assert.deepEqual(sdpOf(sdp).media.map(({ kind, mid }) => kind + mid),
      sdpOf(ours).media.map(({ kind, mid }) => kind + mid));
    assert.deepEqual([...mids].sort(), [['0', 'x0'], ['1', 'x1'], ['2', 'x2']]);
    assert.match(sdp, /^a=group:BUNDLE x0 x1 x2\r?$/m);
    assert.equal(fitted(answer, offer, offer).sdp, answer);
  });

  test('but not one that does not fit to its own offer', () => {
    const less = answer.split(/^(?=m=)/m).slice(0, -1).join('');
    assert.equal(fitted(less, offer, offer).sdp, less);
  });
});
