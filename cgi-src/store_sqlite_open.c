/*
 * store_sqlite_open: the files, their modes, the schema and the epoch.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "embed.h"
#include "log.h"
#include "store_sqlite.h"

#define PAGE_SIZE 4096

static enum lb_err
check_folder(const char *folder, struct buf *words)
{
	struct stat st;

	if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)) {
		buf_printf(words,
		    "The data folder %s is not there: create it "
		    "with `mkdir -m 700 %s`.",
		    folder, folder);
		return LB_IO;
	}
	if ((st.st_mode & 077) != 0) {
		buf_printf(words,
		    "The data folder %s can be entered by "
		    "others: close it with `chmod 700 %s`.",
		    folder, folder);
		return LB_EXPOSED;
	}
	if (st.st_uid != geteuid()) {
		buf_printf(words,
		    "The data folder %s belongs to another "
		    "account: give it to this one with `chown`.",
		    folder);
		return LB_EXPOSED;
	}
	return LB_OK;
}

/* SQLite would go by the umask; it gives a WAL the mode of its database. */
enum lb_err
sqlite_create(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno == EEXIST ? LB_OK : LB_IO;
}

/* Refuses a file that others can read before it is opened. */
static enum lb_err
check_file(const char *path, struct buf *words)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		sqlite_create(path);
		return LB_OK; /* or opening it says why not */
	}
	if (access(path, R_OK) != 0) {
		buf_printf(words,
		    "The database %s cannot be read by this account: give it "
		    "to it with `chown`.",
		    path);
		return LB_EXPOSED;
	}
	if ((st.st_mode & 077) == 0)
		return LB_OK;
	buf_printf(words,
	    "The database %s can be read by others: close it "
	    "with `chmod 600 %s`.",
	    path, path);
	return LB_EXPOSED;
}

static enum lb_err
new_epoch(sqlite3 *db)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
	unsigned char random[CURSOR_EPOCH];
	char sql[128], epoch[CURSOR_EPOCH + 1] = "";
	enum lb_err err = token_random(random, sizeof(random));

	if (err != LB_OK)
		return err;
	for (size_t i = 0; i < CURSOR_EPOCH; i++)
		epoch[i] = letters[random[i] % 32];
	snprintf(sql, sizeof(sql),
	    "INSERT INTO meta (one, epoch, newest) VALUES (1, '%s', 0) "
	    "ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch",
	    epoch);
	return schema_run(db, sql);
}

/* Reads the epoch and the newest seq; `known` is 0 when there are none. */
static enum lb_err
look_epoch(struct store_sqlite *s, int *known)
{
	sqlite3_stmt *q = sql_get(s, SQL_EPOCH);
	enum lb_err err = sql_step(q);
	struct slice epoch;

	s->tail = 0;
	*known = err == LB_OK;
	if (err == LB_NOT_FOUND)
		return LB_OK;
	if (err != LB_OK)
		return err;
	epoch = sql_text(q, 0);
	if (epoch.n == CURSOR_EPOCH)
		memcpy(s->epoch, epoch.p, CURSOR_EPOCH);
	s->tail = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return LB_OK;
}

/* Another epoch, unless the look that said so met a commit half noted. */
static enum lb_err
renew_epoch(struct store_sqlite *s)
{
	enum lb_err err = schema_run(s->db, "BEGIN IMMEDIATE");
	int known;

	if (err != LB_OK)
		return err;
	err = look_epoch(s, &known);
	if (err == LB_OK && (!known || side_differs(s, s->tail))) {
		if (known)
			log_event(LOG_INFO, "epoch", "why=restored newest=%lld",
			    (long long)s->tail);
		err = new_epoch(s->db);
		if (err == LB_OK)
			err = run_clear(s);
		side_forget(s);
	}
	if (err == LB_OK)
		err = look_epoch(s, &known);
	/* Before others may look. */
	if (err == LB_OK) {
		side_note(s, s->tail);
		err = schema_run(s->db, "COMMIT");
	}
	if (err != LB_OK)
		schema_run(s->db, "ROLLBACK");
	return err;
}

/* A new epoch when this is not the database last written.  Where all is well
 * nothing is locked: programs that start for each request start many times. */
static enum lb_err
settle_epoch(struct store_sqlite *s)
{
	int known;
	enum lb_err err = look_epoch(s, &known);

	if (err == LB_OK && (!known || side_differs(s, s->tail)))
		return renew_epoch(s);
	if (err == LB_OK)
		side_note(s, s->tail);
	return err;
}

static int
note_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	(void)db;
	(void)name;
	((struct store_sqlite *)arg)->wal_pages = pages;
	return SQLITE_OK;
}

static enum lb_err
open_db(struct store_sqlite *s, const char *path, struct buf *words)
{
	char sql[256];
	enum lb_err err;
	int code;

	err = disk_open(s, path, &s->db, &code, words);
	if (err != LB_OK)
		return err;
	/* 4,096 bytes a page is what SQLite does by itself since 3.12. */
	snprintf(sql, sizeof(sql),
	    "PRAGMA synchronous = %s;"
	    "PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = on;"
	    "PRAGMA cache_size = -512; PRAGMA temp_store = memory;",
	    s->power ? "full" : "normal");
	err = schema_run(s->db, sql);
	if (err != LB_OK)
		return err;
	/* None on close either: the lock would not be held. */
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_wal_hook(s->db, note_wal, s);
	if (s->db_max > 0) {
		snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %lld",
		    (long long)(s->db_max / PAGE_SIZE));
		err = schema_run(s->db, sql);
	}
	return err;
}

static void
explain(const struct store_sqlite *s, struct buf *words, enum lb_err err,
    const char *path)
{
	if (words->n > 0)
		return;
	if (err == LB_BUSY && s->disk.journal == STORE_ROLLBACK) {
		buf_printf(words,
		    "The database %s is in use by a process that keeps it "
		    "with a write-ahead log, which %s: end that process "
		    "first.",
		    path,
		    strcmp(s->disk.why, "asked") == 0 ?
			"the configuration rules out" :
			"its disk cannot be trusted with");
		return;
	}
	buf_printf(words, "The database %s cannot be opened: %s.", path,
	    err == LB_READ_ONLY     ? "the disk or the file is read-only" :
		err == LB_DISK_FULL ? "the disk is full" :
		err == LB_BUSY      ? "another program holds it locked" :
		err == LB_NOT_OURS  ? "it is not an SQLite database" :
				      "reading or writing it failed (is a quota "
				      "used up?)");
}

enum lb_err
sqlite_attach(struct store_sqlite *s, struct buf *words)
{
	char path[4096], run[4096];
	enum lb_err err = check_folder(s->folder, words);

	if (err != LB_OK)
		return err;
	snprintf(path, sizeof(path), "%s/letterbox.db", s->folder);
	snprintf(run, sizeof(run), "%s/run.db", s->folder);
	err = check_file(path, words);
	if (err == LB_OK)
		err = check_file(run, words);
	if (err == LB_OK)
		err = side_open(s, words);
	if (err == LB_OK)
		err = open_db(s, path, words);
	if (err == LB_OK)
		err = schema_bring(s->db, lb_migrations, words);
	if (err == LB_OK)
		err = run_open(s, run, words);
	if (err == LB_OK && stat(path, &s->file) != 0)
		err = LB_IO;
	if (err == LB_OK)
		err = sql_prepare(s);
	if (err == LB_OK)
		err = schema_watch(s);
	if (err == LB_OK)
		err = settle_epoch(s);
	if (s->db != NULL)
		sqlite3_busy_timeout(s->db, 0);
	if (err != LB_OK) {
		explain(s, words, err, path);
		sqlite_detach(s);
	}
	return err;
}

void
sqlite_detach(struct store_sqlite *s)
{
	sql_finalize(s);
	sqlite3_close(s->db);
	sqlite3_close(s->run);
	s->db = s->run = NULL;
	s->version = 0;
	s->set_back = 0;
	s->run_began = s->held = 0;
	side_close(s);
}
