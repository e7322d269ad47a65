/*
 * dialect_rooms_history: see dialect_rooms_history.h.
 */
#include "dialect_rooms_history.h"

#include <stddef.h>

struct recording_header
rooms_history_header(const struct rooms_history *h)
{
	struct store *store = postoffice_store(h->work.mount->po);

	return (struct recording_header){ .epoch = { store_epoch(store),
					      CURSOR_EPOCH },
		.namespace = ROOM_NAMESPACE,
		.room = h->room };
}

/* ---- for the admin, who is in no room ---- */

static struct rooms_history *
of(struct store_op *op)
{
	return (struct rooms_history *)(void *)((char *)op -
	    offsetof(struct rooms_history, find));
}

static enum lb_err
find_room(struct store_op *op, struct store_tx *tx)
{
	struct rooms_history *h = of(op);
	struct store_room room;
	enum lb_err err = store_room_find(tx, ROOM_NAMESPACE, h->room, &room);

	if (err == LB_OK)
		h->sub.room = room.row;
	return err;
}

static void
found_room(struct store_op *op, enum lb_err err)
{
	struct rooms_history *h = of(op);

	if (!exchange_committed(h->work.ex))
		return;
	if (err == LB_OK)
		h->tell(h);
	else
		rooms_refuse(h->work.ex, err, NULL);
}

/* ---- for a member ---- */

/* Whose token it is, also of one who has lapsed or whose room was ended. */
static enum lb_err
look(struct rooms_history *h)
{
	struct rooms_mount *m = h->work.mount;
	struct postoffice_view view;
	enum lb_err err;

	if (!rooms_token(&h->work, (struct slice){ NULL, 0 }, &h->token))
		return LB_NOT_A_MEMBER;
	err = postoffice_look(m->po, &h->room, &h->token, m->now, &view);
	if (err != LB_OK && err != LB_NOT_FOUND && err != LB_ENDED)
		return err;
	h->sub.room = view.room;
	h->sub.peer = view.peer;
	h->sub.scope = MESSAGE_OWN;
	return LB_OK;
}

void
rooms_history(struct rooms_history *h, const struct route_match *match)
{
	struct rooms_work *work = &h->work;
	enum lb_err err;

	h->room = match->room;
	if (rooms_is_admin(work->mount, work->ex)) {
		h->sub.scope = MESSAGE_ALL;
		h->find.run = find_room;
		h->find.done = found_room;
		store_append(postoffice_store(work->mount->po), &h->find);
		exchange_commit(work->ex);
		return;
	}
	err = look(h);
	if (err == LB_OK)
		h->tell(h);
	else
		rooms_refuse(work->ex, err, NULL);
}
