// The configurations of httpd-conf/, with other values for the tests: what is
// replaced must stand in the file, so that the tests run what people copy.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const FOLDER = new URL('../../../httpd-conf/', import.meta.url);

/** @param {string} name of a file of httpd-conf */
export const configuration = (name) =>
  readFileSync(new URL(name, FOLDER), 'utf8');

/**
 * @param {string} text
 * @param {string | RegExp} from
 * @param {string | ((...found: string[]) => string)} to
 */
export function replace(text, from, to) {
  const there = typeof from === 'string' ? text.includes(from)
    : text.search(from) >= 0;
  assert.ok(there, `${from} stands in the configuration`);
  // A function, for a text may have its own meaning of dollars.
  return text.replaceAll(from, typeof to === 'string' ? () => to : to);
}

/**
 * @param {string} text
 * @param {Record<string, string>} changes what stands there -> what is to
 */
export const replaceEach = (text, changes) => Object.entries(changes)
  .reduce((before, [from, to]) => replace(before, from, to), text);

/**
 * Sets values of the first block of a configuration.
 * @param {string} text
 * @param {(name: string) => RegExp} line the line of a value, whose first
 *   group stands before it
 * @param {Record<string, string | number>} values as they are to be written
 */
export const setEach = (text, line, values) => Object.entries(values)
  .reduce((before, [name, value]) => replace(before, line(name),
    (_, head) => head + value), text);
