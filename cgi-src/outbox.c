/*
 * outbox: see outbox.h.
 *
 * Clients whose first letter waits stand in a heap by the time at which it is
 * due; a fresh one is due when it came.  A client without letters is none.
 */
#define HASH_NONFATAL_OOM 1 /* or uthash ends the process */

#include "outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>
#include <utlist.h>

#define LEAST_MOST 300000 /* ms that an application may ask for */

enum state {
	QUEUED, /* in the heap */
	FLYING, /* its first letter is being sent */
	TOLD,   /* it was taken, which is not on the disk yet */
};

struct outbox_client {
	enum state state;
	int failures; /* of the first letter */
	int64_t due;  /* ms, monotonic */
	size_t place; /* in the heap */
	struct outbox_letter *first, *last;
	UT_hash_handle hh;
	size_t n;
	char id[];
};

struct outbox {
	const struct outbox_options *options;
	struct outbox_client *clients; /* by id */
	struct outbox_letter *letters; /* by seq */
	size_t count;
	struct outbox_client **heap;
	size_t queued, size;
	int flights;
	int outages;       /* volleys that did not reach it, in a row */
	int64_t not_until; /* ms, monotonic: nothing is sent before */
};

/* ---- the heap ---- */

/* Of two that are due at once the older letter is first. */
static int
is_before(const struct outbox_client *a, const struct outbox_client *b)
{
	return a->due != b->due ? a->due < b->due :
				  a->first->seq < b->first->seq;
}

static void
set_place(struct outbox *o, size_t place, struct outbox_client *c)
{
	o->heap[place] = c;
	c->place = place;
}

/* Upwards or downwards, to where it belongs. */
static void
settle(struct outbox *o, struct outbox_client *c)
{
	size_t at = c->place, child;

	for (; at > 0 && is_before(c, o->heap[(at - 1) / 2]); at = (at - 1) / 2)
		set_place(o, at, o->heap[(at - 1) / 2]);
	while ((child = 2 * at + 1) < o->queued) {
		if (child + 1 < o->queued &&
		    is_before(o->heap[child + 1], o->heap[child]))
			child++;
		if (is_before(c, o->heap[child]))
			break;
		set_place(o, at, o->heap[child]);
		at = child;
	}
	set_place(o, at, c);
}

static void
enqueue(struct outbox *o, struct outbox_client *c, int64_t due)
{
	c->state = QUEUED;
	c->due = due;
	set_place(o, o->queued++, c);
	settle(o, c);
}

static void
dequeue(struct outbox *o, struct outbox_client *c)
{
	struct outbox_client *last = o->heap[--o->queued];

	if (last == c)
		return;
	set_place(o, c->place, last);
	settle(o, last);
}

/* Room for every client, so that nothing but adding one can fail. */
static int
has_room(struct outbox *o)
{
	size_t size = o->size > 0 ? 2 * o->size : 64;
	struct outbox_client **heap;

	if (HASH_COUNT(o->clients) < o->size)
		return 1;
	heap = realloc(o->heap, size * sizeof(struct outbox_client *));
	if (heap == NULL)
		return 0;
	o->heap = heap;
	o->size = size;
	return 1;
}

/* ---- adding ---- */

static struct outbox_client *
find_client(const struct outbox *o, struct slice id)
{
	struct outbox_client *c;

	HASH_FIND(hh, o->clients, id.p, id.n, c);
	return c;
}

static struct outbox_client *
add_client(struct outbox *o, struct slice id)
{
	struct outbox_client *c;

	if (!has_room(o) || (c = calloc(1, sizeof(*c) + id.n)) == NULL)
		return NULL;
	memcpy(c->id, id.p, id.n);
	c->n = id.n;
	HASH_ADD_KEYPTR(hh, o->clients, c->id, c->n, c);
	if (c->hh.tbl == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

static void
append(struct outbox *o, struct outbox_client *c, struct outbox_letter *l)
{
	l->client = c;
	if (c->first == NULL)
		c->first = l;
	else
		c->last->later = l;
	c->last = l;
	DL_APPEND(o->letters, l);
	o->count++;
}

enum lb_err
outbox_add(struct outbox *o, const struct store_notice *notice, int64_t mono)
{
	struct outbox_client *c = find_client(o, notice->client);
	struct outbox_letter *l = calloc(1, sizeof(*l));
	int is_new = c == NULL;

	if (l == NULL)
		return LB_NO_MEMORY;
	if (is_new && (c = add_client(o, notice->client)) == NULL) {
		free(l);
		return LB_NO_MEMORY;
	}
	l->seq = notice->seq;
	memcpy(l->epoch, notice->epoch, sizeof(l->epoch));
	l->connected = notice->connected;
	append(o, c, l);
	if (is_new)
		enqueue(o, c, mono);
	return LB_OK;
}

/* ---- sending ---- */

struct slice
outbox_client(const struct outbox_letter *l)
{
	return (struct slice){ l->client->id, l->client->n };
}

struct outbox_letter *
outbox_next(struct outbox *o, int64_t mono, int64_t *wait)
{
	struct outbox_client *c;
	int64_t due;

	*wait = -1;
	if (o->flights >= (o->outages > 0 ? 1 : o->options->flights) ||
	    o->queued == 0)
		return NULL;
	c = o->heap[0];
	due = c->due > o->not_until ? c->due : o->not_until;
	if (due > mono) {
		*wait = due - mono;
		return NULL;
	}
	dequeue(o, c);
	c->state = FLYING;
	o->flights++;
	return c->first;
}

static void
land(struct outbox *o, const struct outbox_letter *l)
{
	assert(l->client->state == FLYING && l->client->first == l);
	o->flights--;
}

/* Half of it is chance, so that those who failed together do not come back
 * together. */
static int64_t
pause_after(int64_t pause, int64_t most, int failures, uint32_t random)
{
	while (failures-- > 1 && pause < most)
		pause *= 2;
	if (pause > most)
		pause = most;
	return pause / 2 + (int64_t)(random % (uint32_t)(pause / 2 + 1));
}

static void
answers(struct outbox *o)
{
	o->outages = 0;
	o->not_until = 0;
}

/* Those who were sent together count as one. */
int64_t
outbox_unreachable(struct outbox *o, struct outbox_letter *l, int64_t mono,
    uint32_t random)
{
	land(o, l);
	if (mono >= o->not_until) {
		if (o->outages < 64)
			o->outages++;
		o->not_until = mono +
		    pause_after(o->options->pause, o->options->down, o->outages,
			random);
	}
	enqueue(o, l->client, l->client->due);
	return o->not_until - mono;
}

int64_t
outbox_failed(struct outbox *o, struct outbox_letter *l, int64_t mono,
    int64_t least, uint32_t random)
{
	struct outbox_client *c = l->client;
	int64_t pause;

	land(o, l);
	answers(o);
	if (c->failures < 64)
		c->failures++;
	pause = pause_after(o->options->pause, o->options->most, c->failures,
	    random);
	if (least > LEAST_MOST)
		least = LEAST_MOST;
	if (pause < least)
		pause = least;
	enqueue(o, c, mono + pause);
	return pause;
}

void
outbox_told(struct outbox *o, struct outbox_letter *l)
{
	land(o, l);
	answers(o);
	l->client->state = TOLD;
}

/* The first letter of a client that is not in the heap.  Returns the client,
 * or NULL when it was its last one. */
static struct outbox_client *
drop_first(struct outbox *o, struct outbox_client *c)
{
	struct outbox_letter *l = c->first;

	c->first = l->later;
	DL_DELETE(o->letters, l);
	o->count--;
	free(l);
	if (c->first != NULL)
		return c;
	assert(o->clients != NULL);
	HASH_DEL(o->clients, c);
	free(c);
	return NULL;
}

void
outbox_noted(struct outbox *o, struct outbox_letter *l, int64_t mono)
{
	struct outbox_client *c = l->client;

	assert(c->state == TOLD && c->first == l);
	c->failures = 0;
	c = drop_first(o, c);
	if (c != NULL)
		enqueue(o, c, mono);
}

/* ---- its bound ---- */

size_t
outbox_trim(struct outbox *o,
    void (*gone)(void *arg, const struct outbox_letter *), void *arg)
{
	struct outbox_letter *l = o->letters, *next;
	struct outbox_client *c;
	size_t before = o->count;
	int64_t due;

	/* The oldest one is always the first of its client. */
	for (; l != NULL && o->count > o->options->letters; l = next) {
		next = l->next;
		c = l->client;
		if (c->state != QUEUED || c->first != l)
			continue;
		gone(arg, l);
		dequeue(o, c);
		due = c->due;
		c = drop_first(o, c);
		if (c != NULL)
			enqueue(o, c, due);
	}
	return before - o->count;
}

size_t
outbox_count(const struct outbox *o)
{
	return o->count;
}

struct outbox *
outbox_new(const struct outbox_options *options)
{
	struct outbox *o = calloc(1, sizeof(*o));

	if (o != NULL)
		o->options = options;
	return o;
}

void
outbox_free(struct outbox *o)
{
	struct outbox_client *c, *other;
	struct outbox_letter *l, *next;

	if (o == NULL)
		return;
	DL_FOREACH_SAFE(o->letters, l, next)
		free(l);
	c = o->clients;
	HASH_CLEAR(hh, o->clients);
	for (; c != NULL; c = other) {
		other = c->hh.next;
		free(c);
	}
	free(o->heap);
	free(o);
}
