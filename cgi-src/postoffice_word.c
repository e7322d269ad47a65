/*
 * postoffice_word: what becomes of a peer's poll by what it does elsewhere, in
 * another request or at another process.
 */
#include "postoffice.h"

void
postoffice_on_word(struct postoffice *po, postoffice_speaker *speaker,
    void *arg)
{
	po->speaker = speaker;
	po->speaker_arg = arg;
}

void
postoffice_say(struct postoffice *po, enum postoffice_word word, int64_t peer)
{
	if (po->speaker != NULL)
		po->speaker(po->speaker_arg, word, peer);
}

/* ---- said here ---- */

/* A word of a page that goes. */
struct going {
	const struct postoffice *po;
	struct slice namespace, name;
	const struct clock *now;
	enum lb_err standing;
	int64_t peer;
	struct store_lease lease;
};

static void
see(void *arg, const struct store_room *room, const struct store_peer *peer,
    const struct store_lease *lease)
{
	const struct room_bounds *bounds;
	struct going *g = arg;

	bounds = &g->po->options->bounds;
	g->standing = room_standing(room, peer,
	    g->namespace.p != NULL ? g->namespace : room->namespace,
	    g->name.p != NULL ? g->name : room->name, bounds->reserve,
	    g->now->wall);
	g->peer = peer->row;
	if (lease != NULL)
		g->lease = *lease;
	else
		g->lease.term = bounds->lease;
}

/*
 * A page that goes says so, and its poll is answered: a page that lives on
 * (the word was late, and belongs to the page before a reload) polls again
 * and so takes the lease back, one that is gone does not.
 */
enum lb_err
postoffice_away(struct postoffice *po, struct slice namespace,
    struct slice name, const struct token_digest *token,
    const struct clock *now)
{
	struct going g = { .po = po,
		.namespace = namespace,
		.name = name,
		.now = now };
	struct waiter *w;
	enum lb_err err = store_peer(po->store, token, see, &g);

	if (err == LB_OK)
		err = g.standing;
	if (err == LB_NOT_FOUND)
		return LB_OK; /* it has lapsed already */
	if (err != LB_OK)
		return err;
	g.lease.deadline = now->mono + po->options->away;
	g.lease.poller = 0;
	/* At once: the page that comes next may come to another process. */
	if (store_claim(po->store, g.peer, &g.lease) != LB_OK)
		store_renew(po->store, g.peer, &g.lease);
	w = waiter_of(&po->hall, g.peer);
	if (w != NULL)
		postoffice_end(po, w, LB_OK);
	else
		postoffice_say(po, POSTOFFICE_GOES, g.peer);
	return LB_OK;
}

void
postoffice_revoke(struct postoffice *po, int64_t peer)
{
	struct waiter *w = waiter_of(&po->hall, peer);

	if (w != NULL)
		postoffice_end(po, w, LB_NOT_A_MEMBER);
	else
		postoffice_say(po, POSTOFFICE_POLLS, peer);
}

void
postoffice_yield(struct postoffice *po, int64_t peer)
{
	struct waiter *w = waiter_of(&po->hall, peer);

	if (w != NULL && w->is_post)
		postoffice_end(po, w, LB_OK);
	else
		postoffice_say(po, POSTOFFICE_POSTS, peer);
}

/* ---- heard from others ---- */

/* A poll that was taken over is told, unless the word is older than it: it
 * went there and came back. */
static void
hear_poll(struct postoffice *po, struct waiter *w, const struct clock *now)
{
	struct store_tx tx = { po->store, *now };
	struct store_lease lease;
	enum lb_err err = store_lease_get(&tx, w->sub.peer, &lease);

	if (err == LB_OK && lease.poller == po->poller)
		return;
	/* Without a lease it was taken out: its next poll is told why. */
	postoffice_end(po, w,
	    err == LB_OK && !w->is_post ? LB_SUPERSEDED : LB_OK);
}

void
postoffice_heard(struct postoffice *po, enum postoffice_word word, int64_t peer,
    const struct clock *now)
{
	struct waiter *w = waiter_of(&po->hall, peer);

	if (w == NULL)
		return;
	if (word == POSTOFFICE_POLLS)
		hear_poll(po, w, now);
	else if (word == POSTOFFICE_GOES || w->is_post)
		postoffice_end(po, w, LB_OK);
}

void
postoffice_heard_commit(struct postoffice *po)
{
	po->store->look = 1;
}
