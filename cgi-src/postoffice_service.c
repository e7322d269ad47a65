/*
 * postoffice_service: operations of those who are in no room, or keep no count
 * of what they post.
 */
#include "postoffice.h"

void
postoffice_announce(struct postoffice *po, struct room_announce *a)
{
	a->op.run = room_announce_run;
	store_append(po->store, &a->op);
}

void
postoffice_send(struct postoffice *po, struct room_send *s)
{
	s->op.run = room_send_run;
	s->bounds = &po->options->bounds;
	po->stats.messages++;
	store_append(po->store, &s->op);
}

enum lb_err
postoffice_relay(struct postoffice *po, struct room_relay *r,
    const struct clock *now, int64_t *retry_ms)
{
	enum lb_err err = postoffice_take(po, RATE_POSTS, r->token.b,
	    sizeof(r->token.b), now, retry_ms);

	if (err != LB_OK)
		return err;
	r->op.run = room_relay_run;
	r->bounds = &po->options->bounds;
	po->stats.posts++;
	po->stats.messages++;
	store_append(po->store, &r->op);
	return LB_OK;
}

void
postoffice_acknowledge(struct postoffice *po, struct room_acknowledge *a)
{
	a->op.run = room_acknowledge_run;
	store_append(po->store, &a->op);
}
