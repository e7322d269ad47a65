/*
 * store_sqlite_sent: marks of services, as rows.
 */
#include "store_sent.h"
#include "store_sqlite.h"

static struct store_sqlite *
of(struct store_tx *tx)
{
	return (struct store_sqlite *)(void *)tx->store;
}

static enum lb_err
find(struct store_tx *tx, int64_t room, struct slice mark,
    struct store_sent *out)
{
	sqlite3_stmt *q = sql_get(of(tx), SQL_SENT_GET);
	enum lb_err err;

	sqlite3_bind_int64(q, 1, room);
	sql_bind_slice(q, 2, mark);
	err = sql_step(q);
	if (err != LB_OK)
		return err;
	memset(out, 0, sizeof(*out));
	out->room = room;
	out->seq = sqlite3_column_int64(q, 0);
	out->at = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return LB_OK;
}

static enum lb_err
put(struct store_tx *tx, const struct store_sent *sent)
{
	sqlite3_stmt *q = sql_get(of(tx), SQL_SENT_PUT);

	of(tx)->writes++;
	sqlite3_bind_int64(q, 1, sent->room);
	sql_bind_slice(q, 2, sent->mark);
	sqlite3_bind_int64(q, 3, sent->seq);
	sqlite3_bind_int64(q, 4, sent->at);
	return sql_run(q);
}

const struct store_sent_engine sqlite_sent = { find, put };
