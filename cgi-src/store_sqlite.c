/*
 * store_sqlite: the store on SQLite.  This file is its turn: one transaction
 * for all operations that are queued, then the tail.
 *
 * Commit, then reply: done() is called when the batch is as durable as the
 * operator asked for, and after a look whether the file we wrote is still the
 * one that stands under its name.
 */
#define _POSIX_C_SOURCE 200809L

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "store_sqlite.h"

#define RETRY_MS 3  /* until a locked database is tried again */
#define LOOK_MS 500 /* the net under the wake-up of other processes */
#define DEAF_MS 100 /* the same without any */
#define PAGES_MS 1000
#define LEASES_MOST 1000 /* renewals that wait to be written */
#define HEADROOM 64      /* pages of db_max left for deleting */

static struct store_sqlite *
of(struct store *store)
{
	return (struct store_sqlite *)(void *)store;
}

static int
is_refusal(enum lb_err err)
{
	switch (err) {
	case LB_BUSY:
	case LB_READ_ONLY:
	case LB_NO_MEMORY:
	case LB_DISK_FULL:
	case LB_IO:
	case LB_NOT_OURS: /* it became garbage */
		return 0;
	default:
		return err != LB_OK;
	}
}

/* Runs the queue inside the open transaction.  An error of the store itself
 * ends the batch; a refusal concerns its operation alone. */
static enum lb_err
run_ops(struct store_sqlite *s)
{
	for (struct store_op *op = s->first_op; op != NULL; op = op->next) {
		s->writes = 0;
		s->scratch_used = 0;
		op->err = op->run(op, &s->tx);
		if (op->err == LB_OK)
			continue;
		if (!is_refusal(op->err) || s->writes > 0) {
			assert(!is_refusal(op->err));
			return op->err;
		}
	}
	return LB_OK;
}

/* Tells everybody of a batch; done() may queue anew. */
static void
finish_ops(struct store_op *op, enum lb_err err)
{
	struct store_op *next;

	for (; op != NULL; op = next) {
		next = op->next;
		op->done(op, err == LB_OK ? op->err : err);
	}
}

static struct store_op *
take_ops(struct store_sqlite *s)
{
	struct store_op *batch = s->first_op;

	s->first_op = NULL;
	s->last_op = &s->first_op;
	return batch;
}

/* LB_BUSY: those that have waited too long are told, the others stay. */
static void
shed_ops(struct store_sqlite *s)
{
	struct store_op **at = &s->first_op, *shed = NULL, **end = &shed, *op;

	s->stats.retries++;
	while ((op = *at) != NULL) {
		if (op->queued < 0)
			op->queued = s->tx.now.mono;
		if (s->tx.now.mono - op->queued < s->patience) {
			at = &op->next;
			continue;
		}
		*at = op->next;
		op->next = NULL;
		*end = op;
		end = &op->next;
	}
	s->last_op = at;
	for (; shed != NULL; shed = op) {
		op = shed->next;
		shed->done(shed, LB_BUSY);
	}
}

static void
wake_others(struct store_sqlite *s)
{
	if (s->base.woke != NULL)
		for (size_t i = 0; i < s->woken_count; i++)
			s->base.woke(s->base.woke_arg, s->woken[i]);
	s->woken_count = 0;
}

static enum lb_err
run_batch(struct store_sqlite *s)
{
	enum lb_err err;

	if (s->db == NULL) {
		err = sqlite_reopen(s);
		if (err != LB_OK)
			return err;
	}
	s->woken_count = 0;
	err = sqlite_begin(s);
	if (err != LB_OK)
		return err;
	err = run_ops(s);
	if (err != LB_OK) {
		sqlite_rollback(s);
		return err;
	}
	return sqlite_commit(s);
}

/* Runs what is queued.  What has ended is in `*batch`, to be told `*err`;
 * returns 1 when the database was locked and is to be tried again. */
static int
commit(struct store_sqlite *s, struct store_op **batch, enum lb_err *err)
{
	*batch = NULL;
	*err = LB_OK;
	if (s->first_op == NULL)
		return 0;
	*err = run_batch(s);
	if (*err == LB_BUSY) {
		shed_ops(s);
		return 1;
	}
	/* Nothing is acknowledged that went into a file without a name. */
	if (s->db != NULL && sqlite_is_replaced(s)) {
		sqlite_reopen(s);
		*err = LB_BUSY;
	}
	/* Leases that ended, before done() can begin a batch of its own. */
	if (s->run_began || s->granted)
		lease_flush(s);
	if (*err == LB_OK && s->woken_count > 0 && !sqlite_tail_skip(s))
		s->base.look = 1;
	*batch = take_ops(s);
	wake_others(s);
	return 0;
}

/* A look without a post: whoever polls is to hear of a restored backup too. */
static void
look_at_end(struct store_sqlite *s)
{
	sqlite3_stmt *q = sql_get(s, SQL_NEWEST);

	if (sql_step(q) != LB_OK)
		return;
	s->set_back = sqlite3_column_int64(q, 0) < s->tail;
	sqlite3_reset(q);
}

static int64_t
look_ms(const struct store_sqlite *s)
{
	return s->base.deaf ? DEAF_MS : LOOK_MS;
}

/* Hands over what is new, our own and, now and then, that of others.  Returns
 * 1 when that could not be read just now. */
static int
look(struct store_sqlite *s)
{
	int64_t mono = s->tx.now.mono;

	if (mono - s->looked >= look_ms(s)) {
		s->base.look = 1;
		s->looked = mono;
		if (s->db != NULL && schema_watch(s) == LB_OK)
			look_at_end(s);
		if (s->db == NULL || sqlite_is_replaced(s))
			sqlite_reopen(s);
	}
	if (!s->base.look || s->db == NULL || s->base.outdated)
		return 0;
	if (hold_take(s) == LB_BUSY)
		return 1;
	s->base.look = 0;
	sqlite_tail(s);
	if (s->base.tailed != NULL)
		s->base.tailed(s->base.tailed_arg);
	return 0;
}

/* Leaves room for deleting: rows cannot be deleted on a full disk. */
static void
look_at_pages(struct store_sqlite *s)
{
	sqlite3_stmt *q = sql_get(s, SQL_PAGES);
	int64_t most = s->db_max / 4096 - HEADROOM;

	if (s->db_max == 0 || s->tx.now.mono - s->paged < PAGES_MS)
		return;
	s->paged = s->tx.now.mono;
	if (sql_step(q) != LB_OK)
		return;
	s->full = sqlite3_column_int64(q, 0) > (most > 1 ? most : 1);
	sqlite3_reset(q);
}

static int64_t
sqlite_turn(struct store *store, const struct clock *now)
{
	struct store_sqlite *s = of(store);
	struct store_op *batch;
	enum lb_err err;
	int busy, unread;

	s->tx.now = *now;
	if (s->db != NULL)
		look_at_pages(s);
	busy = commit(s, &batch, &err);
	unread = look(s);
	finish_ops(batch, err);
	hold_end(s);
	if (s->db == NULL)
		return s->first_op != NULL ? RETRY_MS : LOOK_MS;
	if (HASH_COUNT(s->leases) > LEASES_MOST)
		lease_flush(s);
	checkpoint_run(s);
	if (s->first_op != NULL)
		return busy ? RETRY_MS : 0; /* 0: queued by a done() */
	if (unread)
		return RETRY_MS;
	return s->subs != NULL ? look_ms(s) : -1;
}

static void
sqlite_append(struct store *store, struct store_op *op)
{
	struct store_sqlite *s = of(store);

	op->next = NULL;
	op->queued = -1; /* not tried yet: a turn may be long ago */
	*s->last_op = op;
	s->last_op = &op->next;
}

static void
sqlite_close(struct store *store)
{
	struct store_sqlite *s = of(store);

	if (s->db != NULL)
		lease_flush(s);
	while (s->first_op != NULL)
		finish_ops(take_ops(s), LB_SHUTTING_DOWN);
	lease_forget(s);
	sqlite_unfollow_all(s);
	sqlite_detach(s);
	free(s->woken);
	free(s->folder);
	free(s);
}

static const struct store_engine engine = {
	.name = "sqlite",
	.seats = &sqlite_seats,
	.keys = &sqlite_keys,
	.sent = &sqlite_sent,
	.outbox = &sqlite_outbox,
	.close = sqlite_close,
	.append = sqlite_append,
	.turn = sqlite_turn,
	.follow = sqlite_follow,
	.unfollow = sqlite_unfollow,
	.peer = sqlite_peer,
	.peers = sqlite_peers,
	.history = sqlite_history,
	.recent = sqlite_recent,
	.renew = sqlite_renew,
	.claim = sqlite_claim,
	.overdue = sqlite_overdue,
	.refresh = sqlite_refresh,
	.expire = sqlite_expire,
	.enter = sqlite_enter,
	.ready = sqlite_ready,
	.epoch = sqlite_epoch,
	.stats = sqlite_stats,
	.journal = sqlite_journal,
	.room_find = sqlite_room_find,
	.room_get = sqlite_room_get,
	.room_put = sqlite_room_put,
	.peer_by_token = sqlite_peer_by_token,
	.peer_by_id = sqlite_peer_by_id,
	.peer_get = sqlite_peer_get,
	.peer_put = sqlite_peer_put,
	.peer_posted = sqlite_peer_posted,
	.census = sqlite_census,
	.mailbox = sqlite_mailbox,
	.message_add = sqlite_message_add,
	.trim = sqlite_trim,
	.lease_get = sqlite_lease_get,
	.lease_put = sqlite_lease_put,
	.lease_end = sqlite_lease_end,
};

enum lb_err
store_sqlite_open(struct store **out, const struct store_options *options,
    struct buf *words)
{
	struct store_sqlite *s = calloc(1, sizeof(*s));
	enum lb_err err;

	*out = NULL;
	if (s == NULL)
		return LB_NO_MEMORY;
	/* One thread, and nobody asks SQLite for its statistics: 0.5 us less a
	 * post.  Refused, harmlessly, once SQLite is in use. */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	s->base.engine = &engine;
	s->tx.store = &s->base;
	s->last_op = &s->first_op;
	s->checkpoint_fd = -1;
	s->side_fd = -1;
	s->asked = options->journal;
	s->power = options->power;
	s->db_max = options->db_max;
	s->patience = options->patience;
	s->brief = options->brief;
	s->alone = options->alone;
	s->folder = strdup(options->folder);
	err = s->folder != NULL ? sqlite_attach(s, words) : LB_NO_MEMORY;
	if (err != LB_OK) {
		free(s->folder);
		free(s);
		return err;
	}
	*out = &s->base;
	return LB_OK;
}

const char *
store_sqlite_version(void)
{
	return sqlite3_libversion();
}

int
store_sqlite_is_mended(void)
{
	return sqlite3_libversion_number() >= 3051003;
}
