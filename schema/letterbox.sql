-- letterbox.db: the log, and what goes with it.
--
-- Version 4 (PRAGMA user_version).  Every table is STRICT.  Times are milliseconds of Unix time.
-- What is volatile (leases) lives in run.db and is not described here: it can
-- be deleted at any time while the server is stopped.
--
-- Read it while the server runs, without disturbing it:
--   sqlite3 -readonly letterbox.db 'SELECT * FROM timeline'

-- One row: what holds for the whole database.
CREATE TABLE meta (
  one     INTEGER PRIMARY KEY CHECK (one = 1), -- there is only this row
  epoch   TEXT    NOT NULL, -- 8 random characters; first half of every cursor; renewed when a backup was restored
  newest  INTEGER NOT NULL, -- the highest seq ever given; written in the transaction that gives it, so a seq is never used again
  compat  INTEGER NOT NULL DEFAULT 1 -- programs that know at least this version of the schema may use the database; a migration that they would not bear raises it
) STRICT;

-- A room: an address under which peers meet.
CREATE TABLE room (
  row        INTEGER PRIMARY KEY, -- the room's number in the other tables
  namespace  TEXT    NOT NULL, -- which way in it belongs to: 'rooms' for the native API
  name       TEXT    NOT NULL, -- the name within its namespace, as it came
  secret     BLOB,             -- SHA-256 of the room's secret, fixed by the first join; NULL: it has none
  locked     INTEGER NOT NULL DEFAULT 0, -- 1: newcomers are refused until the owner admits them
  capacity   INTEGER NOT NULL DEFAULT 0, -- peers allowed at the same time; 0: as configured
  floor      INTEGER NOT NULL DEFAULT 0, -- highest seq dropped of what was said to everybody, or was mail yet to be read; a cursor below it has a gap
  kept       INTEGER NOT NULL DEFAULT 0, -- 1: its messages do not expire
  created_at INTEGER NOT NULL, -- when the first peer joined
  ended_at   INTEGER,          -- when the owner ended it; NULL: it is open
  herald     INTEGER REFERENCES room (row) ON DELETE SET NULL -- another room, in which it is told too when somebody joined or left this one; NULL: none
) STRICT;

-- At most one open room of a name; ended ones stay until their log expires.
CREATE UNIQUE INDEX room_name ON room (namespace, name)
  WHERE ended_at IS NULL;
-- Who is heralded where: a room that others name stays.
CREATE INDEX room_herald ON room (herald) WHERE herald IS NOT NULL;

-- Somebody in a room, or somebody for whom mail waits there.
CREATE TABLE peer (
  row        INTEGER PRIMARY KEY, -- the peer's number in the other tables
  room       INTEGER NOT NULL REFERENCES room (row), -- where
  id         TEXT    NOT NULL, -- its name within the room
  state      INTEGER NOT NULL, -- 0 expected (mail waits for an id nobody has had), 1 knocking at a locked room, 2 present, 3 lapsed (vanished; the id is reserved), 4 removed by the owner, 5 gone
  changed_at INTEGER NOT NULL, -- when state last changed
  token      BLOB,             -- SHA-256 of its token; NULL while expected
  may        INTEGER NOT NULL DEFAULT 0, -- what its ticket permits, as bits: 1 post, 2 rules
  admitted   INTEGER NOT NULL DEFAULT 0, -- 1: the owner let it into a locked room
  name       TEXT,             -- the name it shows, a JSON string as it was posted
  info       TEXT,             -- what it says of itself, JSON as it was posted
  since      INTEGER NOT NULL DEFAULT 0, -- when it last joined
  first      INTEGER NOT NULL DEFAULT 0, -- what is said to everybody reaches it when its seq is above this
  joined     INTEGER NOT NULL DEFAULT 0, -- seq of its newest 'joined'; the smallest one in the room is the owner's
  cursor     INTEGER NOT NULL DEFAULT 0, -- highest seq it acknowledged, as of its last post
  n          INTEGER NOT NULL DEFAULT 0, -- counter of its last accepted post
  n_digest   BLOB,             -- first 16 bytes of the SHA-256 of that post's messages
  n_seq      INTEGER NOT NULL DEFAULT 0, -- seq of the first message of that post; the others follow without a hole
  n_count    INTEGER NOT NULL DEFAULT 0, -- messages in that post
  held_until INTEGER NOT NULL DEFAULT 0  -- lapsed, its id and its mail are kept until then, however short the configured times are; 0: no longer than these
) STRICT;

-- An id has one holder; peers that are gone hold none.
CREATE UNIQUE INDEX peer_held ON peer (room, id) WHERE state <> 5;
CREATE INDEX peer_token ON peer (token) WHERE token IS NOT NULL;
-- For housekeeping: who is neither present nor gone, and since when; or, of
-- those that are held, until when.
CREATE INDEX peer_waiting ON peer (state, changed_at)
  WHERE state NOT IN (2, 5) AND held_until = 0;
CREATE INDEX peer_held_until ON peer (held_until)
  WHERE state NOT IN (2, 5) AND held_until > 0;
CREATE INDEX peer_gone ON peer (changed_at, row) WHERE state = 5;

-- The log.
CREATE TABLE message (
  seq        INTEGER PRIMARY KEY, -- place in the log; rises in commit order (see meta.newest)
  room       INTEGER NOT NULL REFERENCES room (row), -- where it was posted
  sender     INTEGER NOT NULL, -- peer.row of who it is from (no foreign key: it would need an index of its own)
  recipient  INTEGER,          -- peer.row of who it is for; NULL: everybody
  type       TEXT    NOT NULL, -- description, candidate, bye, chat, joined, left, room-... or the application's own
  size       INTEGER NOT NULL, -- bytes of body
  posted_at  INTEGER NOT NULL, -- when it was posted
  body       TEXT    NOT NULL  -- JSON, byte for byte as it was posted
) STRICT;

-- By room, then by seq.  With size, so that how much a room holds is answered
-- from the index alone, without a look at each message.
CREATE INDEX message_room ON message (room, seq, size);
-- Mail: what a mailbox holds after a cursor, answered from the index alone.
CREATE INDEX message_mail ON message (recipient, seq, size)
  WHERE recipient IS NOT NULL;

-- What a service has posted or announced under a mark of its own: within an
-- hour the same mark in the same room is the same thing.
CREATE TABLE sent (
  room INTEGER NOT NULL REFERENCES room (row) ON DELETE CASCADE, -- where
  mark TEXT    NOT NULL, -- the service's word for it
  seq  INTEGER NOT NULL, -- the message's; 0: it was none
  at   INTEGER NOT NULL, -- when that was
  PRIMARY KEY (room, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_at ON sent (at);

-- The keys of applications (`letterbox key`).
CREATE TABLE key (
  name       TEXT    PRIMARY KEY, -- 1 to 32 characters of a-z 0-9 -
  hash       BLOB    NOT NULL UNIQUE, -- SHA-256 of the key, which is shown once and not kept
  strict     INTEGER NOT NULL DEFAULT 0, -- 1: mail for a client that is not connected is dropped
  hook       TEXT,                -- URL that is told of the comings and goings of its clients by posts (`letterbox hook`); NULL: none
  created_at INTEGER NOT NULL,    -- when it was made
  hooked     INTEGER NOT NULL DEFAULT 0 -- up to this seq the comings and goings are in the outbox, or were; what was before the key is none of its own
) STRICT;

-- Comings and goings that the hook of a key has not acknowledged.
CREATE TABLE outbox (
  key       TEXT    NOT NULL REFERENCES key (name) ON DELETE CASCADE, -- whose application is to be told
  seq       INTEGER NOT NULL, -- of the message in the log, which may be gone by now
  epoch     TEXT    NOT NULL, -- the log's at that time; with seq the name of the event
  connected INTEGER NOT NULL, -- 1: the client came; 0: it went
  client    TEXT    NOT NULL, -- its client id
  at        INTEGER NOT NULL, -- when that was
  PRIMARY KEY (key, seq)
) STRICT, WITHOUT ROWID;

-- Who said what to whom, when, and how long after the one before.
CREATE VIEW timeline AS
SELECT m.seq,
       strftime('%Y-%m-%d %H:%M:%S', m.posted_at / 1000, 'unixepoch')
         || printf('.%03d', m.posted_at % 1000) AS time,
       r.namespace,
       r.name AS room,
       s.id AS sender,
       coalesce(t.id, '*') AS recipient,
       m.type,
       m.size,
       m.posted_at - lag(m.posted_at)
         OVER (PARTITION BY m.room ORDER BY m.seq) AS ms_since,
       m.body
FROM message m
JOIN room r ON r.row = m.room
LEFT JOIN peer s ON s.row = m.sender
LEFT JOIN peer t ON t.row = m.recipient
ORDER BY m.seq;

-- Each offer with the answer that followed it, and how long that took.
CREATE VIEW call AS
SELECT r.name AS room,
       caller.id AS caller,
       callee.id AS callee,
       o.seq AS offer,
       a.seq AS answer,
       a.posted_at - o.posted_at AS ms_to_answer,
       (SELECT count(*) FROM message c
         WHERE c.room = o.room AND c.seq > o.seq AND c.type = 'candidate'
           AND c.sender = o.sender) AS caller_candidates,
       (SELECT count(*) FROM message c
         WHERE c.room = o.room AND c.seq > o.seq AND c.type = 'candidate'
           AND c.sender = a.sender) AS callee_candidates
FROM message o
JOIN room r ON r.row = o.room
LEFT JOIN peer caller ON caller.row = o.sender
LEFT JOIN message a ON a.seq = (
  SELECT min(x.seq) FROM message x
  WHERE x.room = o.room AND x.seq > o.seq AND x.type = 'description'
    AND x.sender <> o.sender
    AND (o.recipient IS NULL OR x.sender = o.recipient)
    AND json_extract(x.body, '$.type') = 'answer')
LEFT JOIN peer callee ON callee.row = coalesce(a.sender, o.recipient)
WHERE o.type = 'description' AND json_extract(o.body, '$.type') = 'offer'
ORDER BY o.seq;

-- Each peer's mailbox: what was addressed to it, and what still waits as far
-- as the log knows (polls are acknowledged in run.db, so this lags behind).
CREATE VIEW delivery AS
SELECT r.name AS room,
       p.id AS peer,
       CASE p.state WHEN 0 THEN 'expected' WHEN 1 THEN 'knocking'
         WHEN 2 THEN 'present' WHEN 3 THEN 'lapsed' WHEN 4 THEN 'removed'
         ELSE 'gone' END AS state,
       count(m.seq) AS mail,
       count(CASE WHEN m.seq > p.cursor THEN 1 END) AS waiting,
       min(CASE WHEN m.seq > p.cursor THEN m.seq END) AS oldest_waiting,
       p.cursor AS acknowledged
FROM peer p
JOIN room r ON r.row = p.room
LEFT JOIN message m ON m.recipient = p.row
GROUP BY p.row
ORDER BY r.row, p.row;
