/*
 * store_sqlite_log_check: sums over the whole database, and whether it is
 * what it should be.
 *
 * The walks over messages are done in pieces, so that nobody waits for them.
 * Only SQLite's own look at the pages is one long read, during which a
 * write-ahead log cannot be folded back.
 */
#include <stdio.h>
#include <stdlib.h>

#include "embed.h"
#include "store_sqlite_log.h"

#define PIECE 5000  /* messages looked at in one read */
#define STEPS 20000 /* of SQLite's machine between two signs of life */
#define MOST 10     /* lines said about one thing */

/* ---- sums ---- */

static int64_t
bytes_of(const char *path, const char *ending)
{
	char name[4200];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, ending);
	return stat(name, &st) == 0 ? (int64_t)st.st_size : 0;
}

enum lb_err
store_log_epoch(struct store_log *log, char epoch[STORE_LOG_EPOCH])
{
	sqlite3_stmt *q = log_get(log, LOG_EPOCH);
	enum lb_err err = log_step(log, q);

	if (err != LB_OK)
		return err;
	snprintf(epoch, STORE_LOG_EPOCH, "%s",
	    (const char *)sqlite3_column_text(q, 0));
	sqlite3_reset(q);
	return LB_OK;
}

static void
one_word(struct store_log *log, const char *sql, char *out, size_t size)
{
	sqlite3_stmt *q = NULL;

	*out = '\0';
	if (sqlite3_prepare_v2(log->db, sql, -1, &q, NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW &&
	    sqlite3_column_type(q, 0) != SQLITE_NULL)
		snprintf(out, size, "%s",
		    (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
}

enum lb_err
store_log_totals(struct store_log *log, struct store_log_totals *out)
{
	sqlite3_stmt *q = log_get(log, LOG_TOTALS);
	enum lb_err err = log_step(log, q);
	char version[32];

	memset(out, 0, sizeof(*out));
	if (err != LB_OK)
		return err;
	out->rooms = sqlite3_column_int64(q, 0);
	out->open = sqlite3_column_int64(q, 1);
	out->kept = sqlite3_column_int64(q, 2);
	out->peers = sqlite3_column_int64(q, 3);
	out->present = sqlite3_column_int64(q, 4);
	out->newest = sqlite3_column_int64(q, 5);
	out->first_at = sqlite3_column_int64(q, 6);
	out->last_at = sqlite3_column_int64(q, 7);
	out->messages = sqlite3_column_int64(q, 8);
	sqlite3_reset(q);
	out->file = bytes_of(log->path, "");
	out->wal = bytes_of(log->path, "-wal");
	one_word(log, "PRAGMA journal_mode", out->journal,
	    sizeof(out->journal));
	one_word(log, "PRAGMA user_version", version, sizeof(version));
	sscanf(version, "%lld", (long long *)&out->schema);
	return LB_OK;
}

enum lb_err
store_log_types(struct store_log *log, int64_t *after,
    int (*each)(void *, struct slice, int64_t, int64_t), void *arg)
{
	sqlite3_stmt *q = log_get(log, LOG_TYPES);
	int64_t last = *after;
	enum lb_err err;
	int stop = 0;

	sqlite3_bind_int64(q, 1, *after);
	sqlite3_bind_int(q, 2, PIECE);
	/* Few and short: the callback is no reason to copy them. */
	while (!stop && (err = log_step(log, q)) == LB_OK) {
		if (sqlite3_column_int64(q, 3) > last)
			last = sqlite3_column_int64(q, 3);
		stop = each(arg, sql_text(q, 0), sqlite3_column_int64(q, 1),
		    sqlite3_column_int64(q, 2));
	}
	sqlite3_reset(q);
	if (err != LB_OK && err != LB_NOT_FOUND)
		return err;
	if (last == *after)
		return LB_NOT_FOUND;
	*after = last;
	return LB_OK;
}

/* ---- whether it is whole ---- */

struct check {
	struct store_log *log;
	void (*said)(void *, const char *);
	void *arg;
	int lines;
};

static void
say(struct check *c, const char *line)
{
	if (c->lines++ < MOST)
		c->said(c->arg, line);
}

/* Every row of a query is a fault: its columns are the words. */
static enum lb_err
rows_are_faults(struct check *c, const char *sql, int64_t from, int64_t to)
{
	char line[512];
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(c->log->db, sql, -1, &q, NULL);

	if (rc == SQLITE_OK && sqlite3_bind_parameter_count(q) == 2) {
		sqlite3_bind_int64(q, 1, from);
		sqlite3_bind_int64(q, 2, to);
	}
	while (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		const char *words = (const char *)sqlite3_column_text(q, 0);

		if (words != NULL && strcmp(words, "ok") != 0) {
			snprintf(line, sizeof(line), "%s", words);
			say(c, line);
		}
		rc = c->lines >= MOST ? SQLITE_DONE : SQLITE_OK;
	}
	sqlite3_finalize(q);
	if ((rc & 0xff) == SQLITE_CORRUPT) {
		say(c, sqlite3_errmsg(c->log->db));
		return LB_OK;
	}
	return rc == SQLITE_DONE ? LB_OK : sql_meaning(rc);
}

/* The same, over all messages, a piece at a time. */
static enum lb_err
walk(struct check *c, const char *sql)
{
	static const char next[] = "SELECT max(seq) FROM (SELECT seq FROM "
				   "message WHERE seq > ?1 ORDER BY seq "
				   "LIMIT ?2)";
	int64_t from = 0, to = 1;
	enum lb_err err = LB_OK;
	sqlite3_stmt *q = NULL;
	int rc;

	while (err == LB_OK && to > 0 && c->lines < MOST) {
		rc = sqlite3_prepare_v2(c->log->db, next, -1, &q, NULL);
		if (rc == SQLITE_OK) {
			sqlite3_bind_int64(q, 1, from);
			sqlite3_bind_int(q, 2, PIECE);
			rc = sqlite3_step(q);
		}
		to = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
		sqlite3_finalize(q);
		if (rc != SQLITE_ROW)
			return sql_meaning(rc);
		if (to > 0)
			err = rows_are_faults(c, sql, from, to);
		from = to;
	}
	return err;
}

/* What a database of the newest version is made of, and this one is not. */
static enum lb_err
check_schema(struct check *c)
{
	/* Views have no columns here: those of `call` are not told to a
	 * reader that trusts no schema. */
	static const char objects[] =
	    "SELECT type, name, coalesce(CASE WHEN type = 'table' THEN "
	    "(SELECT group_concat(name) FROM pragma_table_info(m.name)) END, "
	    "'') FROM sqlite_schema m WHERE name NOT LIKE 'sqlite_%' "
	    "ORDER BY name";
	static const char one[] =
	    "SELECT coalesce(CASE WHEN type = 'table' THEN "
	    "(SELECT group_concat(name) FROM pragma_table_info(m.name)) END, "
	    "'') FROM sqlite_schema m WHERE type = ?1 AND name = ?2";
	sqlite3 *model = NULL;
	sqlite3_stmt *want = NULL, *have = NULL;
	char line[512];
	int rc = sqlite3_open(":memory:", &model);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(model, lb_schema_sql, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(model, objects, -1, &want, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(c->log->db, one, -1, &have, NULL);
	while (rc == SQLITE_OK && sqlite3_step(want) == SQLITE_ROW) {
		sql_bind_slice(have, 1, sql_text(want, 0));
		sql_bind_slice(have, 2, sql_text(want, 1));
		if (sqlite3_step(have) != SQLITE_ROW ||
		    !slice_equal(sql_text(have, 0), sql_text(want, 2))) {
			snprintf(line, sizeof(line),
			    "the %s %s is missing or another one",
			    (const char *)sqlite3_column_text(want, 0),
			    (const char *)sqlite3_column_text(want, 1));
			say(c, line);
		}
		sqlite3_reset(have);
	}
	sqlite3_finalize(want);
	sqlite3_finalize(have);
	sqlite3_close(model);
	return sql_meaning(rc);
}

/* An older database is brought to the newest version by the next start. */
static enum lb_err
check_newest_schema(struct check *c)
{
	char version[32];

	one_word(c->log, "PRAGMA user_version", version, sizeof(version));
	if (strtol(version, NULL, 10) != schema_newest(lb_migrations))
		return LB_OK;
	return check_schema(c);
}

/* clang-format off */
static const struct {
	const char *title;
	const char *sql, *quick;	/* NULL: it has a function */
	int in_pieces;
} checks[STORE_LOG__MAX] = {
	[STORE_LOG_PAGES] = { "the pages of the file",
	    "PRAGMA integrity_check(10)", "PRAGMA quick_check(10)", 0 },
	[STORE_LOG_KEYS] = { "what rows refer to is there",
	    "SELECT 'row ' || coalesce(rowid, '?') || ' of ' || \"table\" || ' refers to "
	    "no ' || parent FROM pragma_foreign_key_check", "", 0 },
	[STORE_LOG_SCHEMA] = { "tables, views and indices", NULL, NULL, 0 },
	[STORE_LOG_ORDER] = { "the order of the log",
	    "SELECT 'there is a message ' || seq || ', but ' || newest || "
	    "' is the highest ever given' FROM meta, "
	    "(SELECT max(seq) AS seq FROM message) WHERE seq > newest "
	    "UNION ALL SELECT 'the peer of row ' || row || ' has acknowledged "
	    "what was never given' FROM peer, meta WHERE cursor > newest "
	    "UNION ALL SELECT 'there are ' || count(*) || ' rows in meta' "
	    "FROM meta HAVING count(*) <> 1", NULL, 0 },
	[STORE_LOG_SENDERS] = { "who messages are from",
	    "SELECT 'message ' || m.seq || ' is from nobody of its room' "
	    "FROM message m LEFT JOIN peer p ON p.row = m.sender "
	    "WHERE m.seq > ?1 AND m.seq <= ?2 AND p.room IS NOT m.room",
	    "", 1 },
	[STORE_LOG_MAIL] = { "who mail is for",
	    "SELECT 'message ' || m.seq || ' is for nobody of its room' "
	    "FROM message m LEFT JOIN peer p ON p.row = m.recipient "
	    "WHERE m.seq > ?1 AND m.seq <= ?2 AND m.recipient IS NOT NULL "
	    "AND p.room IS NOT m.room", "", 1 },
	[STORE_LOG_SIZES] = { "bodies and their sizes",
	    "SELECT 'message ' || seq || CASE WHEN json_valid(body) "
	    "THEN ' is not of the size that it says' "
	    "ELSE ' is not JSON' END FROM message "
	    "WHERE seq > ?1 AND seq <= ?2 AND (NOT json_valid(body) OR "
	    "length(CAST(body AS BLOB)) <> size)", "", 1 },
};
/* clang-format on */

const char *
store_log_check_title(enum store_log_check what)
{
	return checks[what].title;
}

enum lb_err
store_log_check(struct store_log *log, enum store_log_check what, int quick,
    void (*said)(void *, const char *), int (*alive)(void *), void *arg)
{
	struct check c = { .log = log, .said = said, .arg = arg };
	const char *sql = checks[what].sql;
	enum lb_err err;

	if (quick && checks[what].quick != NULL)
		sql = checks[what].quick;
	if (sql != NULL && *sql == '\0')
		return LB_OK;
	sqlite3_progress_handler(log->db, STEPS, alive, arg);
	if (sql == NULL)
		err = check_newest_schema(&c);
	else if (checks[what].in_pieces)
		err = walk(&c, sql);
	else
		err = rows_are_faults(&c, sql, 0, 0);
	sqlite3_progress_handler(log->db, 0, NULL, NULL);
	return err;
}
