// AppRTC of Collider's days, line by line.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { Api } from './api.mjs';
import { newRoom } from './apprtc.mjs';
import { Guest, ask } from './collider.mjs';
import { startServer, together } from './harness.mjs';
import { until } from './until.mjs';

const server = await startServer({ conf: { hold: 10, lease: 12,
  'dialect.apprtc': 'on', ice: 'stun:stun.example:3478',
  turn: 'turn:turn.example:3478, turns:turn.example:5349',
  turn_secret_file: '$DIR/turn.secret' },
  files: { 'turn.secret': 'a secret of TURN\n' } });
const api = new Api(server.api);
const host = server.base.replace('http://', '');
after(async () => {
  api.close();
  await server.stop();
});

const OFFER = { type: 'offer', sdp: 'v=0\r\no=offer "\\\r\n' };
const ANSWER = { type: 'answer', sdp: 'v=0\r\no=answer\r\n' };
const CANDIDATE = { type: 'candidate', label: 0, id: 'audio',
  candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host' };
const BYE = { type: 'bye' };

/** The same number with another end. @param {string} id */
const forged = (id) => `${id.slice(0, -2)}${id.endsWith('AA') ? 'BA' : 'AA'}`;

/** @param {string} url @param {string} [method] */
async function post(url, method = 'POST', body = '') {
  const { status, text } = await api.exchange(method, url, { body });
  return { status, text, json: text.startsWith('{') && JSON.parse(text) };
}

describe('POST /join/ROOM', { concurrency: together }, () => {
  test('tells who comes what it needs, as strings', async () => {
    const room = newRoom();
    const { params } = await Guest.join(api, room);
    assert.equal(params.room_id, room);
    assert.match(params.client_id, /^[\w-]+$/);
    assert.equal(params.room_link, `${server.base}/api/r/${room}`);
    assert.equal(params.is_initiator, 'true');
    assert.deepEqual(params.messages, []);
    assert.match(params.wss_url, new RegExp(`^ws://${host}/api/ws#[\\w.-]+$`));
    assert.equal(params.wss_post_url, `${server.base}/api/ws`);
    assert.match(params.ice_server_url,
      new RegExp(`^${server.base}/api/v1alpha/iceconfig\\?key=`));
    const { iceServers } = JSON.parse(params.pc_config);
    assert.deepEqual(iceServers[0], { urls: ['stun:stun.example:3478'] });
    for (const name of ['pc_constraints', 'media_constraints',
      'offer_options', 'is_loopback', 'bypass_join_confirmation',
      'version_info']) JSON.parse(params[name]);
  });

  test('the first one calls, the second gets what it said, a third is told',
    async () => {
      const room = newRoom();
      const first = await Guest.join(api, room);
      for (const message of [OFFER, CANDIDATE, { note: 1 }])
        assert.equal(await first.message(message), 'SUCCESS');
      const second = await Guest.join(api, room);
      assert.deepEqual([first.params.is_initiator, second.params.is_initiator],
        ['true', 'false']);
      assert.deepEqual(second.messages, [OFFER, CANDIDATE, { note: 1 }]);
      for (const text of second.params.messages)
        assert.equal(typeof text, 'string');
      const third = await ask(api, room);
      assert.equal(third.status, 200);
      assert.deepEqual(JSON.parse(third.text),
        { result: 'FULL', params: { messages: [] } });
    });

  test('of much that was saved the newest is told', async () => {
    const room = newRoom();
    const first = await Guest.join(api, room);
    // Each twice as long in the answer, where it is a string of JSON.
    for (let i = 0; i < 10; i++)
      assert.equal(await first.message({ i, text: '"'.repeat(32000) }),
        'SUCCESS');
    await first.message(OFFER);
    const second = await Guest.join(api, room);
    assert.deepEqual(second.messages.map(
      (/** @type {any} */ message) => message.i ?? 'offer'),
    [6, 7, 8, 9, 'offer']);
  });

  test('what was saved is told once: to who comes next', async () => {
    const first = await Guest.join(api, newRoom());
    await first.open();
    await first.message(OFFER);
    const second = await Guest.join(api, first.room);
    assert.deepEqual(second.messages, [OFFER]);
    assert.deepEqual(await second.open(), []);
    await second.leave();
    assert.deepEqual(await first.hear(), [BYE]);
    await first.message({ ...OFFER, sdp: 'v=0\r\no=again\r\n' });
    const third = await Guest.join(api, first.room);
    assert.deepEqual(third.messages, [{ ...OFFER, sdp: 'v=0\r\no=again\r\n' }]);
    assert.equal(third.params.is_initiator, 'false');
  });

  test('is safe to repeat: a lost reply fills no room', async () => {
    const room = newRoom();
    const lost = await Guest.join(api, room);
    const again = await Guest.join(api, room, lost.cookie);
    assert.equal(again.params.is_initiator, 'true');
    assert.notEqual(again.id, lost.id);
    const second = await Guest.join(api, room);
    assert.equal(second.params.is_initiator, 'false');
    assert.equal(await lost.message(OFFER), 'UNKNOWN_CLIENT');
    assert.equal(await again.message(OFFER), 'SUCCESS');
  });

  test('a seat that is in use stays, unless its page said that it goes',
    async () => {
      const first = await Guest.join(api, newRoom());
      await first.open();
      const second = await Guest.join(api, first.room, first.cookie);
      assert.equal(second.params.is_initiator, 'false');
      await second.open();
      const reply = await ask(api, first.room,
        { cookie: `apprtc-goes=${first.room}/${second.id.slice(0, 8)}` });
      assert.equal(JSON.parse(reply.text).result, 'SUCCESS');
    });

  test('a ghost is gone with its lease', async () => {
    const room = newRoom();
    await Guest.join(api, room);
    await Guest.join(api, room);
    await until('there is room', async () =>
      JSON.parse((await ask(api, room)).text).result === 'SUCCESS',
    { within: 60000, every: 250 });
  });

  test('arguments go to the page and the link', async () => {
    const room = newRoom();
    const reply = await ask(api, room, {}, { it: 'relay', tt: 'tcp',
      audio: 'false' });
    const { params } = JSON.parse(reply.text);
    assert.equal(params.room_link,
      `${server.base}/api/r/${room}?it=relay&tt=tcp&audio=false`);
    assert.equal(JSON.parse(params.pc_config).iceTransports, 'relay');
    assert.equal(params.ice_server_transports, 'tcp');
    assert.deepEqual(JSON.parse(params.media_constraints),
      { audio: false, video: true });
  });

  test('only by POST, and only a room', async () => {
    assert.equal((await post(`/join/${newRoom()}`, 'GET')).status, 405);
    assert.equal((await post(`/join/${newRoom()}/x`)).status, 404);
    assert.equal((await post(`/join/${'x'.repeat(99)}`)).status, 400);
  });
});

describe('POST /message/ROOM/CLIENT', { concurrency: together }, () => {
  test('reaches the other one by its channel, in order', async () => {
    const first = await Guest.join(api, newRoom());
    const second = await Guest.join(api, first.room);
    for (const message of [OFFER, CANDIDATE])
      assert.equal(await first.message(message), 'SUCCESS');
    assert.deepEqual(await second.open(), [OFFER, CANDIDATE]);
    assert.equal(await second.message(ANSWER), 'SUCCESS');
    assert.deepEqual(await first.open(), [ANSWER]);
  });

  test('UNKNOWN_ROOM, UNKNOWN_CLIENT', async () => {
    const guest = await Guest.join(api, newRoom());
    for (const [path, result] of [
      [`/message/${newRoom()}/12345678`, 'UNKNOWN_ROOM'],
      [`/message/${newRoom()}/nobody`, 'UNKNOWN_ROOM'],
      [`/message/${guest.room}/12345678`, 'UNKNOWN_CLIENT'],
      [`/message/${guest.room}/nobody`, 'UNKNOWN_CLIENT'],
      // Who guesses a number has not guessed the rest.
      [`/message/${guest.room}/${guest.id.slice(0, 8)}`, 'UNKNOWN_CLIENT'],
      [`/message/${guest.room}/${forged(guest.id)}`, 'UNKNOWN_CLIENT']]) {
      const { status, json } = await post(path, 'POST', '{}');
      assert.deepEqual([status, json], [200, { result }], path);
    }
    await guest.leave();
    assert.equal(await guest.message(OFFER), 'UNKNOWN_ROOM');
  });

  test('what is no JSON is refused, and jams nothing', async () => {
    const guest = await Guest.join(api, newRoom());
    const { json } = await post(`/message/${guest.room}/${guest.id}`, 'POST',
      '{"type":');
    assert.deepEqual(json, { result: 'INVALID_REQUEST' });
    await guest.message(OFFER);
    assert.deepEqual((await Guest.join(api, guest.room)).messages, [OFFER]);
  });
});

describe('POST /leave/ROOM/CLIENT', { concurrency: together }, () => {
  test('is empty, and the other one hears bye', async () => {
    const first = await Guest.join(api, newRoom());
    const second = await Guest.join(api, first.room);
    await first.open();
    const reply = await second.leave();
    assert.deepEqual([reply.status, reply.text], [200, '']);
    assert.deepEqual(await first.hear(), [BYE]);
    assert.equal(await second.message(OFFER), 'UNKNOWN_CLIENT');
    const again = await second.leave();
    assert.deepEqual([again.status, again.text], [200, '']);
  });
});

describe('Collider', { concurrency: together }, () => {
  test('POST and DELETE /ws/ROOM/CLIENT', async () => {
    const first = await Guest.join(api, newRoom());
    const alone = await first.wire(OFFER);
    assert.deepEqual([alone.status, alone.text], [200, 'OK\n']);
    const second = await Guest.join(api, first.room);
    assert.deepEqual(second.messages, [OFFER]);
    await second.wire(ANSWER);
    assert.deepEqual(await first.open(), [ANSWER]);
    for (const _ of [1, 2]) {
      const gone = await post(`/ws/${second.room}/${second.id}`, 'DELETE');
      assert.deepEqual([gone.status, gone.text], [200, 'OK\n']);
    }
    assert.deepEqual(await first.hear(), [BYE]);
    assert.equal((await second.wire(OFFER)).status, 401);
  });

  test('a mark makes a repeat one message, of one sender', async () => {
    const first = await Guest.join(api, newRoom());
    const second = await Guest.join(api, first.room);
    await first.open();
    await second.open();
    for (const _ of [1, 2])
      assert.equal((await first.wire(OFFER, 'one')).status, 200);
    await first.wire(CANDIDATE, 'two');
    await second.wire(ANSWER, 'one');
    assert.deepEqual(await second.hear(), [OFFER, CANDIDATE]);
    assert.deepEqual(await first.hear(), [ANSWER]);
  });

  test('POST /ws registers: the channel of who is in the room', async () => {
    const first = await Guest.join(api, newRoom());
    const enroll = (/** @type {string} */ roomid,
      /** @type {string} */ clientid) => api.exchange('POST', '/ws', {
      body: JSON.stringify({ cmd: 'register', roomid, clientid }),
      headers: { 'content-type': 'application/json' } });
    const reply = await enroll(first.room, first.id);
    assert.equal(reply.status, 200, reply.text);
    first.channel.token = JSON.parse(reply.text).token;
    const second = await Guest.join(api, first.room);
    await second.wire(ANSWER);
    assert.deepEqual(await first.open(), [ANSWER]);
    for (const [room, client] of [[first.room, '12345678'],
      [newRoom(), first.id], [first.room, 'nobody'],
      [first.room, first.id.slice(0, 8)], [first.room, forged(first.id)]])
      assert.equal((await enroll(room, client)).status, 401);
    await first.leave();
    assert.equal((await enroll(first.room, first.id)).status, 401);
  });
});

describe('ICE servers', { concurrency: together }, () => {
  const STUN = { urls: ['stun:stun.example:3478'] };

  for (const method of ['POST', 'GET'])
    test(`${method} /v1alpha/iceconfig`, async () => {
      const { json: { ice_server_url: url } } = await post('/params', 'GET');
      const { pathname, search } = new URL(url);
      const { status, json } = await post(
        pathname.replace('/api', '') + search, method);
      assert.equal(status, 200);
      const [stun, turn] = json.iceServers;
      assert.deepEqual(stun, STUN);
      assert.deepEqual(turn.urls,
        ['turn:turn.example:3478', 'turns:turn.example:5349']);
      assert.equal(turn.credential, createHmac('sha1', 'a secret of TURN')
        .update(turn.username).digest('base64'));
    });

  test('no TURN without the key of a page, nor with an old or foreign one',
    async () => {
      const { json: { ice_server_url: url } } = await post('/params', 'GET');
      const key = new URL(url).searchParams.get('key') ?? '';
      const [end, mac] = key.split('.');
      for (const query of ['', '?key=', '?key=x', `?key=${end}.${mac}x`,
        `?key=${Number(end) + 1}.${mac}`, `?key=1.${mac}`,
        `?key=${mac}`])
        assert.deepEqual((await post(`/v1alpha/iceconfig${query}`)).json,
          { iceServers: [STUN] }, query);
    });
});

describe('pages', { concurrency: together }, () => {
  test('GET /params: what belongs to no room', async () => {
    const { status, json } = await post('/params', 'GET');
    assert.equal(status, 200);
    assert.equal(json.wss_url, `ws://${host}/api/ws`);
    assert.deepEqual(JSON.parse(json.pc_config), { iceServers: [] });
    for (const name of ['room_id', 'client_id', 'is_initiator', 'messages'])
      assert.equal(json[name], undefined);
  });
});
