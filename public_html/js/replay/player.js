/**
 * Where we are in a recording. `count` messages have been posted; `moment` is
 * the time of the axis, which goes on between two of them while it plays.
 *
 * Dispatches `move` when either has changed and `play` when it starts or
 * stops. Knows no clock: who owns one calls advance().
 */

export class Player extends EventTarget {
  #axis;
  count = 0;
  moment = 0;
  playing = false;
  /** Times as fast as it was. */
  speed = 1;

  /** @param {import('./axis.js').Axis} axis */
  constructor(axis) {
    super();
    this.#axis = axis;
    this.count = axis.length;
    this.moment = axis.end;
  }

  get axis() {
    return this.#axis;
  }

  /** The same place in another measure. */
  set axis(axis) {
    this.#axis = axis;
    this.#move(this.count, axis.momentOf(this.count - 1));
  }

  /** Right behind a message. @param {number} count of messages by then */
  go(count) {
    const to = Math.max(0, Math.min(Math.trunc(count), this.#axis.length));
    this.#move(to, this.#axis.momentOf(to - 1));
  }

  /** @param {number} by messages */
  step(by) {
    this.pause();
    this.go(this.count + by);
  }

  /** @param {number} moment */
  seek(moment) {
    const to = Math.max(0, Math.min(moment, this.#axis.end));
    this.#move(this.#axis.countAt(to), to);
  }

  /** From the beginning, if it is at its end. */
  play() {
    if (this.playing || !this.#axis.length) return;
    if (this.count === this.#axis.length) this.#move(0, 0);
    this.playing = true;
    this.dispatchEvent(new Event('play'));
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.dispatchEvent(new Event('play'));
  }

  /** @param {number} ms that have passed */
  advance(ms) {
    if (!this.playing) return;
    this.seek(this.moment + ms * this.speed);
    if (this.moment >= this.#axis.end) this.pause();
  }

  /** @param {number} count @param {number} moment */
  #move(count, moment) {
    if (count === this.count && moment === this.moment) return;
    this.count = count;
    this.moment = moment;
    this.dispatchEvent(new Event('move'));
  }
}
