/*
 * store_memory_seat: see store_memory_seat.h.
 */
#include "store_memory_seat.h"

#include <assert.h>
#include <stdlib.h>

#include "store_memory_tx.h"

struct memory_process {
	struct seat_process row;
	UT_hash_handle hh; /* by row.number */
};

struct memory_waiting {
	struct seat_waiting row;
	UT_hash_handle hh; /* by row.peer */
};

static struct memory_seats *
of(struct store *store)
{
	return &((struct memory *)store)->seats;
}

static enum lb_err
begin(struct store *store)
{
	assert(!of(store)->open);
	of(store)->open = 1;
	return LB_OK;
}

static enum lb_err
end(struct store *store, enum lb_err err)
{
	of(store)->open = 0;
	return err;
}

static enum lb_err
census(struct store *store, uint64_t number, int64_t mono,
    struct seat_census *out)
{
	struct memory_process *p, *next;

	HASH_ITER(hh, of(store)->processes, p, next) {
		if (p->row.number == number || p->row.until <= mono)
			continue;
		out->processes[p->row.front]++;
		out->seats[p->row.front] += p->row.seats;
		if (p->row.front != FRONT_CGI && p->row.until > out->newest)
			out->newest = p->row.until;
	}
	return LB_OK;
}

static enum lb_err
queue(struct store *store, const struct seat_waiting *mine, unsigned fronts,
    int64_t mono, struct seat_queue *out)
{
	struct memory_waiting *w, *next;

	HASH_ITER(hh, of(store)->waiting, w, next) {
		if (w->row.until <= mono)
			continue;
		out->waiting++;
		if ((1u << w->row.front & fronts) != 0 &&
		    (w->row.since < mine->since ||
			(w->row.since == mine->since &&
			    w->row.peer < mine->peer)))
			out->ahead++;
	}
	return LB_OK;
}

static enum lb_err
waiting(struct store *store, int64_t peer, struct seat_waiting *out)
{
	struct memory_waiting *w;

	HASH_FIND(hh, of(store)->waiting, &peer, sizeof(peer), w);
	if (w == NULL)
		return LB_NOT_FOUND;
	*out = w->row;
	return LB_OK;
}

static enum lb_err
ceiling(struct store *store, enum front front, struct seat_ceiling *out)
{
	if (!of(store)->has_ceiling[front])
		return LB_NOT_FOUND;
	*out = of(store)->ceilings[front];
	return LB_OK;
}

static enum lb_err
put_process(struct store *store, const struct seat_process *row)
{
	struct memory_seats *seats = of(store);
	struct memory_process *p;

	assert(seats->open);
	HASH_FIND(hh, seats->processes, &row->number, sizeof(row->number), p);
	if (row->until == 0) {
		if (p != NULL)
			HASH_DELETE(hh, seats->processes, p);
		free(p);
		return LB_OK;
	}
	if (p != NULL) {
		p->row = *row;
		return LB_OK;
	}
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return LB_NO_MEMORY;
	p->row = *row;
	HASH_ADD(hh, seats->processes, row.number, sizeof(row->number), p);
	if (p->hh.tbl != NULL)
		return LB_OK;
	free(p);
	return LB_NO_MEMORY;
}

static enum lb_err
put_waiting(struct store *store, const struct seat_waiting *row)
{
	struct memory_seats *seats = of(store);
	struct memory_waiting *w;

	assert(seats->open);
	HASH_FIND(hh, seats->waiting, &row->peer, sizeof(row->peer), w);
	if (row->until == 0) {
		if (w != NULL)
			HASH_DELETE(hh, seats->waiting, w);
		free(w);
		return LB_OK;
	}
	if (w != NULL) {
		w->row = *row;
		return LB_OK;
	}
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return LB_NO_MEMORY;
	w->row = *row;
	HASH_ADD(hh, seats->waiting, row.peer, sizeof(row->peer), w);
	if (w->hh.tbl != NULL)
		return LB_OK;
	free(w);
	return LB_NO_MEMORY;
}

static enum lb_err
put_ceiling(struct store *store, const struct seat_ceiling *c)
{
	assert(of(store)->open);
	of(store)->ceilings[c->front] = *c;
	of(store)->has_ceiling[c->front] = 1;
	return LB_OK;
}

static void
drop(struct memory_seats *seats, int64_t mono)
{
	struct memory_process *p, *after;
	struct memory_waiting *w, *next;

	HASH_ITER(hh, seats->processes, p, after) {
		if (p->row.until > mono)
			continue;
		HASH_DELETE(hh, seats->processes, p);
		free(p);
	}
	HASH_ITER(hh, seats->waiting, w, next) {
		if (w->row.until > mono)
			continue;
		HASH_DELETE(hh, seats->waiting, w);
		free(w);
	}
}

static enum lb_err
purge(struct store *store, int64_t mono)
{
	assert(of(store)->open);
	drop(of(store), mono);
	return LB_OK;
}

void
memory_seats_free(struct memory_seats *seats)
{
	drop(seats, INT64_MAX);
}

const struct store_seat_engine memory_seats = {
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
