/*
 * store_sqlite_recover_walk: the rows of one table, around what is damaged.
 *
 * A tree is read forwards until a page cannot be, then backwards from the
 * other end.  What lies between is halved, and each half read in the same
 * way, until there is one number left, which is lost.
 */
#include <stdio.h>

#include "json_scan.h"
#include "store_sqlite_recover.h"

#define NEST 64
#define ALIVE 1000     /* rows, or looks, between two signs of life */
#define FINE (1 << 18) /* so many pieces of a gap are looked at, at most */

static const char *const table[STORE_RECOVER__MAX] = {
	[STORE_RECOVER_META] = "meta",
	[STORE_RECOVER_ROOMS] = "room",
	[STORE_RECOVER_PEERS] = "peer",
	[STORE_RECOVER_MESSAGES] = "message",
	[STORE_RECOVER_KEYS] = "key",
};

struct walk {
	struct recover *r;
	enum store_recover_table what;
	sqlite3_stmt *up, *down, *add;
	int columns, body, size; /* of a row; places of these, or -1 */
	int64_t coarse;          /* numbers that are not told apart */
	int64_t looks;
	enum lb_err err; /* why the walk is over; LB_OK: it is not */
};

int64_t
recover_number(struct recover *r, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(r->old, sql, -1, &q, NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		otherwise = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return otherwise;
}

/* ---- statements ---- */

/* The columns that both have: an older version has fewer. */
static void
list_columns(struct walk *w, struct buf *names, struct buf *marks)
{
	sqlite3_stmt *q = NULL;
	char sql[192];
	struct slice name;

	w->body = w->size = -1;
	snprintf(sql, sizeof(sql), "SELECT name FROM pragma_table_info('%s')",
	    table[w->what]);
	if (sqlite3_prepare_v2(w->r->new, sql, -1, &q, NULL) != SQLITE_OK)
		return;
	while (sqlite3_step(q) == SQLITE_ROW) {
		name = sql_text(q, 0);
		snprintf(sql, sizeof(sql),
		    "SELECT 1 FROM pragma_table_info('%s') WHERE name = '%.*s'",
		    table[w->what], (int)name.n, name.p);
		if (recover_number(w->r, sql, 0) == 0)
			continue;
		if (slice_is(name, "body"))
			w->body = w->columns + 1;
		if (slice_is(name, "size"))
			w->size = w->columns + 1;
		buf_str(marks, w->columns > 0 ? ", ?" : "?");
		buf_str(names, w->columns++ > 0 ? ", " : "");
		buf_printf(names, "\"%.*s\"", (int)name.n, name.p);
	}
	sqlite3_finalize(q);
}

static int
prepare(sqlite3 *db, sqlite3_stmt **q, struct buf *sql)
{
	buf_char(sql, '\0');
	return !sql->failed &&
	    sqlite3_prepare_v2(db, sql->p, -1, q, NULL) == SQLITE_OK;
}

static int
begin(struct walk *w)
{
	struct buf names, marks, sql;
	sqlite3_stmt **each[] = { &w->up, &w->down };
	int ok;

	buf_init(&names, 4096);
	buf_init(&marks, 4096);
	buf_init(&sql, 16384);
	list_columns(w, &names, &marks);
	ok = w->columns > 0 && !names.failed && !marks.failed;
	for (int i = 0; i < 2 && ok; i++) {
		sql.n = 0;
		buf_printf(&sql,
		    "SELECT rowid, %.*s FROM %s NOT INDEXED WHERE rowid "
		    "BETWEEN ?1 AND ?2 ORDER BY rowid %s",
		    (int)names.n, names.p, table[w->what], i ? "DESC" : "");
		ok = prepare(w->r->old, each[i], &sql);
	}
	sql.n = 0;
	if (ok) {
		buf_printf(&sql,
		    "INSERT OR IGNORE INTO %s (%.*s) "
		    "VALUES (%.*s)",
		    table[w->what], (int)names.n, names.p, (int)marks.n,
		    marks.p);
		ok = prepare(w->r->new, &w->add, &sql);
	}
	buf_reset(&names);
	buf_reset(&marks);
	buf_reset(&sql);
	return ok;
}

/* ---- rows ---- */

static void
sign(struct walk *w, int64_t count)
{
	const struct store_recover_watch *watch = w->r->watch;

	if (count % ALIVE == 0 && w->err == LB_OK &&
	    watch->alive(watch->arg, w->r->saved))
		w->err = LB_TIMEOUT;
}

static int
is_sound(const struct walk *w, sqlite3_stmt *q)
{
	struct slice body;
	const char *why;
	size_t at;

	if (w->body < 0)
		return 1;
	body = sql_text(q, w->body);
	return (int64_t)body.n == sqlite3_column_int64(q, w->size) &&
	    json_scan(body, NEST, &at, &why) == LB_OK;
}

static void
take(struct walk *w, sqlite3_stmt *q)
{
	int rc = SQLITE_CONSTRAINT;

	if (is_sound(w, q)) {
		for (int i = 1; i <= w->columns; i++)
			sqlite3_bind_value(w->add, i,
			    sqlite3_column_value(q, i));
		rc = sqlite3_step(w->add);
		sqlite3_reset(w->add);
	}
	if (rc == SQLITE_DONE && sqlite3_changes(w->r->new) == 1) {
		w->r->out->saved[w->what]++;
		sign(w, w->r->saved++);
	} else if (rc == SQLITE_DONE || rc == SQLITE_CONSTRAINT) {
		w->r->out->refused[w->what]++;
	} else {
		w->err = rc == SQLITE_FULL ? LB_DISK_FULL :
		    rc == SQLITE_NOMEM     ? LB_NO_MEMORY :
					     LB_IO;
	}
}

/*
 * Takes what there is from one end; 1 when the other was reached.  A number
 * out of order is a page that belongs elsewhere.
 */
static int
run(struct walk *w, sqlite3_stmt *q, int64_t *low, int64_t *high, int up)
{
	int64_t row;
	int rc = SQLITE_DONE;

	sqlite3_bind_int64(q, 1, *low);
	sqlite3_bind_int64(q, 2, *high);
	while (w->err == LB_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		row = sqlite3_column_int64(q, 0);
		if (row < *low || row > *high)
			break;
		take(w, q);
		if (row == (up ? *high : *low)) {
			rc = SQLITE_DONE;
			break;
		}
		if (up)
			*low = row + 1;
		else
			*high = row - 1;
	}
	sqlite3_reset(q);
	sign(w, ++w->looks);
	return w->err != LB_OK || rc == SQLITE_DONE;
}

/* From `low` to `high`, both included. */
static void
walk(struct walk *w, int64_t low, int64_t high)
{
	const struct store_recover_watch *watch = w->r->watch;
	int64_t middle;

	if (run(w, w->up, &low, &high, 1) || run(w, w->down, &low, &high, 0))
		return;
	if (high - low < w->coarse) {
		watch->lost(watch->arg, w->what, low, high);
		return;
	}
	middle = low + (high - low) / 2;
	walk(w, low, middle);
	walk(w, middle + 1, high);
}

/* A number that none is above: the highest power of two from which on there
 * is something that can be read, doubled. */
static int64_t
ceiling(struct walk *w)
{
	int64_t power = (int64_t)1 << 61;
	int rc = SQLITE_DONE;

	for (; power > 1 && rc != SQLITE_ROW; power /= 2) {
		sqlite3_bind_int64(w->up, 1, power);
		sqlite3_bind_int64(w->up, 2, INT64_MAX);
		rc = sqlite3_step(w->up);
		sqlite3_reset(w->up);
	}
	return power * 4;
}

enum lb_err
recover_walk(struct recover *r, enum store_recover_table what)
{
	struct walk w = { .r = r, .what = what };
	const int64_t newest = r->out->newest;
	int64_t top;

	if (begin(&w)) {
		top = ceiling(&w);
		if (what == STORE_RECOVER_MESSAGES && newest > 0)
			top = newest;
		w.coarse = top / FINE + 1;
		walk(&w, what == STORE_RECOVER_MESSAGES ? 1 : 0, top);
	} else {
		r->watch->lost(r->watch->arg, what, 0, INT64_MAX);
	}
	sqlite3_finalize(w.up);
	sqlite3_finalize(w.down);
	sqlite3_finalize(w.add);
	return w.err;
}
