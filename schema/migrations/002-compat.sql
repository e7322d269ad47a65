-- meta.compat: which programs may go on using a database that a newer one has
-- changed.
ALTER TABLE meta ADD COLUMN compat INTEGER NOT NULL DEFAULT 1;
