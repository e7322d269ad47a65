// channel.py and channel.php when something is in the way: a server that is
// down, busy, elsewhere, or whose answer is lost.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Api } from '../http/api.mjs';
import { Application } from '../http/channel.mjs';
import { startServer } from '../http/harness.mjs';
import { scratch } from '../http/letterbox.mjs';
import { freePort } from '../http/port.mjs';
import { Driver, MODULES, NAMES } from './drive.mjs';

/** @typedef {import('node:http').IncomingMessage} Incoming */
/** @typedef {import('node:http').ServerResponse} Reply */

const server = await startServer();
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

/** Somebody who answers in a way of his own.
 * @param {import('node:test').TestContext} t
 * @param {(incoming: Incoming, reply: Reply, body: string) => void} work
 * @param {number} [port] */
async function stranger(t, work, port = 0) {
  const one = createServer((incoming, reply) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (piece) => { body += piece; })
      .on('end', () => work(incoming, reply, body));
  }).listen(port, '127.0.0.1');
  await once(one, 'listening');
  t.after(() => {
    one.closeAllConnections();
    one.close();
  });
  const at = /** @type {import('node:net').AddressInfo} */ (one.address());
  return `http://127.0.0.1:${at.port}/api`;
}

for (const name of NAMES) describe(name, () => {
  const driver = new Driver(name);
  after(() => driver.end());

  test('nobody there: an error, after some patience', async () => {
    const on = { url: `http://127.0.0.1:${await freePort()}/api`, key: 'k',
      patience: 1 };
    const begun = Date.now();
    const { status, retryable, words } = await driver.refused(
      'UnavailableError', on, 'send_message', 'a', 'hello');
    assert.deepEqual([status, retryable], [0, true]);
    assert.match(String(words), /does not answer/);
    assert.ok(Date.now() - begun < 20_000);
  });

  test('somebody there after all', async (t) => {
    const port = await freePort();
    const on = { url: `http://127.0.0.1:${port}/api`, key: 'k', patience: 0 };
    await driver.refused('UnavailableError', on, 'create_channel', 'a');
    const sent = driver.call({ ...on, patience: 60 }, 'send_message', 'a', 'b');
    await pause(300);
    await stranger(t, (incoming, reply) => reply.writeHead(204).end(), port);
    await sent;
  });

  test('a server that comes back in time is all that is needed', async () => {
    const app = await Application.add(server, api);
    const on = { url: server.api, key: app.key, patience: 60 };
    const client = await app.client();
    await driver.call(on, 'send_message', client.id, 'before');
    await server.kill();
    const sent = driver.call(on, 'send_message', client.id, 'meanwhile');
    const token = driver.call(on, 'create_channel', client.id);
    await server.restart();
    await Promise.all([sent, token]);
    assert.deepEqual(await client.open(), ['before', 'meanwhile']);
  });

  test('a web server that was restarted is as good', async () => {
    const app = await Application.add(server, api);
    const on = { url: server.api, key: app.key, patience: 60 };
    const client = await app.client();
    for (const text of ['one', 'two']) {
      await driver.call(on, 'send_message', client.id, text);
      await server.restartWeb('SIGTERM');
    }
    await driver.call(on, 'send_message', client.id, 'three');
    api.close();
    assert.deepEqual(await client.open(), ['one', 'two', 'three']);
  });

  test('a lost answer leaves one message', async (t) => {
    const app = await Application.add(server, api);
    const client = await app.client();
    let lost = 0;
    const url = await stranger(t, async (incoming, reply, body) => {
      const { status } = await fetch(server.base + incoming.url, { body,
        method: 'POST', headers: { 'content-type': 'application/json',
          'x-letterbox-key': String(incoming.headers['x-letterbox-key']) } });
      if (lost === 2) reply.writeHead(status).end();
      else if (lost++) reply.socket?.end(`HTTP/1.1 ${status}`);
      else reply.destroy();
    });
    await driver.call({ url, key: app.key, patience: 30 }, 'send_message',
      client.id, 'once');
    assert.equal(lost, 2);
    assert.deepEqual(await client.open(), ['once']);
  });

  test('"later" is heeded while there is patience', async (t) => {
    /** @type {{at: number, body: string}[]} */
    const asked = [];
    const url = await stranger(t, (incoming, reply, body) => {
      asked.push({ at: Date.now(), body });
      if (asked.length > 1) reply.writeHead(204).end();
      else reply.writeHead(503, { 'Retry-After': '1' }).end();
    });
    await driver.call({ url, key: 'k', patience: 30 }, 'send_message', 'a',
      'hello');
    assert.ok(asked[1].at - asked[0].at >= 990, JSON.stringify(asked));
    assert.equal(asked[0].body, asked[1].body);
    assert.match(JSON.parse(asked[0].body).id, /^[\w-]{16}$/);
  });

  test('"much later" is an error at once', async (t) => {
    let asked = 0;
    const url = await stranger(t, (incoming, reply) => {
      asked++;
      reply.writeHead(429, { 'Retry-After': '3600' }).end();
    });
    assert.equal((await driver.refused('UnavailableError',
      { url, key: 'k' }, 'send_message', 'a', 'hello')).status, 429);
    assert.equal(asked, 1);
  });

  test('the key stays here when requests are signed, and is never led on',
    async (t) => {
      const other = await stranger(t, () => assert.fail('was led on'));
      /** @type {string[]} */
      const said = [];
      const url = await stranger(t, (incoming, reply, body) => {
        said.push(JSON.stringify([incoming.url, incoming.rawHeaders, body]));
        reply.writeHead(307, { Location: other }).end();
      });
      const key = 'SECRET-SECRET-SECRET';
      for (const key_name of [undefined, 'shop']) {
        const { words } = await driver.refused('Error',
          { url, key, ...(key_name && { key_name }) }, 'create_channel', 'a');
        assert.match(String(words), /Moved/);
      }
      assert.equal(said.length, 2);
      assert.match(said[0], /"X-Letterbox-Key","SECRET/i);
      assert.doesNotMatch(said[1], /SECRET/);
      assert.match(said[1], /"X-Letterbox-Key-Name","shop"/i);
    });

  test('somebody else than Letterbox is told apart', async (t) => {
    const url = await stranger(t, (incoming, reply) => {
      const status = Number(incoming.url?.split('/')[1]);
      reply.writeHead(status, { 'Content-Type': 'text/html' })
        .end('<h1>Welcome</h1>');
    });
    for (const [status, error] of /** @type {[number, string][]} */ ([
      [200, 'Error'], [201, 'Error'], [404, 'Error'], [403, 'Error'],
      [401, 'KeyRefusedError'], [500, 'UnavailableError']]))
      assert.equal((await driver.refused(error, { key: 'k', patience: 0,
        url: url.replace('/api', `/${status}`) }, 'create_channel', 'a'))
        .status, status);
  });

  test('a silent server is given up', async (t) => {
    const url = await stranger(t, () => {});
    await driver.refused('UnavailableError',
      { url, key: 'k', timeout: 1, patience: 0 }, 'create_channel', 'a');
  });

  test('what is lost while it is held is asked again', async (t) => {
    let asked = 0;
    const url = await stranger(t, async (incoming, reply) => {
      if (asked++) {
        reply.end(JSON.stringify({ events: [], cursor: 'abcdefgh.1',
          poll: { wait: 25, pause: 0 } }));
        return;
      }
      await pause(1500); // longer than there is patience
      reply.destroy();
    });
    const { cursor } = await driver.call({ url, key: 'k', patience: 1 },
      'presence', null, 60);
    assert.deepEqual([cursor, asked], ['abcdefgh.1', 2]);
  });

  test('over TLS, and only to whom the certificate names', async (t) => {
    const dir = scratch();
    const [key, cert] = ['key', 'cert'].map((file) => join(dir, file));
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec',
      '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', '/CN=letterbox', '-addext', 'subjectAltName=IP:127.0.0.1',
      '-keyout', key, '-out', cert], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    const one = createTlsServer({ key: readFileSync(key),
      cert: readFileSync(cert) }, (incoming, reply) => {
      incoming.resume().on('end', () => reply.writeHead(204).end());
    }).listen(0, '127.0.0.1');
    await once(one, 'listening');
    const own = new Driver(name, { SSL_CERT_FILE: cert });
    t.after(() => {
      own.end();
      one.closeAllConnections();
      one.close();
    });
    const at = /** @type {import('node:net').AddressInfo} */ (one.address());
    /** @param {string} host */
    const on = (host) => ({ url: `https://${host}:${at.port}/api`, key: 'k',
      patience: 0 });
    for (const text of ['one', 'two'])
      await own.call(on('127.0.0.1'), 'send_message', 'a', text);
    await own.refused('UnavailableError', on('localhost'), 'send_message', 'a',
      'to another name');
    await driver.refused('UnavailableError', on('127.0.0.1'), 'send_message',
      'a', 'to a stranger');
    await driver.refused('UnavailableError', { ...on('127.0.0.1'),
      url: `http://127.0.0.1:${at.port}` }, 'send_message', 'a', 'in the open');
  });

  test('the address may be a program with a query', async () => {
    const app = await Application.add(server, api);
    const on = { url: `${server.api}?path=`, key: app.key };
    assert.match(await driver.call(on, 'create_channel', 'a'), /\./);
    assert.match(await driver.call({ ...on, key_name: app.name },
      'create_channel', 'a'), /\./);
  });
});

const CROWD = `
import os, sys, threading
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import channel
channel.configure(sys.argv[2], sys.argv[3])

def say(who):
    for i in range(5):
        channel.send_message('crowd', '%s %d' % (who, i))

say('parent')
children = []
for c in range(3):
    pid = os.fork()
    if pid == 0:
        try:
            say('child %d' % c)
            os._exit(0)
        finally:
            os._exit(1)
    children.append(pid)
threads = [threading.Thread(target=say, args=('thread %d' % t,))
           for t in range(4)]
for one in threads:
    one.start()
say('parent again')
for one in threads:
    one.join()
sys.exit(any(os.waitpid(pid, 0)[1] for pid in children))
`;

test('channel.py keeps threads and forks apart', async () => {
  const app = await Application.add(server, api);
  const client = await app.client('crowd');
  const { status, stderr } = spawnSync('python3', ['-c', CROWD, MODULES,
    server.api, app.key], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const heard = [];
  for (let some = await client.open(); some.length; some = await client.mail())
    heard.push(...some);
  const who = ['parent', 'parent again', ...[0, 1, 2].map((n) => `child ${n}`),
    ...[0, 1, 2, 3].map((n) => `thread ${n}`)];
  for (const one of who)
    assert.deepEqual(heard.filter((text) => text.startsWith(`${one} `) &&
      /^\d$/.test(text.slice(one.length + 1))),
    [0, 1, 2, 3, 4].map((i) => `${one} ${i}`));
  assert.equal(heard.length, 5 * who.length);
});
