/*
 * waiter: see waiter.h.
 */
#include "waiter.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

struct waiter_address {
	char text[64];
	unsigned size;
	int64_t count;
	UT_hash_handle hh;
};

void
waiter_hall_init(struct waiter_hall *hall, int64_t mono)
{
	memset(hall, 0, sizeof(*hall));
	hall->slot = mono / WAITER_SLOT_MS;
	hall->last_ready = &hall->first_ready;
}

/* Its peer is out, or is told as gone although it waits here.  The log says it
 * in its order, whichever process did it; a leaving before the newest joining is
 * of the past, and one that is not parked had not lapsed when it began. */
static int
hear_left(struct waiter *w, const struct message *m)
{
	int lapsed = slice_is(m->body, MESSAGE_LAPSED);

	if (m->seq < w->joined || (lapsed && !w->parked))
		return 0;
	if (lapsed)
		w->lapsed = 1;
	else
		w->out = 1;
	if (w->parked)
		waiter_ready(w->hall, w);
	return 1;
}

/* From the store: 1 when a reply is full. */
static int
hear(struct store_sub *sub, const struct message *m)
{
	struct waiter *w = (struct waiter *)(void *)sub;
	size_t before = w->messages.n;

	if (message_leaves(m, sub->peer))
		return hear_left(w, m);
	w->print(w, m);
	if (w->messages.n == before && !w->messages.failed)
		return 0; /* not in this dialect */
	w->count++;
	if (w->parked)
		waiter_ready(w->hall, w);
	return w->count >= w->most || w->messages.n >= WAITER_BYTES ||
	    w->messages.failed;
}

void
waiter_init(struct waiter *w, struct waiter_hall *hall)
{
	memset(w, 0, sizeof(*w));
	w->hall = hall;
	w->sub.message = hear;
	w->most = WAITER_MESSAGES;
	buf_init(&w->messages, WAITER_MOST);
}

static struct waiter_address *
get_address(struct waiter_hall *hall, struct slice address)
{
	struct waiter_address *a;
	unsigned n = (unsigned)(address.n < sizeof(a->text) ? address.n :
							      sizeof(a->text));

	HASH_FIND(hh, hall->addresses, address.p, n, a);
	if (a != NULL)
		return a;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	if (n > 0)
		memcpy(a->text, address.p, n);
	a->size = n;
	HASH_ADD_KEYPTR(hh, hall->addresses, a->text, a->size, a);
	if (a->hh.tbl == NULL) {
		free(a);
		return NULL;
	}
	return a;
}

static struct waiter **
slot_of(struct waiter_hall *hall, int64_t deadline)
{
	/* The slot after, so that by then the time is up. */
	return &hall->slots[(deadline / WAITER_SLOT_MS + 1) % WAITER_SLOTS];
}

enum lb_err
waiter_park(struct waiter_hall *hall, struct waiter *w, int64_t mono,
    int64_t wait, struct slice address)
{
	struct waiter **slot = slot_of(hall, mono + wait);

	HASH_ADD(hh, hall->by_peer, sub.peer, sizeof(w->sub.peer), w);
	if (w->hh.tbl == NULL)
		return LB_NO_MEMORY;
	w->begun = mono;
	w->deadline = mono + wait;
	w->parked = 1;
	DL_APPEND(*slot, w);
	w->address = get_address(hall, address);
	if (w->address != NULL)
		w->address->count++;
	hall->count++;
	return LB_OK;
}

static void
drop_ready(struct waiter_hall *hall, struct waiter *w)
{
	struct waiter **at = &hall->first_ready;

	while (*at != w)
		at = &(*at)->next_ready;
	*at = w->next_ready;
	if (hall->last_ready == &w->next_ready)
		hall->last_ready = at;
	w->ready = 0;
}

static void
drop_address(struct waiter_hall *hall, struct waiter_address *a)
{
	if (a == NULL || --a->count > 0)
		return;
	HASH_DELETE(hh, hall->addresses, a);
	free(a);
}

void
waiter_leave(struct waiter_hall *hall, struct waiter *w)
{
	struct waiter **slot = slot_of(hall, w->deadline);

	if (!w->parked)
		return;
	w->parked = 0;
	if (w->ready)
		drop_ready(hall, w);
	DL_DELETE(*slot, w);
	HASH_DELETE(hh, hall->by_peer, w);
	drop_address(hall, w->address);
	w->address = NULL;
	hall->count--;
}

struct waiter *
waiter_of(struct waiter_hall *hall, int64_t peer)
{
	struct waiter *w;

	HASH_FIND(hh, hall->by_peer, &peer, sizeof(peer), w);
	return w;
}

int
waiter_has_news(const struct waiter *w)
{
	return w->count > 0 || w->gap || w->reset;
}

int64_t
waiter_count(struct waiter_hall *hall, struct slice address)
{
	struct waiter_address *a;
	unsigned n = (unsigned)(address.n < sizeof(a->text) ? address.n :
							      sizeof(a->text));

	HASH_FIND(hh, hall->addresses, address.p, n, a);
	return a != NULL ? a->count : 0;
}

void
waiter_ready(struct waiter_hall *hall, struct waiter *w)
{
	if (w->ready)
		return;
	w->ready = 1;
	w->next_ready = NULL;
	*hall->last_ready = w;
	hall->last_ready = &w->next_ready;
}

struct waiter *
waiter_next(struct waiter_hall *hall)
{
	struct waiter *w = hall->first_ready;

	if (w == NULL)
		return NULL;
	hall->first_ready = w->next_ready;
	if (hall->first_ready == NULL)
		hall->last_ready = &hall->first_ready;
	w->ready = 0;
	return w;
}

void
waiter_tick(struct waiter_hall *hall, int64_t mono)
{
	int64_t now = mono / WAITER_SLOT_MS;
	struct waiter *w;

	/* After a long pause one turn of the wheel sees everybody. */
	if (now - hall->slot > WAITER_SLOTS)
		hall->slot = now - WAITER_SLOTS;
	while (hall->slot < now) {
		hall->slot++;
		DL_FOREACH(hall->slots[hall->slot % WAITER_SLOTS], w)
			if (w->deadline <= mono)
				waiter_ready(hall, w);
	}
}
