/*
 * store_sqlite_commit: transactions, and the file that they are written to.
 */
#include "store_sqlite.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

/* Another process may have found that this disk bears a WAL after all: then
 * commits have to share the checkpoint's lock. */
static enum lb_err
check_journal(struct store_sqlite *s)
{
	sqlite3_stmt *q = sql_get(s, SQL_JOURNAL);
	enum lb_err err = sql_step(q);
	int is_wal = err == LB_OK && slice_is(sql_text(q, 0), "wal");

	if (err != LB_OK)
		return err;
	sqlite3_reset(q);
	if (!is_wal)
		return LB_OK;
	log_event(LOG_INFO, "journal", "mode=wal why=other");
	s->disk.journal = STORE_WAL;
	return LB_BUSY; /* once more, with the lock */
}

/* What an operation reads of run.db must be readable all the time. */
static enum lb_err
begin_rollback(struct store_sqlite *s)
{
	enum lb_err err = hold_take(s);

	if (err != LB_OK)
		return err;
	/* Two that read and want to write would wait for each other. */
	sqlite3_reset(sql_get(s, SQL_HOLD));
	err = sql_run(sql_get(s, SQL_BEGIN));
	if (err == LB_OK && (err = check_journal(s)) != LB_OK)
		sql_run(sql_get(s, SQL_ROLLBACK));
	if (err != LB_OK)
		hold_end(s);
	return err;
}

static enum lb_err
begin_wal(struct store_sqlite *s)
{
	enum lb_err err = checkpoint_share(s);

	if (err != LB_OK)
		return err;
	err = sql_run(sql_get(s, SQL_BEGIN));
	if (err != LB_OK)
		checkpoint_release(s);
	return err;
}

static void
end_begun(struct store_sqlite *s)
{
	if (s->disk.journal == STORE_WAL)
		checkpoint_release(s);
}

void
sqlite_rollback(struct store_sqlite *s)
{
	if (!sqlite3_get_autocommit(s->db))
		sql_run(sql_get(s, SQL_ROLLBACK));
	lease_rollback(s);
	hold_end(s);
	end_begun(s);
	s->woken_count = 0;
}

enum lb_err
sqlite_begin(struct store_sqlite *s)
{
	enum lb_err err = s->disk.journal == STORE_WAL ? begin_wal(s) :
							 begin_rollback(s);

	s->newest_set = 0;
	if (err == LB_OK && (err = schema_watch(s)) != LB_OK)
		sqlite_rollback(s);
	return err;
}

enum lb_err
sqlite_commit(struct store_sqlite *s)
{
	sqlite3_stmt *q = sql_get(s, SQL_NEWEST_SET);
	enum lb_err err = LB_OK;

	if (s->newest_set) {
		sqlite3_bind_int64(q, 1, s->newest);
		err = sql_run(q);
	}
	/* Whoever comes has a lease by then, for others to end.  One that this
	 * batch has ended must not be gone before the log says so. */
	if (err == LB_OK && s->granted && !s->run_began)
		lease_flush(s);
	/* Reads go on after the commit: nobody else may begin to write. */
	if (err == LB_OK && s->held)
		err = sql_step(sql_get(s, SQL_HOLD));
	if (err == LB_OK)
		err = sql_run(sql_get(s, SQL_COMMIT));
	if (err != LB_OK) {
		sqlite_rollback(s);
		return err;
	}
	s->stats.commits++;
	if (s->newest_set)
		side_note(s, s->newest);
	end_begun(s);
	return LB_OK;
}

/* 1 when the database's name leads to another file, or to none, or when the
 * log ends before what was handed over. */
int
sqlite_is_replaced(const struct store_sqlite *s)
{
	char path[4096];
	struct stat st;

	if (s->set_back)
		return 1;
	snprintf(path, sizeof(path), "%s/letterbox.db", s->folder);
	return stat(path, &st) != 0 || st.st_ino != s->file.st_ino ||
	    st.st_dev != s->file.st_dev;
}

enum lb_err
sqlite_reopen(struct store_sqlite *s)
{
	struct buf words;
	enum lb_err err;

	log_event(LOG_ERROR, "replaced",
	    "words=\"the database file was renamed, deleted or replaced\"");
	buf_init(&words, 4096);
	/* The numbers of its rooms are others: nobody may go on listening. */
	sqlite_unfollow_all(s);
	sqlite_detach(s);
	err = sqlite_attach(s, &words);
	if (err != LB_OK)
		log_event(LOG_ERROR, "reopen", "why=%s words=\"%.*s\"",
		    err_words(err)->code, (int)words.n, words.p);
	buf_reset(&words);
	memset(&s->expired, 0, sizeof(s->expired));
	return err;
}
