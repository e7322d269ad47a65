// What clients know, compared with what the database holds.

import assert from 'node:assert/strict';
import { rows } from '../http/sqlite.mjs';

/** @typedef {{seq: number, what: string, room: string}} Row */
/** @typedef {import('./load.mjs').History} History */

/** The posts of the load, in the order of the log.
 * @param {string} database @returns {Promise<Row[]>} */
export const logOf = (database) => rows(database, `SELECT message.seq AS seq,
  room.name || '/' || json_extract(message.body, '$') AS what,
  room.name AS room FROM message JOIN room ON room.row = message.room
  WHERE message.type = 'load' ORDER BY message.seq`);

/**
 * @param {History} history
 * @param {import('../http/peer.mjs').Peer[]} posters
 * @param {Row[]} log
 */
export function compareWritten(history, posters, log) {
  const stored = new Map(log.map((row) => [row.what, row.seq]));
  assert.equal(stored.size, log.length, '0 double');
  for (const [what, seq] of history.acked)
    assert.equal(stored.get(what), seq, `0 lost: ${what}`);
  assert.equal(stored.size, history.acked.size, 'all were acknowledged');
  for (const { room, id } of posters) {
    const mine = log.filter((row) => row.what.startsWith(`${room}/${id}:`));
    assert.deepEqual(mine.map((row) => row.what),
      mine.map((_, i) => `${room}/${id}:${i + 1}`), 'in order');
  }
}

/** @param {History} history @param {Row[]} log */
export function compareRead(history, log) {
  for (const [room, seqs] of history.read)
    assert.deepEqual(seqs, log.filter((row) => row.room === room)
      .map((row) => row.seq), `${room}: read once each, in order`);
}
