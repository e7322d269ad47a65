/*
 * store_sqlite_schema: which schema a database has, and how it gets ours.
 *
 * schema/letterbox.sql is always the newest one; a database of an older
 * version is brought there step by step (schema/migrations), all steps in one
 * transaction, so that a cut in the middle leaves it as it was.  One of a
 * newer version says which programs it bears (meta.compat); the others refuse
 * it untouched, as they do one that is none of ours.  A newer program may come
 * and migrate at any time, so each transaction that writes looks first.
 */
#include <stdio.h>

#include "embed.h"
#include "log.h"
#include "store_sqlite.h"

static enum lb_err
ask_int(sqlite3 *db, const char *sql, int64_t *value)
{
	sqlite3_stmt *q;
	enum lb_err err;
	int rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);

	if (rc != SQLITE_OK)
		return sql_error(db, rc);
	err = sql_step(q);
	if (err == LB_OK)
		*value = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return err;
}

enum lb_err
schema_run(sqlite3 *db, const char *sql)
{
	return sql_error(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int
schema_newest(const struct embed_migration *steps)
{
	int version = 1;

	for (; steps->to != 0; steps++)
		version = steps->to;
	return version;
}

static enum lb_err
set_version(sqlite3 *db, int version)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", version);
	return schema_run(db, sql);
}

static enum lb_err
migrate(sqlite3 *db, const struct embed_migration *steps, int64_t version)
{
	enum lb_err err = LB_OK;

	for (; steps->to != 0 && err == LB_OK; steps++) {
		if (steps->to <= version)
			continue;
		err = schema_run(db, steps->sql);
		if (err == LB_OK)
			err = set_version(db, steps->to);
	}
	return err;
}

static enum lb_err
create(sqlite3 *db, int version)
{
	char sql[64];
	enum lb_err err = schema_run(db, lb_schema_sql);

	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d",
	    SCHEMA_APPLICATION);
	if (err == LB_OK)
		err = schema_run(db, sql);
	return err == LB_OK ? set_version(db, version) : err;
}

/* 1 when a newer database may be used by a program that knows `version`. */
static int
bears(sqlite3 *db, int version)
{
	int64_t compat = 0;

	return ask_int(db, "SELECT compat FROM meta", &compat) == LB_OK &&
	    compat <= version;
}

/* Inside the transaction: creates, migrates or refuses. */
static enum lb_err
bring(sqlite3 *db, const struct embed_migration *steps, struct buf *words)
{
	int64_t app = 0, version = 0, tables = 0;
	int newest = schema_newest(steps);
	enum lb_err err = ask_int(db, "PRAGMA application_id", &app);

	if (err == LB_OK)
		err = ask_int(db, "PRAGMA user_version", &version);
	if (err == LB_OK)
		err = ask_int(db, "SELECT count(*) FROM sqlite_schema",
		    &tables);
	if (err != LB_OK)
		return err;
	if (tables == 0)
		return create(db, newest);
	if (app != SCHEMA_APPLICATION) {
		buf_str(words,
		    "letterbox.db is not a database of Letterbox: "
		    "move it away, or name another data_dir.");
		return LB_NOT_OURS;
	}
	if (version > newest && !bears(db, newest)) {
		buf_printf(words,
		    "letterbox.db was written by a newer "
		    "Letterbox (schema %d, this one knows %d): install that "
		    "version, or name another data_dir.",
		    (int)version, newest);
		return LB_NEWER_SCHEMA;
	}
	return migrate(db, steps, version);
}

/* 1 when it is ours and of today, which takes no lock to see. */
static int
is_current(sqlite3 *db, int newest)
{
	int64_t app = 0, version = 0;

	return ask_int(db, "PRAGMA application_id", &app) == LB_OK &&
	    app == SCHEMA_APPLICATION &&
	    ask_int(db, "PRAGMA user_version", &version) == LB_OK &&
	    version == newest;
}

enum lb_err
schema_bring(sqlite3 *db, const struct embed_migration *steps,
    struct buf *words)
{
	enum lb_err err;

	if (is_current(db, schema_newest(steps)))
		return LB_OK;
	err = schema_run(db, "BEGIN IMMEDIATE");
	if (err != LB_OK)
		return err;
	err = bring(db, steps, words);
	if (err == LB_OK)
		err = schema_run(db, "COMMIT");
	/* On a full disk SQLite has rolled back by itself. */
	if (err != LB_OK && !sqlite3_get_autocommit(db))
		schema_run(db, "ROLLBACK");
	return err;
}

enum lb_err
schema_watch(struct store_sqlite *s)
{
	int version, before = s->version, newest = schema_newest(lb_migrations);
	sqlite3_stmt *q = sql_get(s, SQL_VERSION);
	enum lb_err err = sql_step(q);

	if (err != LB_OK)
		return err;
	version = sqlite3_column_int(q, 0);
	sqlite3_reset(q);
	if (version != before) {
		if (version > newest && !bears(s->db, newest))
			s->base.outdated = 1;
		s->version = version;
		if (before != 0)
			log_event(LOG_INFO, "schema", "version=%d why=%s",
			    version,
			    s->base.outdated ? "newer-schema" : "additive");
	}
	return s->base.outdated ? LB_NEWER_SCHEMA : LB_OK;
}

enum lb_err
schema_blame(struct store_sqlite *s, enum lb_err err)
{
	return err == LB_IO && schema_watch(s) == LB_NEWER_SCHEMA ?
	    LB_NEWER_SCHEMA :
	    err;
}
