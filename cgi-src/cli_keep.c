/*
 * cli_keep: see cli_keep.h.
 */
#include "cli_keep.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "cli_out.h"
#include "cli_reader.h"
#include "cli_store.h"

#define MOST 2000   /* rows of a kind in one transaction */
#define IDLE 3      /* rounds in which nothing went: that was all */
#define BUSY_MAX 50 /* times that a server was in the way */

/* What both need: the configuration, and the same database twice. */
struct keeper {
	struct conf conf;
	struct store_log *log;
	struct store *store;
};

/* -1, or the exit code, and all is said. */
static int
begin(struct keeper *k, const struct verb_call *call)
{
	struct buf words;
	enum lb_err err;
	int status = EXIT_CONF;

	memset(k, 0, sizeof(*k));
	cli_out_begin();
	buf_init(&words, 65536);
	err = cli_load(&k->conf, verb_value(call, "conf"), call->program,
	    &words);
	if (err == LB_OK) {
		status = EXIT_FAILED;
		err = store_log_open(&k->log, k->conf.data_dir, &words);
	}
	if (err == LB_OK)
		err = cli_store_open(&k->store, &k->conf, &words);
	cli_say(&words);
	buf_reset(&words);
	return err == LB_OK ? -1 : status;
}

static int
end(struct keeper *k, int status)
{
	if (k->store != NULL)
		store_close(k->store);
	store_log_close(k->log);
	conf_reset(&k->conf);
	return status;
}

/* ---- keep ---- */

struct keep {
	struct store_op op;
	int64_t row;
	int kept;
};

static enum lb_err
run_keep(struct store_op *op, struct store_tx *tx)
{
	struct keep *keep = (struct keep *)op;
	struct store_room room;
	enum lb_err err = store_room_get(tx, keep->row, &room);

	if (err != LB_OK)
		return err;
	room.kept = keep->kept;
	return store_room_put(tx, &room);
}

int
cli_keep(const struct verb_call *call)
{
	struct keep keep = { .op = { .run = run_keep } };
	struct cli_room room;
	struct keeper k;
	enum lb_err err;
	int status = begin(&k, call);

	if (status >= 0)
		return end(&k, status);
	keep.kept = verb_value(call, "not") == NULL;
	status = cli_reader_room(k.log, call->arg[0], &room);
	if (status < 0) {
		keep.row = room.row;
		err = cli_store_run(k.store, &keep.op);
		status = err == LB_OK ? EXIT_DONE : cli_store_fail(err);
	}
	cli_reader_forget(&room);
	return end(&k, status);
}

/* ---- expire ---- */

static int64_t
rows_of(const struct store_log_totals *t)
{
	return t->messages + t->peers + t->rooms;
}

/* A little at a time, until nothing goes any more. */
static enum lb_err
expire(struct keeper *k, struct store_log_totals *left)
{
	struct store_expiry e = { .most = MOST };
	struct clock now;
	enum lb_err err = LB_OK;
	int64_t first = rows_of(left), before;
	int idle = 0, busy = 0;

	while (idle < IDLE && busy < BUSY_MAX &&
	    (err == LB_OK || err == LB_BUSY)) {
		before = rows_of(left);
		clock_now(&now);
		e.now = now.wall;
		e.messages = now.wall - k->conf.ttl * 1000;
		e.reserved = now.wall - k->conf.reserve * 1000;
		e.strangers = now.wall - k->conf.stranger_ttl * 1000;
		store_turn(k->store, &now);
		err = store_expire(k->store, &e);
		busy = err == LB_BUSY ? busy + 1 : 0;
		if (err == LB_OK)
			err = store_log_totals(k->log, left);
		if (err == LB_OK)
			idle = rows_of(left) == before ? idle + 1 : 0;
		cli_out_progress(first - rows_of(left), 0, "rows gone");
	}
	cli_out_progress(0, 0, NULL);
	return err;
}

static void
print_gone(const struct store_log_totals *was,
    const struct store_log_totals *left, int json)
{
	printf(json ? "{\"messages\":%lld,\"peers\":%lld,\"rooms\":%lld}\n" :
		      "Gone: %lld messages, %lld peers, %lld rooms.\n",
	    (long long)(was->messages - left->messages),
	    (long long)(was->peers - left->peers),
	    (long long)(was->rooms - left->rooms));
}

int
cli_expire(const struct verb_call *call)
{
	struct store_log_totals was, left;
	struct keeper k;
	enum lb_err err;
	int status = begin(&k, call);

	if (status >= 0)
		return end(&k, status);
	err = store_log_totals(k.log, &was);
	left = was;
	if (err == LB_OK)
		err = expire(&k, &left);
	if (err != LB_OK)
		return end(&k, cli_store_fail(err));
	print_gone(&was, &left, verb_value(call, "json") != NULL);
	return end(&k, EXIT_DONE);
}
