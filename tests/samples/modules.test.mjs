// channel.py and channel.php against the real service: the calls of the
// original, each limit from both sides, who is there, tickets.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { Api } from '../http/api.mjs';
import { Application, Client, newClient } from '../http/channel.mjs';
import { startServer } from '../http/harness.mjs';
import { Ear, Hook } from '../http/hook.mjs';
import { scratch } from '../http/letterbox.mjs';
import { Peer, newRoom } from '../http/peer.mjs';
import { until } from '../http/until.mjs';
import { Driver, MODULES, NAMES, bytes } from './drive.mjs';

const TICKET_KEY = 'of the application, and long';
const server = await startServer({ conf: { mailbox_messages: 8, hook: 'off',
  require_ticket: 'yes', ticket_key_file: '$DIR/ticket.key' },
files: { 'ticket.key': `${TICKET_KEY}\n` } });
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

/** @param {string} file @returns {any} */
const vectors = (file) => JSON.parse(readFileSync(
  new URL(`../../schema/vectors/${file}`, import.meta.url), 'utf8'));

/** @param {string} token @returns {{ns: string, room: string, exp: number}} */
const claims = (token) =>
  JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString());

for (const name of NAMES) describe(name, () => {
  const driver = new Driver(name);
  after(() => driver.end());

  /** @param {string[]} options of its key */
  async function application(...options) {
    const app = await Application.add(server, api, ...options);
    return { app, on: { url: server.api, key: app.key } };
  }

  test('create_channel gives tokens that open the channel', async () => {
    const { app, on } = await application();
    const id = newClient();
    const before = Date.now() / 1000;
    const tokens = [await driver.call(on, 'create_channel', id),
      await driver.call(on, 'create_channel', id, 60)];
    assert.notEqual(tokens[0], tokens[1]);
    await app.send(id, 'Good morning');
    for (const token of tokens)
      assert.deepEqual(await new Client(api, token).open(), ['Good morning']);
    const minutes = tokens.map((token) => (claims(token).exp - before) / 60);
    assert.ok(minutes[0] > 119.9 && minutes[0] < 121, String(minutes[0]));
    assert.ok(minutes[1] > 59.9 && minutes[1] < 61, String(minutes[1]));
  });

  test('send_message is heard, in order, whatever is written', async () => {
    const { app, on } = await application();
    const client = await app.client('東京/é "42" 😀');
    const said = ['one', '{"two": [2]}', 'grüße 東京 😀', '\u2028</script>\\',
      ' \t\r\n\u0001\u007f', '0'];
    for (const text of said) await driver.call(on, 'send_message',
      client.id, text);
    await driver.call(on, 'send_message', client.token, 'by its token');
    await driver.call(on, 'send_message', client.id, bytes('c3bc'));
    assert.deepEqual(await client.open(), [...said, 'by its token', 'ü']);
  });

  test('nobody need listen, nor ever have come', async () => {
    const { on } = await application();
    await driver.call(on, 'send_message', newClient(), 'hello');
  });

  test('with one id it is one message, without one it is two', async () => {
    const { app, on } = await application();
    const client = await app.client();
    for (const id of ['m-1', 'm-1', 'm-2'])
      await driver.call(on, 'send_message', client.id, `as ${id}`, id);
    for (let i = 0; i < 2; i++)
      await driver.call(on, 'send_message', client.id, 'again');
    assert.deepEqual(await client.open(),
      ['as m-1', 'as m-2', 'again', 'again']);
  });

  test('a client id has 1 to 256 bytes of UTF-8', async () => {
    const { on } = await application();
    for (const id of ['x', 'x'.repeat(256), 'é'.repeat(128)]) {
      assert.equal(claims(await driver.call(on, 'create_channel', id)).room,
        id);
      await driver.call(on, 'send_message', id, 'hello');
    }
    for (const id of ['', 'x'.repeat(257), 'é'.repeat(128) + 'x', 7, null,
      ['x'], true, 'a\0b', bytes('ff'), bytes('eda080')]) {
      await driver.refused('InvalidChannelClientIdError', on,
        'create_channel', id);
      await driver.refused('InvalidChannelClientIdError', on,
        'send_message', id, 'hello');
    }
  });

  test('a token lives for 1 to 1440 whole minutes', async () => {
    const { on } = await application();
    for (const minutes of [1, 1440, null])
      await driver.call(on, 'create_channel', 'a', minutes);
    for (const minutes of [0, 1441, -1, 1.5, '60', [60]])
      await driver.refused('InvalidChannelTokenDurationError', on,
        'create_channel', 'a', minutes);
  });

  test('a message has 1 to 32767 bytes of UTF-8', async () => {
    const { app, on } = await application();
    const client = await app.client();
    const good = ['x', '"'.repeat(32767), '東'.repeat(10922) + 'x',
      '\u0001'.repeat(32767)];
    for (const text of good)
      await driver.call(on, 'send_message', client.id, text);
    for (const text of ['', 'x'.repeat(32768), '東'.repeat(10923), 7, null,
      ['x'], bytes('ff')])
      await driver.refused('InvalidMessageError', on, 'send_message',
        client.id, text);
    assert.deepEqual(await client.open(), good);
  });

  test('a wrong key is refused', async () => {
    const { app, on } = await application();
    const wrong = app.key.replace(/^./, (c) => c === 'A' ? 'B' : 'A');
    for (const bad of [{ ...on, key: wrong }, { ...on, key: 'short' },
      { ...on, key: wrong, key_name: app.name },
      { ...on, key_name: `${app.name}x` }]) {
      const { status, code } = await driver.refused('KeyRefusedError', bad,
        'create_channel', 'a');
      assert.deepEqual([status, code], [401, 'key']);
    }
  });

  test('requests are signed when the key has its name', async () => {
    const { app, on } = await application();
    const client = await app.client();
    await driver.call({ ...on, key_name: app.name }, 'send_message', client.id,
      'signed');
    assert.deepEqual(await client.open(), ['signed']);
    const tokens = new Set();
    for (let i = 0; i < 3; i++) tokens.add(await driver.call(
      { ...on, key_name: app.name }, 'create_channel', 'a'));
    assert.equal(tokens.size, 3, 'another one at each call');
    for (const { key, path, date, body, signature } of
      vectors('requests.json').signed)
      assert.equal(await driver.call(undefined, 'sign', key, path, date,
        name === 'channel.py' ? bytes(Buffer.from(body).toString('hex'))
          : body), signature);
  });

  test('a full mailbox is an error, and soon', async () => {
    const { app, on } = await application();
    const client = await app.client();
    for (let i = 0; i < 8; i++)
      await driver.call(on, 'send_message', client.id, `${i}`);
    const full = await driver.refused('FullError', on, 'send_message',
      client.id, 'too much');
    assert.deepEqual([full.status, full.code, full.retryable],
      [507, 'mailbox-full', true]);
    await client.open();
    await client.mail();
    await driver.call(on, 'send_message', client.id, 'now');
    assert.deepEqual(await client.mail(), ['now']);
  });

  test('the module\'s own functions go by the environment', async () => {
    const { app } = await application();
    const client = await app.client();
    const file = join(scratch(), 'key');
    spawnSync('sh', ['-c', `echo "${app.key}" > ${file}`]);
    for (const key of /** @type {Record<string, string>[]} */ (
      [{ LETTERBOX_KEY: app.key }, { LETTERBOX_KEY_FILE: file },
      { LETTERBOX_KEY_FILE: file, LETTERBOX_KEY_NAME: app.name }])) {
      const own = new Driver(name, { LETTERBOX_URL: `${server.api}/`, ...key });
      assert.match(await own.call(undefined, 'create_channel', 'a', 5), /\./);
      await own.call(undefined, 'send_message', client.id,
        Object.keys(key).join());
      assert.deepEqual((await own.call(undefined, 'presence')).events, []);
      assert.deepEqual(await own.call(undefined, 'events'), []);
      own.end();
    }
    assert.equal((await client.open()).length, 3);
  });

  test('what is not configured is said', async () => {
    const url = server.api;
    for (const env of /** @type {Record<string, string>[]} */ ([{}, { LETTERBOX_URL: url },
      { LETTERBOX_URL: 'letterbox.example', LETTERBOX_KEY: 'x' },
      { LETTERBOX_URL: 'ftp://a/api', LETTERBOX_KEY: 'x' },
      { LETTERBOX_URL: 'http://', LETTERBOX_KEY: 'x' },
      { LETTERBOX_URL: url, LETTERBOX_KEY_FILE: '/nowhere' }])) {
      const own = new Driver(name, env);
      const { words } = await own.refused('ConfigurationError', undefined,
        'create_channel', 'a');
      assert.match(String(words), /LETTERBOX_/);
      own.end();
    }
  });

  test('presence tells who came and went, after a cursor', async () => {
    const { app, on } = await application();
    const nobody = await driver.call(on, 'presence');
    assert.deepEqual([nobody.events, nobody.gap], [[], false]);
    const [a, b] = [await app.client('a/"é"'), await app.client('b')];
    await a.open();
    await b.open();
    await b.close();
    const { events, cursor } = await driver.call(on, 'presence',
      nobody.cursor);
    assert.deepEqual(events.map((/** @type {any} */ one) =>
      [one.event, one.client_id]), [['connected', 'a/"é"'],
      ['connected', 'b'], ['disconnected', 'b']]);
    for (const { at } of events)
      assert.ok(Math.abs(at - Date.now() / 1000) < 60, String(at));
    assert.deepEqual((await driver.call(on, 'presence', cursor)).events, []);
    assert.equal((await driver.call(on, 'presence', 'aaaaaaaa.5')).gap, true);
    assert.equal((await driver.refused('Error', on, 'presence', 'nonsense'))
      .status, 400);
  });

  test('presence is held until somebody comes', async () => {
    const { app, on } = await application();
    const { cursor } = await driver.call(on, 'presence');
    const asked = driver.call(on, 'presence', cursor, 60);
    await (await app.client('a')).open();
    assert.equal((await asked).events[0].client_id, 'a');
  });

  test('events go on from where a file says', async () => {
    const { app, on } = await application();
    const file = join(scratch(), 'cursor');
    const collect = async () => (await driver.call(on, 'events', file))
      .map((/** @type {any} */ one) => `${one.event} ${one.client_id}`);
    assert.deepEqual(await collect(), []);
    const a = await app.client('a');
    await a.open();
    assert.deepEqual(await collect(), ['connected a']);
    assert.deepEqual(await collect(), []);
    await a.close();
    const others = NAMES.map((other) => new Driver(other));
    const both = await Promise.all(others.map((other) =>
      other.call(on, 'events', file)));
    for (const other of others) other.end();
    assert.deepEqual(both.flat().map((one) => one.event), ['disconnected']);
    // Of another database: longer than ours, so that its end stays behind.
    spawnSync('sh', ['-c', `echo 'aaaaaaaa.123456789' > ${file}`]);
    assert.deepEqual(await collect(), ['gap ', 'connected a',
      'disconnected a']);
    assert.deepEqual(await collect(), []);
  });

  test('a post of a hook is told from others', async () => {
    /** @param {any} on @param {any} row @param {number} now */
    const verify = (on, { path, date, number, signature, body }, now) =>
      driver.call(on, 'verify_hook', path, { 'x-letterbox-date': date,
        'x-letterbox-event': number, 'x-letterbox-signature': signature },
      name === 'channel.py' ? bytes(Buffer.from(body).toString('hex')) : body,
      now);
    for (const row of vectors('hooks.json').posted) {
      const on = { url: server.api, key: row.key };
      const at = Number(row.date);
      for (const now of [at - 300, at, at + 300])
        assert.deepEqual(await verify(on, row, now), { event: row.event,
          client_id: row.client_id, at, seq: row.seq });
      for (const now of [at - 301, at + 301])
        assert.equal(await verify(on, row, now), null);
      for (const other of [{ path: row.path.replace('conn', 'conm') },
        { date: String(at + 1) }, { number: `${row.number}0` },
        { body: `${row.body}x` }, { signature: '' }, { signature: 'é' },
        { signature: `${row.signature}=` }])
        assert.equal(await verify(on, { ...row, ...other }, at), null,
          JSON.stringify(other));
      assert.equal(await verify({ ...on, key: 'other' }, row, at), null);
    }
  });

  test('a post of the hook itself is one', async () => {
    const ear = await new Ear().listen();
    const app = await ear.application(server, api);
    const hook = new Hook(server);
    try {
      const client = await app.client('a/"é" &b');
      await client.open();
      await until('it is told', () => ear.taken.length, { within: 60_000 });
      const [{ path, headers, body }] = ear.taken;
      const event = await driver.call({ url: server.api, key: app.key },
        'verify_hook', path, headers,
        name === 'channel.py' ? bytes(Buffer.from(body).toString('hex')) : body);
      assert.deepEqual([event?.event, event?.client_id],
        ['connected', client.id]);
    } finally {
      await hook.end();
      await ear.close();
    }
  });

  test('tickets are those of the vectors', async () => {
    for (const { room, peer, seconds, may, key, now, ticket } of
      vectors('tickets.json').minted)
      assert.equal(await driver.call(undefined, 'mint_ticket', room,
        peer ?? null, seconds, may ?? null, key, now), ticket);
    await driver.refused('ConfigurationError', undefined, 'mint_ticket', 'r');
  });

  test('a ticket lets in', async () => {
    const own = new Driver(name, { LETTERBOX_TICKET_KEY: TICKET_KEY });
    const peer = new Peer(api, newRoom(), 'alice');
    const ticket = await own.call(undefined, 'mint_ticket', peer.room, 'alice');
    own.end();
    await peer.join({ ticket });
    await assert.rejects(new Peer(api, peer.room, 'bob').join({ ticket }));
  });
});

describe('the files', () => {
  test('are plain text for who wants them', async () => {
    const served = await startServer({ static: true });
    try {
      for (const name of readdirSync(MODULES)) {
        const reply = await fetch(`${served.base}/modules/${name}`);
        assert.equal(reply.status, 200);
        assert.equal(reply.headers.get('content-type'),
          'text/plain; charset=utf-8');
        assert.equal(await reply.text(),
          readFileSync(join(MODULES, name), 'utf8'));
      }
    } finally {
      await served.stop();
    }
  });

  test('print nothing where they are run', () => {
    for (const [program, ...args] of [['php-cgi', '-q', '-f'], ['php'],
      ['python3', '-B']]) {
      const file = join(MODULES, program === 'python3' ? 'channel.py'
        : 'channel.php');
      const { status, stdout, stderr } = spawnSync(program, [...args, file],
        { encoding: 'utf8', env: { PATH: process.env.PATH } });
      assert.deepEqual([status, stdout.replace(/^[\w-]+: .*\r\n|^\r\n/gm, ''),
        stderr], [0, '', '']);
    }
  });

  test('channel.py is for Python 3.8', () => {
    const { status, stderr } = spawnSync('python3', ['-c',
      'import ast, sys; ast.parse(open(sys.argv[1]).read(), ' +
      'feature_version=(3, 8))', join(MODULES, 'channel.py')]);
    assert.equal(status, 0, String(stderr));
  });

  test('channel.php has the two names without a namespace as well', () => {
    const run = (/** @type {string} */ code) => spawnSync('php', ['-r', code,
      MODULES], { encoding: 'utf8', env: { PATH: process.env.PATH } });
    const own = `try { create_channel('a'); }
      catch (channel\\ConfigurationError $e) { echo 'ours'; }`;
    assert.equal(run(`require "$argv[1]/channel.php"; ${own}`).stdout, 'ours');
    assert.equal(run('function send_message() { echo "theirs"; }' +
      `require "$argv[1]/channel.php"; send_message(); ${own}`).stdout,
    'theirsours');
  });
});

