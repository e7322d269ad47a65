/**
 * How long a poll may be held. The server says how long it would; something
 * between it and us may cut a request that is silent for longer than that
 * something likes. Cut twice at one age, polls stay below it from then on.
 */

/** Cut sooner than this it was no limit of time. */
const SHORTEST = 3000;

/** How far two ages may differ and be the same, in ms and as a part. */
const NEAR = 500;
const PART = 0.05;

/** Of the age at which polls are cut. */
const MARGIN = 0.8;

/** Limits are changed, and networks are: how often to try more, and how much. */
const RETRY = 3_600_000;
const MORE = 1.25;

export class Hold {
  #host;
  /** Age of the last one that was cut, while none lived longer. */
  #age = 0;

  /** @param {import('./host.js').Host} host */
  constructor(host) {
    this.#host = host;
  }

  /**
   * @param {number} wait seconds that the server offers
   * @returns {number} whole seconds to ask for
   */
  of(wait) {
    let {ms} = this.#host.ceiling;
    if (ms && Date.now() - this.#host.ceiling.since > RETRY) {
      ms = ms * MORE < wait * 1000 ? ms * MORE : 0;
      this.#host.limit(ms);
    }
    return ms ? Math.min(wait, Math.floor(ms / 1000)) : wait;
  }

  /** @param {number} age ms that one was silent and then went on */
  lived(age) {
    if (age > this.#age + near(this.#age)) this.#age = 0;
  }

  /** @param {number} age ms that one was silent and then was cut */
  cut(age) {
    if (age < SHORTEST) return;
    const same = this.#age && Math.abs(age - this.#age) <= near(age);
    if (same) this.#host.limit(MARGIN * Math.min(age, this.#age));
    this.#age = same ? 0 : age;
  }
}

/** @param {number} age */
function near(age) {
  return Math.max(NEAR, PART * age);
}
