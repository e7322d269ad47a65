/*
 * store_memory_age: see store_memory_age.h.  Each of these is a batch of its
 * own.
 */
#include "store_memory_age.h"
#include "store_memory_rows.h"
#include "store_memory_tx.h"

static struct memory_rows *
rows_of(struct store *store)
{
	return &((struct memory *)store)->rows;
}

static enum lb_err
end_batch(struct memory_rows *rows, enum lb_err err)
{
	if (err == LB_OK)
		memory_keep(rows);
	else
		memory_undo(rows);
	return err;
}

/* ---- leases --------------------------------------------------------- */

void
memory_renew(struct store *store, int64_t peer, const struct store_lease *lease)
{
	struct memory_rows *rows = rows_of(store);

	end_batch(rows, memory_lease(rows, peer, lease, 0));
}

enum lb_err
memory_claim(struct store *store, int64_t peer, const struct store_lease *lease)
{
	struct memory_rows *rows = rows_of(store);

	return end_batch(rows, memory_lease(rows, peer, lease, 1));
}

/* 1 when lease `a` ends before lease `b`; of two at once the older peer's. */
static int
sooner(const struct memory_row *a, const struct memory_row *b)
{
	const struct store_lease *x = a->value, *y = b->value;

	return x->deadline < y->deadline ||
	    (x->deadline == y->deadline && a->key < b->key);
}

/* The lease that ends next after `last` (NULL: first of all), or NULL. */
static const struct memory_row *
next_to_end(const struct memory_rows *rows, const struct memory_row *last)
{
	const struct memory_row *row = NULL, *best = NULL;

	while ((row = memory_next(rows, MEMORY_LEASES, row)) != NULL) {
		if (last != NULL && !sooner(last, row))
			continue;
		if (best == NULL || sooner(row, best))
			best = row;
	}
	return best;
}

enum lb_err
memory_overdue(struct store *store, int64_t mono, int64_t *peers, size_t max,
    size_t *count)
{
	const struct memory_row *row = NULL;
	const struct store_lease *lease;

	*count = 0;
	while (
	    *count < max && (row = next_to_end(rows_of(store), row)) != NULL) {
		lease = row->value;
		if (lease->deadline > mono)
			break;
		peers[(*count)++] = row->key;
	}
	return LB_OK;
}

enum lb_err
memory_refresh(struct store *store, int64_t mono)
{
	struct memory_rows *rows = rows_of(store);
	const struct memory_row *row = NULL;
	const struct store_lease *old;
	const struct store_peer *peer;
	struct store_lease lease;
	enum lb_err err = LB_OK;

	while (err == LB_OK &&
	    (row = memory_next(rows, MEMORY_PEERS, row)) != NULL) {
		peer = row->value;
		if (peer->state != STORE_PRESENT)
			continue;
		lease = (struct store_lease){ .term = STORE_TERM };
		if ((old = memory_get(rows, MEMORY_LEASES, row->key)) != NULL)
			lease = *old;
		if (lease.deadline < mono + lease.term)
			lease.deadline = mono + lease.term;
		err = memory_put(rows, MEMORY_LEASES, row->key, &lease);
	}
	return end_batch(rows, err);
}

/* ---- expiry --------------------------------------------------------- */

/* A step deletes what `most` allows of one kind. */
typedef enum lb_err step(struct memory_rows *, const struct store_expiry *);

static int
is_held(const struct memory_rows *rows, const struct message *m,
    const struct store_expiry *expiry)
{
	const struct store_peer *to = memory_awaits(rows, m);
	const struct store_room *room = memory_get(rows, MEMORY_ROOMS, m->room);

	return (room != NULL && room->kept) ||
	    (to != NULL && to->held_until > expiry->now);
}

/* Up to where everything is old, but for what is held.  What says that it is of
 * the future goes with the next one that is old, and does not keep it. */
static int64_t
find_old(const struct memory_rows *rows, const struct store_expiry *expiry)
{
	const struct memory_row *row = NULL;
	const struct message *m;
	int64_t upto = 0;
	int looked = 0;

	while (looked < expiry->most &&
	    (row = memory_next(rows, MEMORY_MESSAGES, row)) != NULL) {
		m = row->value;
		if (is_held(rows, m, expiry))
			continue;
		looked++;
		if (m->at < expiry->messages)
			upto = m->seq;
		else if (expiry->now == 0 || m->at <= expiry->now)
			break;
	}
	return upto;
}

static enum lb_err
expire_messages(struct memory_rows *rows, const struct store_expiry *expiry)
{
	int64_t upto = find_old(rows, expiry);
	const struct memory_row *row = NULL;
	enum lb_err err = LB_OK;

	while (err == LB_OK &&
	    (row = memory_next(rows, MEMORY_MESSAGES, row)) != NULL &&
	    row->key <= upto)
		if (!is_held(rows, row->value, expiry))
			err = memory_drop(rows, row->value);
	return err;
}

static enum lb_err
forget(struct memory_rows *rows, const struct store_peer *peer)
{
	struct store_peer gone = *peer;

	gone.state = STORE_GONE;
	return memory_put(rows, MEMORY_PEERS, peer->row, &gone);
}

static enum lb_err
delete_mail(struct memory_rows *rows, int64_t peer)
{
	const struct memory_row *row = NULL;
	const struct message *m;
	enum lb_err err = LB_OK;

	while (err == LB_OK &&
	    (row = memory_next(rows, MEMORY_MESSAGES, row)) != NULL) {
		m = row->value;
		if (m->recipient == peer)
			err = memory_put(rows, MEMORY_MESSAGES, row->key, NULL);
	}
	return err;
}

/* Peers in state `one` or `other` since before `limit`, and no longer held,
 * are gone. */
static enum lb_err
expire_peers(struct memory_rows *rows, enum store_state one,
    enum store_state other, int64_t limit, const struct store_expiry *expiry,
    enum lb_err (*end)(struct memory_rows *, const struct store_peer *))
{
	const struct memory_row *row = NULL;
	const struct store_peer *peer;
	enum lb_err err = LB_OK;
	int done = 0;

	while (err == LB_OK && done < expiry->most &&
	    (row = memory_next(rows, MEMORY_PEERS, row)) != NULL) {
		peer = row->value;
		if ((peer->state != one && peer->state != other) ||
		    peer->changed_at >= limit || peer->held_until > expiry->now)
			continue;
		err = end(rows, peer);
		done++;
	}
	return err;
}

static enum lb_err
expire_reserved(struct memory_rows *rows, const struct store_expiry *expiry)
{
	return expire_peers(rows, STORE_LAPSED, STORE_REMOVED, expiry->reserved,
	    expiry, forget);
}

/* A stranger may have said something: its knock.  So it is gone first, and
 * deleted like the others that are. */
static enum lb_err
forget_with_mail(struct memory_rows *rows, const struct store_peer *peer)
{
	enum lb_err err = delete_mail(rows, peer->row);

	return err == LB_OK ? forget(rows, peer) : err;
}

static enum lb_err
expire_strangers(struct memory_rows *rows, const struct store_expiry *expiry)
{
	return expire_peers(rows, STORE_EXPECTED, STORE_KNOCKING,
	    expiry->strangers, expiry, forget_with_mail);
}

static int
is_named(const struct memory_rows *rows, int64_t peer)
{
	const struct memory_row *row = NULL;
	const struct message *m;

	while ((row = memory_next(rows, MEMORY_MESSAGES, row)) != NULL) {
		m = row->value;
		if (m->sender == peer || m->recipient == peer)
			return 1;
	}
	return 0;
}

static enum lb_err
expire_gone(struct memory_rows *rows, const struct store_expiry *expiry)
{
	const struct memory_row *row = NULL;
	const struct store_peer *peer;
	enum lb_err err = LB_OK;
	int done = 0;

	while (err == LB_OK && done < expiry->most &&
	    (row = memory_next(rows, MEMORY_PEERS, row)) != NULL) {
		peer = row->value;
		if (peer->state != STORE_GONE || is_named(rows, row->key))
			continue;
		err = memory_put(rows, MEMORY_LEASES, row->key, NULL);
		if (err == LB_OK)
			err = memory_put(rows, MEMORY_PEERS, row->key, NULL);
		done++;
	}
	return err;
}

static int
is_empty(const struct memory_rows *rows, int64_t room)
{
	const struct memory_row *row = NULL;
	const struct store_room *other;
	const struct store_peer *peer;
	const struct message *m;

	while ((row = memory_next(rows, MEMORY_PEERS, row)) != NULL) {
		peer = row->value;
		if (peer->room == room)
			return 0;
	}
	while ((row = memory_next(rows, MEMORY_MESSAGES, row)) != NULL) {
		m = row->value;
		if (m->room == room)
			return 0;
	}
	while ((row = memory_next(rows, MEMORY_ROOMS, row)) != NULL) {
		other = row->value;
		if (other->herald == room)
			return 0;
	}
	return 1;
}

/* Of one room, or of all what is older than the limit. */
static enum lb_err
forget_sent(struct memory_rows *rows, int64_t room, int64_t limit)
{
	const struct memory_row *row = NULL;
	const struct store_sent *sent;
	enum lb_err err = LB_OK;

	while (err == LB_OK &&
	    (row = memory_next(rows, MEMORY_SENT, row)) != NULL) {
		sent = row->value;
		if (sent->room == room || sent->at < limit)
			err = memory_put(rows, MEMORY_SENT, row->key, NULL);
	}
	return err;
}

static enum lb_err
expire_sent(struct memory_rows *rows, const struct store_expiry *expiry)
{
	return forget_sent(rows, 0, expiry->now - STORE_SENT_MS);
}

static enum lb_err
expire_rooms(struct memory_rows *rows, const struct store_expiry *expiry)
{
	const struct memory_row *row = NULL;
	enum lb_err err = LB_OK;
	int done = 0;

	while (err == LB_OK && done < expiry->most &&
	    (row = memory_next(rows, MEMORY_ROOMS, row)) != NULL) {
		if (!is_empty(rows, row->key))
			continue;
		err = forget_sent(rows, row->key, INT64_MIN);
		if (err == LB_OK)
			err = memory_put(rows, MEMORY_ROOMS, row->key, NULL);
		done++;
	}
	return err;
}

/* In this order, since each makes work for those behind it. */
static step *const steps[] = {
	expire_messages,
	expire_reserved,
	expire_strangers,
	expire_sent,
	expire_gone,
	expire_rooms,
};

enum lb_err
memory_expire(struct store *store, const struct store_expiry *expiry)
{
	struct memory_rows *rows = rows_of(store);
	enum lb_err err = LB_OK;
	size_t i;

	for (i = 0; err == LB_OK && i < sizeof(steps) / sizeof(*steps); i++)
		err = steps[i](rows, expiry);
	return end_batch(rows, err);
}

/* ---- what is new --------------------------------------------------- */

enum lb_err
memory_recent(struct store *store, int64_t room, int64_t count, int64_t bytes,
    int64_t *after)
{
	const struct memory_rows *rows = rows_of(store);
	const struct memory_row *row = NULL;
	const struct message *m;
	int is_first = 1;

	*after = 0;
	while ((row = memory_prev(rows, MEMORY_MESSAGES, row)) != NULL) {
		m = row->value;
		if (m->room != room)
			continue;
		bytes -= (int64_t)m->body.n;
		if (count-- == 0 || (bytes < 0 && !is_first)) {
			*after = m->seq;
			break;
		}
		is_first = 0;
	}
	return LB_OK;
}
