/**
 * How long: to wait before the next attempt, and to ask to be held.
 */

const FIRST = 300;
const LONGEST = 10000;

/** Cut sooner than this it was no limit of time; ms. */
const SHORTEST = 3000;

/** How far two ages may differ and be the same, in ms and as a part. */
const NEAR = 500;
const PART = 0.05;

/**
 * Full jitter, below a bound that doubles: those whom a server has lost do not
 * all come back at once.
 * @param {number} failures so far in a row, from 0
 * @returns {number} ms
 */
export function backoff(failures) {
  const bound = Math.min(LONGEST, FIRST * Math.pow(2, Math.min(failures, 10)));
  return Math.random() * bound;
}

/** A wait that can be ended. */
export class Nap {
  constructor() {
    this.end = () => {};
  }

  /** @param {number} ms @returns {Promise<void>} */
  of(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/**
 * Something in between may cut a poll that is silent for longer than it likes.
 * Cut twice at one age, polls stay below it from then on.
 */
export class Hold {
  constructor() {
    this.most = Infinity;
    this.age = 0;
  }

  /** @param {number} wait s that the server offers @returns {number} s */
  of(wait) {
    return Math.min(wait, this.most);
  }

  /** @param {number} age ms that one was silent and then was cut */
  cut(age) {
    if (age < SHORTEST) return;
    const near = Math.max(NEAR, PART * age);
    const same = this.age && Math.abs(age - this.age) <= near;
    if (same) this.most = Math.max(1, Math.floor(0.8 * age / 1000));
    this.age = same ? 0 : age;
  }
}
