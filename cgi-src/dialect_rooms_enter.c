/*
 * dialect_rooms_enter: a request that waits until the store can be read.
 */
#include <stdlib.h>

#include "dialect_rooms_parts.h"

struct later {
	struct store_op op;
	struct rooms_mount *mount;
	struct exchange *ex;
	rooms_endpoint *run;
	struct route_match match;
};

/* It only wants a place in the batch. */
static enum lb_err
decide_nothing(struct store_op *op, struct store_tx *tx)
{
	(void)op;
	(void)tx;
	return LB_OK;
}

static void
go_on(struct store_op *op, enum lb_err err)
{
	struct later *l = (struct later *)(void *)op;

	if (exchange_committed(l->ex)) {
		if (err == LB_OK)
			l->run(l->mount, l->ex, &l->match);
		else
			rooms_refuse(l->ex, err, NULL);
	}
	free(l);
}

void
rooms_enter(struct rooms_mount *m, struct exchange *ex, rooms_endpoint *run,
    const struct route_match *match)
{
	struct store *store = postoffice_store(m->po);
	struct later *l;

	if (store_enter(store) == LB_OK) {
		run(m, ex, match);
		return;
	}
	l = calloc(1, sizeof(*l));
	if (l == NULL) {
		rooms_refuse(ex, LB_NO_MEMORY, NULL);
		return;
	}
	l->op.run = decide_nothing;
	l->op.done = go_on;
	l->mount = m;
	l->ex = ex;
	l->run = run;
	l->match = *match;
	store_append(store, &l->op);
	exchange_commit(ex);
}
