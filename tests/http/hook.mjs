// The other side of a hook: an application that is told who comes and goes,
// and `letterbox hook` as a process of its own.

import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTls } from 'node:https';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { start } from './letterbox.mjs';
import { Application } from './channel.mjs';
import { until } from './until.mjs';

/** @typedef {{path: string, body: string, from: string, word: string,
 *   event: string, at: number, headers: import('node:http').IncomingHttpHeaders,
 *   method: string, status: number}} Told what a post said, and what it was
 *   answered */

/** Answers 2xx unless told otherwise. */
export class Ear {
  /** @type {Told[]} */
  all = [];
  open = 0;
  most = 0;
  /** What to answer; a promise keeps it waiting, 0 hangs up.
   * @type {(told: Told, n: number) => number | Promise<number>} */
  answer = () => 200;
  /** @type {Record<string, string>} */
  headers = {};
  speech = 'thank you';
  /** Hangs up before its speech has ended. */
  breaks = false;

  /** @param {string} [pem] key and certificate, to speak https */
  constructor(pem) {
    /** @type {import('node:http').RequestListener} */
    const hear = (request, response) => {
      this.#hear(request, response).catch(() => response.destroy());
    };
    this.scheme = pem ? 'https' : 'http';
    this.server = pem ? createTls({ key: pem, cert: pem }, hear)
      : createServer(hear);
  }

  /** @param {number} [port] the one it had before */
  async listen(port = 0) {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    const { port: got } = /** @type {import('node:net').AddressInfo} */
      (this.server.address());
    this.port = got;
    return this;
  }

  get url() {
    return `${this.scheme}://127.0.0.1:${this.port}/app`;
  }

  async close() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response */
  async #hear(request, response) {
    let body = '';
    this.most = Math.max(this.most, ++this.open);
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { url = '', headers, method = '' } = request;
    /** @type {Told} */
    const told = { path: url, body, headers, method, at: Date.now(), status: 0,
      from: new URLSearchParams(body).get('from') ?? '',
      word: url.split('/').at(-2) ?? '',
      event: String(headers['x-letterbox-event']) };
    this.all.push(told);
    told.status = await this.answer(told, this.all.length);
    this.open--;
    if (!told.status) {
      response.destroy();
      return;
    }
    response.writeHead(told.status, this.headers);
    if (this.breaks) response.write(this.speech, () => response.destroy());
    else response.end(this.speech);
  }

  /** What was answered 2xx. */
  get taken() {
    return this.all.filter(({ status }) => status >= 200 && status <= 299);
  }

  /** The same of one client, as words. @param {string} from */
  wordsOf(from) {
    return this.taken.filter((t) => t.from === from).map((t) => t.word);
  }

  /** An application of the Channel service with this hook.
   * @param {import('./harness.mjs').Server} server
   * @param {import('./api.mjs').Api} api */
  application(server, api) {
    return Application.add(server, api, '--hook', this.url);
  }
}

/** Throws unless the application can know who the post is from.
 * @param {Told} told @param {Application} app */
export function assertSigned(told, app) {
  const { headers } = told;
  assert.equal(headers['x-letterbox-key-name'], app.name);
  const date = Number(headers['x-letterbox-date']);
  assert.ok(Math.abs(date - Date.now() / 1000) < 120, `${date}`);
  const hash = createHash('sha256').update(told.body).digest('hex');
  const text = `POST\n${told.path}\n${date}\n${told.event}\n${hash}`;
  assert.equal(headers['x-letterbox-signature'], createHmac('sha256',
    createHash('sha256').update(app.key).digest()).update(text)
    .digest('base64url'));
}

let count = 0;

/** `letterbox hook`, as the account that the server is. */
export class Hook {
  /** @param {import('./harness.mjs').Server} server */
  constructor(server) {
    this.log = join(server.dir, `hook-${++count}.log`);
    const { uid } = statSync(server.data);
    const root = process.getuid?.() === 0;
    const words = [server.program, 'hook', '-c',
      join(server.dir, 'letterbox.conf')];
    const [file, ...args] = root && uid
      ? ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups',
        ...words] : words;
    this.child = start(file, args, { log: this.log, cwd: server.dir });
  }

  get pid() {
    return this.child.pid ?? 0;
  }

  get stderr() {
    return readFileSync(this.log, 'utf8');
  }

  /** @param {RegExp} words */
  said(words) {
    return until(`the hook says ${words}`, () => words.test(this.stderr),
      { within: 30000 });
  }

  /** @param {NodeJS.Signals} [signal] @returns how it ended */
  async end(signal = 'SIGTERM') {
    const { child } = this;
    if (child.exitCode === null && !child.signalCode) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode ?? child.signalCode;
  }
}
