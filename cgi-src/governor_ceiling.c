/*
 * governor_ceiling: how long a front end holds a poll.
 *
 * People close pages at any time; what is cut again and again at one age is
 * cut by a timer.  Three in a row, begun at different times (a web server that
 * is restarted ends all polls at once), while none lived as long, and none
 * shorter than a poll may be held anyway.  After a day it is tried again, for
 * timers are changed too.
 *
 * A process of one poll sees no three: its kind counts in the store.
 */
#include "governor.h"

#include "governor_parts.h"
#include "log.h"

#define CUTS 3
#define NEAR_MS 500      /* of one age, or ... */
#define NEAR_PART 20     /* ... within a part of it */
#define APART_MS 1000    /* between the beginnings of two that count */
#define LEAST_MS 5000    /* no ceiling is lower */
#define KEPT_MS 86400000 /* a day */

static int64_t
nearness(int64_t age)
{
	return age / NEAR_PART > NEAR_MS ? age / NEAR_PART : NEAR_MS;
}

int64_t
governor_hold(const struct governor *g, int64_t mono)
{
	const struct seat_ceiling *c = &g->ceiling;

	if (c->until > mono && c->hold < g->options->hold)
		return c->hold;
	return g->options->hold;
}

void
ceiling_load(struct governor *g)
{
	struct seat_ceiling c;

	if (store_seat_ceiling(g->store, g->front, &c) != LB_OK)
		return;
	if (front_is_single(g->front)) {
		g->ceiling = c;
		return;
	}
	/* What is counted here goes on. */
	g->ceiling.hold = c.hold;
	g->ceiling.until = c.until;
}

int64_t
ceiling_of(struct governor *g, enum front front, int64_t mono)
{
	struct seat_ceiling c;

	if (store_seat_ceiling(g->store, front, &c) == LB_OK &&
	    c.until > mono && c.hold < g->options->hold)
		return c.hold;
	return g->options->hold;
}

/* LB_BUSY: what was seen is forgotten; it will be seen again. */
static void
save(struct governor *g)
{
	enum lb_err err = store_seat_begin(g->store);

	if (err != LB_OK)
		return;
	g->ceiling.front = g->front;
	store_seat_end(g->store, store_seat_put_ceiling(g->store, &g->ceiling));
}

/* 1 when it was the last one needed. */
static int
count(struct seat_ceiling *c, int64_t begun, int64_t age)
{
	int is_same = c->count > 0 && age - c->age <= nearness(c->age) &&
	    c->age - age <= nearness(c->age);

	if (is_same && begun - c->begun < APART_MS)
		return 0;
	c->count = is_same ? c->count + 1 : 1;
	if (!is_same)
		c->age = age;
	c->begun = begun;
	return c->count >= CUTS;
}

void
governor_cut(struct governor *g, int64_t begun, int64_t mono)
{
	struct seat_ceiling *c = &g->ceiling;
	int64_t age = mono - begun, hold;

	if (age < LEAST_MS)
		return;
	if (front_is_single(g->front))
		ceiling_load(g);
	if (!count(c, begun, age)) {
		if (front_is_single(g->front))
			save(g);
		return;
	}
	c->count = 0;
	hold = c->age * 4 / 5 > LEAST_MS ? c->age * 4 / 5 : LEAST_MS;
	/* Seconds, since they are told in seconds. */
	hold -= hold % 1000;
	if (c->until <= mono || hold < c->hold) {
		c->hold = hold;
		c->until = mono + KEPT_MS;
		log_event(LOG_INFO, "ceiling", "front=%s cut_ms=%lld ms=%lld",
		    front_words[g->front], (long long)c->age,
		    (long long)c->hold);
	}
	save(g);
}

void
governor_lived(struct governor *g, int64_t begun, int64_t mono)
{
	struct seat_ceiling *c = &g->ceiling;

	if (c->count == 0 || mono - begun + nearness(c->age) < c->age)
		return;
	c->count = 0;
	if (front_is_single(g->front))
		save(g);
}
