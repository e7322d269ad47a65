/*
 * store_sqlite_log_open: a database, read-only, in whatever state it is.
 *
 * In use or not, a write-ahead log is read through the memory that SQLite
 * shares for it, which a reader may set up too.  A rollback journal that a
 * killed process left must be played back first, which only a connection that
 * may write does.  Where nothing can be written there is nobody who writes
 * either, and the file is read as it stands.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "embed.h"
#include "store_sqlite_log.h"

#define PATIENCE_MS 5000 /* for whoever commits with a rollback journal */

/* ---- what it may be ---- */

static enum lb_err
number(struct store_log *log, const char *sql, int64_t *out)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(log->db, sql, -1, &q, NULL);

	*out = 0;
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return rc == SQLITE_DONE ? LB_NOT_FOUND : sql_meaning(rc);
}

/* LB_EXPOSED here: it is there, and cannot be read in this way. */
static enum lb_err
check_schema(struct store_log *log)
{
	const int newest = schema_newest(lb_migrations);
	int64_t application, version = 0, compat, epochs;
	enum lb_err err = number(log, "PRAGMA application_id", &application);

	if (err == LB_OK)
		err = number(log, "PRAGMA user_version", &version);
	if (err == LB_OK && application != SCHEMA_APPLICATION)
		return LB_NOT_OURS;
	if (err == LB_OK)
		err = number(log, "SELECT count(*) FROM meta", &epochs);
	if (err == LB_OK && version > newest &&
	    (number(log, "SELECT compat FROM meta", &compat) != LB_OK ||
		compat > newest))
		return LB_NEWER_SCHEMA;
	return err;
}

static enum lb_err
open_as(struct store_log *log, const char *name, int flags)
{
	int rc;

	sqlite3_close(log->db);
	log->db = NULL;
	rc = sqlite3_open_v2(name, &log->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return sql_meaning(rc);
	sqlite3_busy_timeout(log->db, PATIENCE_MS);
	sqlite3_db_config(log->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(log->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(log->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_exec(log->db,
	    "PRAGMA query_only = on; PRAGMA cache_size = -1024;"
	    "PRAGMA temp_store = memory",
	    NULL, NULL, NULL);
	return check_schema(log);
}

/* As a medium that nobody can write to. */
static enum lb_err
open_immutable(struct store_log *log, struct buf *words)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
	char wal[sizeof(log->path) + 8];
	struct stat st;
	struct buf uri;
	enum lb_err err;

	buf_init(&uri, 4 * sizeof(log->path));
	buf_str(&uri, "file:");
	for (const char *p = log->path; *p != '\0'; p++) {
		if (strchr(plain, *p) != NULL)
			buf_char(&uri, *p);
		else
			buf_printf(&uri, "%%%02x", (unsigned char)*p);
	}
	buf_str(&uri, "?immutable=1");
	buf_char(&uri, '\0');
	err = uri.failed ?
	    LB_NO_MEMORY :
	    open_as(log, uri.p, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
	buf_reset(&uri);
	snprintf(wal, sizeof(wal), "%s-wal", log->path);
	if (err == LB_OK && stat(wal, &st) == 0 && st.st_size > 0)
		buf_printf(words,
		    "The newest messages are missing: they are in %s, which "
		    "cannot be read where nothing can be written. Copy all "
		    "of the folder to another place and look there.",
		    wal);
	return err;
}

/* ---- why not ---- */

/* Who could be asked to: the owner of what cannot be read. */
static void
explain_account(const char *path, struct buf *words)
{
	struct account owner;
	struct stat st;
	char folder[4096];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	if (stat(path, &st) != 0 && (slash = strrchr(folder, '/')) != NULL) {
		*slash = '\0';
		if (stat(folder, &st) != 0)
			st.st_uid = geteuid();
	}
	if (st.st_uid == geteuid()) {
		buf_printf(words, "%s cannot be read: %s.", path,
		    strerror(EACCES));
		return;
	}
	account_find(&owner, st.st_uid);
	buf_printf(words,
	    "%s belongs to the account %s: ask as that one, for example with "
	    "`sudo -u %s letterbox ...'.",
	    path, owner.name, owner.name);
}

static void
explain(const struct store_log *log, enum lb_err err, struct buf *words)
{
	if (words->n > 0)
		return;
	if (err == LB_EXPOSED)
		explain_account(log->path, words);
	else
		buf_printf(words, "%s %s.", log->path,
		    err == LB_NOT_OURS ? "is no database of Letterbox" :
			err == LB_NEWER_SCHEMA ?
					 "was written by a newer Letterbox: "
					 "look with that one" :
			err == LB_BUSY ? "is held locked by another program: "
					 "try again" :
			err == LB_NO_MEMORY ?
					 "cannot be read for want of memory" :
					 "cannot be read: it is damaged, or "
					 "its disk is; `letterbox check' "
					 "looks closer");
}

/* The database that `path` means. */
static enum lb_err
find_file(struct store_log *log, const char *path, struct buf *words)
{
	struct stat st;
	int n = snprintf(log->path, sizeof(log->path), "%s%s", path,
	    stat(path, &st) == 0 && S_ISREG(st.st_mode) ? "" : "/letterbox.db");

	if (n < 0 || (size_t)n >= sizeof(log->path)) {
		buf_str(words, "The path of the database is too long.");
		return LB_NOT_FOUND;
	}
	if (access(log->path, R_OK) == 0 && stat(log->path, &log->file) == 0)
		return LB_OK;
	if (errno != ENOENT && errno != ENOTDIR)
		return LB_EXPOSED;
	buf_printf(words,
	    "There is no %s: the first request makes it. Another place is "
	    "named by --database or, with -c, by a configuration.",
	    log->path);
	return LB_NOT_FOUND;
}

static enum lb_err
open_somehow(struct store_log *log, struct buf *words)
{
	enum lb_err err = open_as(log, log->path, SQLITE_OPEN_READONLY);
	char folder[sizeof(log->path)];
	char *slash;

	if (err != LB_EXPOSED)
		return err;
	if (sqlite3_extended_errcode(log->db) == SQLITE_READONLY_ROLLBACK ||
	    sqlite3_extended_errcode(log->db) == SQLITE_READONLY_RECOVERY)
		return open_as(log, log->path, SQLITE_OPEN_READWRITE);
	snprintf(folder, sizeof(folder), "%s", log->path);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		snprintf(folder, sizeof(folder), ".");
	else
		slash[slash == folder] = '\0';
	if (access(folder, W_OK) == 0 && access(log->path, W_OK) == 0)
		return err;
	return open_immutable(log, words);
}

enum lb_err
store_log_open(struct store_log **out, const char *path, struct buf *words)
{
	struct store_log *log = calloc(1, sizeof(*log));
	enum lb_err err;

	*out = NULL;
	if (log == NULL) {
		buf_str(words, "There is no memory.");
		return LB_NO_MEMORY;
	}
	buf_init(&log->rooms.text, SIZE_MAX / 2);
	buf_init(&log->peers.text, SIZE_MAX / 2);
	buf_init(&log->messages.text, SIZE_MAX / 2);
	buf_init(&log->choice.text, SIZE_MAX / 2);
	err = find_file(log, path, words);
	if (err == LB_OK)
		err = open_somehow(log, words);
	if (err != LB_OK) {
		explain(log, err, words);
		store_log_close(log);
		return err;
	}
	*out = log;
	return LB_OK;
}

void
store_log_close(struct store_log *log)
{
	if (log == NULL)
		return;
	for (size_t i = 0; i < LOG__MAX; i++)
		sqlite3_finalize(log->sql[i]);
	sqlite3_close(log->db);
	buf_reset(&log->rooms.text);
	buf_reset(&log->peers.text);
	buf_reset(&log->messages.text);
	buf_reset(&log->choice.text);
	free(log);
}

enum front
store_log_front(const struct store_log *log)
{
	static const char newest[] =
	    "SELECT front FROM process ORDER BY until DESC LIMIT 1";
	const char *name = strrchr(log->path, '/');
	const int folder = name == NULL ? 0 : (int)(name + 1 - log->path);
	char path[sizeof(log->path) + 8];
	struct store_log run = { .db = NULL };
	int64_t front = FRONT_AUTO;

	snprintf(path, sizeof(path), "%.*srun.db", folder, log->path);
	if (sqlite3_open_v2(path, &run.db, SQLITE_OPEN_READONLY, NULL) !=
		SQLITE_OK ||
	    number(&run, newest, &front) != LB_OK || front < FRONT_AUTO ||
	    front >= FRONT__MAX)
		front = FRONT_AUTO;
	sqlite3_close(run.db);
	return (enum front)front;
}
