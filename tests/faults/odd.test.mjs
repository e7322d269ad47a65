// On a disk where processes share no memory and no sockets the promises hold.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rows } from '../http/sqlite.mjs';
import { startServer } from '../http/harness.mjs';
import { mountOdd } from './odd_disk.mjs';

const { path, why } = await mountOdd();

if (why) {
  test('a disk without shared memory', { skip: why }, () => undefined);
} else {
  process.env.LETTERBOX_DISK = path;
  await import('./kill.test.mjs');
  // On an ordinary disk `make test` has them with the same journal.
  if (process.env.SOAK) {
    await import('../http/storage.test.mjs');
    await import('../http/processes.test.mjs');
    await import('./stress.test.mjs');
  }

  test('it is found out, and said', async () => {
    const server = await startServer();
    try {
      assert.match(server.stderr,
        /^journal mode=rollback why=fuse file_system=fuse$/m);
      const [{ journal_mode: mode }] =
        await rows(server.database, 'PRAGMA journal_mode');
      assert.notEqual(mode, 'wal');
    } finally {
      await server.stop();
    }
  });

  test('a write-ahead log that is asked for is refused in words', () =>
    assert.rejects(startServer({ conf: { journal: 'wal' } }),
      /letterbox ended: .*share no memory.*set journal = auto/s));
}
