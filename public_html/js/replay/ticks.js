/**
 * What stands beside the picture: times at round steps or, where each message
 * has the same room, how long each came after the one before.
 */

import {duration} from './plain.js';

/** @typedef {import('./axis.js').Axis} Axis */

/** px between two */
const APART = 56;

/** ms: 1, 2, 5 of each power of ten, then what clocks are divided by */
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000,
  30_000, 60_000, 300_000, 600_000, 3_600_000, 21_600_000, 86_400_000];

/**
 * @param {Axis} axis
 * @param {number} top px
 * @param {number} bottom
 * @returns {{y: number, words: string}[]}
 */
export function beats(axis, top, bottom) {
  if (!axis.length) return [];
  return axis.even ? delays(axis, top, bottom) : rounds(axis, top, bottom);
}

/** @param {Axis} axis @param {number} top @param {number} bottom */
function delays(axis, top, bottom) {
  const marks = [];
  const end = axis.countAbove(bottom);
  for (let i = Math.max(0, axis.countAbove(top) - 1); i < end; i++) {
    const since = i ? axis.times[i] - axis.times[i - 1] : 0;
    marks.push({y: axis.yOf(i), words: i ? `+${duration(since)}` : '0'});
  }
  return marks;
}

/** @param {Axis} axis @param {number} top @param {number} bottom */
function rounds(axis, top, bottom) {
  const least = APART / axis.scale;
  const step = STEPS.find((each) => each >= least) ??
    Math.ceil(least / 86_400_000) * 86_400_000;
  const end = axis.timeAt(bottom);
  const marks = [];
  let last = -Infinity;
  let time = Math.ceil(axis.timeAt(top) / step) * step;
  while (time <= end) {
    const y = axis.yAtTime(time);
    // Within a pause that is folded there is no room for what is not.
    if (y - last >= APART / 2 && !axis.folded(axis.countAbove(y))) {
      marks.push({y, words: clock(time, step)});
      last = y;
      time += step;
    } else {
      const beyond = axis.timeAt(Math.max(y, last + APART / 2));
      time = Math.max(time + step, Math.ceil(beyond / step) * step);
    }
  }
  return marks;
}

/** @param {number} time ms @param {number} step */
function clock(time, step) {
  if (time < 60_000) {
    const digits = step >= 1000 ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3;
    return `${(time / 1000).toFixed(digits)} s`;
  }
  const seconds = time / 1000;
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  const rest = step >= 1000 ? two(Math.floor(seconds % 60))
    : (seconds % 60).toFixed(step >= 100 ? 1 : 2).padStart(4, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
