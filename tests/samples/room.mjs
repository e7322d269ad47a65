// A sample application, started as its README says, with browsers that see each
// other.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync }
  from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from '../browser/chromium.mjs';
import { moves } from '../browser/picture.mjs';
import { binary, scratch, start } from '../http/letterbox.mjs';
import { freePort } from '../http/port.mjs';
import { Started } from '../http/programs.mjs';
import { until } from '../http/until.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Longer than anything takes on a busy machine. */
const PATIENCE = 60_000;

/** @type {import('playwright-core').Browser} */
let browser;

/** A copy of the sample, served by the words of its README.
 * @param {string} name */
async function serve(name) {
  const dir = scratch();
  const ports = { 8080: await freePort(), 8081: await freePort() };
  /** @param {string} text */
  const moved = (text) => Object.entries(ports).reduce((all, [from, to]) =>
    all.replaceAll(from, String(to)), text);
  const folder = join(dir, name);
  cpSync(join(HERE, name), folder, { recursive: true, dereference: true });
  const conf = join(folder, 'lighttpd.conf');
  writeFileSync(conf, moved(readFileSync(conf, 'utf8')));
  const [, words] = /```sh\n([^]*?)```/
    .exec(readFileSync(join(folder, 'README.md'), 'utf8')) ?? [];
  writeFileSync(join(dir, 'words'), moved(words));
  mkdirSync(join(dir, 'bin'));
  const program = join(dir, 'bin/letterbox');
  copyFileSync(binary(), program);

  const log = join(dir, 'log');
  const child = start('sh', ['-eu', join(dir, 'words')], { cwd: folder, log,
    group: true, env: { PATH: `${join(dir, 'bin')}:${process.env.PATH}:` +
      '/usr/sbin', PYTHONDONTWRITEBYTECODE: '1' } });
  const base = `http://127.0.0.1:${ports[8080]}`;
  const said = () => readFileSync(log, 'utf8');
  await until('it answers', async () => {
    assert.equal(child.exitCode, null, said());
    const replies = await Promise.all(['/', '/api/healthz'].map((path) =>
      fetch(base + path).then(({ status }) => status, () => 0)));
    return replies.every((status) => status === 200);
  }, { within: PATIENCE, every: 50 });
  return {
    base, said,
    box: new Started(program, said, ''),
    async stop() {
      process.kill(-Number(child.pid), 'SIGTERM');
      if (child.exitCode === null && !child.signalCode)
        await once(child, 'exit');
    },
  };
}

/** Somebody in front of a browser of his own. */
class Visitor {
  /** What the page complained about. */
  complaints = /** @type {string[]} */ ([]);

  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  /** @param {string} address @param {(page: import('playwright-core').Page) =>
   *   void} [watch] */
  static async come(address, watch) {
    const context = await browser.newContext();
    const page = await context.newPage();
    watch?.(page);
    const visitor = new Visitor(page);
    await page.goto(address);
    return visitor;
  }

  /** @param {RegExp} words until the page says so */
  async status(words) {
    await this.page.getByRole('status').filter({ hasText: words }).waitFor();
  }

  async sees() {
    await this.status(/You are connected/);
    await moves(this.page, '#theirs');
  }

  get address() {
    return this.page.getByRole('link').getAttribute('href');
  }

  close() {
    return this.page.context().close();
  }
}

/** What each sample keeps. @param {string} name */
export function promises(name) {
  describe(`the sample in tests/samples/${name}`, () => {
    /** @type {Awaited<ReturnType<typeof serve>>} */
    let server;
    /** @type {Visitor[]} */
    let visitors = [];
    before(async () => {
      browser = await launch();
      server = await serve(name);
    });
    after(async () => {
      await browser?.close();
      await server?.stop();
    });
    afterEach(async () => {
      const complaints = visitors.flatMap((visitor) => visitor.complaints);
      for (const visitor of visitors) await visitor.close();
      visitors = [];
      assert.deepEqual(complaints, [], server.said());
    });

    /** @param {string} [address] @param {(page:
     *   import('playwright-core').Page) => void} [watch] */
    async function come(address = `${server.base}/`, watch) {
      const visitor = await Visitor.come(address, watch);
      visitors.push(visitor);
      return visitor;
    }

    /** Two who see each other. */
    async function pair() {
      const ada = await come();
      await ada.status(/Waiting/);
      const bob = await come(String(await ada.address));
      await Promise.all([ada.sees(), bob.sees()]);
      return [ada, bob];
    }

    test('two see each other, a third is refused until one has left',
      async () => {
        const [ada, bob] = await pair();
        const carl = await come(String(await ada.address));
        await carl.status(/full/);
        await Promise.all([ada.sees(), bob.sees()]);
        await bob.page.goto('about:blank');
        await until('there is room', async () => {
          await carl.page.reload();
          await carl.status(/full|Connecting|connected/);
          return !/full/.test(String(await carl.page.getByRole('status')
            .textContent()));
        }, { within: PATIENCE, every: 500 });
        await Promise.all([ada.sees(), carl.sees()]);
      });

    test('who reloads is no third, and neither are both', async () => {
      const [ada, bob] = await pair();
      for (const some of [[ada], [bob], [ada, bob]]) {
        await Promise.all(some.map((one) => one.page.reload()));
        await Promise.all([ada.sees(), bob.sees()]);
      }
    });

    test('Letterbox is killed in the middle, and they see each other',
      async () => {
        const ada = await come();
        await ada.status(/Waiting/);
        let killed = 0;
        const bob = await come(String(await ada.address), (page) =>
          page.on('request', (request) => {
            if (killed || !/\/say$/.test(request.url())) return;
            for (const pid of server.box.pids) {
              process.kill(pid, 'SIGKILL');
              killed++;
            }
          }));
        await Promise.all([ada.sees(), bob.sees()]);
        assert.equal(killed, 1);
      });
  });
}
