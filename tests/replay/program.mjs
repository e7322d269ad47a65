// The program itself, asked about a recording.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @param {string} name */
const built = (name) =>
  fileURLToPath(new URL(`../../build/${name}`, import.meta.url));

/** The sanitized one, if there is one. */
const PROGRAM = existsSync(built('asan/letterbox')) ? built('asan/letterbox')
  : built('letterbox');

/**
 * What it says on standard output.
 * @param {string[]} args
 * @param {string} [input]
 * @returns {string}
 */
export const letterbox = (args, input = '') => execFileSync(PROGRAM, args,
  { input, encoding: 'utf8', maxBuffer: 1 << 28 });
