/*
 * store_memory_tx: see store_memory_tx.h.  Linear scans throughout: this is
 * the store whose rightness should be plain to see.
 */
#include <string.h>

#include "store_memory_tx.h"

static struct memory_rows *
rows_of(struct store_tx *tx)
{
	return &((struct memory *)tx->store)->rows;
}

enum lb_err
memory_room_find(struct store_tx *tx, struct slice namespace, struct slice name,
    struct store_room *out)
{
	const struct memory_rows *rows = rows_of(tx);
	const struct memory_row *row = NULL;
	const struct store_room *room;

	while ((row = memory_next(rows, MEMORY_ROOMS, row)) != NULL) {
		room = row->value;
		if (room->ended_at == 0 && slice_equal(room->name, name) &&
		    slice_equal(room->namespace, namespace)) {
			*out = *room;
			return LB_OK;
		}
	}
	return LB_NOT_FOUND;
}

enum lb_err
memory_room_get(struct store_tx *tx, int64_t row, struct store_room *out)
{
	const struct store_room *room;

	room = memory_get(rows_of(tx), MEMORY_ROOMS, row);
	if (room == NULL)
		return LB_NOT_FOUND;
	*out = *room;
	return LB_OK;
}

enum lb_err
memory_room_put(struct store_tx *tx, struct store_room *room)
{
	struct memory_rows *rows = rows_of(tx);
	const struct store_room *old;
	struct store_room new;

	if (room->row == 0) {
		room->row = memory_key(rows, MEMORY_ROOMS);
		return memory_put(rows, MEMORY_ROOMS, room->row, room);
	}
	if ((old = memory_get(rows, MEMORY_ROOMS, room->row)) == NULL)
		return LB_IO;
	new = *old;
	new.has_secret = room->has_secret;
	new.secret = room->secret;
	new.locked = room->locked;
	new.capacity = room->capacity;
	new.ended_at = room->ended_at;
	new.herald = room->herald;
	new.kept = room->kept;
	return memory_put(rows, MEMORY_ROOMS, room->row, &new);
}

const struct store_peer *
memory_token(const struct memory_rows *rows, const struct token_digest *token)
{
	const struct memory_row *row = NULL;
	const struct store_peer *peer;

	while ((row = memory_prev(rows, MEMORY_PEERS, row)) != NULL) {
		peer = row->value;
		if (peer->has_token &&
		    token_equal(peer->token.b, token->b, TOKEN_DIGEST))
			return peer;
	}
	return NULL;
}

enum lb_err
memory_peer_by_token(struct store_tx *tx, const struct token_digest *token,
    struct store_room *room, struct store_peer *out)
{
	const struct store_peer *peer = memory_token(rows_of(tx), token);

	if (peer == NULL)
		return LB_NOT_FOUND;
	*out = *peer;
	return memory_room_get(tx, peer->room, room);
}

enum lb_err
memory_peer_by_id(struct store_tx *tx, int64_t room, struct slice id,
    struct store_peer *out)
{
	const struct memory_rows *rows = rows_of(tx);
	const struct memory_row *row = NULL;
	const struct store_peer *peer;

	while ((row = memory_next(rows, MEMORY_PEERS, row)) != NULL) {
		peer = row->value;
		if (peer->room == room && peer->state != STORE_GONE &&
		    slice_is(id, peer->id)) {
			*out = *peer;
			return LB_OK;
		}
	}
	return LB_NOT_FOUND;
}

enum lb_err
memory_peer_get(struct store_tx *tx, int64_t row, struct store_peer *out)
{
	const struct store_peer *peer;

	peer = memory_get(rows_of(tx), MEMORY_PEERS, row);
	if (peer == NULL)
		return LB_NOT_FOUND;
	*out = *peer;
	return LB_OK;
}

enum lb_err
memory_peer_put(struct store_tx *tx, struct store_peer *peer)
{
	struct memory_rows *rows = rows_of(tx);

	if (peer->row == 0)
		peer->row = memory_key(rows, MEMORY_PEERS);
	else if (memory_get(rows, MEMORY_PEERS, peer->row) == NULL)
		return LB_IO;
	return memory_put(rows, MEMORY_PEERS, peer->row, peer);
}

enum lb_err
memory_peer_posted(struct store_tx *tx, const struct store_peer *peer)
{
	struct memory_rows *rows = rows_of(tx);
	const struct store_peer *old;
	struct store_peer new;

	if ((old = memory_get(rows, MEMORY_PEERS, peer->row)) == NULL)
		return LB_IO;
	new = *old;
	new.n = peer->n;
	memcpy(new.n_digest, peer->n_digest, sizeof(new.n_digest));
	new.n_seq = peer->n_seq;
	new.n_count = peer->n_count;
	new.cursor = peer->cursor;
	return memory_put(rows, MEMORY_PEERS, peer->row, &new);
}

/* 1 when `a` joined before `b`. */
static int
earlier(const struct store_peer *a, const struct store_peer *b)
{
	return a->joined < b->joined ||
	    (a->joined == b->joined && a->row < b->row);
}

const struct store_peer *
memory_present(const struct memory_rows *rows, int64_t room,
    const struct store_peer *peer)
{
	const struct memory_row *row = NULL;
	const struct store_peer *other, *best = NULL;

	while ((row = memory_next(rows, MEMORY_PEERS, row)) != NULL) {
		other = row->value;
		if (other->room != room || other->state != STORE_PRESENT)
			continue;
		if (peer != NULL && !earlier(peer, other))
			continue;
		if (best == NULL || earlier(other, best))
			best = other;
	}
	return best;
}

enum lb_err
memory_census(struct store_tx *tx, int64_t room, struct store_census *out)
{
	const struct memory_rows *rows = rows_of(tx);
	const struct memory_row *row = NULL;
	const struct store_peer *peer;

	memset(out, 0, sizeof(*out));
	while ((row = memory_next(rows, MEMORY_PEERS, row)) != NULL) {
		peer = row->value;
		if (peer->room != room)
			continue;
		if (peer->state == STORE_PRESENT)
			out->present++;
		if (peer->state == STORE_EXPECTED ||
		    peer->state == STORE_KNOCKING)
			out->expected++;
	}
	if ((peer = memory_present(rows, room, NULL)) != NULL)
		out->owner = peer->row;
	return LB_OK;
}

enum lb_err
memory_mailbox(struct store_tx *tx, int64_t peer, int64_t after,
    struct store_mailbox *out)
{
	const struct memory_rows *rows = rows_of(tx);
	const struct memory_row *row = NULL;
	const struct message *m;

	memset(out, 0, sizeof(*out));
	while ((row = memory_next(rows, MEMORY_MESSAGES, row)) != NULL) {
		m = row->value;
		if (m->recipient != peer || m->seq <= after)
			continue;
		out->count++;
		out->bytes += (int64_t)m->body.n;
	}
	return LB_OK;
}

enum lb_err
memory_message_add(struct store_tx *tx, struct message *m)
{
	struct memory_rows *rows = rows_of(tx);
	const struct store_peer *from, *to = NULL;
	struct message new = *m;

	from = memory_get(rows, MEMORY_PEERS, m->sender);
	if (m->recipient != 0)
		to = memory_get(rows, MEMORY_PEERS, m->recipient);
	if (from == NULL || (m->recipient != 0 && to == NULL))
		return LB_IO;
	m->seq = new.seq = memory_key(rows, MEMORY_MESSAGES);
	new.from = slice_of(from->id);
	new.to = slice_of(to != NULL ? to->id : NULL);
	return memory_put(rows, MEMORY_MESSAGES, m->seq, &new);
}

const struct store_peer *
memory_awaits(const struct memory_rows *rows, const struct message *m)
{
	const struct store_peer *to;
	const struct store_lease *lease;

	if (m->recipient == 0)
		return NULL;
	to = memory_get(rows, MEMORY_PEERS, m->recipient);
	lease = memory_get(rows, MEMORY_LEASES, m->recipient);
	if (to == NULL || to->state == STORE_GONE || m->seq <= to->cursor ||
	    (lease != NULL && m->seq <= lease->cursor))
		return NULL;
	return to;
}

enum lb_err
memory_drop(struct memory_rows *rows, const struct message *m)
{
	const struct store_room *old = memory_get(rows, MEMORY_ROOMS, m->room);
	const struct store_peer *to = memory_awaits(rows, m);
	struct store_room new;
	enum lb_err err = LB_OK;
	int is_missed = m->recipient == 0 ||
	    (to != NULL &&
		(to->state == STORE_PRESENT || to->state == STORE_LAPSED));

	if (old != NULL && is_missed && old->floor < m->seq) {
		new = *old;
		new.floor = m->seq;
		err = memory_put(rows, MEMORY_ROOMS, m->room, &new);
	}
	if (err != LB_OK)
		return err;
	return memory_put(rows, MEMORY_MESSAGES, m->seq, NULL);
}

enum lb_err
memory_trim(struct store_tx *tx, int64_t room, int64_t count, int64_t bytes)
{
	struct memory_rows *rows = rows_of(tx);
	const struct memory_row *row = NULL;
	const struct message *m;
	enum lb_err err = LB_OK;

	while ((row = memory_next(rows, MEMORY_MESSAGES, row)) != NULL) {
		m = row->value;
		if (m->room == room) {
			count--;
			bytes -= (int64_t)m->body.n;
		}
	}
	while (err == LB_OK && (count < 0 || bytes < 0) &&
	    (row = memory_next(rows, MEMORY_MESSAGES, row)) != NULL) {
		m = row->value;
		if (m->room != room || memory_awaits(rows, m) != NULL)
			continue;
		count++;
		bytes += (int64_t)m->body.n;
		err = memory_drop(rows, m);
	}
	return err;
}

enum lb_err
memory_lease_get(struct store_tx *tx, int64_t peer, struct store_lease *out)
{
	const struct store_lease *lease;

	lease = memory_get(rows_of(tx), MEMORY_LEASES, peer);
	if (lease == NULL)
		return LB_NOT_FOUND;
	*out = *lease;
	return LB_OK;
}

enum lb_err
memory_lease(struct memory_rows *rows, int64_t peer,
    const struct store_lease *lease, int claim)
{
	const struct store_lease *old;
	struct store_lease new = *lease;

	old = memory_get(rows, MEMORY_LEASES, peer);
	if (old != NULL && old->cursor > new.cursor)
		new.cursor = old->cursor;
	if (old != NULL && old->opening > new.opening)
		new.opening = old->opening;
	if (old != NULL && (!claim || new.poller == 0))
		new.poller = old->poller;
	return memory_put(rows, MEMORY_LEASES, peer, &new);
}

enum lb_err
memory_lease_put(struct store_tx *tx, int64_t peer,
    const struct store_lease *lease)
{
	return memory_lease(rows_of(tx), peer, lease, 0);
}

enum lb_err
memory_lease_end(struct store_tx *tx, int64_t peer, int64_t mono)
{
	const struct store_lease *lease;

	lease = memory_get(rows_of(tx), MEMORY_LEASES, peer);
	if (lease == NULL || lease->deadline > mono)
		return LB_NOT_FOUND;
	return memory_put(rows_of(tx), MEMORY_LEASES, peer, NULL);
}
