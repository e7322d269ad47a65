// A crowd at work, from the beginning to the verdict.

import { Peer } from '../http/peer.mjs';
import { until } from '../http/until.mjs';
import { crowd, newHistory, poster, reader, waiter } from './load.mjs';
import { compareRead, compareWritten, logOf } from './verdict.mjs';

/** For a load that lasts: nobody lapses, and nothing is dropped. */
export const ROOMY = { lease: 60, room_messages: 1000000, room_bytes: 1 << 30 };

/** All of them at work on one mount, until the end. */
export class Traffic {
  history = newHistory();
  /** @type {Peer[]} */
  posters = [];
  /** The longest time without an acknowledgement, ms. */
  silence = 0;
  #stop = false;
  #done = false;
  /** @type {Promise<void>[]} */
  #posting = [];
  /** @type {Promise<unknown>} */
  #all = Promise.resolve();

  /**
   * @param {import('../http/api.mjs').Api} api
   * @param {{rooms?: number, posters?: number, waiters?: number}} [size]
   */
  async begin(api, { rooms = 3, posters = 3, waiters = 0 } = {}) {
    const people = await crowd(api, { rooms, posters });
    const quiet = Array.from({ length: waiters }, (_, i) =>
      new Peer(api, `quiet${i}`, 'waiter'));
    for (const peer of quiet) await peer.join();
    this.posters = people.posters;
    this.#posting = people.posters.map((peer) =>
      poster(this.history, peer, () => this.#stop));
    this.#all = Promise.all([...this.#posting,
      ...people.readers.map((peer) =>
        reader(this.history, peer, () => this.#done)),
      ...quiet.map((peer) =>
        waiter(this.history, peer, () => this.#stop))]);
    this.#all.catch(() => this.giveUp());
  }

  /** So many acknowledgements from now on; fails when somebody gives up.
   * @param {number} count */
  async acks(count) {
    let last = performance.now();
    await Promise.race([this.#all, new Promise((resolve) => {
      this.history.onAck = () => {
        const now = performance.now();
        this.silence = Math.max(this.silence, now - last);
        last = now;
        if (--count <= 0) resolve(undefined);
      };
    })]);
  }

  /** Each of those who post is acknowledged once more. */
  async everybody() {
    const missing = new Set(this.posters);
    await Promise.race([this.#all, new Promise((resolve) => {
      this.history.onAck = (peer) => {
        missing.delete(peer);
        if (!missing.size) resolve(undefined);
      };
    })]);
  }

  /** Lets go, whatever there is. */
  giveUp() {
    this.#stop = this.#done = true;
  }

  /**
   * Ends it and compares what clients know with what the database holds:
   * nothing is lost, nothing is doubled, all of it is in order.
   * @param {string} database
   * @returns {Promise<number>} posts
   */
  async end(database) {
    this.#stop = true;
    await Promise.race([this.#all, Promise.all(this.#posting)]);
    const log = await logOf(database);
    compareWritten(this.history, this.posters, log);
    await Promise.race([this.#all, until('the readers have it all', () =>
      [...this.history.read].every(([room, seqs]) => seqs.at(-1) ===
        log.filter((row) => row.room === room).at(-1)?.seq),
    { within: 10000 })]);
    this.#done = true;
    await this.#all;
    compareRead(this.history, log);
    return log.length;
  }
}
