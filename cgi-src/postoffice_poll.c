/*
 * postoffice_poll: polls, and the leases that they renew.
 *
 * A poll acknowledges by its cursor and renews the peer's lease; bytes
 * written to it are no delivery, since its browser may be gone.
 */
#include <string.h>

#include "postoffice.h"

#define RENEW_MS 5000 /* a lease this young is not written again */
#define LATE_MS 1000  /* one that ends so soon is written at once */

/* What store_peer() tells, as far as a poll wants it. */
struct seen {
	const struct postoffice_poll *poll;
	int64_t reserve, wall;
	enum lb_err standing;
	int64_t floor, first, joined, acknowledged;
	struct postoffice_view view;
	int has_lease;
	struct store_lease lease;
};

static void
see(void *arg, const struct store_room *room, const struct store_peer *peer,
    const struct store_lease *lease)
{
	struct seen *s = arg;
	const struct postoffice_poll *q = s->poll;

	s->standing = room_standing(room, peer,
	    q->namespace.p != NULL ? q->namespace : room->namespace,
	    q->name.p != NULL ? q->name : room->name, s->reserve, s->wall);
	s->floor = room->floor;
	s->first = peer->first;
	s->joined = peer->joined;
	s->acknowledged = peer->cursor;
	if (lease != NULL && lease->cursor > s->acknowledged)
		s->acknowledged = lease->cursor;
	s->view.room = room->row;
	s->view.locked = room->locked;
	s->view.capacity = room->capacity;
	s->view.peer = peer->row;
	memcpy(s->view.id, peer->id, sizeof(peer->id));
	s->has_lease = lease != NULL;
	if (lease != NULL)
		s->lease = *lease;
}

static void
begin_look(struct seen *s, const struct postoffice *po,
    const struct postoffice_poll *q, const struct clock *now)
{
	memset(s, 0, sizeof(*s));
	s->poll = q;
	s->reserve = po->options->bounds.reserve;
	s->wall = now->wall;
}

static enum lb_err
look_up(struct postoffice *po, const struct postoffice_poll *q,
    const struct clock *now, struct seen *s)
{
	enum lb_err err;

	begin_look(s, po, q, now);
	err = store_peer(po->store, &q->token, see, s);
	return err != LB_OK ? err : s->standing;
}

enum lb_err
postoffice_look(struct postoffice *po, const struct slice *room,
    const struct token_digest *token, const struct clock *now,
    struct postoffice_view *out)
{
	struct postoffice_poll q = { .namespace = ROOM_NAMESPACE,
		.token = *token };
	struct seen s;
	enum lb_err err;

	if (room != NULL)
		q.name = *room;
	err = look_up(po, &q, now, &s);
	*out = s.view;
	if (out->capacity == 0)
		out->capacity = po->options->bounds.peers;
	return err;
}

int
postoffice_knows(struct postoffice *po, const struct cursor *c)
{
	struct store_stats stats;

	if (memcmp(c->epoch, store_epoch(po->store), CURSOR_EPOCH) != 0)
		return 0;
	if (c->seq > po->newest) {
		store_stats(po->store, &stats);
		po->newest = stats.newest;
	}
	return c->seq <= po->newest;
}

/* The place from which to hand over, and what was lost before it. */
static void
place(struct postoffice *po, struct waiter *w, const struct seen *s)
{
	const struct cursor *c = &s->poll->cursor;

	w->sub.room = s->view.room;
	w->sub.peer = s->view.peer;
	w->joined = s->joined;
	w->sub.after = s->first;
	if (s->poll->resume && (!s->poll->since || s->acknowledged > s->first))
		w->sub.after = s->acknowledged;
	if (c->epoch[0] != '\0') {
		w->reset = postoffice_knows(po, c) ? 0 : 1;
		if (!w->reset)
			w->sub.after = c->seq;
	}
	w->gap = w->sub.after < s->floor;
}

/*
 * Writes the lease when that tells something new: a poll an instant after
 * another one costs nothing.  Returns 0 when the poll must not be parked,
 * because it could not be claimed from another process just now.  What a post
 * collects claims nothing: it gives way to polls wherever they are.  `heard`:
 * where it began to listen.
 */
static int
renew(struct postoffice *po, const struct seen *s, const struct waiter *w,
    int64_t heard, const struct clock *now)
{
	struct store_lease l = s->lease;
	int64_t acknowledged = w->reset ? 0 : heard;
	int64_t opening;
	uint64_t before;
	int late;

	if (!s->has_lease) {
		memset(&l, 0, sizeof(l));
		l.term = po->options->bounds.lease;
	}
	before = l.poller;
	opening = room_opening(&l, s->poll->opening, now->wall);
	if (s->has_lease && (before == po->poller || w->is_post) &&
	    l.cursor >= acknowledged && l.opening == opening &&
	    l.deadline - now->mono > l.term - RENEW_MS &&
	    l.deadline - now->mono > l.term / 2)
		return 1;
	late = l.deadline - now->mono < LATE_MS;
	l.deadline = now->mono + l.term;
	l.opening = opening;
	if (acknowledged > l.cursor)
		l.cursor = acknowledged;
	if (before == po->poller || w->is_post) {
		l.poller = 0; /* as it is */
		if (!late || store_claim(po->store, s->view.peer, &l) != LB_OK)
			store_renew(po->store, s->view.peer, &l);
		return 1;
	}
	l.poller = po->poller;
	if (store_claim(po->store, s->view.peer, &l) != LB_OK)
		return 0;
	if (before != 0)
		postoffice_say(po, POSTOFFICE_POLLS, s->view.peer);
	return 1;
}

/* The peer's older request gives way.  Returns 0 when this one must not be
 * parked, because a poll already waits and will deliver. */
static int
take_over(struct postoffice *po, const struct waiter *w)
{
	struct waiter *old = waiter_of(&po->hall, w->sub.peer);

	if (old == NULL)
		return 1;
	if (w->is_post && !old->is_post)
		return 0;
	postoffice_end(po, old, old->is_post ? LB_OK : LB_SUPERSEDED);
	return 1;
}

/* Whether it may be parked; sets what its client is told. */
static int
admit(struct postoffice *po, struct waiter *w, struct slice network,
    int64_t wait)
{
	struct governor *g = &po->governor;
	int takes = wait > 0 && (w->is_stream || !waiter_has_news(w));

	if (waiter_count(&po->hall, network) >=
	    po->options->polls_per_address) {
		w->pace = governor_refuse(g, w->sub.peer, po->mono);
		return 0;
	}
	/* Who posts comes to collect by the way. */
	if (w->is_post && wait <= 0) {
		w->pace = governor_pace(g, po->hall.count, po->mono);
		return 0;
	}
	return governor_ask(g, w->sub.peer, po->hall.count, takes, po->mono,
		   &w->pace) &&
	    takes;
}

static enum lb_err
park(struct postoffice *po, struct waiter *w, struct slice network,
    int64_t wait)
{
	int64_t hold = governor_hold(&po->governor, po->mono);
	enum lb_err err = waiter_park(&po->hall, w, po->mono,
	    wait < hold ? wait : hold, network);

	if (err != LB_OK) {
		store_unfollow(po->store, &w->sub);
		governor_left(&po->governor, po->hall.count, po->mono);
	} else if (waiter_has_news(w)) {
		waiter_ready(&po->hall, w);
	}
	return err;
}

/* Answers it now, or parks it for `wait` ms at most. */
static enum lb_err
answer_or_park(struct postoffice *po, struct waiter *w,
    const struct postoffice_poll *q, int64_t wait, int *parked)
{
	char bytes[POSTOFFICE_NETWORK];
	struct slice network = postoffice_network(q->address, bytes);
	enum lb_err err;

	if (!admit(po, w, network, wait)) {
		postoffice_end(po, w, LB_OK);
		return LB_OK;
	}
	err = park(po, w, network, wait);
	*parked = err == LB_OK;
	return err;
}

/* A look that goes on to the log. */
struct entry {
	struct seen seen;
	struct postoffice *po;
	struct waiter *waiter;
	int64_t heard; /* where the waiter began */
	enum lb_err err;
};

/* The log is read as it was when the peer was looked at: whoever is taken out
 * at this moment by another process hears nothing that comes after. */
static void
see_and_follow(void *arg, const struct store_room *room,
    const struct store_peer *peer, const struct store_lease *lease)
{
	struct entry *e = arg;
	struct seen *s = &e->seen;
	int64_t opening = s->poll->opening;

	see(s, room, peer, lease);
	e->err = s->standing;
	if (e->err == LB_OK && s->has_lease && opening != 0 &&
	    opening < s->lease.opening) {
		e->po->stats.superseded++;
		e->err = LB_SUPERSEDED;
	}
	if (e->err != LB_OK && e->err != LB_ENDED)
		return;
	e->po->stats.polls++;
	place(e->po, e->waiter, s);
	e->heard = e->waiter->sub.after;
	e->err = store_follow(e->po->store, &e->waiter->sub);
}

enum lb_err
postoffice_poll(struct postoffice *po, struct waiter *w,
    const struct postoffice_poll *q, const struct clock *now, int *parked)
{
	struct entry e = { .po = po, .waiter = w };
	int64_t wait = q->wait;
	enum lb_err err;

	*parked = 0;
	po->mono = now->mono;
	begin_look(&e.seen, po, q, now);
	err = store_peer(po->store, &q->token, see_and_follow, &e);
	if (err == LB_OK)
		err = e.err;
	if (err != LB_OK)
		return err;
	if (e.seen.standing == LB_ENDED && w->count == 0) {
		store_unfollow(po->store, &w->sub);
		return LB_ENDED;
	}
	if (e.seen.standing == LB_ENDED) {
		postoffice_end(po, w, LB_OK);
		return LB_OK;
	}
	if (!renew(po, &e.seen, w, e.heard, now) || !take_over(po, w))
		wait = 0;
	return answer_or_park(po, w, q, wait, parked);
}

enum lb_err
postoffice_listen(struct postoffice *po, struct waiter *w,
    const struct postoffice_poll *q, int64_t room, int64_t floor,
    const struct clock *now, int *parked)
{
	/* No row of a peer is negative. */
	struct seen s = { .poll = q, .view = { .room = room, .peer = -room } };
	enum lb_err err;

	*parked = 0;
	po->mono = now->mono;
	po->stats.polls++;
	if (q->cursor.epoch[0] != '\0')
		s.floor = floor;
	place(po, w, &s);
	take_over(po, w);
	err = store_follow(po->store, &w->sub);
	if (err != LB_OK)
		return err;
	return answer_or_park(po, w, q, q->wait, parked);
}

enum lb_err
postoffice_collect(struct postoffice *po, struct waiter *w)
{
	enum lb_err err = store_follow(po->store, &w->sub);

	store_unfollow(po->store, &w->sub);
	po->stats.delivered += w->count;
	return err;
}
