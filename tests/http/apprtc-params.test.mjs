// What a page of AppRTC's is told, line by line.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { Api, ok } from './api.mjs';
import { User, newRoom, visit } from './apprtc.mjs';
import { startServer, together } from './harness.mjs';

const STUN = 'stun:stun.example.org:3478';
const TURN = ['turn:turn.example.org:3478', 'turns:turn.example.org:5349'];
const SECRET = 'a secret of sixteen bytes';

const server = await startServer({ conf: { 'dialect.apprtc': 'yes', ice: STUN,
  turn: TURN.join(', '), turn_secret_file: '$DIR/turn.secret' },
files: { 'turn.secret': SECRET } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

/** @param {Record<string, string>} [query] @returns {Promise<any>} */
const paramsOf = async (query) =>
  (await User.join(api, newRoom(), query)).params;

/** Ends of a token, in minutes from now. @param {any} params */
const minutesOf = ({ token }) => Math.round((JSON.parse(Buffer.from(
  token.split('.')[0], 'base64url').toString()).exp - Date.now() / 1000) / 60);

describe('parameters', { concurrency: together }, () => {
  test('all of them, with their defaults', async () => {
    const { token, me, room_key: room, room_link: link, pc_config: config,
      ...rest } = await paramsOf();
    assert.match(token, /^[\w-]+\.[\w-]+$/);
    assert.match(me, /^\d{8}$/);
    assert.equal(link, `${server.api}/?r=${room}&t=json`);
    assert.equal(typeof config, 'string');
    assert.deepEqual(rest, {
      error_messages: [], initiator: 0, turn_url: '',
      pc_constraints: '{"optional":[]}',
      offer_constraints: '{"mandatory":{},"optional":[]}',
      media_constraints: '{"audio":true,"video":true}',
      stereo: 'false', opusfec: 'true', opusmaxpbr: '', arbr: '', asbr: '',
      vrbr: '', vsbr: '', vsibr: '', audio_send_codec: '',
      audio_receive_codec: 'opus/48000', video_send_codec: '',
      video_receive_codec: '',
    });
  });

  test('ICE servers, each with one address as a string', async () => {
    const { pc_config: text } = await paramsOf();
    const { iceServers: servers, ...rest } = JSON.parse(text);
    assert.deepEqual(rest, {});
    assert.deepEqual(servers.map((/** @type {any} */ s) => s.urls),
      [STUN, ...TURN]);
    assert.deepEqual(Object.keys(servers[0]), ['urls']);
    for (const { username, credential } of servers.slice(1)) {
      assert.match(username, /^\d+:~[\w-]+$/);
      assert.ok(Math.abs(parseInt(username) - 86400 - Date.now() / 1000) < 60);
      assert.equal(credential, createHmac('sha1', SECRET).update(username)
        .digest('base64'));
    }
    const relay = JSON.parse((await paramsOf({ it: 'relay' })).pc_config);
    assert.equal(relay.iceTransports, 'relay');
  });

  test('tt is minutes, within bounds', async () => {
    for (const [tt, minutes] of /** @type {[string, number][]} */ ([
      ['', 30], ['1', 3], ['3', 3], ['45', 45], ['1440', 1440],
      ['1441', 1440], ['0', 3], ['-5', 30], ['x', 30], ['4.5', 30],
      ['99999999999999999999', 30]]))
      assert.equal(minutesOf(await paramsOf(tt ? { tt } : {})), minutes, tt);
  });

  test('a token of the least time still opens its channel', async () => {
    const user = await User.join(api, newRoom(), { tt: '3' });
    await user.open();
    const { expires } = user.channel.told;
    assert.ok(Math.abs(expires - Date.now() - 180000) < 10000);
  });

  test('what passes as it came', async () => {
    const params = await paramsOf({ stereo: 'true', opusfec: 'false',
      opusmaxpbr: '16000', arbr: '1', asbr: '2', vrbr: '3', vsbr: '4',
      vsibr: '5', asc: 'ISAC/16000', arc: 'ISAC/32000', vsc: 'VP9',
      vrc: 'H264' });
    const { stereo, opusfec, opusmaxpbr, arbr, asbr, vrbr, vsbr, vsibr } =
      params;
    assert.deepEqual([stereo, opusfec, opusmaxpbr, arbr, asbr, vrbr, vsbr,
      vsibr], ['true', 'false', '16000', '1', '2', '3', '4', '5']);
    assert.deepEqual([params.audio_send_codec, params.audio_receive_codec,
      params.video_send_codec, params.video_receive_codec],
    ['ISAC/16000', 'ISAC/32000', 'VP9', 'H264']);
  });

  test('constraints', async () => {
    for (const [query, wanted] of /** @type {[any, any][]} */ ([
      [{ audio: 'false', video: 'TRUE' }, { audio: false, video: true }],
      [{ hd: 'true' }, { audio: true, video: { mandatory: { minWidth: '1280',
        minHeight: '720' }, optional: [] } }],
      [{ video: 'minWidth=640,googNoiseReduction=true,optional:maxWidth=1280,' +
        'mandatory:googX=1,nonsense,a=b=c' },
      { audio: true, video: { mandatory: { minWidth: '640', googX: '1' },
        optional: [{ googNoiseReduction: 'true' }, { maxWidth: '1280' }] } }],
    ])) assert.deepEqual(JSON.parse((await paramsOf(query)).media_constraints),
      wanted, JSON.stringify(query));
    const { pc_constraints: pc } = await paramsOf({ dtls: 'true',
      dscp: 'false', ipv6: 'x' });
    assert.deepEqual(JSON.parse(pc), { optional: [
      { DtlsSrtpKeyAgreement: true }, { googDscp: false }] });
  });

  test('the link keeps the other arguments, and no more than that', async () => {
    const room = newRoom();
    const reply = await api.exchange('GET', '/', { query: { r: room, t: 'json',
      q: '"<>\\ \u00e4' } });
    const { room_link: link } = JSON.parse(reply.text);
    assert.equal(link,
      `${server.api}/?r=${room}&t=json&q=%22%3C%3E%5C+%C3%A4`);
  });

  test('arguments that are no text, or too long, are none', async () => {
    const base = `/?t=json&r=${newRoom()}`;
    for (const more of ['asbr=1&asbr=2', 'asbr',
      `asbr=${'1'.repeat(600)}`]) {
      const reply = await api.exchange('GET', `${base}x&${more}`, {});
      assert.equal(reply.status, 200, more);
      assert.equal(JSON.parse(reply.text).asbr ?? '', '', more);
    }
  });
});

test('a server that wants tickets says so', async () => {
  const strict = await startServer({ conf: { 'dialect.apprtc': 'on',
    require_ticket: 'yes', ticket_key_file: '$DIR/ticket.key' },
  files: { 'ticket.key': SECRET } });
  const closed = new Api(strict.api);
  try {
    const reply = await visit(closed, { r: 'x', t: 'json' });
    assert.equal(reply.status, 403);
    assert.match(JSON.parse(reply.text).error_messages[0], /wants tickets/);
    assert.match((await visit(closed, { r: 'x' })).text, /wants tickets/);
  } finally {
    closed.close();
    await strict.stop();
  }
});

test('it is off unless it is switched on', async () => {
  const plain = await startServer();
  const other = new Api(plain.api);
  try {
    for (const [method, path] of [['GET', '/?r=x&t=json'],
      ['POST', '/message?r=x&u=12345678']]) {
      const reply = await other.exchange(method, path, {});
      assert.equal(reply.status, 404, path);
    }
    await ok(other.exchange('GET', '/healthz', {}), 200);
  } finally {
    other.close();
    await plain.stop();
  }
});
