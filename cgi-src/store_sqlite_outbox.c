/*
 * store_sqlite_outbox: what applications are yet to be told, as rows.
 */
#include "store_outbox.h"
#include "store_sqlite.h"

static struct store_sqlite *
of(struct store *store)
{
	return (struct store_sqlite *)(void *)store;
}

static void
row_notice(sqlite3_stmt *q, struct store_notice *n)
{
	sql_copy(n->key, sizeof(n->key), q, 0);
	n->seq = sqlite3_column_int64(q, 1);
	sql_copy(n->epoch, sizeof(n->epoch), q, 2);
	n->connected = sqlite3_column_int(q, 3);
	n->client = sql_text(q, 4);
	n->at = sqlite3_column_int64(q, 5);
}

static enum lb_err
list(struct store *store, struct slice key,
    void (*each)(void *, const struct store_notice *), void *arg)
{
	struct store_sqlite *s = of(store);
	struct store_notice notice;
	sqlite3_stmt *q;
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	q = sql_get(s, SQL_OUTBOX);
	sql_bind_slice(q, 1, key);
	while ((err = sql_step(q)) == LB_OK) {
		row_notice(q, &notice);
		each(arg, &notice);
	}
	sqlite3_reset(q);
	return err == LB_NOT_FOUND ? LB_OK : schema_blame(s, err);
}

static enum lb_err
add(struct store_tx *tx, const struct store_notice *n)
{
	struct store_sqlite *s = of(tx->store);
	sqlite3_stmt *q = sql_get(s, SQL_OUTBOX_ADD);

	s->writes++;
	sql_bind_slice(q, 1, slice_of(n->key));
	sqlite3_bind_int64(q, 2, n->seq);
	sql_bind_slice(q, 3, slice_of(n->epoch));
	sqlite3_bind_int(q, 4, n->connected);
	sql_bind_slice(q, 5, n->client);
	sqlite3_bind_int64(q, 6, n->at);
	return sql_run(q);
}

static enum lb_err
run_with(struct store_tx *tx, enum sql id, struct slice key, int64_t seq)
{
	struct store_sqlite *s = of(tx->store);
	sqlite3_stmt *q = sql_get(s, id);

	s->writes++;
	sql_bind_slice(q, 1, key);
	sqlite3_bind_int64(q, 2, seq);
	return sql_run(q);
}

static enum lb_err
drop(struct store_tx *tx, struct slice key, int64_t seq)
{
	return run_with(tx, SQL_OUTBOX_DROP, key, seq);
}

static enum lb_err
taken(struct store_tx *tx, struct slice key, int64_t seq)
{
	return run_with(tx, SQL_KEY_HOOKED, key, seq);
}

const struct store_outbox_engine sqlite_outbox = { list, add, drop, taken };
