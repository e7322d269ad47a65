/*
 * store_sqlite_seat: processes, waiting peers and ceilings, in run.db.
 *
 * One process writes at a time, and who finds run.db locked is told so at
 * once: a poll never waits for a file.
 */
#include "store_sqlite.h"

static struct store_sqlite *
of(struct store *store)
{
	return (struct store_sqlite *)(void *)store;
}

static enum lb_err
begin(struct store *store)
{
	struct store_sqlite *s = of(store);

	/* The leases' transaction belongs to a batch, which is asked after
	 * by nobody but the store. */
	if (s->db == NULL || s->run_began)
		return LB_BUSY;
	return sql_run(sql_get(s, SQL_RUN_BEGIN));
}

static enum lb_err
end(struct store *store, enum lb_err err)
{
	struct store_sqlite *s = of(store);

	if (err == LB_OK)
		err = sql_run(sql_get(s, SQL_RUN_COMMIT));
	/* A full disk may have ended the transaction by itself. */
	if (err != LB_OK && !sqlite3_get_autocommit(s->run))
		sql_run(sql_get(s, SQL_RUN_ROLLBACK));
	return err;
}

static enum lb_err
census(struct store *store, uint64_t number, int64_t mono,
    struct seat_census *out)
{
	struct store_sqlite *s = of(store);
	sqlite3_stmt *q = sql_get(s, SQL_PROCESS_CENSUS);
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	sqlite3_bind_int64(q, 1, mono);
	sqlite3_bind_int64(q, 2, (int64_t)number);
	while ((err = sql_step(q)) == LB_OK) {
		int front = sqlite3_column_int(q, 0);
		int64_t until = sqlite3_column_int64(q, 3);

		if (front < 0 || front >= FRONT__MAX)
			continue;
		out->processes[front] = sqlite3_column_int64(q, 1);
		out->seats[front] = sqlite3_column_int64(q, 2);
		if (front != FRONT_CGI && until > out->newest)
			out->newest = until;
	}
	return err == LB_NOT_FOUND ? LB_OK : err;
}

static enum lb_err
queue(struct store *store, const struct seat_waiting *w, unsigned fronts,
    int64_t mono, struct seat_queue *out)
{
	struct store_sqlite *s = of(store);
	sqlite3_stmt *q = sql_get(s, SQL_WAITING_QUEUE);
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	sqlite3_bind_int64(q, 1, mono);
	sqlite3_bind_int64(q, 2, w->since);
	sqlite3_bind_int64(q, 3, w->peer);
	sqlite3_bind_int64(q, 4, fronts);
	err = sql_step(q);
	if (err != LB_OK)
		return err;
	out->waiting = sqlite3_column_int64(q, 0);
	out->ahead = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return LB_OK;
}

static enum lb_err
waiting(struct store *store, int64_t peer, struct seat_waiting *out)
{
	struct store_sqlite *s = of(store);
	sqlite3_stmt *q = sql_get(s, SQL_WAITING_GET);
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	sqlite3_bind_int64(q, 1, peer);
	err = sql_step(q);
	if (err != LB_OK)
		return err;
	out->peer = peer;
	out->front = (enum front)sqlite3_column_int(q, 0);
	out->since = sqlite3_column_int64(q, 1);
	out->until = sqlite3_column_int64(q, 2);
	sqlite3_reset(q);
	return LB_OK;
}

static enum lb_err
ceiling(struct store *store, enum front front, struct seat_ceiling *out)
{
	struct store_sqlite *s = of(store);
	sqlite3_stmt *q = sql_get(s, SQL_CEILING_GET);
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	sqlite3_bind_int64(q, 1, front);
	err = sql_step(q);
	if (err != LB_OK)
		return err;
	out->front = front;
	out->age = sqlite3_column_int64(q, 0);
	out->begun = sqlite3_column_int64(q, 1);
	out->count = sqlite3_column_int64(q, 2);
	out->hold = sqlite3_column_int64(q, 3);
	out->until = sqlite3_column_int64(q, 4);
	sqlite3_reset(q);
	return LB_OK;
}

/* Binds `count` numbers and runs. */
static enum lb_err
run(struct store *store, enum sql id, const int64_t *values, int count)
{
	sqlite3_stmt *q = sql_get(of(store), id);

	if (of(store)->db == NULL)
		return LB_IO;
	for (int i = 0; i < count; i++)
		sqlite3_bind_int64(q, i + 1, values[i]);
	return sql_run(q);
}

static enum lb_err
put_process(struct store *store, const struct seat_process *p)
{
	const int64_t row[] = { (int64_t)p->number, p->front, p->seats,
		p->until };

	return p->until == 0 ? run(store, SQL_PROCESS_DELETE, row, 1) :
			       run(store, SQL_PROCESS_PUT, row, 4);
}

static enum lb_err
put_waiting(struct store *store, const struct seat_waiting *w)
{
	const int64_t row[] = { w->peer, w->front, w->since, w->until };

	return w->until == 0 ? run(store, SQL_WAITING_DELETE, row, 1) :
			       run(store, SQL_WAITING_PUT, row, 4);
}

static enum lb_err
put_ceiling(struct store *store, const struct seat_ceiling *c)
{
	const int64_t row[] = { c->front, c->age, c->begun, c->count, c->hold,
		c->until };

	return run(store, SQL_CEILING_PUT, row, 6);
}

static enum lb_err
purge(struct store *store, int64_t mono)
{
	enum lb_err err = run(store, SQL_PROCESS_PURGE, &mono, 1);

	return err == LB_OK ? run(store, SQL_WAITING_PURGE, &mono, 1) : err;
}

const struct store_seat_engine sqlite_seats = {
	.begin = begin,
	.end = end,
	.census = census,
	.queue = queue,
	.waiting = waiting,
	.ceiling = ceiling,
	.put_process = put_process,
	.put_waiting = put_waiting,
	.put_ceiling = put_ceiling,
	.purge = purge,
};
