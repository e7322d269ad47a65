/*
 * store_sqlite_run: run.db, the file of what is volatile.
 *
 * Synchronous is off, the file can be deleted, and it is thrown away when the
 * machine was started anew, since its times are monotonic and it may be
 * damaged: nobody had synced it.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <unistd.h>

#include "store_sqlite.h"

#define VERSION "3" /* of what follows */

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS boot (id TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS settled (one INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE IF NOT EXISTS lease ("
    " peer INTEGER PRIMARY KEY, deadline INTEGER NOT NULL,"
    " term INTEGER NOT NULL, cursor INTEGER NOT NULL,"
    " poller INTEGER NOT NULL,"
    " opening INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX IF NOT EXISTS lease_deadline ON lease (deadline);"
    "CREATE TABLE IF NOT EXISTS process ("
    " number INTEGER PRIMARY KEY, front INTEGER NOT NULL,"
    " seats INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS waiting ("
    " peer INTEGER PRIMARY KEY, front INTEGER NOT NULL,"
    " since INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS ceiling ("
    " front INTEGER PRIMARY KEY, age INTEGER NOT NULL,"
    " begun INTEGER NOT NULL, count INTEGER NOT NULL,"
    " hold INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;";

/* What version 2 had not yet. */
static const char since_2[] =
    "ALTER TABLE lease ADD COLUMN opening INTEGER NOT NULL DEFAULT 0;";

/* Whether a question has the answer 1. */
static int
is_so(sqlite3 *run, const char *question, int *rc)
{
	sqlite3_stmt *q;
	int has = 0;

	*rc = sqlite3_prepare_v2(run, question, -1, &q, NULL);
	if (*rc != SQLITE_OK)
		return 0;
	*rc = sqlite3_step(q);
	if (*rc == SQLITE_ROW) {
		has = sqlite3_column_int(q, 0);
		*rc = SQLITE_OK;
	}
	sqlite3_finalize(q);
	return has;
}

/* Spares a process of one request the reading of all that. */
static int
has_schema(sqlite3 *run, int *rc)
{
	return is_so(run,
	    "SELECT user_version = " VERSION " FROM pragma_user_version", rc);
}

/* In one transaction: others may be about to do the same.  Processes of the
 * version before go on with what they know. */
static int
make_schema(sqlite3 *run)
{
	int rc = sqlite3_exec(run, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_exec(run, schema, NULL, NULL, NULL);
	if (rc == SQLITE_OK &&
	    !is_so(run,
		"SELECT count(*) FROM pragma_table_info('lease') "
		"WHERE name = 'opening'",
		&rc) &&
	    rc == SQLITE_OK)
		rc = sqlite3_exec(run, since_2, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(run,
		    "PRAGMA user_version = " VERSION "; COMMIT", NULL, NULL,
		    NULL);
	if (rc != SQLITE_OK)
		sqlite3_exec(run, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

#define ALONE_MS 250

/* A turn must never sleep inside SQLite, but for one request that is alone;
 * and here nobody keeps the lock for long. */
static int
patience(const struct store_sqlite *s)
{
	return s->alone ? ALONE_MS : 0;
}

static int
open_run(struct store_sqlite *s, const char *path, struct buf *words)
{
	int rc;

	if (disk_open(s, path, &s->run, &rc, words) != LB_OK)
		return rc;
	/* The last one to close would shut out whoever comes just then. */
	sqlite3_db_config(s->run, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	rc = sqlite3_exec(s->run,
	    "PRAGMA synchronous = off; PRAGMA cache_size = -128;"
	    "PRAGMA wal_autocheckpoint = 100;",
	    NULL, NULL, NULL);
	if (rc == SQLITE_OK && !has_schema(s->run, &rc) && rc == SQLITE_OK)
		rc = make_schema(s->run);
	return rc;
}

/* SQLITE_OK: of this boot; SQLITE_NOTFOUND: of another, or of none. */
static int
check_boot(struct store_sqlite *s, const char *boot)
{
	sqlite3_stmt *q;
	int rc = sqlite3_prepare_v2(s->run, "SELECT 1 FROM boot WHERE id = ?1",
	    -1, &q, NULL);

	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_text(q, 1, boot, -1, SQLITE_STATIC);
	rc = sqlite3_step(q);
	sqlite3_finalize(q);
	return rc == SQLITE_ROW ? SQLITE_OK :
	    rc == SQLITE_DONE   ? SQLITE_NOTFOUND :
				  rc;
}

/* What an earlier boot has left may be damaged as well. */
static int
is_worthless(int rc)
{
	return rc == SQLITE_NOTFOUND || (rc & 0xff) == SQLITE_CORRUPT ||
	    (rc & 0xff) == SQLITE_NOTADB;
}

static int
start_afresh(struct store_sqlite *s, const char *path, const char *boot,
    struct buf *words)
{
	static const char *const suffixes[] = { "", "-wal", "-shm",
		"-journal" };
	char name[4096 + 8], *sql;
	int rc;

	sqlite3_close(s->run);
	s->run = NULL;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		unlink(name);
	}
	rc = sqlite_create(path) == LB_OK ? open_run(s, path, words) :
					    SQLITE_CANTOPEN;
	if (rc != SQLITE_OK)
		return rc;
	sql = sqlite3_mprintf("INSERT INTO boot VALUES (%Q)", boot);
	if (sql == NULL)
		return SQLITE_NOMEM;
	rc = sqlite3_exec(s->run, sql, NULL, NULL, NULL);
	sqlite3_free(sql);
	return rc;
}

/* Whether everybody present was given a lease since the file was made. */
static int
look_settled(struct store_sqlite *s)
{
	sqlite3_stmt *q;
	int rc = sqlite3_prepare_v2(s->run, "SELECT 1 FROM settled", -1, &q,
	    NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(q);
	s->base.unsettled = rc == SQLITE_DONE;
	sqlite3_finalize(q);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int
look(struct store_sqlite *s, const char *path, const char *boot,
    struct buf *words)
{
	int rc = open_run(s, path, words);

	return rc == SQLITE_OK ? check_boot(s, boot) : rc;
}

/* Nobody may be opening the file while it is replaced: he would put the log of
 * the one to the other. */
enum lb_err
run_open(struct store_sqlite *s, const char *path, struct buf *words)
{
	char boot[37];
	int rc;

	clock_boot_id(boot);
	checkpoint_wait(s);
	rc = look(s, path, boot, words);
	if (is_worthless(rc)) {
		/* Before the lock is let go: the last to close a file deletes
		 * the -wal of that name, which is another's by then. */
		sqlite3_close(s->run);
		s->run = NULL;
	}
	checkpoint_release(s);
	if (is_worthless(rc)) {
		checkpoint_own(s);
		/* Another process may have been here first. */
		rc = look(s, path, boot, words);
		if (is_worthless(rc))
			rc = start_afresh(s, path, boot, words);
		checkpoint_release(s);
	}
	if (rc == SQLITE_OK)
		rc = look_settled(s);
	if (s->run != NULL)
		sqlite3_busy_timeout(s->run, patience(s));
	return sql_error(s->run, rc);
}

enum lb_err
run_clear(struct store_sqlite *s)
{
	int rc;

	lease_forget(s);
	sqlite3_busy_timeout(s->run, 5000);
	rc = sqlite3_exec(s->run,
	    "BEGIN IMMEDIATE; DELETE FROM lease; DELETE FROM waiting;"
	    "DELETE FROM settled; COMMIT",
	    NULL, NULL, NULL);
	sqlite3_busy_timeout(s->run, patience(s));
	if (rc == SQLITE_OK)
		s->base.unsettled = 1;
	else if (!sqlite3_get_autocommit(s->run))
		sqlite3_exec(s->run, "ROLLBACK", NULL, NULL, NULL);
	return sql_error(s->run, rc);
}
