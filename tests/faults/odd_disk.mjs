// A file system on FUSE without shared memory, sockets and links: odd_disk.c.

import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync }
  from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scratch, start } from '../http/letterbox.mjs';
import { until } from '../http/until.mjs';

const PROGRAM = fileURLToPath(new URL('../../build/odd_disk', import.meta.url));

/** Why there can be none here, or nothing. */
function obstacle() {
  if (!existsSync(PROGRAM)) return 'build/odd_disk is not built: no libfuse3';
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
  } catch {
    return '/dev/fuse cannot be opened';
  }
  return '';
}

/**
 * Mounts one that is gone when we are.
 * @returns {Promise<{path: string, why: string}>} why: there is none
 */
export async function mountOdd() {
  const why = obstacle();
  if (why) return { path: '', why };
  const dir = scratch();
  chmodSync(dir, 0o755); // some tests run as another account
  const [source, path] = ['source', 'mount'].map((name) => join(dir, name));
  for (const folder of [source, path]) mkdirSync(folder, { mode: 0o755 });
  const child = start(PROGRAM, [source, path],
    { log: join(dir, 'odd.log'), cwd: dir });
  after(async () => {
    child.kill('SIGTERM'); // which unmounts it
    if (child.exitCode === null && !child.signalCode)
      await once(child, 'exit');
  });
  const outside = statSync(dir).dev;
  return until('it is mounted', () => child.exitCode !== null
    ? { path: '', why: `odd_disk ended with ${child.exitCode}` }
    : statSync(path).dev !== outside && { path, why: '' });
}
