/*
 * governor: see governor.h.  governor_ceiling.c holds what is learned of polls
 * that were cut off.
 */
#include "governor.h"

#include <string.h>

#include "governor_parts.h"

#define BLOCK_MOST 64   /* seats taken at once */
#define BLOCKS 16       /* a process takes so many parts at most at once */
#define PAUSE_LEAST 50  /* ms */
#define SLACK_MS 500    /* a poll's way through the network, and more */
#define FORGET_MS 10000 /* a peer that is late keeps its place */
#define PURGE_ONE_IN 64
#define LOOK_MS 1000

/* Fronts that share seats with one. */
static unsigned
group(enum front front)
{
	if (front_is_single(front))
		return 1u << FRONT_POOL | 1u << FRONT_CGI;
	return 1u << front;
}

static int64_t
block(const struct governor *g)
{
	int64_t size = g->options->seats[g->front] / BLOCKS;

	if (front_is_single(g->front) || size < 1)
		return 1;
	return size < BLOCK_MOST ? size : BLOCK_MOST;
}

/* Numbers without a pattern; neighbours get different ones. */
static uint64_t
stir(uint64_t a, uint64_t b)
{
	uint64_t h = a * 0x9e3779b97f4a7c15u ^ b;

	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
	return h ^ (h >> 31);
}

static int64_t
pause_of(const struct governor *g, int64_t waiting)
{
	int64_t pause = waiting * 1000 / g->options->rate;

	if (pause > g->options->pause)
		return g->options->pause;
	return pause > PAUSE_LEAST ? pause : PAUSE_LEAST;
}

/* With a jitter of a tenth, so that those who came at once part. */
static struct governor_pace
pausing(const struct governor *g, int64_t waiting, int64_t peer, int64_t mono)
{
	uint64_t dice = stir(g->number + (uint64_t)peer, (uint64_t)mono);
	int64_t pause = pause_of(g, waiting) * 10;

	pause = pause * 9 / 10 + (int64_t)(dice % (uint64_t)(pause / 5 + 1));
	return (struct governor_pace){ 0, (int32_t)((pause + 5) / 10) };
}

static struct governor_pace
holding(const struct governor *g, int64_t mono)
{
	return (struct governor_pace){ (int32_t)governor_hold(g, mono), 0 };
}

/* Seats that this process could give now, from what the others have. */
static int64_t
free_seats(const struct governor *g, const struct seat_census *others,
    int64_t parked)
{
	int64_t most = g->options->seats[g->front], idle;

	if (!front_is_single(g->front))
		return most - others->seats[g->front] - parked;
	most -= others->seats[FRONT_POOL] + others->seats[FRONT_CGI] + parked;
	if (g->front == FRONT_CGI)
		return most;
	/* A process with a poll is not idle, and neither is this one. */
	idle = others->processes[FRONT_POOL] - others->seats[FRONT_POOL];
	idle -= g->options->spare - 1;
	return idle < most ? idle : most;
}

/* Within the store's transaction: `held` seats are this process's. */
static enum lb_err
write_process(struct governor *g, int64_t held, int64_t mono)
{
	const struct seat_process p = { g->number, g->front, held,
		g->front == FRONT_CGI && held == 0 ? 0 : mono + GOVERNOR_LIVE };
	enum lb_err err = store_seat_put_process(g->store, &p);

	if (err == LB_OK) {
		g->held = held;
		g->signed_at = mono;
	}
	return err;
}

static void
sign(struct governor *g, int64_t held, int64_t mono)
{
	int64_t before = g->held;
	enum lb_err err = store_seat_begin(g->store);

	if (err != LB_OK)
		return; /* at the next turn */
	err = write_process(g, held, mono);
	if (err == LB_OK && stir(g->number, (uint64_t)mono) % PURGE_ONE_IN == 0)
		err = store_seat_purge(g->store, mono - FORGET_MS);
	if (store_seat_end(g->store, err) != LB_OK)
		g->held = before;
}

void
governor_init(struct governor *g, struct store *store,
    const struct governor_options *options, uint64_t number)
{
	memset(g, 0, sizeof(*g));
	g->store = store;
	g->options = options;
	g->number = number;
	g->front = options->front;
	g->looked = g->signed_at = INT64_MIN / 2;
}

void
governor_meet(struct governor *g, struct slice server_software)
{
	if (g->front == FRONT_AUTO)
		g->front = front_of_software(server_software);
}

/* ---- asking ---- */

/* A seat that was taken before, and nobody who should have it. */
static int
has_spare(const struct governor *g, int64_t parked)
{
	return !front_is_single(g->front) && g->waiting == 0 &&
	    parked < g->held;
}

struct asked {
	struct seat_waiting place;
	int is_known; /* it has a row */
	struct seat_queue queue;
	int64_t free;
};

static enum lb_err
look_up(struct governor *g, struct asked *a, int64_t peer, int64_t parked,
    int64_t mono)
{
	struct seat_census others;
	enum lb_err err = store_seat_waiting(g->store, peer, &a->place);

	a->is_known = err == LB_OK;
	if (err == LB_NOT_FOUND || a->place.until < mono - FORGET_MS)
		a->place = (struct seat_waiting){ peer, g->front, mono, 0 };
	else if (err != LB_OK)
		return err;
	err = store_seat_census(g->store, g->number, mono, &others);
	if (err == LB_OK)
		err = store_seat_queue(g->store, &a->place, group(g->front),
		    mono, &a->queue);
	a->free = free_seats(g, &others, parked);
	if (front_is_single(g->front))
		ceiling_load(g);
	return err;
}

/* The seat is given: the peer waits no more. */
static enum lb_err
give(struct governor *g, struct asked *a, int64_t parked, int takes,
    int64_t mono)
{
	int64_t more = a->free - a->queue.ahead;
	enum lb_err err = LB_OK;

	if (front_is_single(g->front) && !takes)
		return LB_OK; /* its next poll may find it taken again */
	if (more > block(g))
		more = block(g);
	err = write_process(g, parked + more, mono);
	if (err == LB_OK && takes && a->is_known) {
		a->place.until = 0;
		err = store_seat_put_waiting(g->store, &a->place);
	}
	return err;
}

static enum lb_err
line_up(struct governor *g, struct asked *a, int64_t mono,
    struct governor_pace *pace)
{
	if (a->place.until <= mono)
		a->queue.waiting++;
	*pace = pausing(g, a->queue.waiting, a->place.peer, mono);
	a->place.front = g->front;
	a->place.until = mono + 2 * pace->pause + SLACK_MS;
	return store_seat_put_waiting(g->store, &a->place);
}

int
governor_ask(struct governor *g, int64_t peer, int64_t parked, int takes,
    int64_t mono, struct governor_pace *pace)
{
	struct asked a;
	int64_t held = g->held;
	enum lb_err err;
	int seat = 0;

	if (parked >= g->options->most) {
		*pace = governor_refuse(g, peer, mono);
		return 0;
	}
	*pace = holding(g, mono);
	if (has_spare(g, parked))
		return 1;
	err = store_seat_begin(g->store);
	if (err == LB_OK) {
		err = look_up(g, &a, peer, parked, mono);
		seat = err == LB_OK && a.free > a.queue.ahead;
		if (seat)
			err = give(g, &a, parked, takes, mono);
		else if (err == LB_OK)
			err = line_up(g, &a, mono, pace);
		err = store_seat_end(g->store, err);
	}
	if (err != LB_OK) {
		g->held = held;
		/* A process of one request does not know how many wait, and
		 * where they are in each other's way there are many. */
		*pace = front_is_single(g->front) ?
		    governor_refuse(g, peer, mono) :
		    pausing(g, g->waiting + 1, peer, mono);
		return 0;
	}
	g->waiting = a.queue.waiting;
	if (seat)
		*pace = holding(g, mono);
	return seat;
}

struct governor_pace
governor_refuse(const struct governor *g, int64_t peer, int64_t mono)
{
	return pausing(g, INT32_MAX, peer, mono);
}

struct governor_pace
governor_pace(struct governor *g, int64_t parked, int64_t mono)
{
	struct asked a;

	if (parked >= g->options->most)
		return governor_refuse(g, 0, mono);
	if (has_spare(g, parked))
		return holding(g, mono);
	if (look_up(g, &a, 0, parked, mono) == LB_OK) {
		g->waiting = a.queue.waiting;
		if (a.free > a.queue.ahead)
			return holding(g, mono);
	}
	return pausing(g, g->waiting + 1, 0, mono);
}

/* ---- giving back ---- */

void
governor_left(struct governor *g, int64_t parked, int64_t mono)
{
	int64_t vain = g->held - parked;

	if (vain <= 0)
		return;
	if (front_is_single(g->front) || g->waiting > 0)
		sign(g, parked, mono);
	else if (vain >= 2 * block(g))
		sign(g, parked + block(g), mono);
}

void
governor_turn(struct governor *g, int64_t parked, int64_t mono)
{
	const struct seat_waiting nobody = { 0 };
	int is_due = mono - g->signed_at >= GOVERNOR_SIGN;
	struct seat_queue queue;

	if (g->front == FRONT_CGI && g->held == 0)
		return;
	/* Somebody else's seats by now: it was stopped. */
	if (g->held > parked && mono - g->signed_at > GOVERNOR_LIVE)
		g->held = parked;
	if (mono - g->looked >= LOOK_MS) {
		g->looked = mono;
		if (store_seat_queue(g->store, &nobody, 0, mono, &queue) ==
		    LB_OK)
			g->waiting = queue.waiting;
		ceiling_load(g);
		if (g->waiting > 0 && g->held > parked) {
			sign(g, parked, mono);
			return;
		}
	}
	if (is_due)
		sign(g, g->held, mono);
}

int
governor_alone(struct governor *g, int64_t ms, int64_t mono)
{
	struct seat_census others;

	return store_seat_census(g->store, g->number, mono, &others) != LB_OK ||
	    others.newest - GOVERNOR_LIVE < mono - ms;
}

void
governor_close(struct governor *g)
{
	const struct seat_process gone = { .number = g->number };
	enum lb_err err;

	if (g->signed_at < 0 || (g->front == FRONT_CGI && g->held == 0))
		return;
	err = store_seat_begin(g->store);
	if (err == LB_OK)
		store_seat_end(g->store,
		    store_seat_put_process(g->store, &gone));
}

void
governor_stats(struct governor *g, int64_t mono, struct governor_stats *out)
{
	const struct seat_waiting nobody = { 0 };
	struct seat_census all;
	struct seat_queue queue;

	memset(out, 0, sizeof(*out));
	if (store_seat_census(g->store, 0, mono, &all) == LB_OK)
		memcpy(out->seats, all.seats, sizeof(out->seats));
	if (store_seat_queue(g->store, &nobody, 0, mono, &queue) == LB_OK)
		out->waiting = queue.waiting;
	out->pause = out->waiting > 0 ? pause_of(g, out->waiting) : 0;
	for (int i = 0; i < FRONT__MAX; i++)
		out->ceiling[i] = ceiling_of(g, (enum front)i, mono);
}
