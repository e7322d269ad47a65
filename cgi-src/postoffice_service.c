/*
 * postoffice_service: operations of those who are in no room.
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

void
postoffice_acknowledge(struct postoffice *po, struct room_acknowledge *a)
{
	a->op.run = room_acknowledge_run;
	store_append(po->store, &a->op);
}
