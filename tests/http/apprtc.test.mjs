// AppRTC of the Channel API's days: what is said, and who hears it.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok } from './api.mjs';
import { Client, newClient, Application } from './channel.mjs';
import { User, newRoom, visit } from './apprtc.mjs';
import { startServer, together } from './harness.mjs';
import { until } from './until.mjs';

const server = await startServer({ hostile: true, conf: { hold: 10, lease: 12,
  'dialect.apprtc': 'on', log: 'debug', trusted_proxy: '127.0.0.1, ::1' } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

const OFFER = { type: 'offer', sdp: 'v=0\r\no=offer\r\n' };
const ANSWER = { type: 'answer', sdp: 'v=0\r\no=answer\r\n' };
const CANDIDATE = { type: 'candidate', label: 0, id: 'audio',
  candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host' };
const BYE = { type: 'bye' };

/** Two users that hear. */
async function pair() {
  const room = newRoom();
  const first = await User.join(api, room);
  const second = await User.join(api, room);
  await first.open();
  await second.open();
  return { room, first, second };
}

/** @param {string} why @param {number} [len] until the log says so */
const dropped = (why, len) => until(`the log says ${why}`, () =>
  new RegExp(`^apprtc-dropped why=${why} len=${len ?? '\\d+'}$`, 'm')
    .test(server.stderr));

describe('messages', { concurrency: together }, () => {
  test('what is said before the other hears is kept, in order', async () => {
    const room = newRoom();
    const first = await User.join(api, room);
    const second = await User.join(api, room);
    await second.open();
    const said = [OFFER, CANDIDATE, { ...CANDIDATE, label: 1, id: 'video' }];
    for (const message of said) await second.post(message);
    assert.deepEqual(await first.open(), said);
    await first.post(ANSWER);
    assert.deepEqual(await second.hear(10), [ANSWER]);
  });

  test('a poll that is held hears at once, each byte as it was', async () => {
    const { first, second } = await pair();
    const texts = ['{"sdp":"v=0\\r\\n \\u00e4\\"","type":"offer","x":[1, 2]}',
      '{"type":"candidate","label":0,"id":"0","candidate":"c"}',
      '{"type":"note", "deep":{"a":[null,true,-1.5e3]}}', '[1]', '"x"', '7'];
    for (const text of texts) {
      const mail = first.channel.mail(10);
      assert.equal((await second.postRaw(text)).status, 200);
      assert.deepEqual(await mail, [text]);
    }
  });

  test('bye takes its sender out, and is heard once', async () => {
    const { room, first, second } = await pair();
    await second.post(BYE);
    assert.deepEqual(await first.hear(10), [BYE]);
    assert.deepEqual(await first.hear(), []);
    await second.post(OFFER);
    await dropped('not-a-member');
    assert.equal((await second.channel.tryMail()).status, 403);
    const third = await User.join(api, room);
    assert.equal(third.params.initiator, 1);
    await third.post(OFFER);
    assert.deepEqual(await first.hear(10), [OFFER]);
  });

  test('who closes its channel is gone, and bye is heard', async () => {
    const { first, second } = await pair();
    const mail = first.hear(10);
    await second.channel.close();
    assert.deepEqual(await mail, [BYE]);
  });

  test('said to nobody it comes back', async () => {
    const user = await User.join(api, newRoom());
    await user.open();
    for (const message of [OFFER, { type: 'note', n: 1 }]) {
      await user.post(message);
      assert.deepEqual(await user.hear(10), [message]);
    }
  });

  test('a repeat under one word is one message', async () => {
    const { first, second } = await pair();
    for (let i = 0; i < 3; i++) {
      const reply = await api.exchange('POST', '/message', {
        query: { r: second.room, u: second.me, i: 'w1' },
        body: JSON.stringify(OFFER) });
      assert.equal(reply.status, 200);
    }
    assert.deepEqual(await first.hear(10), [OFFER]);
    assert.deepEqual(await first.hear(), []);
  });

  test('one word of two users is two messages', async () => {
    const { first, second } = await pair();
    for (const [who, message] of /** @type {const} */ ([[second, OFFER],
      [first, ANSWER]])) {
      const reply = await api.exchange('POST', '/message', {
        query: { r: who.room, u: who.me, i: '1' },
        body: JSON.stringify(message) });
      assert.equal(reply.status, 200);
    }
    assert.deepEqual(await first.hear(10), [OFFER]);
    assert.deepEqual(await second.hear(10), [ANSWER]);
  });

  test('by the wire of the development server', async () => {
    const { first, second } = await pair();
    await second.post(OFFER);
    await second.post(CANDIDATE);
    const one = await first.channel.dev('poll');
    assert.deepEqual(JSON.parse(one.text), OFFER);
    const two = await first.channel.dev('poll');
    assert.deepEqual(JSON.parse(two.text), CANDIDATE);
  });

  test('rooms of applications are other rooms', async () => {
    const app = await Application.add(server, api);
    const client = await app.client(newClient());
    const user = await User.join(api, 'x');
    await app.send(client.id, 'for the client');
    assert.deepEqual(await client.open(), ['for the client']);
    assert.deepEqual(await user.open(), []);
    await user.post(BYE);
  });
});

describe('loopback', { concurrency: together }, () => {
  test('one user has both seats, and the offer comes back as answer',
    async () => {
      const room = newRoom();
      const user = await User.join(api, room, { debug: 'loopback' });
      assert.equal(user.params.initiator, 1);
      assert.deepEqual(JSON.parse(user.params.pc_constraints),
        { optional: [{ DtlsSrtpKeyAgreement: false }] });
      const reply = await visit(api, { r: room, t: 'json' });
      assert.equal(JSON.parse(reply.text).error, 'full');
      await user.open();
      await user.post({ type: 'offer',
        sdp: 'v=0\r\na=ice-options:google-ice\r\ns=-\r\n' });
      assert.deepEqual(await user.hear(10),
        [{ type: 'answer', sdp: 'v=0\r\ns=-\r\n' }]);
      await user.post(CANDIDATE);
      assert.deepEqual(await user.hear(10), [CANDIDATE]);
    });

  test('afterwards the room is for two again', async () => {
    const room = newRoom();
    const loop = await User.join(api, room, { debug: 'loopback' });
    await loop.post(BYE);
    const first = await User.join(api, room);
    const second = await User.join(api, room);
    assert.deepEqual([first.params.initiator, second.params.initiator],
      [0, 1]);
  });
});

describe('what is wrong is answered 200 and dropped', () => {
  test('no JSON, and broken JSON', async () => {
    const { first, second } = await pair();
    for (const text of ['', 'offer', '{"type":"offer"', '{"type":"offer"} x',
      '{"a":"\\ud800"}', '"\u0000"', '['.repeat(40) + ']'.repeat(40)]) {
      const reply = await second.postRaw(text);
      assert.deepEqual([reply.status, reply.text], [200, ''], text);
    }
    await dropped('bad-json');
    assert.deepEqual(await first.hear(), []);
  });

  test('what only looks like it passes as it is', async () => {
    const { first, second } = await pair();
    const odd = [{ type: 'offer' }, { type: 'offer', sdp: 7 }, { type: 1 },
      { type: 'candidate', label: 'x', candidate: 'c' },
      { type: 'candidate', candidate: 'c' }, { type: null }, null, true];
    for (const message of odd) {
      await second.post(message);
      assert.deepEqual(await first.hear(10), [message]);
    }
  });

  test('too long', async () => {
    const { first, second } = await pair();
    const sdp = 'x'.repeat(65536 - 25);
    await second.post({ type: 'offer', sdp });
    assert.equal((await first.hear(10))[0].sdp.length, sdp.length);
    await second.post({ type: 'offer', sdp: sdp + 'xx' });
    await dropped('too-large', 65538);
    assert.deepEqual(await first.hear(), []);
  });

  test('nobody of that number, or of that room', async () => {
    const { room, first, second } = await pair();
    const wrong = [{ r: room, u: '00000000' }, { r: room, u: 'x' },
      { r: room }, { u: second.me }, { r: newRoom(), u: second.me },
      { r: room, u: second.me + '0' }, { r: 'x'.repeat(65), u: second.me }];
    for (const query of wrong) {
      const reply = await api.exchange('POST', '/message', {
        query: /** @type {Record<string, string>} */ (query),
        body: JSON.stringify(OFFER) });
      assert.deepEqual([reply.status, reply.text], [200, ''],
        JSON.stringify(query));
    }
    assert.deepEqual(await first.hear(), []);
  });

  test('a mailbox that is full', async () => {
    const { first, second } = await pair();
    const sdp = 'x'.repeat(60000);
    for (let i = 0; i < 20; i++) await second.post({ type: 'offer', sdp });
    await dropped('mailbox-full');
    const heard = [];
    for (let more; (more = await first.hear()).length;) heard.push(...more);
    assert.equal(heard.length, 17); // of 60,0xx bytes in 1 MiB
  });

  test('an address that guesses is not heard, even when it is right',
    async () => {
      const { first, second } = await pair();
      let round = 0;
      // Each one another, and all of one length.
      const right = () => JSON.stringify(
        { right: String(++round).padStart(4321, '0') });
      let last = '';
      /** @param {string} u @param {string} body */
      const guess = (u, body) => api.exchange('POST', '/message', {
        query: { r: second.room, u }, body,
        headers: { 'x-forwarded-for': '192.0.2.66' } });
      const wrong = Array.from({ length: 80 }, (_, i) => String(10000000 + i))
        .filter((number) => ![first.me, second.me].includes(number));
      await until('a right number is refused', async () => {
        await Promise.all(wrong.map((number) => guess(number, '{}')));
        last = right();
        const reply = await guess(second.me, last);
        assert.deepEqual([reply.status, reply.text], [200, '']);
        return /why=too-fast len=4333$/m.test(server.stderr);
      });
      await second.post(OFFER);
      /** @type {any[]} */
      const heard = [];
      while (!heard.some((message) => message.type === 'offer')) {
        heard.push(...await first.hear(10));
      }
      assert.ok(!heard.some((one) => JSON.stringify(one) === last));
    });

  test('pages of other origins are refused', async () => {
    const user = await User.join(api, newRoom());
    const reply = await api.exchange('POST', '/message', {
      query: { r: user.room, u: user.me }, body: '{}',
      headers: { origin: 'https://elsewhere.example' } });
    assert.equal(reply.status, 403);
  });

  test('its path wants POST', async () => {
    const reply = await api.exchange('GET', '/message', {});
    assert.equal(reply.status, 405);
    assert.equal(reply.headers.allow, 'POST');
  });
});

test('a server that is killed keeps what it was told', async () => {
  const { first, second } = await pair();
  await second.post(OFFER);
  await server.kill('SIGKILL');
  await server.restart();
  await second.post(CANDIDATE);
  const again = new Client(api, first.channel.token);
  assert.deepEqual((await again.open()).map((text) => JSON.parse(text)),
    [OFFER, CANDIDATE]);
  await first.post(ANSWER);
  assert.deepEqual(await second.hear(10), [ANSWER]);
  await ok(api.exchange('GET', '/healthz', {}), 200);
});
