/*
 * store_memory: the reference.  Nothing survives, nothing is fast, and what a
 * store promises can be read off the code.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "store_memory_age.h"
#include "store_memory_rows.h"
#include "store_memory_tx.h"

/* Along the subscribers, whose callbacks may unfollow and free any of them, and
 * follow others; so unfollow() mends all walks under way. */
struct memory_walk {
	struct store_sub *sub; /* whose turn it is, unless `ended` */
	struct store_sub *next;
	int ended; /* it was unfollowed meanwhile */
	struct memory_walk *outer;
};

static struct memory *
memory_of(struct store *store)
{
	return (struct memory *)store;
}

/* ---- follow and tail ------------------------------------------------ */

static void
unfollow(struct store *store, struct store_sub *sub)
{
	struct memory *memory = memory_of(store);
	struct memory_walk *walk;

	if (!sub->followed)
		return;
	for (walk = memory->walks; walk != NULL; walk = walk->outer) {
		if (walk->sub == sub)
			walk->ended = 1;
		if (walk->next == sub)
			walk->next = sub->next;
	}
	DL_DELETE(memory->subs, sub);
	sub->followed = 0;
	memory->stats.subs--;
}

/* The first message after `seq`, or NULL; looked for from the newest down. */
static struct memory_row *
first_after(const struct memory_rows *rows, int64_t seq)
{
	struct memory_row *row = NULL, *found = NULL;

	while ((row = memory_prev(rows, MEMORY_MESSAGES, row)) != NULL) {
		if (row->key <= seq)
			break;
		found = row;
	}
	return found;
}

/* Hands over what is after walk->sub->after, until it wants no more. */
static void
hand_over(struct memory *memory, struct memory_walk *walk)
{
	struct store_sub *sub = walk->sub;
	const struct memory_row *row;
	const struct message *m;

	row = first_after(&memory->rows, sub->after);
	for (; row != NULL;
	     row = memory_next(&memory->rows, MEMORY_MESSAGES, row)) {
		m = row->value;
		if (m->room != sub->room)
			continue;
		sub->after = m->seq;
		if (!message_is_for(m, sub->peer, sub->scope))
			continue;
		if (sub->message(sub, m) != 0 && !walk->ended)
			unfollow(&memory->store, sub);
		if (walk->ended)
			return;
	}
}

static enum lb_err
follow(struct store *store, struct store_sub *sub)
{
	struct memory *memory = memory_of(store);
	struct memory_walk walk = { sub, NULL, 0, memory->walks };

	assert(!sub->followed);
	DL_APPEND(memory->subs, sub);
	sub->followed = 1;
	memory->stats.subs++;
	memory->walks = &walk;
	hand_over(memory, &walk);
	memory->walks = walk.outer;
	if (!walk.ended && sub->after < memory->rows.kept[MEMORY_MESSAGES])
		sub->after = memory->rows.kept[MEMORY_MESSAGES];
	return LB_OK;
}

static void
tail(struct memory *memory)
{
	struct memory_walk walk = { NULL, memory->subs, 0, memory->walks };
	const struct store_room *room;

	memory->walks = &walk;
	while ((walk.sub = walk.next) != NULL) {
		walk.next = walk.sub->next;
		walk.ended = 0;
		room = memory_get(&memory->rows, MEMORY_ROOMS, walk.sub->room);
		if (room != NULL && walk.sub->after < room->floor)
			walk.sub->lost = 1;
		hand_over(memory, &walk);
	}
	memory->walks = walk.outer;
}

/* ---- a turn --------------------------------------------------------- */

static void
append(struct store *store, struct store_op *op)
{
	struct memory *memory = memory_of(store);

	op->next = NULL;
	*memory->end = op;
	memory->end = &op->next;
}

static struct store_op *
take_queue(struct memory *memory)
{
	struct store_op *batch = memory->queue;

	memory->queue = NULL;
	memory->end = &memory->queue;
	return batch;
}

/* The errors of the store itself give the batch up; all others are refusals,
 * and who refuses has not written. */
static int
is_refusal(enum lb_err err)
{
	return err != LB_OK && err != LB_BUSY && err != LB_READ_ONLY &&
	    err != LB_NO_MEMORY && err != LB_DISK_FULL && err != LB_IO;
}

static enum lb_err
run_batch(struct memory *memory, struct store_op *batch,
    const struct clock *now)
{
	struct store_tx tx = { &memory->store, *now };
	const struct memory_undo *before;
	struct store_op *op;

	LL_FOREACH(batch, op) {
		op->queued = now->mono;
		before = memory->rows.undo;
		op->err = op->run(op, &tx);
		if (op->err != LB_OK && !is_refusal(op->err))
			return op->err;
		assert(op->err == LB_OK || memory->rows.undo == before);
		(void)before;
	}
	return LB_OK;
}

/* Tells `woke` once of each room that got messages after `seq`. */
static void
wake(struct memory *memory, int64_t seq)
{
	const struct memory_row *row, *earlier;
	const struct message *m, *other;
	int told;

	row = first_after(&memory->rows, seq);
	for (; row != NULL;
	     row = memory_next(&memory->rows, MEMORY_MESSAGES, row)) {
		m = row->value;
		told = 0;
		earlier = row;
		while ((earlier = memory_prev(&memory->rows, MEMORY_MESSAGES,
			    earlier)) != NULL &&
		    earlier->key > seq) {
			other = earlier->value;
			told = told || other->room == m->room;
		}
		if (!told)
			memory->store.woke(memory->store.woke_arg, m->room);
	}
}

static void
finish_batch(struct store_op *batch, enum lb_err err)
{
	struct store_op *op, *next;

	for (op = batch; op != NULL; op = next) {
		next = op->next;
		op->done(op, err == LB_OK ? op->err : err);
	}
}

static void
commit(struct memory *memory, const struct clock *now)
{
	int64_t newest = memory->rows.last[MEMORY_MESSAGES];
	struct store_op *batch = take_queue(memory);
	enum lb_err err;

	err = run_batch(memory, batch, now);
	if (err == LB_OK) {
		memory_keep(&memory->rows);
		memory->stats.commits++;
		memory->stats.messages += memory->rows.last[MEMORY_MESSAGES] -
		    newest;
		if (memory->store.woke != NULL)
			wake(memory, newest);
	} else {
		memory_undo(&memory->rows);
	}
	finish_batch(batch, err);
}

static int64_t
turn(struct store *store, const struct clock *now)
{
	struct memory *memory = memory_of(store);

	if (memory->queue != NULL)
		commit(memory, now);
	tail(memory);
	return memory->queue != NULL ? 0 : -1;
}

/* ---- reading outside of a transaction ------------------------------- */

static enum lb_err
peer(struct store *store, const struct token_digest *token,
    void (*got)(void *, const struct store_room *, const struct store_peer *,
	const struct store_lease *),
    void *arg)
{
	const struct memory_rows *rows = &memory_of(store)->rows;
	const struct store_peer *found = memory_token(rows, token);

	if (found == NULL)
		return LB_NOT_A_MEMBER;
	got(arg, memory_get(rows, MEMORY_ROOMS, found->room), found,
	    memory_get(rows, MEMORY_LEASES, found->row));
	return LB_OK;
}

static enum lb_err
peers(struct store *store, int64_t room,
    void (*each)(void *, const struct store_peer *), void *arg)
{
	const struct memory_rows *rows = &memory_of(store)->rows;
	const struct store_peer *found = NULL;

	while ((found = memory_present(rows, room, found)) != NULL)
		each(arg, found);
	return LB_OK;
}

static int
is_one_of(struct slice type, const struct slice *types, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(type, types[i]))
			return 1;
	return 0;
}

static enum lb_err
history(struct store *store, const struct store_peer *who,
    const struct slice *types, size_t count,
    int (*each)(void *, const struct message *), void *arg)
{
	const struct memory_rows *rows = &memory_of(store)->rows;
	const struct memory_row *row = NULL;
	const struct message *m;

	while ((row = memory_prev(rows, MEMORY_MESSAGES, row)) != NULL) {
		m = row->value;
		if (m->room != who->room || m->seq > who->first ||
		    !message_concerns(m, who->row))
			continue;
		if (m->recipient == 0 && !is_one_of(m->type, types, count))
			continue;
		if (each(arg, m) != 0)
			break;
	}
	return LB_OK;
}

static enum lb_err
ready(struct store *store)
{
	(void)store;
	return LB_OK;
}

static const char *
epoch(struct store *store)
{
	return memory_of(store)->epoch;
}

static void
stats(struct store *store, struct store_stats *out)
{
	*out = memory_of(store)->stats;
	out->newest = memory_of(store)->rows.kept[MEMORY_MESSAGES];
}

/* ---- the engine ----------------------------------------------------- */

static void
close(struct store *store)
{
	struct memory *memory = memory_of(store);

	while (memory->queue != NULL)
		finish_batch(take_queue(memory), LB_SHUTTING_DOWN);
	while (memory->subs != NULL)
		unfollow(store, memory->subs);
	memory_free(&memory->rows);
	memory_seats_free(&memory->seats);
	free(memory);
}

static const struct store_engine engine = {
	.name = "memory",
	.seats = &memory_seats,
	.keys = &memory_keys,
	.sent = &memory_sent,
	.outbox = &memory_outbox,
	.close = close,
	.append = append,
	.turn = turn,
	.follow = follow,
	.unfollow = unfollow,
	.peer = peer,
	.peers = peers,
	.history = history,
	.recent = memory_recent,
	.renew = memory_renew,
	.claim = memory_claim,
	.overdue = memory_overdue,
	.refresh = memory_refresh,
	.expire = memory_expire,
	.enter = ready,
	.ready = ready,
	.epoch = epoch,
	.stats = stats,
	.room_find = memory_room_find,
	.room_get = memory_room_get,
	.room_put = memory_room_put,
	.peer_by_token = memory_peer_by_token,
	.peer_by_id = memory_peer_by_id,
	.peer_get = memory_peer_get,
	.peer_put = memory_peer_put,
	.peer_posted = memory_peer_posted,
	.census = memory_census,
	.mailbox = memory_mailbox,
	.message_add = memory_message_add,
	.trim = memory_trim,
	.lease_get = memory_lease_get,
	.lease_put = memory_lease_put,
	.lease_end = memory_lease_end,
};

enum lb_err
store_memory_open(struct store **out)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char bytes[CURSOR_EPOCH];
	struct memory *memory;
	enum lb_err err;

	if ((err = token_random(bytes, sizeof(bytes))) != LB_OK)
		return err;
	if ((memory = calloc(1, sizeof(*memory))) == NULL)
		return LB_NO_MEMORY;
	for (size_t i = 0; i < CURSOR_EPOCH; i++)
		memory->epoch[i] = letters[bytes[i] % 32];
	memory->store.engine = &engine;
	memory->end = &memory->queue;
	*out = &memory->store;
	return LB_OK;
}
