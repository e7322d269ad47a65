// What happened in a room, as one page to give away: who may have it, what is
// in it, and what is not.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Api, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';
import { binary } from './letterbox.mjs';
import { Peer, newRoom } from './peer.mjs';
import { until } from './until.mjs';

const server = await startServer({ conf: { message_max: 65536 } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

const BEGIN = '<script id="recording" type="application/jsonl">\n';
const adminKey = () =>
  readFileSync(join(server.data, 'admin.key'), 'utf8').trim();

/** @param {string} room @param {string} token */
async function report(room, token) {
  const reply = await api.request('GET', `/rooms/${room}/report`, { token });
  assert.equal(reply.status, 200, reply.text.slice(0, 400));
  assert.equal(reply.headers['content-type'], 'text/html; charset=utf-8');
  assert.match(String(reply.headers['content-disposition']), /^attachment/);
  assert.match(String(reply.headers['content-security-policy']),
    /sandbox.*default-src 'none'/);
  const at = reply.text.indexOf(BEGIN) + BEGIN.length;
  assert.ok(at > BEGIN.length);
  const inside = reply.text.slice(at, reply.text.indexOf('</script>', at));
  const [header, ...messages] = inside.trimEnd().split('\n')
    .map((line) => JSON.parse(line));
  return { header, messages, inside, text: reply.text };
}

/** @param {any[]} messages */
const bodies = (messages) => messages.filter(({ type }) => type === 'x')
  .map(({ body }) => body);

describe('the report of a room', { concurrency: together }, () => {
  test('holds what the log gives to who asks, redacted', async () => {
    const room = newRoom();
    const [a, b] = ['a', 'b'].map((id) => new Peer(api, room, id));
    await a.join({ name: 'Augusta' });
    await b.join({ name: 'Bernhard' });
    await a.post([{ to: 'b', type: 'x', body: 'it is 192.0.2.77' },
      { type: 'x', body: { sdp: 'a=ice-pwd:hushHushHushHushHush12\r\n' } }]);
    await b.post([{ to: 'a', type: 'x', body: 'also 192.0.2.77' },
      { type: 'x', body: '</script><script>alert(1)</script>' }]);
    const { header, messages, text } = await report(room, a.token);
    assert.equal(header.redacted, true);
    assert.equal(header.room, 'room-1');
    assert.deepEqual(bodies(messages), ['it is ip4-1',
      { sdp: 'a=ice-pwd:pwd-1\r\n' }, 'also ip4-1',
      '</script><script>alert(1)</script>']);
    for (const secret of ['192.0.2.77', 'hushHush', 'Augusta', 'Bernhard',
      room, a.token, b.token, '<script>alert']) {
      assert.ok(!text.includes(secret), secret);
    }
    assert.match(text, /^<!doctype html>/);
    assert.ok(text.trimEnd().endsWith('</html>'));
  });

  test('tells nobody what others told each other, but the admin', async () => {
    const room = newRoom();
    const [a, b, c] = ['a', 'b', 'c'].map((id) => new Peer(api, room, id));
    for (const peer of [a, b, c]) await peer.join();
    await a.post([{ to: 'b', type: 'x', body: 'between us' },
      { type: 'x', body: 'for all' }]);
    assert.deepEqual(bodies((await report(room, c.token)).messages),
      ['for all']);
    assert.deepEqual(bodies((await report(room, adminKey())).messages),
      ['between us', 'for all']);
    await refused(api.request('GET', `/rooms/${newRoom()}/report`,
      { token: adminKey() }), 404, 'not-found');
    const other = new Peer(api, newRoom());
    await other.join();
    for (const token of [undefined, 'x', other.token]) {
      await refused(api.request('GET', `/rooms/${room}/report`, { token }),
        401, 'not-a-member');
    }
  });

  test('tells how the program was started, the command line too', async () => {
    const peer = new Peer(api, newRoom());
    await peer.join();
    const { text } = await report(peer.room, peer.token);
    const words = text.slice(text.lastIndexOf('id="environment"'));
    const [started] = /<dt>Started as<\/dt><dd>(Fast)?CGI, [^<]+/.exec(words) ??
      assert.fail(words);
    assert.match(words, /<dt>Web server<\/dt><dd>[A-Za-z]+\/?[\d.]*<\/dd>/);
    assert.match(words, /<dt>A poll waits for at most<\/dt><dd>\d+ s</);
    assert.ok(!words.includes(server.data) && !words.includes('127.0.0.1'));
    // What has polls open has said so where the processes meet.
    const open = peer.tryPoll(25);
    await until('the command line knows it', () =>
      spawnSync(binary(), ['report', peer.room, '-d', server.data],
        { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout.includes(started));
    await peer.poll();
    await open;
  });

  test('is of the newest, however long the room is', async () => {
    const peer = new Peer(api, newRoom());
    await peer.join();
    for (let i = 0; i < 24; i++) {
      await peer.post([{ type: 'x', body: `${i} ${'<'.repeat(60_000)}` }]);
    }
    const { messages } = await report(peer.room, peer.token);
    assert.equal(messages.length, 8);
    assert.match(messages[7].body, /^23 /);
    for (let i = 0; i < 40; i++) {
      await peer.post(Array.from({ length: 32 }, (_, k) =>
        ({ type: 'x', body: 32 * i + k })));
    }
    const { messages: many } = await report(peer.room, peer.token);
    assert.deepEqual(bodies(many),
      Array.from({ length: 1000 }, (_, k) => 280 + k));
  });

  test('hides names that were told long before', async () => {
    const peer = new Peer(api, newRoom());
    await peer.join({ name: 'Augusta' });
    for (let i = 0; i < 10; i++) {
      await peer.post([{ type: 'x', body: 'x'.repeat(60_000) }]);
    }
    await peer.post([{ type: 'x', body: 'Hi Augusta' }]);
    const { messages, text } = await report(peer.room, peer.token);
    assert.equal(messages.some(({ type }) => type === 'joined'), false);
    assert.match(bodies(messages).at(-1), /^Hi name-\d+$/);
    assert.doesNotMatch(text, /Augusta/);
  });

  test('no message makes it too long for the others', async () => {
    const peer = new Peer(api, newRoom());
    await peer.join();
    let text = JSON.stringify({ key: Array(600).fill(1) });
    for (let i = 0; i < 10 && text.length < 20_000; i++)
      text = JSON.stringify(text);
    const seq = await peer.say('x', [text, text]);
    await peer.say('x', 'after it');
    const { messages } = await report(peer.room, peer.token);
    assert.equal(messages.find((one) => one.seq === seq).body.text,
      'Too long when redacted.');
    assert.equal(bodies(messages).at(-1), 'after it');
  });

  test('is not made again and again', async () => {
    const peer = new Peer(api, newRoom());
    await peer.join();
    const get = () => api.request('GET', `/rooms/${peer.room}/report`,
      { token: peer.token });
    const replies = await Promise.all(Array.from({ length: 40 }, get));
    const late = replies.filter(({ status }) => status === 429);
    assert.ok(late.length > 0 && late.length <= 30, `${late.length}`);
    assert.equal(late[0].code, 'too-fast');
    assert.ok(Number(late[0].headers['retry-after']) >= 1);
    // Others are not held up by it.
    const other = new Peer(api, peer.room);
    await other.join();
    await report(peer.room, other.token);
  });
});
