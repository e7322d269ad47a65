-- Rooms that are heralded, peers that are held, marks and application keys.
-- Programs of before bear it.
ALTER TABLE room ADD COLUMN herald INTEGER
  REFERENCES room (row) ON DELETE SET NULL;
CREATE INDEX room_herald ON room (herald) WHERE herald IS NOT NULL;
ALTER TABLE peer ADD COLUMN held_until INTEGER NOT NULL DEFAULT 0;
DROP INDEX peer_waiting;
CREATE INDEX peer_waiting ON peer (state, changed_at)
  WHERE state NOT IN (2, 5) AND held_until = 0;
CREATE INDEX peer_held_until ON peer (held_until)
  WHERE state NOT IN (2, 5) AND held_until > 0;
CREATE TABLE sent (
  room INTEGER NOT NULL REFERENCES room (row) ON DELETE CASCADE,
  mark TEXT    NOT NULL,
  seq  INTEGER NOT NULL,
  at   INTEGER NOT NULL,
  PRIMARY KEY (room, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_at ON sent (at);
CREATE TABLE key (
  name       TEXT    PRIMARY KEY,
  hash       BLOB    NOT NULL UNIQUE,
  strict     INTEGER NOT NULL DEFAULT 0,
  hook       TEXT,
  created_at INTEGER NOT NULL
) STRICT;
