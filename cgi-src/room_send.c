/*
 * room_send: mail from somebody who is in no room.
 *
 * An application has no peer and counts nothing; it may give a message a mark
 * of its own instead, and a repeat of that is the same message.
 */
#include <string.h>

#include "room_parts.h"
#include "store_sent.h"

/* LB_OK with the seq of what was sent under this mark, or LB_NOT_FOUND. */
static enum lb_err
find_repeat(struct room_send *s, struct store_tx *tx, int64_t room)
{
	struct store_sent sent;
	enum lb_err err;

	if (s->mark.p == NULL)
		return LB_NOT_FOUND;
	err = store_sent_find(tx, room, s->mark, &sent);
	if (err != LB_OK)
		return err;
	if (sent.at + STORE_SENT_MS <= tx->now.wall)
		return LB_NOT_FOUND;
	s->seq = sent.seq;
	return LB_OK;
}

/* Nobody has the id, and perhaps nobody the room: both are made when there is
 * something to write. */
static enum lb_err
expect(const struct room_send *s, struct store_tx *tx, struct store_room *room,
    struct store_peer *to)
{
	enum lb_err err = LB_OK;

	if (room->row == 0) {
		room->namespace = s->namespace;
		room->name = s->name;
		err = store_room_put(tx, room);
	}
	if (err != LB_OK)
		return err;
	to->room = room->row;
	to->state = STORE_EXPECTED;
	to->changed_at = tx->now.wall;
	memcpy(to->id, s->to.p, s->to.n);
	return store_peer_put(tx, to);
}

static enum lb_err
write(struct room_send *s, struct store_tx *tx, const struct store_peer *to)
{
	struct message m = { .room = to->room, .recipient = to->row };
	struct store_peer from;
	enum lb_err err = room_service(tx, to->room,
	    s->from.p != NULL ? s->from : ROOM_SERVICE, to->held_until, &from);

	if (err != LB_OK)
		return err;
	m.sender = from.row;
	m.at = tx->now.wall;
	m.type = s->type;
	m.body = s->body;
	err = store_message_add(tx, &m);
	s->seq = m.seq;
	if (err == LB_OK && s->mark.p != NULL)
		err = store_sent_put(tx,
		    &(struct store_sent){ to->room, s->mark, m.seq, m.at });
	if (err == LB_OK && room_is_trim_due(m.seq, s->bounds->room_messages))
		err = store_trim(tx, to->room, s->bounds->room_messages,
		    s->bounds->room_bytes);
	return err;
}

/* LB_OK with `to`, whose row is 0 when nobody has the id. */
static enum lb_err
find_recipient(const struct room_send *s, struct store_tx *tx,
    struct store_room *room, struct store_peer *to)
{
	enum lb_err err = store_room_find(tx, s->namespace, s->name, room);

	memset(to, 0, sizeof(*to));
	if (err == LB_NOT_FOUND)
		memset(room, 0, sizeof(*room));
	else if (err == LB_OK)
		err = store_peer_by_id(tx, room->row, s->to, to);
	if (err != LB_NOT_FOUND)
		return err;
	memset(to, 0, sizeof(*to));
	to->state = STORE_EXPECTED;
	return LB_OK;
}

enum lb_err
room_send_run(struct store_op *op, struct store_tx *tx)
{
	struct room_send *s = (struct room_send *)(void *)op;
	const struct store_mailbox more = { 1, (int64_t)s->body.n };
	struct store_room room;
	struct store_peer to;
	enum lb_err err;

	memset(&s->fault, 0, sizeof(s->fault));
	s->seq = 0;
	err = room_ask(s->guard, tx);
	if (err == LB_OK)
		err = find_recipient(s, tx, &room, &to);
	if (err != LB_OK)
		return err;
	if (s->strict ? to.state != STORE_PRESENT : to.row == 0 && !s->expect)
		return LB_OK;
	err = find_repeat(s, tx, room.row);
	if (err != LB_NOT_FOUND)
		return err;
	err = room_fits(tx, s->bounds, &to, more, &s->fault);
	if (err == LB_OK && to.row == 0)
		err = expect(s, tx, &room, &to);
	return err != LB_OK ? err : write(s, tx, &to);
}

enum lb_err
room_acknowledge_run(struct store_op *op, struct store_tx *tx)
{
	struct room_acknowledge *a = (struct room_acknowledge *)(void *)op;
	struct store_peer peer;
	enum lb_err err = store_peer_get(tx, a->peer, &peer);

	if (err != LB_OK || peer.cursor >= a->seq)
		return err;
	peer.cursor = a->seq;
	return store_peer_posted(tx, &peer);
}
