/*
 * room_rules: what the owner decides.  The owner is the present peer that
 * joined first; nobody appoints it, so it can never be missing.
 */
#include <string.h>

#include "room_parts.h"
#include "ticket.h"

static enum lb_err
check_owner(struct room_rules *r, struct store_tx *tx, int64_t room,
    const struct store_peer *self)
{
	struct store_census census;
	enum lb_err err;

	if (!(self->may & TICKET_RULES)) {
		r->fault.why = "The ticket does not permit to set rules.";
		return LB_TICKET;
	}
	err = store_census(tx, room, &census);
	if (err != LB_OK)
		return err;
	return census.owner == self->row ? LB_OK : LB_NOT_OWNER;
}

/* Finds whom a rule names, before anything is written. */
static enum lb_err
find_named(struct store_tx *tx, int64_t room, struct slice id,
    struct store_peer *out)
{
	enum lb_err err;

	memset(out, 0, sizeof(*out));
	if (id.p == NULL)
		return LB_OK;
	err = store_peer_by_id(tx, room, id, out);
	return err == LB_NOT_FOUND ? LB_BAD_REQUEST : err;
}

static enum lb_err
set_rules(struct room_rules *r, struct store_tx *tx, struct store_room *room,
    const struct store_peer *self)
{
	enum lb_err err;

	if (r->lock < 0 && r->capacity == 0)
		return LB_OK;
	if (r->lock >= 0)
		room->locked = r->lock;
	if (r->capacity > 0)
		room->capacity = r->capacity;
	err = store_room_put(tx, room);
	return err != LB_OK ? err : room_say_rules(tx, r->bounds, room, self);
}

static enum lb_err
remove_peer(struct store_tx *tx, const struct store_room *room,
    struct store_peer *peer)
{
	enum lb_err err = store_lease_end(tx, peer->row, INT64_MAX);

	if (err != LB_OK && err != LB_NOT_FOUND)
		return err;
	return room_depart(tx, room, peer, STORE_REMOVED,
	    SLICE("{\"reason\":\"removed\"}"));
}

static enum lb_err
end_room(struct store_tx *tx, struct store_room *room,
    const struct store_peer *self)
{
	enum lb_err err = room_say(tx, self, "room-ended", SLICE("{}"), 0,
	    NULL);

	room->ended_at = tx->now.wall;
	return err != LB_OK ? err : store_room_put(tx, room);
}

static enum lb_err
apply(struct room_rules *r, struct store_tx *tx, struct store_room *room,
    struct store_peer *self, struct store_peer *admit,
    struct store_peer *remove)
{
	enum lb_err err = set_rules(r, tx, room, self);

	if (err == LB_OK && r->admit.p != NULL) {
		admit->admitted = 1;
		err = store_peer_put(tx, admit);
	}
	if (err == LB_OK && r->remove.p != NULL)
		err = remove_peer(tx, room, remove);
	r->removed = remove->row;
	if (err == LB_OK && r->end)
		err = end_room(tx, room, self);
	r->locked = room->locked;
	r->capacity_now = room->capacity > 0 ? room->capacity :
					       r->bounds->peers;
	return err;
}

enum lb_err
room_rules_run(struct store_op *op, struct store_tx *tx)
{
	struct room_rules *r = (struct room_rules *)(void *)op;
	struct store_peer self, admit, remove;
	struct store_room room;
	enum lb_err err;

	memset(&r->fault, 0, sizeof(r->fault));
	err = room_member(tx, &r->token, r->namespace, r->name,
	    r->bounds->reserve, &room, &self);
	if (err == LB_NOT_FOUND)
		err = LB_NOT_OWNER; /* lapsed: somebody else is */
	if (err == LB_OK)
		err = check_owner(r, tx, room.row, &self);
	if (err != LB_OK)
		return err;
	err = find_named(tx, room.row, r->admit, &admit);
	if (err == LB_OK && admit.row != 0 && admit.state != STORE_KNOCKING)
		err = LB_BAD_REQUEST;
	if (err == LB_BAD_REQUEST)
		r->fault.why = "`admit` names nobody who knocks.";
	if (err != LB_OK)
		return err;
	err = find_named(tx, room.row, r->remove, &remove);
	if (err == LB_OK && remove.row != 0 && remove.state != STORE_PRESENT &&
	    remove.state != STORE_LAPSED)
		err = LB_BAD_REQUEST;
	if (err == LB_OK && remove.row != 0 && remove.row == self.row)
		err = LB_BAD_REQUEST;
	if (err == LB_BAD_REQUEST)
		r->fault.why = "`remove` names nobody else in the room.";
	if (err != LB_OK)
		return err;
	return apply(r, tx, &room, &self, &admit, &remove);
}
