// kill -9 while an application sends and browsers listen: each message that was
// answered comes, in its order and once. SOAK=1 makes it 100 rounds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Api } from '../http/api.mjs';
import { Application, Client } from '../http/channel.mjs';
import { startServer } from '../http/harness.mjs';
import { integrity } from '../http/sqlite.mjs';
import { until } from '../http/until.mjs';

const ROUNDS = process.env.SOAK ? 100 : 6;
const CLIENTS = 4;

/** What an application and its clients have done. */
class Traffic {
  sent = 0;
  over = false;
  /** The last one was sent, and was answered. */
  quiet = false;
  /** @type {Promise<unknown>[]} */
  running = [];
  /** @type {{client: Client, heard: string[], cut: number}[]} */
  ears = [];

  /** @param {Application} app */
  async begin(app) {
    for (let i = 0; i < CLIENTS; i++)
      this.ears.push({ client: await app.client(), heard: [], cut: 0 });
    const [dev, ...scripts] = this.ears;
    this.running = [this.#send(app), this.#listenDev(dev),
      ...scripts.map((ear) => this.#listen(ear))];
  }

  /** Repeats until it is answered; the id makes it one message.
   * @param {Application} app */
  async #send(app) {
    while (!this.over) {
      const text = String(this.sent);
      for (const { client } of this.ears)
        await this.#stubborn(() => app.post('send', { client_id: client.id,
          message: text, id: text }), 204);
      this.sent++;
    }
    this.quiet = true;
  }

  /** @param {() => Promise<import('../http/api.mjs').Reply>} ask
   * @param {number} status */
  async #stubborn(ask, status) {
    for (;;) {
      const reply = await ask().catch(() => undefined);
      if (reply?.status === status) return reply;
      if (reply && reply.status < 500 && reply.status !== 429)
        throw new Error(`${reply.status} ${reply.text}`);
      await pause(20);
    }
  }

  /** @param {Traffic["ears"][0]} ear */
  async #listen(ear) {
    ear.heard.push(...await ear.client.open());
    while (!this.quiet || ear.heard.length < this.sent) {
      const reply = await this.#stubborn(() => ear.client.tryMail(1), 200);
      const { messages, cursor, reset, gap } = reply.json;
      assert.ok(!reset && !gap, 'nothing is lost');
      ear.client.cursor = cursor;
      ear.heard.push(...messages.map((/** @type {any} */ m) => m.data));
    }
  }

  /** A lost reply loses its message on this wire, and nothing else.
   * @param {Traffic['ears'][0]} ear */
  async #listenDev(ear) {
    const { heard } = ear;
    while (!this.quiet || Number(heard.at(-1) ?? -1) < this.sent - 1) {
      const reply = await ear.client.dev('poll').catch(() => undefined);
      if (reply?.status !== 200) ear.cut++;
      else if (reply.text) heard.push(reply.text);
      if (this.quiet && ear.cut && reply?.status === 200 && !reply.text) return;
      if (reply?.status !== 200) await pause(20);
    }
  }
}

test(`${ROUNDS} times kill -9 under a channel: 0 lost, 0 double`, async (t) => {
  const server = await startServer({ processes: 2, conf: { hold: 2, lease: 8,
    room_messages: 100000, mailbox_messages: 100000, key_rate: 100000,
    key_burst: 100000 } });
  const api = new Api(server.api);
  const traffic = new Traffic();
  try {
    const app = await Application.add(server, api);
    await traffic.begin(app);
    for (let round = 0; round < ROUNDS; round++) {
      const before = traffic.sent;
      await until('it goes on', () => traffic.sent > before + 5,
        { within: 20000 });
      const killed = [server.boxes, server.boxes.slice(0, 1),
        server.boxes.slice(1)][round % 3];
      await Promise.all(killed.map((box) => box.end('SIGKILL')));
      await Promise.all(killed.map((box) => box.start()));
    }
    traffic.over = true;
    await Promise.all(traffic.running);
    const all = Array.from({ length: traffic.sent }, (_, i) => String(i));
    const [dev, ...scripts] = traffic.ears;
    for (const { heard } of scripts) assert.deepEqual(heard, all);
    const numbers = dev.heard.map(Number);
    assert.ok(numbers.every((n, i) => i === 0 || n > numbers[i - 1]),
      'in order and once');
    assert.ok(all.length - numbers.length <= dev.cut,
      `${all.length - numbers.length} lost by ${dev.cut} lost replies`);
    t.diagnostic(`${all.length} messages to each of ${CLIENTS} clients; ` +
      `${dev.cut} replies lost on the development wire, with ` +
      `${all.length - numbers.length} messages`);
    await checkPresence(app, traffic);
    assert.deepEqual(await server.kill('SIGTERM'), [0, 0]);
    assert.equal(await integrity(server.database), 'ok');
  } finally {
    traffic.over = traffic.quiet = true;
    api.close();
    await server.stop();
  }
});

/** Each client's events take turns, and begin with its coming.
 * @param {Application} app @param {Traffic} traffic */
async function checkPresence(app, traffic) {
  const { events } = await app.presence();
  for (const { client } of traffic.ears) {
    const words = events.filter((/** @type {any} */ e) => e.from === client.id)
      .map((/** @type {any} */ e) => e.event);
    assert.ok(words.length > 0);
    words.forEach((/** @type {string} */ word, /** @type {number} */ i) =>
      assert.equal(word, i % 2 ? 'disconnected' : 'connected'));
  }
}
