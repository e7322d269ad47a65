/**
 * The heads of arrows, and whole marks for a legend.
 */

import {MARKS} from './marks.js';

/** @typedef {import('./ladder.js').Shape} Shape */

/** A mark by itself, 30 by 14 px. @param {string} kind @returns {Shape[]} */
export function sampleOf(kind) {
  const {colour, width, dash, head} = MARKS[kind];
  /** @type {Shape[]} */
  const shapes = [{shape: 'line', colour, width, dash, at: [2, 7, 22, 7]}];
  const alone = head === 'circle' || kind === 'left';
  const pointed = head === 'full' || head === 'double' || head === 'open';
  tip(shapes, head, colour, alone ? 15 : pointed ? 27 : 23, 7, 1, 1);
  return alone ? shapes.slice(1) : shapes;
}

/**
 * The head of an arrow.
 * @param {Shape[]} shapes
 * @param {string} head
 * @param {string} colour
 * @param {number} x
 * @param {number} y
 * @param {number} way -1 to the left, 1 to the right
 * @param {number} fade
 */
export function tip(shapes, head, colour, x, y, way, fade) {
  const triangle = (/** @type {number} */ at, size = 5) => shapes.push({
    shape: 'polygon', colour, fade,
    at: [at, y, at - way * size * 1.8, y - size, at - way * size * 1.8,
      y + size]});
  const line = (/** @type {number[]} */ at) => shapes.push({shape: 'line',
    colour, fade, width: 1.75, at});
  if (head === 'full') triangle(x);
  else if (head === 'double') {
    triangle(x);
    triangle(x - way * 8);
  } else if (head === 'open') {
    line([x - way * 7, y - 4.5, x, y]);
    line([x - way * 7, y + 4.5, x, y]);
  } else if (head === 'cross') {
    line([x - 5, y - 5, x + 5, y + 5]);
    line([x - 5, y + 5, x + 5, y - 5]);
  } else if (head === 'diamond') {
    shapes.push({shape: 'polygon', colour, fade,
      at: [x - 5, y, x, y - 5, x + 5, y, x, y + 5]});
  } else if (head === 'square') {
    shapes.push({shape: 'rect', colour, fade, at: [x - 4, y - 4, 8, 8]});
  } else if (head === 'circle') {
    shapes.push({shape: 'circle', colour, fade, width: 5, at: [x, y]});
  }
}
