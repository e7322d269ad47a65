/*
 * store_sqlite_look: what can be told of a database without changing it.
 *
 * A connection of its own, read-only, so that it also works where the store
 * cannot be opened.  SQLite itself opens and closes the file: whoever closes
 * any other descriptor of it gives away all locks of the process.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "embed.h"
#include "store_sqlite.h"

#define SCHEMA_OUTBOX 4 /* the first with keys that are told by posts */

#define STEPS 2000 /* of SQLite's machine between two looks at the clock */

enum lb_err
sql_meaning(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
		return LB_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return LB_BUSY;
	case SQLITE_NOTADB:
		return LB_NOT_OURS;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_READONLY:
		return LB_EXPOSED;
	case SQLITE_NOMEM:
		return LB_NO_MEMORY;
	case SQLITE_INTERRUPT:
		return LB_TIMEOUT;
	default:
		return LB_IO;
	}
}

/* The first column of the first row goes to one of `number` and `text`. */
static enum lb_err
ask(sqlite3 *db, const char *sql, int64_t *number, char *text, size_t size)
{
	sqlite3_stmt *q;
	int rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW && number != NULL)
		*number = sqlite3_column_int64(q, 0);
	if (rc == SQLITE_ROW && text != NULL)
		snprintf(text, size, "%s",
		    sqlite3_column_type(q, 0) == SQLITE_NULL ?
			"" :
			(const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	return rc == SQLITE_DONE ? LB_NOT_FOUND : sql_meaning(rc);
}

static int
is_late(void *arg)
{
	struct clock now;

	clock_now(&now);
	return now.mono >= *(int64_t *)arg;
}

/* quick_check, as far as it comes. */
static void
check(sqlite3 *db, int64_t patience, struct store_look *out)
{
	struct clock now;
	enum lb_err err;

	clock_now(&now);
	now.mono += patience;
	sqlite3_progress_handler(db, STEPS, is_late, &now.mono);
	err = ask(db, "PRAGMA quick_check(1)", NULL, out->damage,
	    sizeof(out->damage));
	sqlite3_progress_handler(db, 0, NULL, NULL);
	out->complete = err == LB_OK;
	if (sqlite3_errcode(db) == SQLITE_CORRUPT)
		snprintf(out->damage, sizeof(out->damage), "%s",
		    sqlite3_errmsg(db));
	if (strcmp(out->damage, "ok") == 0)
		out->damage[0] = '\0';
}

static enum lb_err
look(sqlite3 *db, int64_t patience, struct store_look *out)
{
	const int newest = schema_newest(lb_migrations);
	int64_t pages = 0, page_size = 0, application = 0, compat = 0;
	enum lb_err err;

	err = ask(db, "PRAGMA application_id", &application, NULL, 0);
	if (err == LB_OK)
		err = ask(db, "PRAGMA user_version", &out->schema, NULL, 0);
	if (err == LB_OK)
		err = ask(db, "PRAGMA journal_mode", NULL, out->journal,
		    sizeof(out->journal));
	if (err == LB_OK)
		err = ask(db, "PRAGMA page_count", &pages, NULL, 0);
	if (err == LB_OK)
		err = ask(db, "PRAGMA page_size", &page_size, NULL, 0);
	if (err != LB_OK)
		return err;
	out->bytes = pages * page_size;
	if (pages > 0 && application != SCHEMA_APPLICATION)
		return LB_NOT_OURS;
	if (out->schema > newest &&
	    (ask(db, "SELECT compat FROM meta", &compat, NULL, 0) != LB_OK ||
		compat > newest))
		return LB_NEWER_SCHEMA;
	if (pages > 0)
		/* LB_NOT_FOUND and worse: the check below says it. */
		ask(db,
		    "SELECT posted_at FROM message ORDER BY seq DESC LIMIT 1",
		    &out->newest_at, NULL, 0);
	if (out->schema >= SCHEMA_OUTBOX &&
	    ask(db, "SELECT count(*) FROM key WHERE hook IS NOT NULL",
		&out->hooks, NULL, 0) == LB_OK)
		ask(db, "SELECT count(*) FROM outbox", &out->outbox, NULL, 0);
	check(db, patience, out);
	return out->damage[0] == '\0' ? LB_OK : LB_IO;
}

void
store_sqlite_look(const char *folder, int64_t patience, struct store_look *out)
{
	char path[4096];
	sqlite3 *db = NULL;
	int rc;

	memset(out, 0, sizeof(*out));
	out->err = LB_NOT_FOUND;
	if (snprintf(path, sizeof(path), "%s/letterbox.db", folder) >=
	    (int)sizeof(path))
		return;
	if (access(path, R_OK) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			out->err = LB_EXPOSED;
		return;
	}
	rc = sqlite3_open_v2(path, &db,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	out->err = sql_meaning(rc);
	if (rc == SQLITE_OK) {
		sqlite3_busy_timeout(db, 100);
		sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
		    NULL);
		out->err = look(db, patience, out);
	}
	sqlite3_close(db);
}
