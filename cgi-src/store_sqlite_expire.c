/*
 * store_sqlite_expire: what goes, and when: by count and size when a room is
 * over its bound, by age a little at a time.
 */
#include "log.h"
#include "store_sent.h"
#include "store_sqlite.h"

#define ROUND_MS 600000 /* between two looks at what is kept */

static struct store_sqlite *
of(struct store_tx *tx)
{
	return (struct store_sqlite *)(void *)tx->store;
}

static enum lb_err
raise_floor(struct store_sqlite *s, int64_t room, int64_t seq)
{
	sqlite3_stmt *q = sql_get(s, SQL_ROOM_FLOOR);

	sqlite3_bind_int64(q, 1, room);
	sqlite3_bind_int64(q, 2, seq);
	return sql_run(q);
}

static enum lb_err
run_with(struct store_sqlite *s, enum sql id, int64_t value)
{
	sqlite3_stmt *q = sql_get(s, id);

	sqlite3_bind_int64(q, 1, value);
	return sql_run(q);
}

/* What was acknowledged by polls is in run.db; trimming wants to know it. */
static enum lb_err
settle_cursors(struct store_tx *tx, int64_t room)
{
	struct store_sqlite *s = of(tx);
	sqlite3_stmt *peers = sql_get(s, SQL_PEERS_PRESENT);
	sqlite3_stmt *set = sql_get(s, SQL_PEER_CURSOR);
	int64_t rows[256];
	size_t count = 0;
	struct store_lease lease;
	enum lb_err err = LB_OK;

	sqlite3_bind_int64(peers, 1, room);
	while (count < 256 && (err = sql_step(peers)) == LB_OK)
		rows[count++] = sqlite3_column_int64(peers, 0);
	sqlite3_reset(peers);
	if (err != LB_OK && err != LB_NOT_FOUND)
		return err;
	for (size_t i = 0; i < count; i++) {
		if (sqlite_lease_get(tx, rows[i], &lease) != LB_OK)
			continue;
		sqlite3_bind_int64(set, 1, rows[i]);
		sqlite3_bind_int64(set, 2, lease.cursor);
		err = sql_run(set);
		if (err != LB_OK)
			return err;
	}
	return LB_OK;
}

enum lb_err
sqlite_trim(struct store_tx *tx, int64_t room, int64_t count, int64_t bytes)
{
	struct store_sqlite *s = of(tx);
	sqlite3_stmt *q = sql_get(s, SQL_ROOM_SIZE);
	int64_t have, size, floor = 0;
	enum lb_err err;

	sqlite3_bind_int64(q, 1, room);
	err = sql_step(q);
	if (err != LB_OK)
		return err;
	have = sqlite3_column_int64(q, 0);
	size = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	if (have <= count && size <= bytes)
		return LB_OK;
	err = settle_cursors(tx, room);
	if (err != LB_OK)
		return err;
	s->writes++;
	q = sql_get(s, SQL_TRIM_LIST);
	sqlite3_bind_int64(q, 1, room);
	while ((have > count || size > bytes) && (err = sql_step(q)) == LB_OK) {
		int64_t seq = sqlite3_column_int64(q, 0);

		have--;
		size -= sqlite3_column_int64(q, 1);
		if (sqlite3_column_int(q, 2))
			floor = seq;
		err = run_with(s, SQL_MESSAGE_DELETE, seq);
		if (err != LB_OK)
			break;
	}
	sqlite3_reset(q);
	if (err == LB_NOT_FOUND)
		err = LB_OK;
	if (err == LB_OK && floor > 0)
		err = raise_floor(s, room, floor);
	return err;
}

/* Up to where everything is old.  What says that it is of the future (the
 * clock was set back since) goes with the next one that is old, and does not
 * keep it. */
static enum lb_err
find_old(struct store_sqlite *s, const struct store_expiry *e, int64_t *upto)
{
	sqlite3_stmt *q = sql_get(s, SQL_OLD_MESSAGES);
	enum lb_err err;

	*upto = 0;
	sqlite3_bind_int64(q, 1, s->expired.message);
	sqlite3_bind_int64(q, 2, e->most);
	sqlite3_bind_int64(q, 3, e->now);
	while ((err = sql_step(q)) == LB_OK) {
		int64_t at = sqlite3_column_int64(q, 2);

		if (at < e->messages)
			*upto = sqlite3_column_int64(q, 0);
		else if (e->now == 0 || at <= e->now)
			break;
	}
	sqlite3_reset(q);
	return err == LB_NOT_FOUND ? LB_OK : err;
}

/* What was kept when the walk came by may be kept no longer: at its end it
 * begins anew, now and then. */
static void
begin_anew(struct store_sqlite *s)
{
	if (s->tx.now.mono < s->expired.round)
		return;
	s->expired.round = s->tx.now.mono + ROUND_MS;
	s->expired.message = 0;
}

/* 1 when the row under `q` is mail that its peer has not acknowledged, not even
 * by a poll. */
static int
is_unread(struct store_sqlite *s, sqlite3_stmt *q)
{
	int64_t peer = sqlite3_column_int64(q, 7);
	struct store_lease lease;

	return peer != 0 &&
	    (sqlite_lease_get(&s->tx, peer, &lease) != LB_OK ||
		lease.cursor < sqlite3_column_int64(q, 0));
}

/* Looks at `most` messages from where the last call stopped. */
static enum lb_err
old_messages(struct store_sqlite *s, const struct store_expiry *e)
{
	sqlite3_stmt *q = sql_get(s, SQL_OLD_MESSAGES);
	int64_t upto;
	enum lb_err err = find_old(s, e, &upto), failed = LB_OK;
	int unread;

	if (err == LB_OK && upto == 0)
		begin_anew(s);
	if (err != LB_OK || upto == 0)
		return err;
	while (failed == LB_OK && s->expired.message < upto &&
	    (err = sql_step(q)) == LB_OK) {
		s->expired.message = sqlite3_column_int64(q, 0);
		unread = is_unread(s, q);
		if (sqlite3_column_int(q, 4) ||
		    (unread && sqlite3_column_int(q, 5)))
			continue; /* kept, or held for it */
		failed = run_with(s, SQL_MESSAGE_DELETE, s->expired.message);
		/* Its peer may still come for it, and is told. */
		unread = unread && sqlite3_column_int(q, 6);
		if (failed == LB_OK && (unread || sqlite3_column_int(q, 3)))
			failed = raise_floor(s, sqlite3_column_int64(q, 1),
			    s->expired.message);
	}
	sqlite3_reset(q);
	if (failed != LB_OK)
		return failed;
	return err == LB_NOT_FOUND ? LB_OK : err;
}

/* Rows of the first column of a query bound to (limit, most), at most 64. */
static enum lb_err
list(struct store_sqlite *s, enum sql id, int64_t limit, int most,
    int64_t rows[64], size_t *count)
{
	sqlite3_stmt *q = sql_get(s, id);
	enum lb_err err = LB_OK;

	*count = 0;
	sqlite3_bind_int64(q, 1, limit);
	sqlite3_bind_int64(q, 2, most < 64 ? most : 64);
	while (*count < 64 && (err = sql_step(q)) == LB_OK)
		rows[(*count)++] = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return err == LB_NOT_FOUND ? LB_OK : err;
}

static enum lb_err
peer_over(struct store_sqlite *s, int64_t row)
{
	sqlite3_stmt *q = sql_get(s, SQL_PEER_OVER);

	sqlite3_bind_int64(q, 1, row);
	sqlite3_bind_int64(q, 2, s->tx.now.wall);
	return sql_run(q);
}

static enum lb_err
strangers(struct store_sqlite *s, const struct store_expiry *e)
{
	int64_t rows[64];
	size_t count;
	enum lb_err err = list(s, SQL_STRANGERS, e->strangers, e->most, rows,
	    &count);

	for (size_t i = 0; err == LB_OK && i < count; i++) {
		err = run_with(s, SQL_MAIL_DELETE, rows[i]);
		if (err == LB_OK)
			err = run_with(s, SQL_PEER_DELETE, rows[i]);
		if (err == LB_OK)
			err = peer_over(s, rows[i]);
	}
	return err;
}

/* Ids that were reserved long enough are free. */
static enum lb_err
reserved(struct store_sqlite *s, const struct store_expiry *e)
{
	sqlite3_stmt *q = sql_get(s, SQL_PEERS_OVER);

	sqlite3_bind_int64(q, 1, e->reserved);
	sqlite3_bind_int64(q, 2, e->most);
	sqlite3_bind_int64(q, 3, s->tx.now.wall);
	return sql_run(q);
}

/* The same of ids that were held for longer. */
static enum lb_err
held(struct store_sqlite *s, const struct store_expiry *e)
{
	sqlite3_stmt *q = sql_get(s, SQL_HELD_OVER);

	sqlite3_bind_int64(q, 1, e->reserved);
	sqlite3_bind_int64(q, 2, e->most);
	sqlite3_bind_int64(q, 3, s->tx.now.wall);
	sqlite3_bind_int64(q, 4, e->now);
	return sql_run(q);
}

static enum lb_err
old_marks(struct store_sqlite *s, const struct store_expiry *e)
{
	sqlite3_stmt *q = sql_get(s, SQL_SENT_OLD);

	sqlite3_bind_int64(q, 1, e->now - STORE_SENT_MS);
	sqlite3_bind_int64(q, 2, e->most);
	return sql_run(q);
}

/* Peers that are gone and that no message names any more. */
static enum lb_err
gone_peers(struct store_sqlite *s, const struct store_expiry *e)
{
	sqlite3_stmt *q = sql_get(s, SQL_PEERS_GONE);
	enum lb_err err, failed = LB_OK;

	sqlite3_bind_int64(q, 1, s->expired.gone_at);
	sqlite3_bind_int64(q, 2, s->expired.gone);
	sqlite3_bind_int64(q, 3, e->messages);
	sqlite3_bind_int64(q, 4, e->most);
	s->expired.gone_at = s->expired.gone = 0;
	while (failed == LB_OK && (err = sql_step(q)) == LB_OK) {
		s->expired.gone_at = sqlite3_column_int64(q, 0);
		s->expired.gone = sqlite3_column_int64(q, 1);
		if (sqlite3_column_int(q, 2))
			failed = run_with(s, SQL_GONE_DELETE, s->expired.gone);
	}
	sqlite3_reset(q);
	if (failed != LB_OK)
		return failed;
	return err == LB_NOT_FOUND ? LB_OK : err;
}

/* Rooms without messages and without anybody whose id is held; their gone
 * peers go with them. */
static enum lb_err
empty_rooms(struct store_sqlite *s, const struct store_expiry *e)
{
	sqlite3_stmt *q = sql_get(s, SQL_ROOMS_EMPTY);
	enum lb_err err, failed = LB_OK;

	sqlite3_bind_int64(q, 1, s->expired.room);
	sqlite3_bind_int64(q, 2, e->most);
	s->expired.room = 0; /* behind the last one it begins anew */
	while (failed == LB_OK && (err = sql_step(q)) == LB_OK) {
		s->expired.room = sqlite3_column_int64(q, 0);
		if (!sqlite3_column_int(q, 1))
			continue;
		failed = run_with(s, SQL_ROOM_PEERS_DELETE, s->expired.room);
		if (failed == LB_OK)
			failed = run_with(s, SQL_ROOM_DELETE, s->expired.room);
	}
	sqlite3_reset(q);
	if (failed != LB_OK)
		return failed;
	return err == LB_NOT_FOUND ? LB_OK : err;
}

enum lb_err
sqlite_expire(struct store *store, const struct store_expiry *e)
{
	struct store_sqlite *s = (struct store_sqlite *)(void *)store;
	const struct expiry_places before = s->expired;
	enum lb_err err;

	if (s->first_op != NULL)
		return LB_BUSY; /* people first */
	err = sqlite_begin(s);
	if (err != LB_OK)
		return err;
	err = old_messages(s, e);
	if (err == LB_OK)
		err = reserved(s, e);
	if (err == LB_OK)
		err = held(s, e);
	if (err == LB_OK)
		err = old_marks(s, e);
	if (err == LB_OK)
		err = strangers(s, e);
	if (err == LB_OK)
		err = gone_peers(s, e);
	if (err == LB_OK)
		err = empty_rooms(s, e);
	if (err == LB_OK)
		err = sqlite_commit(s);
	else
		sqlite_rollback(s);
	hold_end(s);
	/* What is there again must not be passed by. */
	if (err != LB_OK)
		s->expired = before;
	return err;
}
