// Letterbox processes as a web server would start them: the listening Unix
// socket is fd 0. Each can be killed and started again by itself.

import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync }
  from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.mjs';

const BUILD = fileURLToPath(new URL('../../build/', import.meta.url));

/** Root may write anything; tests of modes run as this account instead. */
export const NOBODY = 65534;

/** Made under another name and renamed: who sees the socket can connect. */
const LISTEN = `
import os, socket, sys
name = sys.argv[1]
user = int(sys.argv.pop(2))
if user:
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
s = socket.socket(socket.AF_UNIX)
s.bind(name + '.new')
s.listen(4096)
os.rename(name + '.new', name)
os.dup2(s.fileno(), 0)
os.execv(sys.argv[2], sys.argv[2:])
`;

/**
 * The program under test.
 * @param {{hostile?: boolean}} [options] hostile: the sanitized one, if built
 */
export function binary({ hostile = false } = {}) {
  if (process.env.LETTERBOX_BIN) return process.env.LETTERBOX_BIN;
  const asan = BUILD + 'asan/letterbox';
  return hostile && existsSync(asan) ? asan : BUILD + 'letterbox';
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
/** @type {Set<string>} */
const folders = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone when we are. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'letterbox-'));
  folders.add(folder);
  return folder;
}

/**
 * Starts a program that ends with us at the latest.
 * @param {string} file
 * @param {string[]} args
 * @param {{log: string, cwd: string, env?: Record<string, string>}} where
 */
export function start(file, args, { log, cwd, env = {} }) {
  const fd = openSync(log, 'a');
  const child = spawn(file, args, {
    cwd, stdio: ['ignore', fd, fd],
    env: { PATH: process.env.PATH, ...env },
  });
  closeSync(fd);
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** One process on one socket. */
export class Letterbox {
  /**
   * @param {{program: string, socket: string, conf: string, log: string,
   *   user?: number}} it
   */
  constructor({ program, socket, conf, log, user = 0 }) {
    this.user = user;
    this.program = program;
    this.socket = socket;
    this.conf = conf;
    this.log = log;
    /** @type {import('node:child_process').ChildProcess | undefined} */
    this.child = undefined;
  }

  get pid() {
    return this.child?.pid ?? 0;
  }

  get running() {
    return this.child?.exitCode === null && !this.child.signalCode;
  }

  get stderr() {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8') : '';
  }

  /** Starts it; it can be connected to when this returns. */
  async start() {
    rmSync(this.socket, { force: true });
    const child = start('python3',
      ['-c', LISTEN, basename(this.socket), String(this.user), this.program,
        '-c', this.conf],
      { log: this.log, cwd: dirname(this.socket) });
    this.child = child;
    await until('the socket listens', () => {
      if (!this.running)
        throw new Error(`letterbox did not start: ${this.stderr}`);
      return existsSync(this.socket);
    });
  }

  /**
   * Ends it and waits for the end.
   * @param {NodeJS.Signals} signal
   * @returns {Promise<number | string | null>} exit code or signal
   */
  async end(signal) {
    const { child } = this;
    if (!child) return null;
    if (this.running) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode ?? child.signalCode;
  }
}
