/*
 * cli_store: see cli_store.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_store.h"

#include <stdio.h>
#include <time.h>

#include "folder.h"
#include "verb.h"

#define PATIENCE_MS 5000

enum lb_err
cli_store_open(struct store **store, const struct conf *conf, struct buf *words)
{
	const struct store_options o = conf_store(conf, PATIENCE_MS);
	enum lb_err err = folder_make(conf->data_dir, words);

	return err == LB_OK ? store_sqlite_open(store, &o, words) : err;
}

static int is_done;
static enum lb_err end;

static void
note_end(struct store_op *op, enum lb_err err)
{
	(void)op;
	is_done = 1;
	end = err;
}

enum lb_err
cli_store_run(struct store *store, struct store_op *op)
{
	struct clock now;
	int64_t wait;

	is_done = 0;
	op->done = note_end;
	store_append(store, op);
	while (!is_done) {
		clock_now(&now);
		wait = store_turn(store, &now);
		if (!is_done && wait > 0)
			nanosleep(&(struct timespec){ wait / 1000,
				      wait % 1000 * 1000000 },
			    NULL);
	}
	return end;
}

int
cli_store_fail(enum lb_err err)
{
	fprintf(stderr, "letterbox: %s. %s\n", err_words(err)->title,
	    err_words(err)->cure);
	return EXIT_FAILED;
}
