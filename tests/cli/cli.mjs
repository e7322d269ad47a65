// The program as a person calls it, judged by the schemas of its output.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import { binary, scratch } from '../http/letterbox.mjs';
import { until } from '../http/until.mjs';

const SCHEMAS = new URL('../../schema/cli/', import.meta.url);
const Ajv = /** @type {any} */ (Ajv2020).default ?? Ajv2020;
const ajv = new Ajv({ strict: false });

/** @type {Record<string, (value: unknown) => boolean>} */
export const judges = {};
for (const file of readdirSync(SCHEMAS))
  judges[file.replace(/\.json$/, '')] = ajv.compile(
    JSON.parse(readFileSync(new URL(file, SCHEMAS), 'utf8')));

const ENV = { PATH: process.env.PATH ?? '', TZ: 'UTC', HOME: '/nonexistent' };

/** A copy that another account can run: ours may lie in a closed folder.
 * @param {string} program */
function lent(program) {
  const folder = scratch();
  chmodSync(folder, 0o755);
  copyFileSync(program, join(folder, 'letterbox'));
  return join(folder, 'letterbox');
}

/**
 * Runs it to its end.
 * @param {string[]} args
 * @param {{env?: Record<string, string>, uid?: number, cwd?: string,
 *   input?: string}} [more]
 */
export function letterbox(args, { env = {}, uid, cwd, input } = {}) {
  const program = binary({ hostile: true });
  const { status, stdout, stderr } = spawnSync(uid ? lent(program) : program, args,
    { encoding: 'utf8', env: { ...ENV, ...env }, uid, gid: uid, cwd, input,
      maxBuffer: 1 << 28, timeout: 60000 });
  assert.doesNotMatch(stderr, /Sanitizer|runtime error/, args.join(' '));
  return { status, stdout, stderr };
}

/** What it prints when all is well. @param {string[]} args */
export function told(...args) {
  const { status, stdout, stderr } = letterbox(args);
  assert.equal(status, 0, stderr);
  return stdout;
}

/**
 * The objects it prints, a line each.
 * @param {string} schema file of schema/cli
 * @param {string[]} args
 * @returns {any[]}
 */
export function objects(schema, ...args) {
  const lines = told(...args, '--json').trimEnd().split('\n');
  return lines.filter((line) => line).map((line) => {
    const value = JSON.parse(line);
    assert.ok(judges[schema](value),
      `${line}: ${ajv.errorsText(/** @type {any} */ (judges[schema]).errors)}`);
    return value;
  });
}

/** Runs it until it is ended. @param {string[]} args */
export function follow(...args) {
  const child = spawn(binary({ hostile: true }), args, { env: ENV });
  let text = '', said = '';
  child.stdout.setEncoding('utf8').on('data', (more) => text += more);
  child.stderr.setEncoding('utf8').on('data', (more) => said += more);
  /** @type {Promise<number | string | null>} */
  const ended = new Promise((done) => child.on('close', (code, signal) =>
    done(code ?? signal)));
  return {
    child, ended,
    get text() {
      return text;
    },
    get stderr() {
      return said;
    },
    /** @param {RegExp} pattern */
    shows: (pattern) => until(`it shows ${pattern}`, async () =>
      pattern.test(text) || undefined, { within: 60000 }),
  };
}

/** A database within a data folder. @param {string} folder */
export const databaseOf = (folder) => join(folder, 'letterbox.db');
