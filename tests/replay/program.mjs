// The program itself, asked about a recording.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv/dist/2020.js';

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

/** The same of one that may fail. @param {string[]} args */
export function outcome(args) {
  const { status, stdout, stderr } = spawnSync(PROGRAM, args,
    { encoding: 'utf8', maxBuffer: 1 << 28 });
  return { status, stdout, stderr };
}

/** What it prints is as it says. @param {string} schema of schema/cli
 * @returns {(text: string) => string} '' or what is wrong */
export function schemaOf(schema) {
  const ajv = new /** @type {any} */ (Ajv).default({ strictTypes: false });
  const valid = ajv.compile(JSON.parse(readFileSync(new URL(
    `../../schema/cli/${schema}`, import.meta.url), 'utf8')));
  return (text) => valid(JSON.parse(text)) ? '' : ajv.errorsText(valid.errors);
}
