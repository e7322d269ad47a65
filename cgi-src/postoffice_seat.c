/*
 * postoffice_seat: how a poll ends and gives its seat up, and what the
 * governor hears of it.
 */
#include "postoffice.h"

/* Its place and its seat; 1 when it had them. */
static int
vacate(struct postoffice *po, struct waiter *w)
{
	int parked = w->parked;

	store_unfollow(po->store, &w->sub);
	waiter_leave(&po->hall, w);
	if (parked)
		governor_left(&po->governor, po->hall.count, po->mono);
	return parked;
}

/* A stream is no witness: what it says keeps a connection alive. */
static void
testify(struct postoffice *po, const struct waiter *w)
{
	if (w->is_stream)
		return;
	if (po->governor.front != FRONT_CGI) {
		governor_lived(&po->governor, w->begun, po->mono);
		return;
	}
	/* Whether a web server took the reply is known at the end only. */
	po->told_begun = w->begun;
	po->told_ended = po->mono;
}

void
postoffice_end(struct postoffice *po, struct waiter *w, enum lb_err err)
{
	if (vacate(po, w) && err == LB_OK) {
		testify(po, w);
		w->pace = governor_pace(&po->governor, po->hall.count,
		    po->mono);
	}
	if (err == LB_SUPERSEDED)
		po->stats.superseded++;
	if (w->sub.lost)
		w->gap = 1;
	po->stats.delivered += w->count;
	w->done(w, err);
}

void
postoffice_forget(struct postoffice *po, struct waiter *w)
{
	if (vacate(po, w) && !w->is_stream)
		governor_cut(&po->governor, w->begun, po->mono);
	buf_reset(&w->messages);
}

/* Answers all, so that they come again. */
void
postoffice_drain(struct postoffice *po)
{
	while (po->hall.by_peer != NULL)
		postoffice_end(po, po->hall.by_peer, LB_OK);
}

/* A stream says what it has and goes on. */
static void
flow(struct postoffice *po, struct waiter *w)
{
	if (w->sub.lost)
		w->gap = 1;
	po->stats.delivered += w->count;
	w->done(w, LB_OK);
	buf_reset(&w->messages);
	w->count = 0;
	w->gap = w->reset = 0;
	w->sub.lost = 0;
	/* It was full, and is no longer followed: go on from there. */
	if (!w->sub.followed && store_follow(po->store, &w->sub) != LB_OK)
		postoffice_end(po, w, LB_OK);
}

void
postoffice_answer(struct postoffice *po, struct waiter *w)
{
	if (w->out)
		postoffice_end(po, w,
		    waiter_has_news(w) ? LB_OK : LB_NOT_A_MEMBER);
	else if (w->is_stream && waiter_has_news(w) && !w->messages.failed &&
	    !w->lapsed && po->mono < w->deadline)
		flow(po, w);
	else
		postoffice_end(po, w, LB_OK);
}

/* ---- seats ---- */

struct governor_pace
postoffice_pace(struct postoffice *po, struct slice address,
    const struct clock *now)
{
	char bytes[POSTOFFICE_NETWORK];

	po->mono = now->mono;
	address = postoffice_network(address, bytes);
	if (waiter_count(&po->hall, address) >= po->options->polls_per_address)
		return governor_refuse(&po->governor, 0, po->mono);
	return governor_pace(&po->governor, po->hall.count, po->mono);
}

void
postoffice_meet(struct postoffice *po, struct slice server_software)
{
	governor_meet(&po->governor, server_software);
}

enum front
postoffice_front(struct postoffice *po)
{
	return po->governor.front;
}

void
postoffice_told(struct postoffice *po, int took, const struct clock *now)
{
	if (po->told_begun == 0)
		return;
	if (took)
		governor_lived(&po->governor, po->told_begun, po->told_ended);
	else
		governor_cut(&po->governor, po->told_begun, po->told_ended);
	po->told_begun = 0;
	po->mono = now->mono;
}

void
postoffice_cut(struct postoffice *po, const struct clock *now)
{
	struct waiter *w, *next;

	HASH_ITER(hh, po->hall.by_peer, w, next) {
		if (!w->is_stream)
			governor_cut(&po->governor, w->begun, now->mono);
		postoffice_end(po, w, LB_OK);
	}
	po->told_begun = 0;
}

void
postoffice_seats(struct postoffice *po, const struct clock *now,
    struct governor_stats *out)
{
	governor_stats(&po->governor, now->mono, out);
}
