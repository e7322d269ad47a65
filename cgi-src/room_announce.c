/*
 * room_announce: who may come, said by somebody who is not in the room.
 *
 * A peer that is announced has its id, its token and its mailbox before it
 * comes, and keeps them until the time that is told.
 */
#include <string.h>

#include "room_parts.h"
#include "store_sent.h"

/* What is there already. */
struct found {
	struct store_room room, herald; /* row 0: not there */
	struct store_peer peer;
};

static enum lb_err
find_room(struct store_tx *tx, struct slice namespace, struct slice name,
    struct store_room *out)
{
	enum lb_err err = store_room_find(tx, namespace, name, out);

	if (err != LB_NOT_FOUND)
		return err;
	memset(out, 0, sizeof(*out));
	out->namespace = namespace;
	out->name = name;
	return LB_OK;
}

/* Mail may have come for an id before anybody had it; else the holder must be
 * the one who is meant. */
static enum lb_err
check_holder(const struct room_announce *a, const struct store_peer *holder)
{
	if (holder->state == STORE_EXPECTED)
		return LB_OK;
	if (!holder->has_token ||
	    !token_equal(holder->token.b, a->token.b, TOKEN_DIGEST))
		return LB_PEER_TAKEN;
	return holder->state == STORE_REMOVED ? LB_REMOVED : LB_OK;
}

static enum lb_err
find_peer(const struct room_announce *a, struct store_tx *tx, struct found *f)
{
	enum lb_err err = LB_NOT_FOUND;

	if (a->id.p == NULL)
		return LB_OK;
	if (f->room.row != 0)
		err = store_peer_by_id(tx, f->room.row, a->id, &f->peer);
	if (err == LB_OK)
		return check_holder(a, &f->peer);
	if (err != LB_NOT_FOUND)
		return err;
	memset(&f->peer, 0, sizeof(f->peer));
	memcpy(f->peer.id, a->id.p, a->id.n);
	return LB_OK;
}

/* Writes what is not as it should be. */
static enum lb_err
settle_room(const struct room_announce *a, struct store_tx *tx, struct found *f)
{
	enum lb_err err = LB_OK;
	int is_right = f->room.row != 0;

	if (a->herald_name.p != NULL) {
		if (f->herald.row == 0)
			err = store_room_put(tx, &f->herald);
		is_right = is_right && f->room.herald == f->herald.row;
		f->room.herald = f->herald.row;
	}
	if (err == LB_OK && !is_right)
		err = store_room_put(tx, &f->room);
	return err;
}

static enum lb_err
settle_peer(const struct room_announce *a, struct store_tx *tx, struct found *f)
{
	struct store_peer *p = &f->peer;
	int is_new = p->row == 0 || p->state == STORE_EXPECTED;

	/* Without anybody in it the room would not stay. */
	if (a->id.p == NULL)
		return room_service(tx, f->room.row, ROOM_SERVICE,
		    a->held_until, p);
	if (!is_new && p->held_until >= a->held_until)
		return LB_OK;
	if (is_new) {
		p->room = f->room.row;
		p->state = STORE_LAPSED;
		p->changed_at = tx->now.wall;
		p->has_token = 1;
		p->token = a->token;
	}
	if (p->held_until < a->held_until)
		p->held_until = a->held_until;
	return store_peer_put(tx, p);
}

/* Whether it was said before, and when. */
static enum lb_err
recall(struct room_announce *a, struct store_tx *tx, int64_t room, int *is_new)
{
	struct store_sent sent;
	enum lb_err err = LB_NOT_FOUND;

	*is_new = a->mark.p != NULL;
	if (*is_new && room != 0)
		err = store_sent_find(tx, room, a->mark, &sent);
	if (err == LB_NOT_FOUND)
		return LB_OK;
	if (err == LB_OK && sent.at + STORE_SENT_MS > tx->now.wall) {
		*is_new = 0;
		a->at = sent.at;
	}
	return err;
}

enum lb_err
room_announce_run(struct store_op *op, struct store_tx *tx)
{
	struct room_announce *a = (struct room_announce *)(void *)op;
	struct found f;
	int is_new = 0;
	enum lb_err err = room_ask(a->guard, tx);

	if (err == LB_OK)
		err = find_room(tx, a->namespace, a->name, &f.room);
	if (err == LB_OK && a->herald_name.p != NULL)
		err = find_room(tx, a->herald_namespace, a->herald_name,
		    &f.herald);
	if (err == LB_OK)
		err = find_peer(a, tx, &f);
	if (err == LB_OK)
		err = recall(a, tx, f.room.row, &is_new);
	if (err == LB_OK)
		err = settle_room(a, tx, &f);
	if (err == LB_OK)
		err = settle_peer(a, tx, &f);
	if (err == LB_OK && is_new)
		err = store_sent_put(tx,
		    &(struct store_sent){ f.room.row, a->mark, 0, a->at });
	if (err != LB_OK)
		return err;
	a->room = f.room.row;
	a->floor = f.room.floor;
	return LB_OK;
}
