/*
 * store_sqlite_read: what can be asked outside of a transaction.
 */
#include "store_sqlite.h"

static struct store_sqlite *
of(struct store *store)
{
	return (struct store_sqlite *)(void *)store;
}

enum lb_err
sqlite_peer(struct store *store, const struct token_digest *token,
    void (*got)(void *, const struct store_room *, const struct store_peer *,
	const struct store_lease *),
    void *arg)
{
	struct store_sqlite *s = of(store);
	struct store_tx tx = { store, { 0, 0 } };
	struct store_peer peer;
	struct store_room room;
	struct store_lease lease;
	sqlite3_stmt *q;
	enum lb_err err, leased;

	if (s->db == NULL)
		return LB_IO;
	q = sql_get(s, SQL_PEER_BY_TOKEN);
	sql_bind_digest(q, 1, token, 1);
	err = sql_step(q);
	if (err != LB_OK)
		return err == LB_NOT_FOUND ? LB_NOT_A_MEMBER :
					     schema_blame(s, err);
	row_peer(q, &peer);
	row_room(q, SQL_PEER_COLUMNS, &room);
	leased = sqlite_lease_get(&tx, peer.row, &lease);
	if (leased != LB_BUSY)
		got(arg, &room, &peer, leased == LB_OK ? &lease : NULL);
	sqlite3_reset(q);
	return leased == LB_BUSY ? LB_BUSY : LB_OK;
}

enum lb_err
sqlite_peers(struct store *store, int64_t room,
    void (*each)(void *, const struct store_peer *), void *arg)
{
	struct store_sqlite *s = of(store);
	struct store_peer peer;
	sqlite3_stmt *q;
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	q = sql_get(s, SQL_PEERS_PRESENT);
	sqlite3_bind_int64(q, 1, room);
	while ((err = sql_step(q)) == LB_OK) {
		row_peer(q, &peer);
		each(arg, &peer);
	}
	sqlite3_reset(q);
	return err == LB_NOT_FOUND ? LB_OK : err;
}

enum lb_err
sqlite_ready(struct store *store)
{
	struct store_sqlite *s = of(store);
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	if (s->full)
		return LB_DISK_FULL;
	if (sqlite3_db_readonly(s->db, "main") == 1)
		return LB_READ_ONLY;
	err = sqlite_begin(s);
	if (err != LB_OK)
		return err;
	sqlite_rollback(s);
	hold_end(s);
	return LB_OK;
}

const char *
sqlite_epoch(struct store *store)
{
	return of(store)->epoch;
}

/* `newest` is read from the log: another process may be ahead of us. */
void
sqlite_stats(struct store *store, struct store_stats *out)
{
	struct store_sqlite *s = of(store);
	sqlite3_stmt *q = sql_get(s, SQL_NEWEST);

	*out = s->stats;
	out->newest = s->tail;
	if (s->db != NULL && sql_step(q) == LB_OK) {
		out->newest = sqlite3_column_int64(q, 0);
		sqlite3_reset(q);
	}
}
