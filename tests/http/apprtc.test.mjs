// AppRTC of the Channel API's days: joining, messages, and going.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api } from './api.mjs';
import { User, newRoom, visit } from './apprtc.mjs';
import { startServer, together } from './harness.mjs';

const server = await startServer({ conf: { hold: 10, lease: 12,
  'dialect.apprtc': 'on' } });
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

describe('joining', { concurrency: together }, () => {
  test('without a room: one of eight digits, arguments kept', async () => {
    const reply = await visit(api, { debug: 'x', hd: 'true' });
    assert.equal(reply.status, 302);
    assert.match(reply.headers.location ?? '',
      /^\/api\/\?r=\d{8}&debug=x&hd=true$/);
  });

  test('the first is called, the second calls, a third is told', async () => {
    const room = newRoom();
    const first = await User.join(api, room);
    const second = await User.join(api, room);
    assert.match(first.me, /^\d{8}$/);
    assert.deepEqual([first.params.initiator, second.params.initiator],
      [0, 1]);
    const third = await visit(api, { r: room, t: 'json' });
    assert.equal(third.status, 200);
    assert.deepEqual(JSON.parse(third.text), { error: 'full',
      error_messages: ['The room is full.'], room_key: room });
  });
});

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

  test('bye takes out, and is heard', async () => {
    const room = newRoom();
    const first = await User.join(api, room);
    const second = await User.join(api, room);
    await first.open();
    await second.open();
    await second.post(BYE);
    assert.deepEqual(await first.hear(10), [BYE]);
    const third = await User.join(api, room);
    assert.equal(third.params.initiator, 1);
  });

  test('said to nobody it comes back', async () => {
    const user = await User.join(api, newRoom());
    await user.open();
    await user.post({ type: 'note', n: 1 });
    assert.deepEqual(await user.hear(10), [{ type: 'note', n: 1 }]);
  });

  test('a loop: the offer comes back as answer', async () => {
    const room = newRoom();
    const user = await User.join(api, room, { debug: 'loopback' });
    assert.equal(user.params.initiator, 1);
    const reply = await visit(api, { r: room, t: 'json' });
    assert.equal(JSON.parse(reply.text).error, 'full');
    await user.open();
    await user.post({ type: 'offer',
      sdp: 'v=0\r\na=ice-options:google-ice\r\ns=-\r\n' });
    assert.deepEqual(await user.hear(10),
      [{ type: 'answer', sdp: 'v=0\r\ns=-\r\n' }]);
  });
});
