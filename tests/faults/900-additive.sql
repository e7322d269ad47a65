-- Older programs go on with this.
ALTER TABLE message ADD COLUMN colour TEXT;
CREATE TABLE hat (size INTEGER NOT NULL) STRICT;
