// A channel as our own script sees it: opening, mail, reloads, closing, and
// the end of a token.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { Application, Client, mint, newClient } from './channel.mjs';
import { startServer, together } from './harness.mjs';
import { served } from './served.mjs';
import { timed, until } from './until.mjs';

const server = await startServer({ conf: { hold: 10, lease: 12 } });
const api = new Api(server.api);
const app = await Application.add(server, api);
after(async () => {
  api.close();
  await server.stop();
});

const seconds = () => Math.floor(Date.now() / 1000);

/** The refusal of a token, with the words of the original.
 * @param {import('./api.mjs').Reply} reply @param {string} text */
async function unwelcome(reply, text) {
  await refused(Promise.resolve(reply), 401, text.startsWith('Token') ?
    'channel-expired' : 'channel-token');
  assert.equal(reply.headers['x-letterbox-error'], text);
}

describe('open and mail', { concurrency: together }, () => {
  test('open tells what a script must know', async () => {
    const client = await app.client(newClient(), 30);
    await client.open();
    const { lease, expires, poll, cursor, messages } = client.told;
    assert.equal(lease, 12);
    assert.ok(Math.abs(expires - Date.now() - 30 * 60000) < 10000);
    assert.deepEqual([poll, messages], [{ wait: 10, pause: 0 }, []]);
    assert.match(cursor, /^[a-z0-9]{8}\.\d+$/);
  });

  test('a poll that is held hears at once', async () => {
    const client = await app.client();
    await client.open();
    const mail = timed(client.mail(10));
    await app.send(client.id, 'now');
    const { ms, value } = await mail;
    assert.deepEqual(value, ['now']);
    assert.ok(ms < 5000, `${ms} ms`);
  });

  test('a lost reply is told again, a heard one is not', async () => {
    const client = await app.client();
    await client.open();
    await app.send(client.id, 'one');
    const before = client.cursor;
    assert.deepEqual(await client.mail(), ['one']);
    client.cursor = before;
    assert.deepEqual(await client.mail(), ['one']);
    assert.deepEqual(await client.mail(), []);
  });

  test('a reload goes on where it was heard', async () => {
    const client = await app.client();
    await app.send(client.id, 'one');
    await client.open();
    await client.mail();
    const reloaded = new Client(api, client.token);
    assert.deepEqual(await reloaded.open(), []);
    await app.send(client.id, 'two');
    // The page had this, but nothing acknowledged it before the reload.
    await reloaded.mail();
    const again = new Client(api, client.token);
    again.cursor = reloaded.cursor;
    assert.deepEqual(await again.open(), []);
    await app.send(client.id, 'three');
    assert.deepEqual(await again.mail(), ['three']);
  });

  test('a cursor of another log resets, and loses nothing', async () => {
    const client = await app.client();
    await app.send(client.id, 'one');
    client.cursor = 'aaaaaaaa.7';
    assert.deepEqual(await client.open(), ['one']);
    assert.equal(client.told.reset, true);
    client.cursor = 'aaaaaaaa.7';
    const reply = await ok(client.tryMail(), 200);
    assert.equal(reply.reset, true);
    client.cursor = 'nonsense';
    await refused(client.tryMail(), 400, 'bad-request');
  });

  test('one client at a time: the newer one has it', async () => {
    const first = await app.client();
    await first.open();
    const mail = first.tryMail(10);
    await server.parked().then(() => until('it is parked',
      async () => await server.parked() > 0));
    const second = await app.client(first.id);
    await second.open();
    await refused(mail, 409, 'superseded');
    await app.send(first.id, 'for the newer');
    assert.deepEqual(await second.mail(), ['for the newer']);
  });

  for (const [front, conf] of /** @type {const} */ ([
    ['lighttpd', { seats: 0 }], ['lighttpd-cgi', { seats_processes: 0 }],
    ['lighttpd-cgi', {}], ['apache-fcgid', { seats_processes: 0 }]]))
    test(`also where polls are not held: ${front} ${JSON.stringify(conf)}`,
      () => served({ front, conf: { ...conf, pause: 200 } },
        async (server, door) => {
          const own = await Application.add(server, door);
          const first = await own.client();
          await first.open();
          await first.mail();
          const second = await own.client(first.id);
          await second.open();
          await refused(first.tryMail(), 409, 'superseded');
          await own.send(first.id, 'for the newer');
          await refused(first.tryMail(), 409, 'superseded');
          assert.deepEqual(await second.mail(), ['for the newer']);
          // A reload is newer as well.
          await first.open();
          await refused(second.tryMail(), 409, 'superseded');
          assert.deepEqual((await own.presence()).events.length, 1);
        }));

  test('a number of an opening that is none is refused', async () => {
    const client = await app.client();
    await client.open();
    assert.ok(client.told.opening > 1e12);
    for (const opening of ['', '0', '-1', 'x', '1e12', '9'.repeat(30)])
      await refused(client.tryMail(0, { query: { opening } }), 400,
        'bad-request', opening);
  });

  test('the token may be a bearer as well', async () => {
    const client = await app.client();
    await client.open();
    assert.equal((await api.exchange('GET', '/_ah/channel/mail',
      { token: client.token })).status, 200);
  });

  test('what a page sends by its socket is taken and dropped', async () => {
    assert.equal((await api.exchange('POST', '/_ah/channel/receive', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'key=x&msg=y' })).status, 204);
  });
});

describe('coming and going', { concurrency: together }, () => {
  test('after close() it may open again, and finds its mail', async () => {
    const client = await app.client();
    await app.send(client.id, 'one');
    await client.open();
    await client.mail();
    await client.close();
    await client.close();
    await app.send(client.id, 'two');
    assert.deepEqual(await client.open(), ['two']);
  });

  test('who lapsed and polls on is back, without a word', async () => {
    const client = await app.client();
    await client.open();
    assert.equal((await client.tryPost('away')).status, 204);
    await until('it is gone', async () => (await app.presence()).events.some(
      (/** @type {any} */ e) => e.from === client.id &&
        e.event === 'disconnected'), { within: 15000, every: 200 });
    await app.send(client.id, 'while away');
    assert.deepEqual(await client.mail(), ['while away']);
  });

  test('beacons of wrong tokens and forms are refused', async () => {
    const stranger = new Client(api, 'x');
    for (const word of ['open', 'close', 'away'])
      await unwelcome(await stranger.tryPost(word), 'Invalid+token.');
    for (const json of [{}, { token: 7 }, { token: 'x', more: 1 }, []])
      await refused(api.exchange('POST', '/_ah/channel/open', { json }), 400,
        'bad-request', JSON.stringify(json));
  });
});

describe('a token', { concurrency: together }, () => {
  test('that was not given out is refused, whatever it says', async () => {
    const client = await app.client();
    const [payload, sign] = client.token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const later = Buffer.from(JSON.stringify({ ...claims,
      exp: claims.exp + 60 })).toString('base64url');
    const ns = `channel:${app.name}`;
    const exp = seconds() + 600;
    const forged = ['', '.', payload, `${payload}.`, `.${sign}`,
      `${later}.${sign}`, `${payload}.${sign}.`, `${payload}=.${sign}`,
      client.token.toLowerCase(), 'x'.repeat(5000),
      mint(server, { ns, room: client.id, exp }, 'another key of a server'),
      mint(server, { ns: 'rooms', room: client.id, exp }),
      mint(server, { ns: 'presence', room: app.name, exp }),
      mint(server, { ns, room: client.id, exp: 'never' }),
      mint(server, { ns, room: client.id }),
      mint(server, { ns, room: client.id, exp }),
      mint(server, { ns, room: client.id, exp, by: 'another one' })];
    for (let i = 0; i < client.token.length; i += 7) {
      const bytes = Buffer.from(client.token);
      bytes[i] ^= 1;
      forged.push(bytes.toString());
    }
    for (const token of forged) {
      const stranger = new Client(api, token);
      await unwelcome(await stranger.tryPost('open'), 'Invalid+token.');
      await unwelcome(await stranger.dev('poll'), 'Invalid+token.');
      if (token) await unwelcome(await stranger.tryMail(), 'Invalid+token.');
    }
    assert.deepEqual(await client.open(), []);
  });

  test('that has expired is refused in the other words', async () => {
    const client = new Client(api, app.mint(server, -1));
    for (const word of ['open', 'close', 'away'])
      await unwelcome(await client.tryPost(word), 'Token+timed+out.');
    await unwelcome(await client.tryMail(), 'Token+timed+out.');
  });

  test('ends an open poll, and soon after the presence', async () => {
    const id = newClient();
    const client = new Client(api, app.mint(server, 3, id));
    await client.open();
    const { ms, value } = await timed(client.tryMail(10));
    await unwelcome(value, 'Token+timed+out.');
    assert.ok(ms < 8000, `${ms} ms`);
    await until('it is gone', async () => (await app.presence()).events.some(
      (/** @type {any} */ e) => e.from === id && e.event === 'disconnected'),
    { within: 15000, every: 200 });
  });

  test('renewed at its end, keeps mail and presence', async () => {
    const id = newClient();
    const client = new Client(api, app.mint(server, 2, id));
    await client.open();
    await unwelcome(await client.tryMail(10), 'Token+timed+out.');
    await app.send(id, 'in between');
    const renewed = await app.client(id);
    assert.deepEqual(await renewed.open(), ['in between']);
    await renewed.mail(5);
    const events = (await app.presence()).events
      .filter((/** @type {any} */ e) => e.from === id);
    assert.deepEqual(events.map((/** @type {any} */ e) => e.event),
      ['connected']);
  });
});
