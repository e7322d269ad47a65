-- What applications are yet to be told by their hooks.  Programs of before
-- bear it.
ALTER TABLE key ADD COLUMN hooked INTEGER NOT NULL DEFAULT 0;
UPDATE key SET hooked = (SELECT newest FROM meta);
CREATE TABLE outbox (
  key       TEXT    NOT NULL REFERENCES key (name) ON DELETE CASCADE,
  seq       INTEGER NOT NULL,
  epoch     TEXT    NOT NULL,
  connected INTEGER NOT NULL,
  client    TEXT    NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (key, seq)
) STRICT, WITHOUT ROWID;
