/*
 * room_parts: see room_parts.h.
 */
#include "room_parts.h"

#include <stdio.h>
#include <string.h>

#define SERVICE_MS 3600000 /* that a service is held beyond its use */
#define HERALD_MESSAGES 65536
#define HERALD_BYTES (16 << 20)

enum lb_err
room_ask(const struct room_guard *guard, struct store_tx *tx)
{
	return guard != NULL ? guard->ask(guard, tx) : LB_OK;
}

enum lb_err
room_member(struct store_tx *tx, const struct token_digest *token,
    struct slice namespace, struct slice name, int64_t reserve,
    struct store_room *room, struct store_peer *self)
{
	enum lb_err err = store_peer_by_token(tx, token, room, self);

	if (err != LB_OK)
		return err == LB_NOT_FOUND ? LB_NOT_A_MEMBER : err;
	return room_standing(room, self, namespace, name, reserve,
	    tx->now.wall);
}

enum lb_err
room_say(struct store_tx *tx, const struct store_peer *from, const char *type,
    struct slice body, int64_t recipient, int64_t *seq)
{
	struct message m = { 0 };
	enum lb_err err;

	m.room = from->room;
	m.sender = from->row;
	m.recipient = recipient;
	m.at = tx->now.wall;
	m.type = slice_of(type);
	m.body = body;
	err = store_message_add(tx, &m);
	if (err == LB_OK && seq != NULL)
		*seq = m.seq;
	return err;
}

enum lb_err
room_say_rules(struct store_tx *tx, const struct room_bounds *bounds,
    const struct store_room *room, const struct store_peer *from)
{
	char body[96];
	int n = snprintf(body, sizeof(body), "{\"lock\":%s,\"capacity\":%lld}",
	    room->locked ? "true" : "false",
	    (long long)(room->capacity > 0 ? room->capacity : bounds->peers));

	return room_say(tx, from, "room-rules",
	    (struct slice){ body, (size_t)n }, 0, NULL);
}

/* The body of "joined": {"name":...,"info":...}. */
void
room_card(struct buf *out, const struct store_peer *p)
{
	buf_char(out, '{');
	if (p->name.p != NULL) {
		buf_str(out, "\"name\":");
		buf_slice(out, p->name);
	}
	if (p->info.p != NULL) {
		buf_str(out, p->name.p != NULL ? ",\"info\":" : "\"info\":");
		buf_slice(out, p->info);
	}
	buf_char(out, '}');
}

enum lb_err
room_lease(struct store_tx *tx, struct store_peer *p, int64_t term)
{
	struct store_lease lease;

	if (store_lease_get(tx, p->row, &lease) != LB_OK)
		memset(&lease, 0, sizeof(lease));
	lease.term = term;
	lease.deadline = tx->now.mono + term;
	if (p->cursor > lease.cursor)
		lease.cursor = p->cursor;
	p->cursor = lease.cursor;
	return store_lease_put(tx, p->row, &lease);
}

enum lb_err
room_census(struct store_tx *tx, const struct room_bounds *bounds,
    const struct store_room *room, struct room_fault *fault)
{
	struct store_census census;
	enum lb_err err = store_census(tx, room->row, &census);

	if (err != LB_OK)
		return err;
	fault->limit = room->capacity > 0 ? room->capacity : bounds->peers;
	return census.present >= fault->limit ? LB_ROOM_FULL : LB_OK;
}

enum lb_err
room_service(struct store_tx *tx, int64_t room, struct slice id, int64_t until,
    struct store_peer *out)
{
	enum lb_err err = store_peer_by_id(tx, room, id, out);

	if (err == LB_OK &&
	    (out->state == STORE_PRESENT || out->held_until >= until))
		return LB_OK;
	if (err == LB_NOT_FOUND) {
		memset(out, 0, sizeof(*out));
		out->room = room;
		out->state = STORE_LAPSED;
		out->changed_at = tx->now.wall;
		memcpy(out->id, id.p, id.n);
	} else if (err != LB_OK) {
		return err;
	}
	/* A little longer, so that it is seldom written. */
	out->held_until = until > 0 ? until + SERVICE_MS : 0;
	return store_peer_put(tx, out);
}

/* Tells the room's herald, in the words of its own. */
static enum lb_err
tell(struct store_tx *tx, const struct store_room *room, const char *type)
{
	struct store_peer app;
	struct buf body;
	int64_t seq;
	enum lb_err err;

	if (room->herald == 0)
		return LB_OK;
	err = room_service(tx, room->herald, ROOM_SERVICE, tx->now.wall, &app);
	if (err != LB_OK)
		return err;
	buf_init(&body, 8192);
	buf_str(&body, "{\"from\":");
	buf_json(&body, room->name);
	buf_char(&body, '}');
	err = body.failed ?
	    LB_NO_MEMORY :
	    room_say(tx, &app, type, buf_as_slice(&body), 0, &seq);
	buf_reset(&body);
	if (err == LB_OK && room_is_trim_due(seq, HERALD_MESSAGES))
		err = store_trim(tx, room->herald, HERALD_MESSAGES,
		    HERALD_BYTES);
	return err;
}

enum lb_err
room_enter(struct store_tx *tx, const struct store_room *room,
    struct store_peer *self, int64_t term)
{
	struct buf card;
	enum lb_err err = LB_OK;
	int is_new = self->joined == 0;

	self->state = STORE_PRESENT;
	self->changed_at = self->since = tx->now.wall;
	if (self->row == 0)
		err = store_peer_put(tx, self);
	if (err != LB_OK)
		return err;
	buf_init(&card, 8192);
	room_card(&card, self);
	err = card.failed ?
	    LB_NO_MEMORY :
	    room_say(tx, self, "joined", buf_as_slice(&card), 0, &self->joined);
	buf_reset(&card);
	if (err != LB_OK)
		return err;
	/* What is said to everybody reaches it from its first joining on,
	 * also after a lapse. */
	if (is_new)
		self->first = self->joined;
	err = store_peer_put(tx, self);
	if (err == LB_OK)
		err = tell(tx, room, "connected");
	return err != LB_OK ? err : room_lease(tx, self, term);
}

/* Takes a peer out of the room, and says so. */
enum lb_err
room_depart(struct store_tx *tx, const struct store_room *room,
    struct store_peer *p, enum store_state state, struct slice body)
{
	int was_present = p->state == STORE_PRESENT;
	enum lb_err err;

	p->state = state;
	p->changed_at = tx->now.wall;
	err = store_peer_put(tx, p);
	if (err == LB_OK && was_present)
		err = room_say(tx, p, "left", body, 0, NULL);
	if (err == LB_OK && was_present)
		err = tell(tx, room, "disconnected");
	return err;
}
