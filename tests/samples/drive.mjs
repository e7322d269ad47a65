// channel.py and channel.php as an application calls them: a process of each,
// which is told what to call.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
export const MODULES =
  fileURLToPath(new URL('../../public_html/modules', import.meta.url));

/** @type {Record<string, string[]>} */
const PROGRAMS = {
  'channel.py': [process.env.PYTHON ?? 'python3', `${HERE}drive.py`],
  'channel.php': ['php', '-d', 'display_errors=stderr', '-d',
    'error_reporting=-1', '-d', 'allow_url_fopen=0', `${HERE}drive.php`],
};
export const NAMES = Object.keys(PROGRAMS);

/** @typedef {{value?: any, error?: string, words?: string, status?: number,
 *   code?: string, retryable?: boolean}} Answer */

/** Bytes that are no text, perhaps. @param {string} hex */
export const bytes = (hex) =>
  ({ base64: Buffer.from(hex, 'hex').toString('base64') });

export class Driver {
  /** @type {((answer: Answer) => void)[]} */
  #asked = [];
  #said = '';

  /** @param {string} name @param {Record<string, string>} [env] */
  constructor(name, env = {}) {
    const [program, ...args] = PROGRAMS[name];
    this.name = name;
    this.child = spawn(program, args, { stdio: 'pipe',
      env: { PATH: process.env.PATH, MODULES, ...env } });
    this.child.stderr.on('data', (text) => { this.#said += text; });
    createInterface(this.child.stdout).on('line', (line) =>
      this.#asked.shift()?.(line[0] === '{' ? JSON.parse(line)
        : { error: `said ${line}` }));
    this.child.on('close', () => {
      for (const answer of this.#asked)
        answer({ error: `ended, saying ${this.#said}` });
    });
  }

  /**
   * @param {object | undefined} on a Channel of these arguments; else the
   *   module's own functions
   * @param {string} call @param {unknown[]} args
   * @returns {Promise<Answer>}
   */
  try(on, call, ...args) {
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      this.child.stdin.write(JSON.stringify({ on, call, args }) + '\n');
    });
  }

  /** What it returned. @param {object | undefined} on @param {string} call
   * @param {unknown[]} args @returns {Promise<any>} */
  async call(on, call, ...args) {
    const { value, error, words } = await this.try(on, call, ...args);
    assert.equal(error, undefined, `${this.name} ${call}: ${error} ${words}`);
    return value;
  }

  /** It raised this. @param {string} error @param {object | undefined} on
   * @param {string} call @param {unknown[]} args */
  async refused(error, on, call, ...args) {
    const answer = await this.try(on, call, ...args);
    assert.equal(answer.error, error,
      `${this.name} ${call} ${JSON.stringify(args).slice(0, 200)}: ` +
      JSON.stringify(answer));
    assert.match(String(answer.words), /\w{3}.* \w+/, 'in words');
    return answer;
  }

  end() {
    this.child.kill();
  }
}
