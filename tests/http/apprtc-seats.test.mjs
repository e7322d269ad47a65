// AppRTC's rooms: who gets which seat, for how long, and again.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { User, newRoom, visit } from './apprtc.mjs';
import { startServer, together } from './harness.mjs';
import { Peer } from './peer.mjs';
import { until } from './until.mjs';

const server = await startServer({ conf: { hold: 10, lease: 12, away: 1,
  'dialect.apprtc': 'on', 'apprtc.namespace': 'rooms' } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

const BYE = { type: 'bye' };

/** @param {string} room @param {string} [cookie] @returns {Promise<any>} */
const look = async (room, cookie) => JSON.parse((await visit(api,
  { r: room, t: 'json' }, cookie ? { cookie } : {})).text);

/** Somebody on the API. @param {string} room @param {{}} [more] */
async function member(room, more) {
  const peer = new Peer(api, room);
  await peer.join(more);
  return peer;
}

/** @param {string} room @returns {Promise<any>} of somebody who got in */
const comesIn = (room) => until('there is a seat', async () => {
  const params = await look(room);
  return params.error ? undefined : params;
}, { within: 60000, every: 250 });

describe('a visit', { concurrency: together }, () => {
  test('without a room: one of eight digits, arguments kept', async () => {
    const reply = await visit(api, { debug: 'x', hd: 'true', q: '<">' });
    assert.equal(reply.status, 302);
    assert.match(reply.headers.location ?? '',
      /^\/api\/\?r=\d{8}&debug=x&hd=true&q=%3C%22%3E$/);
    const empty = await visit(api, { r: '' });
    assert.match(empty.headers.location ?? '', /^\/api\/\?r=\d{8}$/);
  });

  test('the first is called, the second calls, a third is told', async () => {
    const room = newRoom();
    const first = await User.join(api, room);
    const second = await User.join(api, room);
    assert.match(first.me, /^\d{8}$/);
    assert.notEqual(first.me, second.me);
    assert.deepEqual([first.params.initiator, second.params.initiator],
      [0, 1]);
    const third = await visit(api, { r: room, t: 'json' });
    assert.equal(third.status, 200);
    assert.deepEqual(JSON.parse(third.text), { error: 'full',
      error_messages: ['The room is full.'], room_key: room });
    const page = await visit(api, { r: room });
    assert.equal(page.status, 200);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(page.text, /id="parameters">\{"error":"full"/);
  });

  test('a name is reduced to letters, digits and hyphens', async () => {
    const end = newRoom();
    const first = await User.join(api, `A b/ü.~${end}`);
    assert.equal(first.room, `A-b----${end}`);
    const second = await User.join(api, first.room);
    assert.equal(second.params.initiator, 1);
  });

  test('a name that is too long is refused in words', async () => {
    const reply = await visit(api, { r: 'x'.repeat(65), t: 'json' });
    assert.equal(reply.status, 400);
    assert.equal(JSON.parse(reply.text).error, 'bad-name');
    assert.equal((await visit(api, { r: 'x'.repeat(64) })).status, 200);
  });

  test('HEAD looks and takes no seat', async () => {
    const room = newRoom();
    for (let i = 0; i < 3; i++) {
      const reply = await api.exchange('HEAD', '/', { query: { r: room } });
      assert.equal(reply.status, 200);
    }
    assert.equal((await look(room)).initiator, 0);
  });

  test('the page carries what JSON says, and ends nowhere early', async () => {
    const room = newRoom();
    const { text, headers } = await visit(api,
      { r: room, asc: '</script><script>alert(1)</script>' });
    const found = /<script type="application\/json" id="parameters">(.*?)<\/script>/
      .exec(text);
    const params = JSON.parse(found?.[1] ?? '');
    assert.equal(params.room_key, room);
    assert.equal(params.audio_send_codec, '</script><script>alert(1)</script>');
    assert.match(String(headers['content-security-policy']),
      /script-src 'sha256-[^']+'(;|$)/);
    assert.equal(headers['x-frame-options'], 'DENY');
  });
});

describe('a seat', { concurrency: together }, () => {
  test('whose channel is never opened is free soon', async () => {
    const room = newRoom();
    const first = await User.join(api, room);
    await first.open();
    await User.join(api, room);
    assert.equal((await look(room)).error, 'full');
    // Who is there goes on polling.
    const polls = (async () => {
      for (let heard = /** @type {any[]} */ ([]); !heard.length;)
        heard = await first.hear(5);
    })();
    assert.equal((await comesIn(room)).initiator, 1);
    await polls;
  });

  test('of a page that has gone is free soon', async () => {
    const room = newRoom();
    const first = await User.join(api, room);
    const second = await User.join(api, room);
    await first.open();
    await second.open();
    assert.equal((await second.channel.tryPost('away')).status, 204);
    assert.deepEqual(await first.hear(10), [BYE]);
    assert.equal((await look(room)).initiator, 1);
  });

  test('that the same browser never used is its own again', async () => {
    const room = newRoom();
    const first = await User.join(api, room);
    await first.open();
    let cookie = '';
    for (let i = 0; i < 5; i++) {
      const user = await User.join(api, room, {}, cookie);
      assert.equal(user.params.initiator, 1);
      cookie = user.cookie;
      assert.match(cookie, new RegExp(`^apprtc-seat=${room}/\\d{8}$`));
    }
  });

  test('that is in use stays, whatever the cookie says', async () => {
    const room = newRoom();
    const first = await User.join(api, room);
    await first.open();
    const second = await User.join(api, room, {}, first.cookie);
    await second.open();
    assert.equal(second.params.initiator, 1);
    assert.equal((await look(room, second.cookie)).error, 'full');
    assert.deepEqual(await first.hear(), []);
  });

  test('that its page gives up is taken over at once', async () => {
    const room = newRoom();
    const first = await User.join(api, room);
    const second = await User.join(api, room);
    await first.open();
    await second.open();
    const mail = second.channel.tryMail(5);
    const next = await look(room,
      `a=b; apprtc-goes=${room}/${second.me}; apprtc-seat=x/1`);
    assert.equal(next.initiator, 1);
    assert.deepEqual(await first.hear(10), [BYE]);
    // The old page is told, by another process when its poll has ended.
    await mail;
    assert.equal((await second.channel.tryMail()).status, 403);
  });

  test('cookies of others, of other rooms and of nonsense do nothing',
    async () => {
      const room = newRoom();
      const first = await User.join(api, room);
      const second = await User.join(api, room);
      await first.open();
      await second.open();
      for (const value of [`${room}/00000000`, `${room}/`, room, '/', '',
        `${room}x/${first.me}`, `${room}/${first.me}0`, '%00'])
        assert.equal((await look(room, `apprtc-goes=${value}`)).error, 'full',
          value);
      assert.deepEqual(await first.hear(), []);
    });

  test('can have a new token, by the old one only', async () => {
    const room = newRoom();
    const first = await User.join(api, room);
    const second = await User.join(api, room);
    await first.open();
    await second.open();
    const query = { r: room, t: 'json', u: first.me };
    const renewed = JSON.parse((await visit(api, query,
      { 'x-letterbox-token': first.params.token })).text);
    assert.equal(renewed.me, first.me);
    assert.notEqual(renewed.token, first.params.token);
    for (const token of ['', second.params.token, first.params.token + 'x']) {
      const reply = await visit(api, query, { 'x-letterbox-token': token });
      assert.equal(JSON.parse(reply.text).error, 'full', token);
    }
    assert.deepEqual(await first.hear(), []);
    const again = new User(api, renewed);
    await again.open();
    await second.post({ type: 'offer', sdp: 'v=0' });
    assert.deepEqual(await again.hear(10), [{ type: 'offer', sdp: 'v=0' }]);
  });
});

describe('rooms of the API as well', { concurrency: together }, () => {
  test('each hears the other in its own words', async () => {
    const room = newRoom();
    const user = await User.join(api, room);
    await user.open();
    const native = await member(room);
    await native.say('description', { type: 'offer', sdp: 'o', session: 's',
      re: 3 });
    await native.say('candidate', { candidate: 'c', sdpMid: '0',
      sdpMLineIndex: 0, usernameFragment: 'u', session: 's' });
    await native.say('candidate', null);
    await native.say('chat', 'not for it');
    await native.say('apprtc', { any: 1 });
    const heard = [];
    while (heard.length < 3) heard.push(...await user.hear(10));
    assert.deepEqual(heard, [{ type: 'offer', sdp: 'o' },
      { type: 'candidate', label: 0, id: '0', candidate: 'c' }, { any: 1 }]);
    await user.post({ type: 'answer', sdp: 'a' });
    await user.post({ type: 'candidate', label: 1, id: '1', candidate: 'd' });
    await user.post({ note: 'odd' });
    await user.post(BYE);
    const said = await native.collect((all) =>
      all.some(({ type }) => type === 'left'));
    assert.deepEqual(said.map((/** @type {any} */ m) => [m.type, m.body]), [
      ['description', { type: 'answer', sdp: 'a' }],
      ['candidate', { candidate: 'd', sdpMid: '1', sdpMLineIndex: 1 }],
      ['apprtc', { note: 'odd' }], ['left', { reason: 'leave' }]]);
    assert.match(said[0].from, /^~[A-Za-z0-9_-]{16}$/);
  });

  test('a room of two is full for both, one of three for AppRTC', async () => {
    const room = newRoom();
    await member(room);
    await User.join(api, room);
    await refused(new Peer(api, room).tryJoin(), 409, 'room-full');
    const crowd = newRoom();
    for (let i = 0; i < 2; i++) await member(crowd);
    assert.equal((await look(crowd)).error, 'full');
    await member(crowd);
  });

  test('a secret and a lock keep it out, in words', async () => {
    const room = newRoom();
    await member(room, { secret: 'x' });
    const reply = await visit(api, { r: room, t: 'json' });
    assert.equal(reply.status, 403);
    const { error, error_messages: words } = JSON.parse(reply.text);
    assert.equal(error, 'secret');
    assert.match(words[0], /has a secret/);
    const page = await visit(api, { r: room });
    assert.equal(page.status, 403);
    assert.match(page.text, /has a secret/);
    const shut = newRoom();
    const owner = await member(shut);
    await ok(api.request('POST', `/rooms/${shut}/rules`,
      { token: owner.token, json: { lock: true } }), 200);
    const locked = await visit(api, { r: shut, t: 'json' });
    assert.equal(JSON.parse(locked.text).error, 'locked');
  });
});
