/*
 * room_join: who may come in, and who is the same peer again.
 *
 * A key makes a join repeatable: the same key means the same token, and a
 * token that is known means the same peer.  So a lost reply makes no ghost.
 */
#include <stdio.h>
#include <string.h>

#include "room_parts.h"
#include "store_sent.h"

/* No service has a mark of this kind. */
#define FULL_MARK "\nroom-full"

/* Whoever held the id too long ago loses it to a newcomer. */
static int
is_over(const struct store_peer *p, int64_t reserve, int64_t wall)
{
	return (p->state == STORE_LAPSED || p->state == STORE_REMOVED) &&
	    !room_is_kept(p, reserve, wall);
}

static int
is_same(const struct store_peer *holder, const struct room_join *j)
{
	return holder->has_token &&
	    token_equal(holder->token.b, j->token.b, TOKEN_DIGEST);
}

/* The id is free for a newcomer: its last holder becomes history. */
static enum lb_err
retire(const struct room_join *j, struct store_tx *tx)
{
	struct store_peer old;
	enum lb_err err;

	if (j->over == 0)
		return LB_OK;
	if ((err = store_peer_get(tx, j->over, &old)) != LB_OK)
		return err;
	old.state = STORE_GONE;
	old.changed_at = tx->now.wall;
	return store_peer_put(tx, &old);
}

/* Tells the owner once a minute, and keeps the knocker's token so that the
 * owner admits this client and no other. */
static enum lb_err
knock(struct room_join *j, struct store_tx *tx, struct store_room *room,
    struct store_peer *self)
{
	struct store_census census;
	struct buf card;
	enum lb_err err = store_census(tx, room->row, &census);

	if (err != LB_OK)
		return err;
	if (census.owner == 0 ||
	    (self->row == 0 && census.expected >= j->bounds->stranger_ids))
		return LB_LOCKED;
	if (self->state == STORE_KNOCKING &&
	    self->changed_at + ROOM_KNOCK_MS > tx->now.wall)
		return LB_LOCKED;
	self->state = STORE_KNOCKING;
	self->changed_at = tx->now.wall;
	err = retire(j, tx);
	if (err == LB_OK)
		err = store_peer_put(tx, self);
	buf_init(&card, 8192);
	room_card(&card, self);
	if (err == LB_OK && card.failed)
		err = LB_NO_MEMORY;
	if (err == LB_OK)
		err = room_say(tx, self, "room-knock", buf_as_slice(&card),
		    census.owner, NULL);
	buf_reset(&card);
	j->fault.why = "The owner was told that you wait.";
	j->verdict = LB_LOCKED;
	return err;
}

static enum lb_err
check_secret(const struct room_join *j, const struct store_room *room)
{
	if (room->row == 0 || (!room->has_secret && !j->has_secret))
		return LB_OK;
	if (room->has_secret && j->has_secret &&
	    token_equal(room->secret.b, j->secret.b, TOKEN_DIGEST))
		return LB_OK;
	return LB_SECRET;
}

static void
fill_self(const struct room_join *j, struct store_peer *self)
{
	self->has_token = 1;
	self->token = j->token;
	self->may = j->may;
	self->name = j->peer_name;
	self->info = j->peer_info;
	memcpy(self->id, j->id.p, j->id.n);
	self->id[j->id.n] = '\0';
}

static enum lb_err
open_room(struct room_join *j, struct store_tx *tx, struct store_room *room)
{
	room->namespace = j->namespace;
	room->name = j->name;
	room->has_secret = j->has_secret;
	room->secret = j->secret;
	return store_room_put(tx, room);
}

/* ---- who goes for it ---- */

/* LB_OK with its row, 0: nobody. */
static enum lb_err
find_leaver(const struct room_join *j, struct store_tx *tx, int64_t room,
    struct store_peer *leaver)
{
	struct store_lease lease;
	struct store_room where;
	enum lb_err err = LB_NOT_FOUND;

	leaver->row = 0;
	if (j->has_leaver && room != 0)
		err = store_peer_by_token(tx, &j->leaver, &where, leaver);
	if (err != LB_OK && err != LB_NOT_FOUND)
		return err;
	if (err == LB_NOT_FOUND || where.row != room ||
	    leaver->state != STORE_PRESENT) {
		leaver->row = 0;
		return LB_OK;
	}
	err = store_lease_get(tx, leaver->row, &lease);
	if (j->if_unheard && err == LB_OK && lease.poller != 0)
		leaver->row = 0;
	return err == LB_NOT_FOUND ? LB_OK : err;
}

static enum lb_err
see_off(struct store_tx *tx, const struct store_room *room,
    struct store_peer *leaver)
{
	enum lb_err err = store_lease_end(tx, leaver->row, INT64_MAX);

	if (err != LB_OK && err != LB_NOT_FOUND)
		return err;
	return room_depart(tx, room, leaver, STORE_REMOVED,
	    SLICE("{\"reason\":\"leave\"}"));
}

/* ---- a newcomer ---- */

/* LB_OK; LB_ROOM_FULL.  `room->capacity` is as it shall be. */
static enum lb_err
find_seat(struct room_join *j, struct store_tx *tx, struct store_room *room,
    int goes)
{
	struct store_census census = { 0, 0, 0 };
	int64_t limit = room->capacity;
	enum lb_err err = LB_OK;

	if (room->row != 0)
		err = store_census(tx, room->row, &census);
	if (err != LB_OK)
		return err;
	j->present = census.present - goes + 1;
	if (limit == 0)
		limit = j->bounds->peers;
	if (j->capacity > 0 && (j->present == 1 || limit > j->capacity))
		limit = room->capacity = j->capacity;
	j->fault.limit = limit;
	return j->present > limit ? LB_ROOM_FULL : LB_OK;
}

/* A note in the log that somebody was refused, for whoever asks later why a
 * call failed.  It is from the owner to itself, so that nobody hears of it, and
 * it is made once a minute. */
static enum lb_err
note_refusal(struct room_join *j, struct store_tx *tx, int64_t room)
{
	struct store_sent note = { .room = room, .mark = SLICE(FULL_MARK) };
	struct store_peer owner = { .room = room };
	struct store_census census;
	char body[48];
	int n = snprintf(body, sizeof(body), "{\"capacity\":%lld}",
	    (long long)j->fault.limit);
	enum lb_err err = store_census(tx, room, &census);

	if (err == LB_OK && census.owner == 0)
		return LB_ROOM_FULL;
	if (err == LB_OK)
		err = store_sent_find(tx, room, note.mark, &note);
	if (err == LB_OK && note.at + ROOM_KNOCK_MS > tx->now.wall)
		return LB_ROOM_FULL;
	if (err != LB_OK && err != LB_NOT_FOUND)
		return err;
	owner.row = census.owner;
	note = (struct store_sent){ room, SLICE(FULL_MARK), 0, tx->now.wall };
	err = room_say(tx, &owner, "room-full",
	    (struct slice){ body, (size_t)n }, owner.row, &note.seq);
	if (err == LB_OK)
		err = store_sent_put(tx, &note);
	j->verdict = LB_ROOM_FULL;
	return err;
}

/* All is decided: writes it. */
static enum lb_err
take_seat(struct room_join *j, struct store_tx *tx, struct store_room *room,
    struct store_peer *self, int64_t capacity)
{
	int has_rules = room->capacity != capacity;
	enum lb_err err = retire(j, tx);

	if (err == LB_OK && room->row == 0)
		err = open_room(j, tx, room);
	else if (err == LB_OK && has_rules)
		err = store_room_put(tx, room);
	self->room = room->row;
	if (err == LB_OK)
		err = room_enter(tx, room, self, j->lease);
	if (err == LB_OK && has_rules)
		err = room_say_rules(tx, j->bounds, room, self);
	if (err == LB_OK && j->letter.count > 0)
		err = room_write(tx, j->bounds, self, 1, &j->letter);
	return err;
}

/* A newcomer, or one whose mail waits (self->row != 0). */
static enum lb_err
admit(struct room_join *j, struct store_tx *tx, struct store_room *room,
    struct store_peer *self)
{
	int64_t capacity = room->capacity;
	struct store_peer leaver;
	enum lb_err err = check_secret(j, room);

	if (err != LB_OK)
		return err;
	fill_self(j, self);
	self->room = room->row;
	if (room->locked && !self->admitted)
		return knock(j, tx, room, self);
	err = find_leaver(j, tx, room->row, &leaver);
	if (err == LB_OK)
		err = find_seat(j, tx, room, leaver.row != 0);
	if (err == LB_ROOM_FULL)
		return note_refusal(j, tx, room->row);
	if (err == LB_OK)
		err = room_check(tx, j->bounds, self, &j->letter, &j->fault);
	if (err == LB_OK && leaver.row != 0)
		err = see_off(tx, room, &leaver);
	j->gone = err == LB_OK ? leaver.row : 0;
	return err != LB_OK ? err : take_seat(j, tx, room, self, capacity);
}

/* The same peer again: present, or back after a lapse. */
static enum lb_err
come_back(struct room_join *j, struct store_tx *tx, struct store_room *room,
    struct store_peer *self)
{
	enum lb_err err;

	if (j->cursor > self->cursor)
		self->cursor = j->cursor;
	if (self->state == STORE_PRESENT)
		return room_lease(tx, self, j->lease);
	err = room_census(tx, j->bounds, room, &j->fault);
	return err != LB_OK ? err : room_enter(tx, room, self, j->lease);
}

static enum lb_err
join_by_key(struct room_join *j, struct store_tx *tx, struct store_room *room,
    struct store_peer *self)
{
	struct store_peer holder;
	enum lb_err err = store_room_find(tx, j->namespace, j->name, room);

	memset(self, 0, sizeof(*self));
	if (err == LB_NOT_FOUND) {
		memset(room, 0, sizeof(*room));
		return admit(j, tx, room, self);
	}
	if (err == LB_OK)
		err = store_peer_by_id(tx, room->row, j->id, &holder);
	if (err == LB_NOT_FOUND)
		return admit(j, tx, room, self);
	if (err != LB_OK)
		return err;
	if (is_over(&holder, j->bounds->reserve, tx->now.wall)) {
		j->over = holder.row;
		return admit(j, tx, room, self);
	}
	if (!is_same(&holder, j) && holder.state != STORE_EXPECTED)
		return LB_PEER_TAKEN;
	*self = holder;
	if (holder.state == STORE_REMOVED)
		return LB_REMOVED;
	if (holder.state == STORE_PRESENT || holder.state == STORE_LAPSED)
		return come_back(j, tx, room, self);
	return admit(j, tx, room, self);
}

/* By the clock, so that it rises also when no lease tells the last one. */
static enum lb_err
number(struct room_join *j, struct store_tx *tx)
{
	struct store_lease lease;
	enum lb_err err;

	if (!j->opens && j->opening == 0)
		return LB_OK;
	err = store_lease_get(tx, j->self.row, &lease);
	if (err != LB_OK)
		return err == LB_NOT_FOUND ? LB_OK : err; /* it knocks */
	j->opening = room_opening(&lease, j->opening, tx->now.wall);
	if (j->opens && lease.opening >= tx->now.wall)
		j->opening = lease.opening + 1;
	else if (j->opens)
		j->opening = tx->now.wall;
	lease.opening = j->opening;
	return store_lease_put(tx, j->self.row, &lease);
}

enum lb_err
room_join_run(struct store_op *op, struct store_tx *tx)
{
	struct room_join *j = (struct room_join *)(void *)op;
	struct store_room room;
	enum lb_err err;

	memset(&j->fault, 0, sizeof(j->fault));
	j->verdict = LB_OK;
	j->over = j->gone = 0;
	if (j->id.p == NULL) {
		err = room_member(tx, &j->token, j->namespace, j->name,
		    j->bounds->reserve, &room, &j->self);
		if (err == LB_OK || err == LB_NOT_FOUND)
			err = come_back(j, tx, &room, &j->self);
	} else {
		err = join_by_key(j, tx, &room, &j->self);
	}
	if (err == LB_OK)
		err = number(j, tx);
	j->room = room.row;
	j->floor = room.floor;
	j->self.name = j->self.info = (struct slice){ NULL, 0 };
	return err;
}
