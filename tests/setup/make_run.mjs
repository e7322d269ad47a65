// `make run` as a person does it: in a process group of its own, as a
// terminal would have it, and ended by an interrupt to that whole group.

import { spawn, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @type {Set<number>} process groups that must not outlive us */
const groups = new Set();
process.on('exit', () => {
  for (const group of groups)
    try {
      process.kill(-group, 'SIGKILL');
    } catch { /* it ended between our look and our signal */ }
});

/** A folder for the state of some runs. */
export const newState = () => mkdtempSync(join(tmpdir(), 'letterbox state '));

/** @param {string} state */
export const dropState = (state) =>
  rmSync(state, { recursive: true, force: true });

/**
 * Processes of a group, one a line: group, pid and command. What waits for
 * its parent only has ended.
 * @param {number} group
 */
export const processesOf = (group) =>
  execFileSync('ps', ['-A', '-o', 'pgid=', '-o', 'pid=', '-o', 'args='])
    .toString().split('\n').map((line) => line.trim())
    .filter((line) => Number(line.split(/\s+/)[0]) === group &&
      !line.endsWith('<defunct>'));

/** One `make run`. */
export class MakeRun {
  /**
   * One that a test may leave behind when it fails.
   * @param {{after: (end: () => unknown) => void}} t the test
   * @param {Record<string, string>} variables
   */
  static of(t, variables) {
    const run = new MakeRun(variables);
    t.after(() => run.ended || run.interrupt());
    return run;
  }

  /**
   * @param {Record<string, string>} variables PORT, TLS, HOST, STATE
   * @param {string} [root] the tree to run in
   */
  constructor(variables, root = ROOT) {
    this.out = '';
    const words = Object.entries(variables).map(([k, v]) => `${k}=${v}`);
    this.child = spawn('make', ['-s', 'run', ...words],
      { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.group = /** @type {number} */ (this.child.pid);
    groups.add(this.group);
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (data) => {
        this.out += data;
        this.child.emit('said');
      });
  }

  /** @returns {boolean} */
  get ended() {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits for the line that says how to stop. */
  async ready() {
    const ended = once(this.child, 'close').then(() => 'ended');
    while (!/^ {2}Stop /m.test(this.out))
      if (await Promise.race([ended, once(this.child, 'said')]) === 'ended')
        throw new Error(`make run ended:\n${this.out}`);
    return this;
  }

  /** Waits for its end. @returns {Promise<number | null>} exit code */
  async end() {
    if (!this.ended) await once(this.child, 'close');
    groups.delete(this.group);
    return this.child.exitCode;
  }

  /** Ctrl-C, and the end. */
  interrupt() {
    process.kill(-this.group, 'SIGINT');
    return this.end();
  }

  /** @param {string} word @returns {string} what stands behind it */
  line(word) {
    const found = this.out.match(new RegExp(`^  ${word} +(.*)$`, 'm'));
    if (!found) throw new Error(`no ${word} in:\n${this.out}`);
    return found[1];
  }

  /** Address of the pages, with a slash at its end. */
  get url() {
    return this.line('Open');
  }

  /** The scratch folder of this run, by the web server's arguments. */
  get scratch() {
    const httpd = processesOf(this.group).find((l) => /lighttpd -D/.test(l));
    const found = httpd?.match(/-f (.*)\/lighttpd\.conf/);
    if (!found || !existsSync(found[1]))
      throw new Error(`no scratch folder: ${httpd}`);
    return found[1];
  }
}
