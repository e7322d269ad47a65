/*
 * room_post: what is said, within the bounds.
 *
 * Mail for one peer is bounded by what it has not acknowledged, and refused
 * beyond, so that nothing addressed is ever dropped.  What is said to
 * everybody is never refused for one slow reader: beyond the room's bound
 * the oldest goes, and a reader below the floor is told of a gap.
 */
#include <string.h>

#include "room_parts.h"
#include "ticket.h"

#define TRIM_EVERY 64 /* messages, on the average */

struct bound {
	int64_t messages, bytes;
};

/* What this letter has for the same recipient before the item `at`. */
static struct store_mailbox
earlier(const struct room_letter *l, size_t at)
{
	struct store_mailbox sum = { 0, 0 };

	for (size_t i = 0; i < at; i++) {
		if (!slice_equal(l->items[i].to, l->items[at].to))
			continue;
		sum.count++;
		sum.bytes += (int64_t)l->items[i].body.n;
	}
	return sum;
}

/* The item `at`, and what stands before it for the same recipient. */
static struct store_mailbox
with_earlier(const struct room_letter *l, size_t at)
{
	struct store_mailbox sum = earlier(l, at);

	sum.count++;
	sum.bytes += (int64_t)l->items[at].body.n;
	return sum;
}

static enum lb_err
fits(const struct store_mailbox *held, struct store_mailbox more,
    struct bound bound, struct room_fault *fault)
{
	int64_t count = held->count + more.count;
	int64_t bytes = held->bytes + more.bytes;

	if (count > bound.messages) {
		fault->limit = bound.messages;
		fault->why = "Its mailbox holds as many messages as it may.";
		return LB_MAILBOX_FULL;
	}
	if (bytes > bound.bytes) {
		fault->limit = bound.bytes;
		fault->why = "Its mailbox holds as many bytes as it may.";
		return LB_MAILBOX_FULL;
	}
	return LB_OK;
}

/* Highest seq that the recipient has acknowledged. */
static int64_t
acknowledged(struct store_tx *tx, const struct store_peer *p)
{
	struct store_lease lease;

	if (store_lease_get(tx, p->row, &lease) == LB_OK &&
	    lease.cursor > p->cursor)
		return lease.cursor;
	return p->cursor;
}

enum lb_err
room_fits(struct store_tx *tx, const struct room_bounds *bounds,
    const struct store_peer *to, struct store_mailbox more,
    struct room_fault *fault)
{
	const struct bound stranger = { bounds->stranger_messages,
		bounds->stranger_bytes };
	const struct bound peer = { bounds->mailbox_messages,
		bounds->mailbox_bytes };
	int is_stranger = to->state == STORE_EXPECTED ||
	    to->state == STORE_KNOCKING;
	struct store_mailbox held;
	enum lb_err err = store_mailbox(tx, to->row, acknowledged(tx, to),
	    &held);

	if (err != LB_OK)
		return err;
	return fits(&held, more, is_stranger ? stranger : peer, fault);
}

/* Mail for an id nobody has had: `strangers` counts the ids. */
static enum lb_err
check_stranger(const struct room_bounds *bounds, const struct room_letter *l,
    size_t at, int64_t *strangers, struct room_fault *fault)
{
	const struct store_mailbox none = { 0, 0 };
	const struct bound bound = { bounds->stranger_messages,
		bounds->stranger_bytes };

	if (earlier(l, at).count == 0)
		(*strangers)++;
	if (*strangers > bounds->stranger_ids) {
		fault->limit = bounds->stranger_ids;
		fault->why = "Mail waits for as many absent ids as may be.";
		return LB_MAILBOX_FULL;
	}
	return fits(&none, with_earlier(l, at), bound, fault);
}

static enum lb_err
check_item(struct store_tx *tx, const struct room_bounds *bounds,
    const struct store_peer *self, struct room_letter *l, size_t at,
    int64_t *strangers, struct room_fault *fault)
{
	struct room_item *item = &l->items[at];
	struct store_census census;
	struct store_peer to = { .row = 0 };
	enum lb_err err = LB_NOT_FOUND;

	if (slice_is(item->to, self->id)) {
		fault->why = "`to` is the sender: mail to oneself is not "
			     "delivered.";
		return LB_BAD_REQUEST;
	}
	if (self->room != 0)
		err = store_peer_by_id(tx, self->room, item->to, &to);
	if (err == LB_OK) {
		item->recipient = to.row;
		return room_fits(tx, bounds, &to, with_earlier(l, at), fault);
	}
	if (err != LB_NOT_FOUND)
		return err;
	if (*strangers < 0) {
		*strangers = 0;
		err = self->room != 0 ? store_census(tx, self->room, &census) :
					LB_NOT_FOUND;
		if (err == LB_OK)
			*strangers = census.expected;
		else if (err != LB_NOT_FOUND)
			return err;
	}
	return check_stranger(bounds, l, at, strangers, fault);
}

enum lb_err
room_check(struct store_tx *tx, const struct room_bounds *bounds,
    const struct store_peer *self, struct room_letter *l,
    struct room_fault *fault)
{
	int64_t strangers = -1; /* not yet counted */
	enum lb_err err = LB_OK;

	for (size_t i = 0; i < l->count && err == LB_OK; i++) {
		l->items[i].recipient = 0;
		if (l->items[i].to.p != NULL)
			err = check_item(tx, bounds, self, l, i, &strangers,
			    fault);
	}
	return err;
}

/* A row for an id that nobody has had, so that its mail has an address. */
static enum lb_err
expect(struct store_tx *tx, int64_t room, struct slice id, int64_t *row)
{
	struct store_peer p;
	enum lb_err err = store_peer_by_id(tx, room, id, &p);

	if (err == LB_NOT_FOUND) {
		memset(&p, 0, sizeof(p));
		p.room = room;
		p.state = STORE_EXPECTED;
		p.changed_at = tx->now.wall;
		memcpy(p.id, id.p, id.n);
		err = store_peer_put(tx, &p);
	}
	*row = p.row;
	return err;
}

/* Seqs spread by a multiplication: about one message in `every` looks at the
 * room's size, whatever the rooms' turns are. */
int
room_is_trim_due(int64_t seq, int64_t most)
{
	int64_t every = most / 16;

	if (every > TRIM_EVERY)
		every = TRIM_EVERY;
	if (every <= 1)
		return 1;
	return (((uint64_t)seq * 0x9e3779b97f4a7c15u) >> 32) %
	    (uint64_t)every ==
	    0;
}

enum lb_err
room_write(struct store_tx *tx, const struct room_bounds *bounds,
    struct store_peer *self, int64_t n, struct room_letter *l)
{
	struct message m = { 0 };
	enum lb_err err;
	int trim = 0;

	self->n_seq = 0;
	for (size_t i = 0; i < l->count; i++) {
		struct room_item *item = &l->items[i];

		if (item->to.p != NULL && item->recipient == 0) {
			err = expect(tx, self->room, item->to,
			    &item->recipient);
			if (err != LB_OK)
				return err;
		}
		m.room = self->room;
		m.sender = self->row;
		m.recipient = item->recipient;
		m.at = tx->now.wall;
		m.type = item->type;
		m.body = item->body;
		err = store_message_add(tx, &m);
		if (err != LB_OK)
			return err;
		if (self->n_seq == 0)
			self->n_seq = m.seq;
		trim |= room_is_trim_due(m.seq, bounds->room_messages);
	}
	self->n = n;
	self->n_count = (int64_t)l->count;
	memcpy(self->n_digest, l->digest, sizeof(self->n_digest));
	err = store_peer_posted(tx, self);
	if (err == LB_OK && trim)
		err = store_trim(tx, self->room, bounds->room_messages,
		    bounds->room_bytes);
	return err;
}

/* Exactly once, inwards: LB_NOT_FOUND when this post is a new one. */
static enum lb_err
check_counter(struct room_post *p)
{
	p->fault.expected = p->self.n + 1;
	if (p->n == p->self.n + 1)
		return LB_NOT_FOUND;
	if (p->n > p->self.n)
		return LB_N_GAP;
	if (p->n < p->self.n)
		return LB_N_OLD;
	return memcmp(p->letter.digest, p->self.n_digest,
		   sizeof(p->self.n_digest)) == 0 ?
	    LB_OK :
	    LB_N_REUSED;
}

enum lb_err
room_post_run(struct store_op *op, struct store_tx *tx)
{
	struct room_post *p = (struct room_post *)(void *)op;
	struct store_room room;
	enum lb_err err, standing;

	memset(&p->fault, 0, sizeof(p->fault));
	standing = room_member(tx, &p->token, p->namespace, p->name,
	    p->bounds->reserve, &room, &p->self);
	if (standing != LB_OK && standing != LB_NOT_FOUND)
		return standing;
	if (!(p->self.may & TICKET_POST)) {
		p->fault.why = "The ticket does not permit to post.";
		return LB_TICKET;
	}
	err = check_counter(p);
	if (err != LB_NOT_FOUND) {
		p->first_seq = p->self.n_seq;
		return err;
	}
	p->fault.expected = 0; /* n is right */
	if (standing == LB_NOT_FOUND)
		err = room_census(tx, p->bounds, &room, &p->fault);
	if (standing == LB_OK || err == LB_OK)
		err = room_check(tx, p->bounds, &p->self, &p->letter,
		    &p->fault);
	if (err != LB_OK)
		return err;
	if (p->cursor > p->self.cursor)
		p->self.cursor = p->cursor;
	if (standing == LB_NOT_FOUND)
		err = room_enter(tx, &room, &p->self, p->bounds->lease);
	if (err == LB_OK)
		err = room_write(tx, p->bounds, &p->self, p->n, &p->letter);
	p->first_seq = p->self.n_seq;
	return err;
}
