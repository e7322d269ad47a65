/**
 * Where a moment stands. Three measures, and the ways between them:
 *   count   of messages that were posted by then
 *   moment  ms since the first message, long pauses folded: what plays
 *   y       px from the first message, at a scale: what is drawn
 * With `even` each message takes the same room, whenever it was posted.
 */

/** Longer pauses may be folded, ms. */
export const PAUSE = 1000;
/** What a folded one takes: ms to play, px to draw. */
const FOLD_MS = 400;
export const FOLD_PX = 44;
/** What a message takes when all are even. */
const EVEN_MS = 250;
const EVEN_PX = 26;

/** Browsers make nothing taller. */
const HEIGHT_MAX = 8_000_000;

/** px a ms */
const SCALE_MIN = 1e-6;
const SCALE_MAX = 40;

export class Axis {
  /** ms since the first message, never falling. */
  times;
  #moments;
  #ys;
  #scale = 1;

  /**
   * @param {number[]} at ms of each message; a clock may have been set back
   * @param {{fold: boolean, even: boolean}} how
   */
  constructor(at, {fold, even}) {
    const {length} = at;
    this.fold = fold;
    this.even = even;
    this.times = new Float64Array(length);
    this.#moments = new Float64Array(length);
    this.#ys = new Float64Array(length);
    for (let i = 1; i < length; i++) {
      const gap = Math.max(0, at[i] - at[0] - this.times[i - 1]);
      this.times[i] = this.times[i - 1] + gap;
      this.#moments[i] = this.#moments[i - 1] +
        (even ? EVEN_MS : this.folded(i) ? FOLD_MS : gap);
    }
    this.scale = this.fitting();
  }

  get length() {
    return this.times.length;
  }

  /** The whole, ms of a moment. */
  get end() {
    return this.#moments.at(-1) ?? 0;
  }

  /** The whole, px. */
  get height() {
    return this.#ys.at(-1) ?? 0;
  }

  get scale() {
    return this.#scale;
  }

  /** @param {number} scale px a ms */
  set scale(scale) {
    const whole = HEIGHT_MAX / Math.max(1, this.times.at(-1) ?? 0);
    this.#scale = Math.max(SCALE_MIN, Math.min(scale, SCALE_MAX, whole));
    for (let i = 1; i < this.length; i++) {
      const gap = this.times[i] - this.times[i - 1];
      this.#ys[i] = this.#ys[i - 1] + (this.even ? EVEN_PX
        : this.folded(i) ? FOLD_PX : gap * this.#scale);
    }
  }

  /** Is the pause before a message folded? @param {number} i */
  folded(i) {
    return this.fold && !this.even && i > 0 &&
      this.times[i] - this.times[i - 1] > PAUSE;
  }

  /** A scale at which most messages have a line of their own. */
  fitting() {
    const gaps = [];
    for (let i = 1; i < this.length; i++) {
      const gap = this.times[i] - this.times[i - 1];
      if (gap > 0 && !this.folded(i)) gaps.push(gap);
    }
    gaps.sort((a, b) => a - b);
    const usual = gaps[gaps.length >> 2] ?? 1;
    const sum = gaps.reduce((all, gap) => all + gap, 0) || 1;
    return Math.min(24 / usual, Math.max(600, 40 * this.length) / sum);
  }

  /** @param {number} i index of a message @returns {number} its moment */
  momentOf(i) {
    return this.#moments[i] ?? 0;
  }

  /** @param {number} i index of a message */
  yOf(i) {
    return this.#ys[i] ?? 0;
  }

  /** How many messages there were. @param {number} moment */
  countAt(moment) {
    return after(this.#moments, moment);
  }

  /** How many messages stand above. @param {number} y px */
  countAbove(y) {
    return after(this.#ys, y);
  }

  /** @param {number} moment @returns {number} px */
  yAt(moment) {
    return between(this.#moments, this.#ys, moment);
  }

  /** @param {number} y px @returns {number} moment */
  momentAt(y) {
    return between(this.#ys, this.#moments, y);
  }

  /** @param {number} y px @returns {number} ms since the first message */
  timeAt(y) {
    return between(this.#ys, this.times, y);
  }

  /** @param {number} time ms since the first message @returns {number} px */
  yAtTime(time) {
    return between(this.times, this.#ys, time);
  }
}

/**
 * How many values are not above one.
 * @param {Float64Array} values that do not fall
 * @param {number} value
 */
function after(values, value) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * @param {Float64Array} from
 * @param {Float64Array} to
 * @param {number} value measured in `from`
 * @returns {number} the same place, measured in `to`
 */
function between(from, to, value) {
  const {length} = from;
  if (!length) return 0;
  const i = Math.max(0, Math.min(after(from, value) - 1, length - 1));
  if (i === length - 1) return to[i];
  const span = from[i + 1] - from[i];
  const part = span ? Math.max(0, Math.min(1, (value - from[i]) / span)) : 0;
  return to[i] + part * (to[i + 1] - to[i]);
}
