/*
 * store_sqlite_recover_walk: the rows of one table, around what is damaged.
 *
 * A tree is read forwards until a page cannot be, then backwards from the
 * other end.  What lies between is halved, and each half read in the same
 * way, until there is one number left.
 *
 * Then it is gone through once more, beside what was saved: of two rows that
 * were, the one has to lead to the other, or what lies between is lost.  A page
 * that belongs elsewhere, or of which a part is zeros, is no error to SQLite.
 */
#include <stdio.h>

#include "json_scan.h"
#include "recording.h"
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
	sqlite3_stmt *up, *down, *add, *kept;
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
	/* A number that is a column as well is taken as the number. */
	snprintf(sql, sizeof(sql),
	    "SELECT name FROM pragma_table_info('%s') "
	    "WHERE NOT (pk = 1 AND type = 'INTEGER')",
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
		buf_str(marks, ", ?");
		buf_printf(names, ", \"%.*s\"", (int)name.n, name.p);
		w->columns++;
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
		    "SELECT rowid%.*s FROM %s NOT INDEXED WHERE rowid "
		    "BETWEEN ?1 AND ?2 ORDER BY rowid %s",
		    (int)names.n, names.p, table[w->what], i ? "DESC" : "");
		ok = prepare(w->r->old, each[i], &sql);
	}
	sql.n = 0;
	if (ok) {
		buf_printf(&sql,
		    "INSERT OR IGNORE INTO %s (rowid%.*s) "
		    "VALUES (?%.*s)",
		    table[w->what], (int)names.n, names.p, (int)marks.n,
		    marks.p);
		ok = prepare(w->r->new, &w->add, &sql);
	}
	sql.n = 0;
	buf_printf(&sql, "SELECT rowid FROM %s ORDER BY rowid", table[w->what]);
	ok = ok && prepare(w->r->new, &w->kept, &sql);
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
	int rc;

	if (!is_sound(w, q))
		return;
	for (int i = 0; i <= w->columns; i++)
		sqlite3_bind_value(w->add, i + 1, sqlite3_column_value(q, i));
	rc = sqlite3_step(w->add);
	sqlite3_reset(w->add);
	if (rc == SQLITE_DONE && sqlite3_changes(w->r->new) == 1)
		sign(w, w->r->saved++);
	else if (rc != SQLITE_DONE && rc != SQLITE_CONSTRAINT)
		w->err = rc == SQLITE_FULL ? LB_DISK_FULL :
		    rc == SQLITE_NOMEM     ? LB_NO_MEMORY :
					     LB_IO;
}

/* Does it lead to something from `low` to `high`, or fail?  A page in the wrong
 * place is seen from one side and not from the other. */
static int
leads_between(sqlite3_stmt *q, int64_t low, int64_t high)
{
	int rc = SQLITE_DONE;

	if (low > high)
		return 0;
	sqlite3_bind_int64(q, 1, low);
	sqlite3_bind_int64(q, 2, high);
	rc = sqlite3_step(q);
	sqlite3_reset(q);
	return rc != SQLITE_DONE;
}

enum outcome { STUCK, NO_MORE, ALL };

/* Takes what there is from one end, as far as each row leads to the next. */
static enum outcome
run(struct walk *w, int64_t *low, int64_t *high, int up)
{
	sqlite3_stmt *q = up ? w->up : w->down, *other = up ? w->down : w->up;
	enum outcome outcome = STUCK;
	int64_t row;
	int rc = SQLITE_DONE;

	sqlite3_bind_int64(q, 1, *low);
	sqlite3_bind_int64(q, 2, *high);
	while (w->err == LB_OK && outcome == STUCK &&
	    (rc = sqlite3_step(q)) == SQLITE_ROW) {
		row = sqlite3_column_int64(q, 0);
		if (row < *low || row > *high ||
		    (up && leads_between(other, *low, row - 1)) ||
		    (!up && row < *high &&
			leads_between(other, row + 1, *high)))
			break;
		take(w, q);
		if (row == (up ? *high : *low))
			outcome = ALL;
		else if (up)
			*low = row + 1;
		else
			*high = row - 1;
	}
	sqlite3_reset(q);
	sign(w, ++w->looks);
	return rc == SQLITE_DONE ? NO_MORE : outcome;
}

/* From `low` to `high`, both included. */
static void
walk(struct walk *w, int64_t low, int64_t high)
{
	const enum outcome up = run(w, &low, &high, 1);
	enum outcome down;
	int64_t middle;

	if (up == ALL || w->err != LB_OK)
		return;
	down = run(w, &low, &high, 0);
	if (down == ALL || w->err != LB_OK ||
	    (up == NO_MORE && down == NO_MORE) || high - low < w->coarse)
		return;
	middle = low + (high - low) / 2;
	walk(w, low, middle);
	walk(w, middle + 1, high);
}

/* ---- what is lost ---- */

/* From `low` on, as the old database has it. */
static void
seek(struct walk *w, int64_t low)
{
	sqlite3_reset(w->up);
	sqlite3_bind_int64(w->up, 1, low);
	sqlite3_bind_int64(w->up, 2, INT64_MAX);
}

static int
next(sqlite3_stmt *q, int64_t *row)
{
	int rc = sqlite3_step(q);

	*row = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
	return rc;
}

/* What was saved is there; what lies before it was told.  Stands behind it. */
static void
stand_behind(struct walk *w, int64_t row)
{
	int64_t found;

	seek(w, row);
	if (next(w->up, &found) != SQLITE_ROW || found != row)
		seek(w, row + 1);
}

/* Does `at` lead to what came after it? */
static int
leads(struct walk *w, int64_t at, int rc, int64_t row, int64_t kept)
{
	if (rc == SQLITE_ROW)
		return row > at && row <= kept &&
		    !leads_between(w->down, at + 1, row - 1);
	return rc == SQLITE_DONE && kept == INT64_MAX &&
	    (at == INT64_MAX || !leads_between(w->down, at + 1, INT64_MAX));
}

/* Goes along both, and tells what lies between rows that do not lead to each
 * other, and behind the last one up to `top`. */
static void
compare(struct walk *w, int64_t low, int64_t top)
{
	const struct store_recover_watch *watch = w->r->watch;
	struct store_recovered *out = w->r->out;
	int64_t at = low - 1, row, kept;
	int has = next(w->kept, &kept) == SQLITE_ROW, rc, sound;

	seek(w, low);
	while (w->err == LB_OK) {
		sign(w, ++w->looks);
		rc = next(w->up, &row);
		sound = leads(w, at, rc, row, has ? kept : INT64_MAX);
		if (sound && rc == SQLITE_ROW && (!has || row < kept)) {
			out->refused[w->what]++;
			at = row;
			continue;
		}
		if (!sound && at < (has ? kept - 1 : top))
			watch->lost(watch->arg, w->what, at + 1,
			    has ? kept - 1 : top);
		if (!has)
			break;
		at = kept;
		out->saved[w->what]++;
		if (!sound)
			stand_behind(w, at);
		has = next(w->kept, &kept) == SQLITE_ROW;
	}
}

/* A number that none is above: the highest power of two from which on there
 * is something that can be read, doubled. */
static int64_t
ceiling(struct walk *w)
{
	int64_t power = (int64_t)1 << 62;
	int rc = SQLITE_DONE;

	for (; power > 1; power /= 2) {
		sqlite3_bind_int64(w->up, 1, power);
		sqlite3_bind_int64(w->up, 2, INT64_MAX);
		rc = sqlite3_step(w->up);
		sqlite3_reset(w->up);
		if (rc == SQLITE_ROW)
			break;
	}
	return power > INT64_MAX / 2 ? INT64_MAX : 2 * power;
}

/* Messages above the highest seq that is known of are looked for apart, lest
 * one that is far off makes the rest coarse. */
enum lb_err
recover_walk(struct recover *r, enum store_recover_table what)
{
	struct walk w = { .r = r, .what = what };
	const int64_t low = what == STORE_RECOVER_MESSAGES ? 1 : 0;
	/* Nobody knows where the log ended. */
	const int is_open = low == 1 && r->out->newest == 0;
	int64_t top, known;

	if (begin(&w)) {
		top = known = ceiling(&w);
		if (low == 1 && !is_open)
			known = r->out->newest;
		w.coarse = known / FINE + 1;
		walk(&w, low, known);
		w.coarse = top / FINE + 1;
		if (top > known)
			walk(&w, known + 1, top);
		compare(&w, low, is_open ? RECORDING_SEQ_MAX : known);
	} else {
		r->watch->lost(r->watch->arg, what, 0, INT64_MAX);
	}
	sqlite3_finalize(w.up);
	sqlite3_finalize(w.down);
	sqlite3_finalize(w.add);
	sqlite3_finalize(w.kept);
	return w.err;
}
