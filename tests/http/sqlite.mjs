// What the tests do to a database behind the server's back.

import { execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, renameSync, rmSync, statSync }
  from 'node:fs';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The rows of a query, read only.
 * @param {string} database
 * @param {string} sql
 * @returns {Promise<any[]>}
 */
export async function rows(database, sql) {
  // With a rollback journal a reader waits for whoever writes.
  const { stdout } = await run('sqlite3', ['-readonly', '-json', '-cmd',
    '.timeout 5000', database, sql], { maxBuffer: 1 << 28 });
  return stdout.trim() ? JSON.parse(stdout) : [];
}

/** A backup as an operator makes one. @param {string} database
 * @param {string} to */
export const backup = (database, to) =>
  run('sqlite3', [database, `.backup '${to}'`]);

/** That backup in the place of the database, which may be in use.
 * @param {string} database @param {string} from */
export function restore(database, from) {
  for (const tail of ['-wal', '-shm'])
    rmSync(database + tail, { force: true });
  const { uid, gid } = statSync(database);
  cpSync(from, database + '.new');
  chownSync(database + '.new', uid, gid);
  chmodSync(database + '.new', 0o600);
  renameSync(database + '.new', database);
}

/** `ok`, or what is wrong with it. @param {string} database */
export const integrity = async (/** @type {string} */ database) =>
  (await rows(database, 'PRAGMA integrity_check'))[0].integrity_check;

const HOLD = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('BEGIN IMMEDIATE')
print('held', flush=True)
sys.stdin.read()
db.execute('ROLLBACK')
`;

/**
 * Does something while another process holds the write lock.
 * @template T
 * @param {string} database
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function holding(database, body) {
  const child = spawn('python3', ['-c', HOLD, database],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  try {
    return await body();
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
}
