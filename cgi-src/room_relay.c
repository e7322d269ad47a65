/*
 * room_relay: a message to whoever else is there, by somebody who does not know
 * who that is.
 */
#include <string.h>

#include "room_parts.h"
#include "store_sent.h"

struct others {
	int64_t self; /* row */
	int64_t rows[ROOM_POST_MAX];
	size_t count;
};

static void
note(void *arg, const struct store_peer *p)
{
	struct others *o = arg;

	if (p->row != o->self && o->count < ROOM_POST_MAX)
		o->rows[o->count++] = p->row;
}

/* Nobody hears its own messages: the service says it. */
static enum lb_err
come_back(struct room_relay *r, struct store_tx *tx,
    const struct store_room *room, const struct store_peer *self)
{
	struct message m = { .room = room->row, .recipient = self->row };
	struct store_peer service;
	enum lb_err err = room_service(tx, room->row, ROOM_SERVICE,
	    self->held_until, &service);

	if (err != LB_OK)
		return err;
	m.sender = service.row;
	m.at = tx->now.wall;
	m.type = r->type;
	m.body = r->mirror.p != NULL && room->capacity == 1 ? r->mirror :
							      r->body;
	err = store_message_add(tx, &m);
	r->seq = m.seq;
	return err;
}

static enum lb_err
check(struct room_relay *r, struct store_tx *tx, const struct others *o)
{
	const struct store_mailbox more = { 1, (int64_t)r->body.n };
	struct store_peer to;
	enum lb_err err = LB_OK;

	for (size_t i = 0; i < o->count && err == LB_OK; i++) {
		err = store_peer_get(tx, o->rows[i], &to);
		if (err == LB_OK)
			err = room_fits(tx, r->bounds, &to, more, &r->fault);
	}
	return err;
}

static enum lb_err
hand_over(struct room_relay *r, struct store_tx *tx, struct store_peer *self,
    const struct others *o)
{
	struct room_letter letter;
	enum lb_err err;

	memset(&letter, 0, sizeof(letter));
	letter.count = o->count;
	for (size_t i = 0; i < o->count; i++) {
		letter.items[i].recipient = o->rows[i];
		letter.items[i].type = r->type;
		letter.items[i].body = r->body;
	}
	err = room_write(tx, r->bounds, self, self->n + 1, &letter);
	r->seq = self->n_seq;
	return err;
}

/* For who comes: in the log, and bounded like all that is said there. */
static enum lb_err
keep(struct room_relay *r, struct store_tx *tx, struct store_peer *self)
{
	const struct others everybody = { .count = 1 };

	return hand_over(r, tx, self, &everybody);
}

/* LB_OK with the seq of what came under this mark, or LB_NOT_FOUND. */
static enum lb_err
find_repeat(struct room_relay *r, struct store_tx *tx, int64_t room)
{
	struct store_sent sent;
	enum lb_err err = LB_NOT_FOUND;

	if (r->mark.p != NULL)
		err = store_sent_find(tx, room, r->mark, &sent);
	if (err != LB_OK)
		return err;
	if (sent.at + STORE_SENT_MS <= tx->now.wall)
		return LB_NOT_FOUND;
	r->seq = sent.seq;
	return LB_OK;
}

static enum lb_err
relay(struct room_relay *r, struct store_tx *tx, const struct store_room *room,
    struct store_peer *self)
{
	struct others others = { .self = self->row };
	enum lb_err err = store_peers(tx->store, room->row, note, &others);

	r->alone = others.count == 0;
	if (err == LB_OK && r->alone && r->keep)
		return keep(r, tx, self);
	if (err == LB_OK && r->alone) {
		others.rows[0] = self->row;
		others.count = 1;
	}
	if (err == LB_OK)
		err = check(r, tx, &others);
	if (err != LB_OK)
		return err;
	return r->alone ? come_back(r, tx, room, self) :
			  hand_over(r, tx, self, &others);
}

/* Who has lapsed is back by what it says, as by any post. */
static enum lb_err
return_to(struct room_relay *r, struct store_tx *tx,
    const struct store_room *room, struct store_peer *self)
{
	enum lb_err err = room_census(tx, r->bounds, room, &r->fault);

	return err != LB_OK ? err :
			      room_enter(tx, room, self, r->bounds->lease);
}

/* Whose room it is not learns whether it is anybody's. */
static enum lb_err
look(struct room_relay *r, struct store_tx *tx)
{
	struct store_room room;
	struct store_census census = { .present = 0 };
	enum lb_err err = store_room_find(tx, r->namespace, r->name, &room);

	if (err == LB_OK)
		err = store_census(tx, room.row, &census);
	r->inhabited = census.present > 0;
	return err == LB_OK || err == LB_NOT_FOUND ? LB_NOT_A_MEMBER : err;
}

enum lb_err
room_relay_run(struct store_op *op, struct store_tx *tx)
{
	struct room_relay *r = (struct room_relay *)(void *)op;
	struct store_room room;
	struct store_peer self;
	enum lb_err err, standing;

	memset(&r->fault, 0, sizeof(r->fault));
	standing = room_member(tx, &r->token, r->namespace, r->name,
	    r->bounds->reserve, &room, &self);
	if (standing == LB_NOT_A_MEMBER)
		return look(r, tx);
	if (standing != LB_OK && standing != LB_NOT_FOUND)
		return standing;
	err = find_repeat(r, tx, room.row);
	if (err != LB_NOT_FOUND)
		return err;
	err = standing == LB_OK ? LB_OK : return_to(r, tx, &room, &self);
	if (err == LB_ROOM_FULL)
		return look(r, tx);
	if (err == LB_OK)
		err = relay(r, tx, &room, &self);
	if (err == LB_OK && r->mark.p != NULL)
		err = store_sent_put(tx,
		    &(struct store_sent){ room.row, r->mark, r->seq,
			tx->now.wall });
	return err;
}
