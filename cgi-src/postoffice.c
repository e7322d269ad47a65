/*
 * postoffice: see postoffice.h.  postoffice_poll.c holds what concerns polls.
 */
#include "postoffice.h"

#include <stdlib.h>
#include <string.h>

#define SWEEP_MS 250    /* between two looks for ended leases */
#define EXPIRE_MS 1000  /* between two rounds of housekeeping */
#define EXPIRE_MOST 200 /* rows of a kind in a round, and more ... */
#define GUESTS 8        /* of so many one does the housekeeping */
#define LAPSES 64       /* leases ended in one turn */
#define PAUSE_MS 5000   /* without a turn: the process was stopped */
#define JUMP_MS 2000    /* of Unix time: somebody set the clock */

static void
end_all(struct postoffice *po, enum lb_err err)
{
	struct waiter *w;

	while ((w = po->hall.by_peer) != NULL) {
		store_unfollow(po->store, &w->sub);
		waiter_leave(&po->hall, w);
		w->pace = governor_refuse(&po->governor, 0, po->mono);
		w->done(w, err);
	}
}

/* The database is another one: whoever waits here waits in vain, at a place
 * that is of the old one and must not be told as a cursor; and peers of whom
 * it says that they are present have no lease. */
static void
check_epoch(struct postoffice *po)
{
	const char *epoch = store_epoch(po->store);

	if (memcmp(po->epoch, epoch, CURSOR_EPOCH) == 0)
		return;
	memcpy(po->epoch, epoch, CURSOR_EPOCH);
	po->newest = 0;
	po->last_turn -= 2 * PAUSE_MS;
	po->starting = 0;
	end_all(po, LB_BUSY);
}

/* Whoever has something to say, or whose time is up. */
static void
answer_ready(void *arg)
{
	struct postoffice *po = arg;
	struct waiter *w;

	check_epoch(po);
	while ((w = waiter_next(&po->hall)) != NULL)
		postoffice_answer(po, w);
}

struct postoffice *
postoffice_new(struct store *store, const struct postoffice_options *options,
    uint64_t poller, const struct clock *now)
{
	struct postoffice *po = calloc(1, sizeof(*po));

	if (po == NULL)
		return NULL;
	po->store = store;
	po->options = options;
	po->poller = poller;
	if (!postoffice_open_rates(po)) {
		postoffice_close_rates(po);
		free(po);
		return NULL;
	}
	waiter_hall_init(&po->hall, now->mono);
	memcpy(po->epoch, store_epoch(store), CURSOR_EPOCH);
	store->tailed = answer_ready;
	store->tailed_arg = po;
	governor_init(&po->governor, store, &options->governor, poller);
	po->mono = now->mono;
	/* A long time ago: the first turn may renew all leases. */
	po->last_turn = now->mono - 2 * PAUSE_MS;
	po->starting = 1;
	/* One guest in so many keeps the house; `poller` is random. */
	if (options->governor.front == FRONT_CGI && poller / 2 % GUESTS != 0)
		po->expired = now->mono;
	po->drift = now->wall - now->mono;
	return po;
}

void
postoffice_free(struct postoffice *po)
{
	if (po == NULL)
		return;
	end_all(po, LB_SHUTTING_DOWN);
	governor_close(&po->governor);
	if (po->store->tailed_arg == po)
		po->store->tailed = NULL;
	postoffice_close_rates(po);
	/* A locked database may keep lapses queued: the last one frees it. */
	po->closed = 1;
	if (po->lapsing == 0)
		free(po);
}

struct store *
postoffice_store(struct postoffice *po)
{
	return po->store;
}

const struct postoffice_options *
postoffice_options(struct postoffice *po)
{
	return po->options;
}

const struct postoffice_stats *
postoffice_stats(struct postoffice *po)
{
	po->stats.waiters = po->hall.count;
	return &po->stats;
}

struct waiter_hall *
postoffice_hall(struct postoffice *po)
{
	return &po->hall;
}

/* ---- operations ---- */

enum lb_err
postoffice_join(struct postoffice *po, struct room_join *j,
    struct slice address, const struct clock *now, int64_t *retry_ms)
{
	enum lb_err err = postoffice_take(po, RATE_JOINS, address.p, address.n,
	    now, retry_ms);

	if (err != LB_OK)
		return err;
	j->op.run = room_join_run;
	j->bounds = &po->options->bounds;
	if (j->lease == 0)
		j->lease = po->options->bounds.lease;
	po->stats.joins++;
	store_append(po->store, &j->op);
	return LB_OK;
}

enum lb_err
postoffice_post(struct postoffice *po, struct room_post *p,
    const struct clock *now, int64_t *retry_ms)
{
	enum lb_err err = postoffice_take(po, RATE_POSTS, p->token.b,
	    sizeof(p->token.b), now, retry_ms);

	if (err != LB_OK)
		return err;
	p->op.run = room_post_run;
	p->bounds = &po->options->bounds;
	po->stats.posts++;
	po->stats.messages += (int64_t)p->letter.count;
	store_append(po->store, &p->op);
	return LB_OK;
}

void
postoffice_leave(struct postoffice *po, struct room_leave *l)
{
	l->op.run = room_leave_run;
	store_append(po->store, &l->op);
}

void
postoffice_rules(struct postoffice *po, struct room_rules *r)
{
	r->op.run = room_rules_run;
	r->bounds = &po->options->bounds;
	store_append(po->store, &r->op);
}

/* ---- leases that have ended ---- */

struct lapse {
	struct room_lapse base;
	struct postoffice *po;
};

static void
lapsed(struct store_op *op, enum lb_err err)
{
	struct lapse *l = (struct lapse *)(void *)op;

	if (err == LB_OK)
		l->po->stats.left++;
	if (--l->po->lapsing == 0 && l->po->closed)
		free(l->po);
	free(l);
}

static void
sweep(struct postoffice *po, const struct clock *now)
{
	int64_t peers[LAPSES];
	size_t count;

	if (now->mono - po->swept < SWEEP_MS || po->lapsing > 0)
		return;
	po->swept = now->mono;
	if (store_overdue(po->store, now->mono, peers, LAPSES, &count) != LB_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		struct lapse *l = calloc(1, sizeof(*l));

		if (l == NULL)
			return; /* found again at the next look */
		l->po = po;
		l->base.peer = peers[i];
		l->base.op.run = room_lapse_run;
		l->base.op.done = lapsed;
		po->lapsing++;
		store_append(po->store, &l->base.op);
	}
}

/* ---- the turn ---- */

/* A clock that is set forward makes nothing older: what is there is kept for
 * its whole time from now on.  Set back, it is kept longer by itself. */
static void
watch_clock(struct postoffice *po, const struct clock *now)
{
	const struct postoffice_options *o = po->options;
	int64_t drift = now->wall - now->mono, longest = o->ttl;

	if (longest < o->bounds.reserve)
		longest = o->bounds.reserve;
	if (longest < o->stranger_ttl)
		longest = o->stranger_ttl;
	if (drift - po->drift > JUMP_MS)
		po->expired = now->mono + longest;
	po->drift = drift;
}

/* As much goes as comes, and a little more. */
static void
expire(struct postoffice *po, const struct clock *now)
{
	const struct postoffice_options *o = po->options;
	struct store_expiry e;

	if (now->mono - po->expired < EXPIRE_MS)
		return;
	e.now = now->wall;
	e.messages = now->wall - o->ttl;
	e.reserved = now->wall - o->bounds.reserve;
	e.strangers = now->wall - o->stranger_ttl;
	e.most = EXPIRE_MOST +
	    (int)(2 * (po->stats.messages - po->expired_messages));
	if (store_expire(po->store, &e) == LB_BUSY)
		return; /* at the next turn */
	po->expired = now->mono;
	po->expired_messages = po->stats.messages;
}

/*
 * Whether leases may have ended because nobody was there to renew them: after
 * a start, unless another process was there, and when this one was stopped.
 * Processes of one request start all the time: of them only that one does it
 * which finds that there are no leases at all.
 */
static int
is_refresh_due(struct postoffice *po, const struct clock *now)
{
	if (po->store->unsettled)
		return 1;
	if (now->mono - po->last_turn <= PAUSE_MS)
		return 0;
	if (!po->starting)
		return 1;
	return !front_is_single(po->governor.front) &&
	    governor_alone(&po->governor, PAUSE_MS, now->mono);
}

int64_t
postoffice_turn(struct postoffice *po, const struct clock *now)
{
	int64_t next;

	po->mono = now->mono;
	/* No lease ends before all were renewed. */
	if (!is_refresh_due(po, now) ||
	    store_refresh(po->store, now->mono) == LB_OK) {
		po->last_turn = now->mono;
		po->starting = 0;
		sweep(po, now);
	}
	waiter_tick(&po->hall, now->mono);
	next = store_turn(po->store, now);
	answer_ready(po);
	governor_turn(&po->governor, po->hall.count, now->mono);
	watch_clock(po, now);
	expire(po, now);
	if (next < 0 || next > SWEEP_MS)
		next = SWEEP_MS;
	if (po->hall.count > 0 && next > WAITER_SLOT_MS)
		next = WAITER_SLOT_MS;
	return next;
}
