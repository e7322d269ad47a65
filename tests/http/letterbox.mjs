// Letterbox processes as a web server would start them: the listening Unix
// socket is fd 0. Each can be killed and started again by itself.

import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync }
  from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasBegun } from './programs.mjs';
import { until } from './until.mjs';

const BUILD = fileURLToPath(new URL('../../build/', import.meta.url));

/** Root may write anything; tests of modes run as this account instead. */
export const NOBODY = 65534;

/**
 * Holds the listening socket while processes come and go, as systemd does, so
 * that a web server finds it in between; whoever connects to NAME.fd gets it.
 */
const HOLD = `
import socket, sys
def listen(name, backlog):
    s = socket.socket(socket.AF_UNIX)
    s.bind(name)
    s.listen(backlog)
    return s
held = listen(sys.argv[1], 4096)
door = listen(sys.argv[1] + '.fd', 8)
while True:
    guest = door.accept()[0]
    try:
        socket.send_fds(guest, [b'.'], [held.fileno()])
    except OSError:
        pass # killed before it got it
    guest.close()
`;

/** Fetches it, and becomes the program. */
const BECOME = `
import os, socket, sys
door = socket.socket(socket.AF_UNIX)
door.connect(sys.argv[1] + '.fd')
os.dup2(socket.recv_fds(door, 1, 1)[1][0], 0)
user = int(sys.argv[2])
if user:
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
os.execv(sys.argv[3], sys.argv[3:])
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
/** @type {Set<number>} process groups of their own */
const leaders = new Set();
/** @type {Set<string>} */
const folders = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const leader of leaders) process.kill(-leader, 'SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 }))
  process.once(signal, () => process.exit(128 + number));

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
 * @param {{log: string, cwd: string, env?: Record<string, string>,
 *   group?: boolean}} where group: with all that it starts, for it may signal
 *   its whole group (Apache with mpm_prefork does)
 */
export function start(file, args, { log, cwd, env = {}, group = false }) {
  const fd = openSync(log, 'a');
  const child = spawn(file, args, {
    cwd, stdio: ['ignore', fd, fd], detached: group,
    env: { PATH: process.env.PATH, ...env },
  });
  closeSync(fd);
  children.add(child);
  const { pid = 0 } = child;
  if (group && pid) leaders.add(pid);
  child.once('exit', () => {
    children.delete(child);
    leaders.delete(pid); // the number may soon be somebody else's
  });
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
    /** @type {import('node:child_process').ChildProcess | undefined} */
    this.holder = undefined;
  }

  get pid() {
    return this.child?.pid ?? 0;
  }

  get running() {
    return this.child?.exitCode === null && !this.child.signalCode;
  }

  /** What it said before it ended by itself. */
  get failure() {
    return this.running ? undefined : this.stderr;
  }

  get stderr() {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8') : '';
  }

  /** Starts it; what connects from now on is answered. */
  async start() {
    const where = { log: this.log, cwd: dirname(this.socket) };
    const name = basename(this.socket);
    this.holder ??= start('python3', ['-c', HOLD, name], where);
    await until('the socket is there', () => existsSync(`${this.socket}.fd`));
    this.child = start('python3', ['-c', BECOME, name, String(this.user),
      this.program, '-c', this.conf], where);
  }

  /**
   * Ends it and waits for the end. Not before it has begun, unless it is to
   * be killed: it would not end well.
   * @param {NodeJS.Signals} signal
   * @returns {Promise<number | string | null>} exit code or signal
   */
  async end(signal) {
    const { child } = this;
    if (!child) return null;
    if (signal !== 'SIGKILL')
      await until('it has begun', () => !this.running || hasBegun(this.pid));
    if (this.running) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode ?? child.signalCode;
  }

  /** Another process on the same socket, not yet started. */
  beside() {
    const { program, socket, conf, log, user } = this;
    const other = new Letterbox({ program, socket, conf, log: `${log}+`, user });
    other.holder = this.holder;
    return other;
  }

  /** Lets go of the socket. */
  close() {
    this.holder?.kill();
  }
}
