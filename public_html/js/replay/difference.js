/**
 * Differences of two sequences: a longest common subsequence, so that what is
 * the same in both stands side by side.
 */

/** Cells of the table, four bytes each. Beyond it nothing is aligned. */
const CELLS_MAX = 4_000_000;

/**
 * @param {string[]} a
 * @param {string[]} b
 * @returns {[number, number][]} indices in both; -1 where one has nothing
 */
export function align(a, b) {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  /** @type {[number, number][]} */
  const rows = [];
  for (let i = 0; i < head; i++) rows.push([i, i]);
  for (const [i, j] of middle(a.slice(head, a.length - tail),
    b.slice(head, b.length - tail))) {
    rows.push([i < 0 ? -1 : i + head, j < 0 ? -1 : j + head]);
  }
  for (let i = tail; i > 0; i--) rows.push([a.length - i, b.length - i]);
  return rows;
}

/** @param {string[]} a @param {string[]} b @returns {[number, number][]} */
function middle(a, b) {
  /** @type {[number, number][]} */
  const rows = [];
  const width = b.length + 1;
  let i = 0;
  let j = 0;
  if (a.length && b.length && (a.length + 1) * width <= CELLS_MAX) {
    const longest = table(a, b);
    while (i < a.length && j < b.length) {
      if (a[i] === b[j]) rows.push([i++, j++]);
      else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) {
        rows.push([i++, -1]);
      } else rows.push([-1, j++]);
    }
  }
  while (i < a.length) rows.push([i++, -1]);
  while (j < b.length) rows.push([-1, j++]);
  return rows;
}

/** At i, j: how much the rest of both has in common. @param {string[]} a
 * @param {string[]} b */
function table(a, b) {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j]
        ? longest[(i + 1) * width + j + 1] + 1
        : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  return longest;
}

/** @typedef {{sign: '=' | '+' | '-', text: string, line: number}} Line line:
 *   its number in the newer text; 0 for one that is gone */

/**
 * @param {string} before
 * @param {string} after
 * @returns {Line[]} all of the newer text, and in its place what is gone
 */
export function lineDifference(before, after) {
  const [a, b] = [before, after].map((text) =>
    text.replace(/\r?\n$/, '').split(/\r?\n/));
  return align(a, b).map(([i, j]) => j < 0
    ? {sign: '-', text: a[i], line: 0}
    : {sign: i < 0 ? '+' : '=', text: b[j], line: j + 1});
}
