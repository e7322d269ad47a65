// What descriptions and candidates say.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { candidateOf, codecNames, mediaWords, sdpOf }
  from '../../public_html/js/replay/sdp.js';
import { NAMES, sample } from './samples.mjs';

describe('candidates', () => {
  /** @type {[string, string, string, string, number][]} */
  const lines = [
    ['candidate:1 1 udp 2122260223 192.0.2.1 49203 typ host', 'host', 'udp',
      '192.0.2.1', 49203],
    ['a=candidate:1 1 UDP 1 2001:db8::1 1 typ srflx raddr 0.0.0.0 rport 9',
      'srflx', 'udp', '2001:db8::1', 1],
    ['candidate:1 1 tcp 1 b2c3.local 9 typ host tcptype active', 'mdns', 'tcp',
      'b2c3.local', 9],
    ['candidate:1 1 udp 1 192.0.2.9 3478 typ relay raddr 192.0.2.1 rport 5 ' +
      'ufrag abcd', 'relay', 'udp', '192.0.2.9', 3478],
    ['candidate:1 1 udp 1 192.0.2.9 3478 typ odd', 'other', 'udp', '192.0.2.9',
      3478],
  ];
  for (const [line, kind, protocol, address, port] of lines) {
    test(kind + ' ' + protocol, () => {
      const found = candidateOf(line);
      assert.deepEqual([found?.kind, found?.protocol, found?.address,
        found?.port], [kind, protocol, address, port]);
    });
  }

  test('with what stands behind the type', () => {
    const found = candidateOf(lines[3][0]);
    assert.equal(found?.related, '192.0.2.1 5');
    assert.equal(found?.ufrag, 'abcd');
    assert.equal(candidateOf(lines[2][0])?.tcp, 'active');
  });

  test('what is none', () => {
    for (const line of ['', null, undefined, 5, {}, 'candidate:', 'candidate:1 1',
      'candidate:1 1 udp 1 192.0.2.1 9 host', 'x:1 1 udp 1 a 9 typ host']) {
      assert.equal(candidateOf(line), null, String(line));
    }
  });
});

describe('descriptions', () => {
  test('of a browser: sound, picture and data', () => {
    const { body } = sample('good').messages.find(({ type }) =>
      type === 'description') ?? assert.fail();
    const { media, bundle, ufrag, odd } = sdpOf(body.sdp);
    assert.deepEqual(media.map(({ kind }) => kind).sort(),
      ['application', 'audio', 'video']);
    assert.deepEqual(bundle, media.map(({ mid }) => mid));
    assert.match(ufrag, /^\S{4,}$/);
    assert.deepEqual(odd, []);
    for (const one of media) {
      assert.equal(one.setup, 'actpass');
      assert.match(one.fingerprint, /^sha-256 /);
      assert.equal(one.rejected, false);
    }
    const audio = media.find(({ kind }) => kind === 'audio') ?? assert.fail();
    assert.equal(codecNames(audio)[0], 'opus');
    assert.equal(audio.direction, 'sendrecv');
    assert.equal(mediaWords(audio), 'audio opus');
    const opus = audio.codecs[0];
    assert.equal(opus.detail, '48000/2');
    assert.match(opus.fmtp, /useinbandfec=1/);
    assert.ok(!codecNames(audio).includes('telephone-event'));
  });

  test('every one of the recordings has m-lines and nothing odd', () => {
    for (const name of NAMES) {
      for (const { type, body } of sample(name).messages) {
        if (type !== 'description') continue;
        const { media, odd } = sdpOf(body.sdp);
        assert.ok(media.length);
        assert.deepEqual(odd, []);
      }
    }
  });

  test('a line that is refused, and one that lives with another', () => {
    const { media } = sdpOf('v=0\r\na=group:BUNDLE 0 1\r\na=sendonly\r\n' +
      'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n' +
      'm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=recvonly\r\n' +
      'm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\n' +
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n');
    assert.deepEqual(media.map(({ rejected }) => rejected),
      [false, false, true, false]);
    assert.deepEqual(media.map(({ direction }) => direction),
      ['sendonly', 'recvonly', 'sendonly', '']);
    assert.deepEqual(media.map(mediaWords), ['audio sendonly PCMU',
      'video recvonly', 'video refused', 'data']);
  });

  test('nonsense is borne', () => {
    for (const text of [null, undefined, 5, {}, '', 'm=', 'm=\na=mid', 'a=',
      'a=:', 'a=group:', 'm=audio\na=rtpmap:\na=fmtp:x\na=candidate:',
      '\0\n'.repeat(100), 'm=video 9 RTP 96\n'.repeat(10_000)]) {
      assert.ok(sdpOf(text).media.length <= 256);
    }
    assert.deepEqual(sdpOf('hello\nworld').odd, ['hello', 'world']);
  });
});
