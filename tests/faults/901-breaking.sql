-- Older programs must not use the database after this.
CREATE TABLE coat (size INTEGER NOT NULL) STRICT;
UPDATE meta SET compat = 901;
