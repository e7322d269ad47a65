// Tickets: an application's signed permission to join.

import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import { Api, refused } from './api.mjs';
import { startServer } from './harness.mjs';
import { Peer, newRoom } from './peer.mjs';

const SECRET = 'of the application';
const server = await startServer({
  conf: { require_ticket: 'yes', ticket_key_file: '$DIR/ticket.key' },
  files: { 'ticket.key': `${SECRET}\n` },
});
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

const soon = () => Math.floor(Date.now() / 1000) + 60;

/** @param {unknown} grant @param {string} [secret] */
function ticket(grant, secret = SECRET) {
  const key = createHash('sha256').update(secret).digest();
  const text = Buffer.from(JSON.stringify(grant)).toString('base64url');
  const mac = createHmac('sha256', key).update(text).digest('base64url');
  return `${text}.${mac}`;
}

test('without a ticket nobody joins', async () => {
  await refused(new Peer(api, newRoom()).tryJoin(), 403, 'ticket');
});

test('a good ticket lets in', async () => {
  const peer = new Peer(api, newRoom(), 'alice');
  const grant = { room: peer.room, exp: soon() };
  await peer.join({ ticket: ticket(grant) });
  const other = new Peer(api, peer.room, 'bob');
  await other.join({ ticket: ticket({ ...grant, peer: 'bob' }) });
});

test('a repeat and a resume of a member need none', async () => {
  const peer = new Peer(api, newRoom(), 'alice');
  await peer.join({ ticket: ticket({ room: peer.room, exp: soon() }) });
  await peer.resume();
  await peer.say('chat', 1);
});

/** @type {[string, (grant: any) => string][]} */
const WRONG = [
  ['of another room', (g) => ticket({ ...g, room: 'elsewhere' })],
  ['for another peer', (g) => ticket({ ...g, peer: 'bob' })],
  ['out of date', (g) => ticket({ ...g, exp: soon() - 120 })],
  ['without an end', (g) => ticket({ ...g, exp: undefined })],
  ['without a room', (g) => ticket({ ...g, room: undefined })],
  ['signed with another key', (g) => ticket(g, 'of somebody')],
  ['not signed', (g) => `${ticket(g).split('.')[0]}.AAAA`],
  ['changed after signing', (g) => `${ticket({ ...g, exp: soon() + 9 })
    .split('.')[0]}.${ticket(g).split('.')[1]}`],
  ['cut off', (g) => ticket(g).slice(0, -1)],
  ['that is no JSON object', () => ticket(['room'])],
  ['beyond 1 KiB', (g) => ticket({ ...g, pad: 'x'.repeat(1024) })],
];

for (const [name, make] of WRONG)
  test(`refused: a ticket ${name}`, async () => {
    const peer = new Peer(api, newRoom(), 'alice');
    const grant = { room: peer.room, exp: soon() };
    await refused(peer.tryJoin({ ticket: make(grant) }), 403, 'ticket');
    const reply = await peer.join({ ticket: ticket(grant) });
    assert.equal(reply.owner, 'alice', 'nobody was there before');
  });

test('a ticket may allow less than everything', async () => {
  const room = newRoom();
  const join = async (/** @type {string} */ id, /** @type {string[]} */ may) => {
    const peer = new Peer(api, room, id);
    await peer.join({ ticket: ticket({ room, exp: soon(), may }) });
    return peer;
  };
  const listener = await join('listener', []);
  const speaker = await join('speaker', ['post']);
  await speaker.say('chat', 'hello');
  assert.equal((await listener.next('chat')).body, 'hello');
  await refused(listener.tryPost(1, [{ type: 'chat', body: 1 }]),
    403, 'ticket');
  await refused(listener.tryRules({ lock: true }), 403, 'ticket');
  assert.deepEqual(await speaker.drain(), []);
  assert.equal((await listener.state()).rules.lock, false);
});
