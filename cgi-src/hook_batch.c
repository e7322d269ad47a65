/*
 * hook_batch: see hook_parts.h.
 *
 * One batch of a key is at the store at a time, the next one collects.  What
 * was taken from the log goes to the outbox of memory when it is in that of
 * the database, and a letter that was told makes way for the next one of its
 * client when it is out of it.
 */
#include <stdlib.h>
#include <string.h>

#include "hook_parts.h"
#include "json.h"
#include "log.h"

#define AGAIN_MS 1000 /* after an error of the store */

struct drop {
	int64_t seq;
	struct outbox_letter *letter; /* NULL: it is gone already */
};

struct hook_batch {
	struct store_op op;
	struct hook_key *key;
	int failed; /* to be queued again */
	size_t notices, drops;
	struct store_notice notice[HOOK_BATCH];
	struct drop drop[HOOK_BATCH];
	char text[HOOK_BATCH][HOOK_CLIENT];
};

/* The one that collects; NULL without memory. */
static struct hook_batch *
collecting(struct hook_key *k)
{
	if (k->open != NULL)
		return k->open;
	k->open = malloc(sizeof(*k->open));
	if (k->open == NULL)
		return NULL;
	k->open->key = k;
	k->open->failed = 0;
	k->open->notices = k->open->drops = 0;
	return k->open;
}

void
hook_batch_free(struct hook_batch *b)
{
	free(b);
}

/* ---- taking ---- */

/* Who a message is about: {"from":"..."}; 0 when it says nothing of the kind
 * or there is no memory. */
static int
read_client(const struct message *m, char *text, struct slice *client)
{
	static const struct json_member members[] = {
		{ "from", JSON_STRING, 1 },
		{ NULL, JSON_ANY, 0 },
	};
	struct json_fault fault;
	struct slice from;
	struct buf out;
	int is_good;

	buf_init(&out, HOOK_CLIENT);
	is_good = json_check(m->body, JSON_DEPTH, &fault) == LB_OK &&
	    json_envelope(m->body, members, &from, &fault) == LB_OK &&
	    json_string(from, &out) == LB_OK && !out.failed && out.n > 0;
	if (is_good)
		memcpy(text, out.p, out.n);
	*client = (struct slice){ text, out.n };
	buf_reset(&out);
	return is_good;
}

int
hook_batch_take(struct hook_key *k, const struct message *m)
{
	struct hook_batch *b = collecting(k);
	struct store_notice *n;

	if (b == NULL || b->notices == HOOK_BATCH)
		return 0;
	n = &b->notice[b->notices];
	n->connected = slice_is(m->type, "connected");
	if ((n->connected || slice_is(m->type, "disconnected")) &&
	    read_client(m, b->text[b->notices], &n->client)) {
		memcpy(n->key, k->key.name, sizeof(n->key));
		memcpy(n->epoch, k->hook->epoch, sizeof(n->epoch));
		n->seq = m->seq;
		n->at = m->at;
		b->notices++;
	}
	k->taken = m->seq;
	return 1;
}

/* ---- dropping ---- */

int
hook_batch_has_room(const struct hook_key *k)
{
	size_t count = k->open != NULL ? k->open->drops : 0;

	return count + (size_t)hook_flight_count(k) < HOOK_BATCH;
}

static void
add_drop(struct hook_key *k, int64_t seq, struct outbox_letter *letter)
{
	struct hook_batch *b = collecting(k);

	if (b != NULL)
		b->drop[b->drops++] = (struct drop){ seq, letter };
	else
		k->hook->failed = LB_NO_MEMORY;
}

void
hook_batch_told(struct hook_key *k, struct outbox_letter *l)
{
	outbox_told(k->outbox, l);
	add_drop(k, l->seq, l);
}

static void
forget(void *arg, const struct outbox_letter *l)
{
	/* What does not fit goes when it is read again. */
	if (hook_batch_has_room(arg))
		add_drop(arg, l->seq, NULL);
}

void
hook_batch_trim(struct hook_key *k)
{
	size_t dropped = outbox_trim(k->outbox, forget, k);

	if (dropped > 0)
		log_event(LOG_ERROR, "hook-full", "key=%s dropped=%zu",
		    k->key.name, dropped);
}

/* ---- the transaction ---- */

static enum lb_err
run(struct store_op *op, struct store_tx *tx)
{
	struct hook_batch *b = (struct hook_batch *)(void *)op;
	struct slice name = slice_of(b->key->key.name);
	const struct room_guard *guard = &b->key->guard.base;
	enum lb_err err = guard->ask(guard, tx);

	for (size_t i = 0; err == LB_OK && i < b->drops; i++)
		err = store_outbox_drop(tx, name, b->drop[i].seq);
	for (size_t i = 0; err == LB_OK && i < b->notices; i++)
		err = store_outbox_add(tx, &b->notice[i]);
	if (err == LB_OK && b->notices > 0)
		err = store_outbox_taken(tx, name,
		    b->notice[b->notices - 1].seq);
	return err;
}

/* What is in the database may be told, what is out of it is over. */
static void
settle(struct hook_key *k, struct hook_batch *b)
{
	const int64_t mono = loop_now(k->hook->loop)->mono;
	enum lb_err err = LB_OK;

	for (size_t i = 0; i < b->drops; i++)
		if (b->drop[i].letter != NULL)
			outbox_noted(k->outbox, b->drop[i].letter, mono);
	for (size_t i = 0; err == LB_OK && i < b->notices; i++)
		err = outbox_add(k->outbox, &b->notice[i], mono);
	/* It is in the database: the next hook reads it. */
	if (err != LB_OK)
		k->hook->failed = err;
	hook_batch_trim(k);
}

static void
done(struct store_op *op, enum lb_err err)
{
	struct hook_batch *b = (struct hook_batch *)(void *)op;
	struct hook_key *k = b->key;

	if (err == LB_OK && k->state != HOOK_GONE)
		settle(k, b);
	if (err == LB_OK || err == LB_KEY || err == LB_SHUTTING_DOWN ||
	    k->state == HOOK_GONE) {
		k->queued = NULL;
		hook_batch_free(b);
	} else {
		log_event(LOG_ERROR, "hook", "why=%s key=%s",
		    err_words(err)->code, k->key.name);
		k->again = loop_now(k->hook->loop)->mono + AGAIN_MS;
		b->failed = 1;
	}
	hook_key_release(k);
}

int
hook_batch_send(struct hook_key *k, const struct clock *now)
{
	if (k->queued == NULL && k->open != NULL) {
		k->queued = k->open;
		k->open = NULL;
	} else if (k->queued == NULL || !k->queued->failed ||
	    k->again > now->mono) {
		return 0;
	}
	k->queued->failed = 0;
	k->queued->op.run = run;
	k->queued->op.done = done;
	k->pending++;
	store_append(k->hook->store, &k->queued->op);
	return 1;
}
