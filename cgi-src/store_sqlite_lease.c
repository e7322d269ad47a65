/*
 * store_sqlite_lease: leases, in run.db.
 *
 * A renewal is noted in memory and written with the others when somebody
 * looks for leases that have ended, a few times a second, so that a poll never
 * waits for a file.
 */
#include "store_sqlite.h"

#define UNREAD (-1) /* as a base: somebody had locked the file */

static struct store_sqlite *
of(struct store_tx *tx)
{
	return (struct store_sqlite *)(void *)tx->store;
}

/* Opens run.db's transaction of this turn, if it is not yet open. */
static enum lb_err
run_begin(struct store_sqlite *s)
{
	enum lb_err err;

	if (s->run_began)
		return LB_OK;
	err = sql_run(sql_get(s, SQL_RUN_BEGIN));
	s->run_began = err == LB_OK;
	return err;
}

static enum lb_err
put(struct store_sqlite *s, enum sql id, int64_t peer,
    const struct store_lease *l)
{
	sqlite3_stmt *q = sql_get(s, id);

	sqlite3_bind_int64(q, 1, peer);
	sqlite3_bind_int64(q, 2, l->deadline);
	sqlite3_bind_int64(q, 3, l->term);
	sqlite3_bind_int64(q, 4, l->cursor);
	sqlite3_bind_int64(q, 5, (int64_t)l->poller);
	sqlite3_bind_int64(q, 6, l->opening);
	return sql_run(q);
}

/* Neither cursor nor opening ever falls. */
static void
raise(struct store_lease *l, int64_t cursor, int64_t opening)
{
	if (cursor > l->cursor)
		l->cursor = cursor;
	if (opening > l->opening)
		l->opening = opening;
}

/* As it stands in run.db. */
static enum lb_err
written(struct store_sqlite *s, int64_t peer, struct store_lease *l)
{
	sqlite3_stmt *q = sql_get(s, SQL_LEASE_GET);
	enum lb_err err;

	sqlite3_bind_int64(q, 1, peer);
	err = sql_step(q);
	if (err != LB_OK)
		return err;
	l->deadline = sqlite3_column_int64(q, 0);
	l->term = sqlite3_column_int64(q, 1);
	l->cursor = sqlite3_column_int64(q, 2);
	l->poller = (uint64_t)sqlite3_column_int64(q, 3);
	l->opening = sqlite3_column_int64(q, 4);
	sqlite3_reset(q);
	return LB_OK;
}

static enum lb_err
note(struct store_sqlite *s, int64_t peer, const struct store_lease *l)
{
	struct lease_entry *e;
	struct store_lease before, row = { .deadline = 0 };
	enum lb_err err = written(s, peer, &row);

	if (err != LB_OK && err != LB_NOT_FOUND)
		row.deadline = UNREAD;
	HASH_FIND(hh, s->leases, &peer, sizeof(peer), e);
	if (e == NULL) {
		e = malloc(sizeof(*e));
		if (e == NULL)
			return LB_NO_MEMORY;
		e->peer = peer;
		e->lease = *l;
		e->base = row.deadline;
		e->ended = 0;
		HASH_ADD(hh, s->leases, peer, sizeof(peer), e);
		if (e->hh.tbl != NULL)
			return LB_OK;
		free(e);
		return LB_NO_MEMORY;
	}
	before = e->lease;
	e->lease = *l;
	e->base = row.deadline;
	if (e->ended) {
		e->ended = 0;
		return LB_OK;
	}
	e->lease.poller = before.poller;
	raise(&e->lease, before.cursor, before.opening);
	return LB_OK;
}

void
sqlite_renew(struct store *store, int64_t peer, const struct store_lease *l)
{
	/* Without memory: the next poll renews. */
	(void)note((struct store_sqlite *)(void *)store, peer, l);
}

static void
forget(struct store_sqlite *s, struct lease_entry *e)
{
	HASH_DELETE(hh, s->leases, e);
	free(e);
}

void
lease_forget(struct store_sqlite *s)
{
	struct lease_entry *e, *next;

	HASH_ITER(hh, s->leases, e, next)
		forget(s, e);
}

/* Writes what was renewed; a busy run.db is tried again in the next turn. */
void
lease_flush(struct store_sqlite *s)
{
	struct lease_entry *e, *next;

	if (s->leases != NULL && run_begin(s) == LB_OK)
		HASH_ITER(hh, s->leases, e, next) {
			sqlite3_bind_int64(sql_get(s, SQL_LEASE_PUT), 7,
			    e->base);
			if (!e->ended &&
			    put(s, SQL_LEASE_PUT, e->peer, &e->lease) != LB_OK)
				break;
			forget(s, e);
		}
	s->granted = s->granted && s->leases != NULL;
	if (s->run_began) {
		sql_run(sql_get(s, SQL_RUN_COMMIT));
		if (!sqlite3_get_autocommit(s->run))
			sql_run(sql_get(s, SQL_RUN_ROLLBACK));
		s->run_began = 0;
	}
}

/* A batch was given up: the leases that it ended go on, for nobody has been
 * told.  What it renewed may stay. */
void
lease_rollback(struct store_sqlite *s)
{
	struct lease_entry *e, *next;

	if (s->run_began)
		sql_run(sql_get(s, SQL_RUN_ROLLBACK));
	s->run_began = 0;
	HASH_ITER(hh, s->leases, e, next)
		e->ended = 0;
}

enum lb_err
sqlite_lease_get(struct store_tx *tx, int64_t peer, struct store_lease *out)
{
	struct store_sqlite *s = of(tx);
	struct store_lease row;
	struct lease_entry *e;
	enum lb_err err;

	HASH_FIND(hh, s->leases, &peer, sizeof(peer), e);
	if (e != NULL && e->ended)
		return LB_NOT_FOUND;
	if (e != NULL)
		*out = e->lease;
	err = written(s, peer, &row);
	if (err != LB_OK)
		return e != NULL ? LB_OK : err;
	if (e == NULL) {
		*out = row;
		return LB_OK;
	}
	/* What others have written since, as the renewal will find it. */
	if (e->base != UNREAD && row.deadline != e->base &&
	    row.term == out->term)
		out->deadline = row.deadline;
	out->poller = row.poller;
	raise(out, row.cursor, row.opening);
	return LB_OK;
}

enum lb_err
sqlite_claim(struct store *store, int64_t peer, const struct store_lease *l)
{
	struct store_sqlite *s = (struct store_sqlite *)(void *)store;
	struct store_lease claimed = *l;
	struct lease_entry *e;
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	HASH_FIND(hh, s->leases, &peer, sizeof(peer), e);
	if (e != NULL)
		raise(&claimed, e->lease.cursor, e->lease.opening);
	err = run_begin(s);
	if (err == LB_OK)
		err = put(s, SQL_LEASE_CLAIM, peer, &claimed);
	if (err != LB_OK)
		return err;
	if (e != NULL)
		forget(s, e);
	lease_flush(s); /* ends the transaction */
	return LB_OK;
}

enum lb_err
sqlite_lease_put(struct store_tx *tx, int64_t peer, const struct store_lease *l)
{
	/* Not a row of the log: does not count as having written. */
	of(tx)->granted = 1;
	return note(of(tx), peer, l);
}

enum lb_err
sqlite_lease_end(struct store_tx *tx, int64_t peer, int64_t mono)
{
	struct store_sqlite *s = of(tx);
	sqlite3_stmt *q = sql_get(s, SQL_LEASE_END);
	struct lease_entry *e;
	enum lb_err err;

	HASH_FIND(hh, s->leases, &peer, sizeof(peer), e);
	if (e != NULL && (e->ended || e->lease.deadline > mono))
		return LB_NOT_FOUND; /* or renewed, and not yet written */
	err = run_begin(s);
	if (err != LB_OK)
		return err;
	sqlite3_bind_int64(q, 1, peer);
	sqlite3_bind_int64(q, 2, e != NULL ? INT64_MAX : mono);
	err = sql_run(q);
	if (err != LB_OK)
		return err;
	if (sqlite3_changes(s->run) == 0 && e == NULL)
		return LB_NOT_FOUND;
	if (e != NULL)
		e->ended = 1; /* forgotten when the batch is committed */
	return LB_OK;
}

enum lb_err
sqlite_overdue(struct store *store, int64_t mono, int64_t *peers, size_t max,
    size_t *count)
{
	struct store_sqlite *s = (struct store_sqlite *)(void *)store;
	sqlite3_stmt *q = sql_get(s, SQL_LEASE_OVERDUE);
	enum lb_err err;

	*count = 0;
	if (s->db == NULL)
		return LB_IO;
	lease_flush(s);
	sqlite3_bind_int64(q, 1, mono);
	sqlite3_bind_int64(q, 2, (int64_t)max);
	while ((err = sql_step(q)) == LB_OK && *count < max)
		peers[(*count)++] = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return err == LB_NOT_FOUND ? LB_OK : err;
}

/* Present peers without a lease get one; the others a fresh term. */
enum lb_err
sqlite_refresh(struct store *store, int64_t mono)
{
	struct store_sqlite *s = (struct store_sqlite *)(void *)store;
	const struct store_lease fresh = { .deadline = mono + STORE_TERM,
		.term = STORE_TERM };
	struct store_tx tx = { store, { mono, 0 } };
	struct store_lease lease;
	sqlite3_stmt *q;
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	err = hold_take(s);
	if (err != LB_OK)
		return err;
	lease_flush(s);
	q = sql_get(s, SQL_LEASE_REFRESH);
	sqlite3_bind_int64(q, 1, mono);
	err = sql_run(q);
	if (err != LB_OK)
		return err;
	if (sqlite3_prepare_v2(s->db, "SELECT row FROM peer WHERE state = 2",
		-1, &q, NULL) != SQLITE_OK)
		return LB_IO;
	while ((err = sql_step(q)) == LB_OK) {
		int64_t peer = sqlite3_column_int64(q, 0);

		if (sqlite_lease_get(&tx, peer, &lease) == LB_NOT_FOUND)
			sqlite_renew(store, peer, &fresh);
	}
	sqlite3_finalize(q);
	lease_flush(s);
	if (err == LB_NOT_FOUND)
		err = sql_run(sql_get(s, SQL_SETTLED));
	if (err == LB_OK)
		s->base.unsettled = 0;
	return err;
}
