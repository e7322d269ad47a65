// What the tests do to a database behind the server's back.

import { execFile, spawn } from 'node:child_process';
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
