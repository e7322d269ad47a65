/*
 * room_leave: who goes, by its own word or because its lease ended.
 */
#include "room_parts.h"

/* Takes the lease away by `mono`; what was acknowledged by it is known to the
 * peer's row from now on. */
static enum lb_err
end_lease(struct store_tx *tx, struct store_peer *peer, int64_t mono,
    int64_t cursor)
{
	struct store_lease lease;
	enum lb_err err = store_lease_get(tx, peer->row, &lease);

	if (err == LB_OK && lease.cursor > cursor)
		cursor = lease.cursor;
	if (err == LB_OK)
		err = store_lease_end(tx, peer->row, mono);
	if (cursor > peer->cursor)
		peer->cursor = cursor;
	return err;
}

enum lb_err
room_leave_run(struct store_op *op, struct store_tx *tx)
{
	struct room_leave *l = (struct room_leave *)(void *)op;
	enum store_state state = STORE_GONE;
	struct store_room room;
	struct store_peer self;
	enum lb_err err = store_peer_by_token(tx, &l->token, &room, &self);

	if (err == LB_NOT_FOUND)
		return LB_NOT_A_MEMBER;
	if (err != LB_OK)
		return err;
	if (!slice_equal(room.namespace, l->namespace) ||
	    !slice_equal(room.name, l->name) || self.state == STORE_REMOVED)
		return LB_NOT_A_MEMBER;
	if (l->id.p != NULL && !slice_is(l->id, self.id))
		return LB_NOT_OWNER;
	l->peer = self.row;
	if (self.state == STORE_GONE)
		return LB_OK;
	err = end_lease(tx, &self, INT64_MAX, l->cursor);
	if (err != LB_OK && err != LB_NOT_FOUND)
		return err;
	if (l->for_good)
		state = STORE_REMOVED;
	else if (self.held_until > tx->now.wall)
		state = STORE_LAPSED;
	return room_depart(tx, &room, &self, state,
	    SLICE("{\"reason\":\"leave\"}"));
}

enum lb_err
room_lapse_run(struct store_op *op, struct store_tx *tx)
{
	struct room_lapse *l = (struct room_lapse *)(void *)op;
	struct store_room room;
	struct store_peer peer;
	enum lb_err err = store_peer_get(tx, l->peer, &peer);

	/* A lease of nobody's ends as well. */
	if (err == LB_NOT_FOUND)
		return store_lease_end(tx, l->peer, tx->now.mono);
	if (err == LB_OK)
		err = end_lease(tx, &peer, tx->now.mono, 0);
	if (err == LB_OK)
		err = store_room_get(tx, peer.room, &room);
	if (err != LB_OK)
		return err;
	if (peer.state != STORE_PRESENT)
		return LB_OK;
	return room_depart(tx, &room, &peer, STORE_LAPSED,
	    SLICE(MESSAGE_LAPSED));
}
