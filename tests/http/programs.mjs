// The processes of Letterbox behind a web server, whoever started them: by
// what the tests may see of them, and end.

import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { until } from './until.mjs';

/** SIGTERM is caught: it is past its start. @param {number} pid */
export function hasBegun(pid) {
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m
      .exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return (BigInt(`0x${caught?.[1]}`) >> 14n & 1n) === 1n;
  } catch {
    return false; // ended meanwhile
  }
}

/** Processes that a web server starts, from a program of their own. */
export class Started {
  /**
   * @param {string} program nobody else's
   * @param {() => string} log what they have said so far
   * @param {string} socket a word in the names of their sockets; '' where
   *   they have none and are there for one request each
   */
  constructor(program, log, socket) {
    this.program = program;
    this.log = log;
    this.socket = socket;
  }

  get stderr() {
    return this.log();
  }

  /** What failed before anything could be answered is in the log. */
  get failure() {
    return /letterbox: (?!\S+=).*/.exec(this.log())?.[0];
  }

  get pids() {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          return readlinkSync(`/proc/${pid}/exe`) === this.program;
        } catch {
          return false; // ended meanwhile
        }
      }).map(Number);
  }

  /** How many requests they have in hand. */
  async busy() {
    if (!this.socket) return this.pids.filter(hasBegun).length;
    // An accepted connection bears the listener's name, and is in state 3.
    return readFileSync('/proc/net/unix', 'utf8').split('\n')
      .filter((line) => line.includes(this.socket) &&
        line.split(/\s+/)[5] === '03').length;
  }

  /**
   * Has a pool start its processes: those there are stand still, so that
   * requests find none idle.
   * @param {string} url @param {number} count
   */
  async fill(url, count) {
    /** @type {Set<number>} */
    const still = new Set();
    /** @type {Set<Promise<unknown>>} */
    const asked = new Set();
    const ask = () => {
      const one = fetch(url).catch(() => undefined) // the web server ends
        .finally(() => asked.delete(one));
      asked.add(one);
    };
    try {
      await until('the pool is full', () => {
        for (const pid of this.pids) {
          if (still.has(pid)) continue;
          still.add(pid);
          process.kill(pid, 'SIGSTOP');
        }
        while (asked.size < still.size + count) ask();
        return still.size >= count;
      }, { within: 30000 });
    } finally {
      for (const pid of still) process.kill(pid, 'SIGCONT');
    }
    await Promise.all(asked);
  }

  /** The next request does. */
  async start() {}

  /**
   * Ends those there are, and waits.
   * @param {NodeJS.Signals} signal
   * @returns {Promise<number | string | null>} as far as one can know
   */
  async end(signal) {
    const { pids } = this;
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch {} // ended meanwhile
    }
    await until('they end', () =>
      this.pids.every((pid) => !pids.includes(pid)));
    return signal === 'SIGKILL' ? signal : 0;
  }

  close() {}
}
