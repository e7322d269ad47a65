/*
 * room_leave: who goes, by its own word or because its lease ended.
 */
#include "room_parts.h"

enum lb_err
room_leave_run(struct store_op *op, struct store_tx *tx)
{
	struct room_leave *l = (struct room_leave *)(void *)op;
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
	err = store_lease_end(tx, self.row, INT64_MAX);
	if (err != LB_OK && err != LB_NOT_FOUND)
		return err;
	return room_depart(tx, &self, STORE_GONE,
	    SLICE("{\"reason\":\"leave\"}"));
}

enum lb_err
room_lapse_run(struct store_op *op, struct store_tx *tx)
{
	struct room_lapse *l = (struct room_lapse *)(void *)op;
	struct store_peer peer;
	enum lb_err err = store_lease_end(tx, l->peer, tx->now.mono);

	if (err == LB_OK)
		err = store_peer_get(tx, l->peer, &peer);
	if (err != LB_OK)
		return err;
	if (peer.state != STORE_PRESENT)
		return LB_OK;
	return room_depart(tx, &peer, STORE_LAPSED,
	    SLICE("{\"reason\":\"lease\"}"));
}
