/*
 * hook_key: see hook_parts.h.
 */
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "hook_parts.h"
#include "log.h"

#define AGAIN_MS 1000             /* after an error of the store */
#define HOLD_MS INT64_C(86400000) /* its herald room is held so long */

static const struct outbox_options options = {
	.flights = 8,
	.pause = 200,
	.most = 60000,
	.down = 10000,
	.letters = 65536,
};

static struct hook_key *
of_sub(struct store_sub *sub)
{
	return LOOP_OWNER(sub, struct hook_key, sub);
}

/* ---- following ---- */

static int
hear(struct store_sub *sub, const struct message *m)
{
	return !hook_batch_take(of_sub(sub), m);
}

/* Also after a batch was full.  Nobody's row is negative. */
static enum lb_err
follow(struct hook_key *k)
{
	k->sub.room = k->hold.room;
	k->sub.peer = -1;
	k->sub.after = k->taken;
	k->sub.message = hear;
	return store_follow(k->hook->store, &k->sub);
}

static void
keep(void *arg, const struct store_notice *n)
{
	struct hook_key *k = arg;

	if (outbox_add(k->outbox, n, 0) != LB_OK)
		k->hook->failed = LB_NO_MEMORY;
}

/* What was not told by the hook before us. */
static enum lb_err
load(struct hook_key *k)
{
	struct store_key key;
	struct slice name = slice_of(k->key.name);
	enum lb_err err = store_key_by_name(k->hook->store, name, &key);

	if (err == LB_OK)
		err = store_outbox(k->hook->store, name, keep, k);
	if (err != LB_OK)
		return err;
	k->taken = key.hooked;
	if (k->hold.floor > key.hooked)
		log_event(LOG_ERROR, "hook-gap", "key=%s", k->key.name);
	log_event(LOG_INFO, "hook", "key=%s waiting=%zu", k->key.name,
	    outbox_count(k->outbox));
	hook_batch_trim(k);
	k->state = HOOK_WORKS;
	return LB_OK;
}

/* ---- holding ---- */

static void
held(struct store_op *op, enum lb_err err)
{
	struct hook_key *k = LOOP_OWNER(op, struct hook_key, hold.op);

	k->holding = 0;
	if (err == LB_OK)
		k->held_until = k->hold.held_until;
	else
		k->again = loop_now(k->hook->loop)->mono + AGAIN_MS;
	if (k->state == HOOK_ASKED)
		k->state = err == LB_OK ? HOOK_HELD : HOOK_NEW;
	hook_key_release(k);
}

/* The room must stay as long as we listen: its number would be another's. */
static void
hold(struct hook_key *k, const struct clock *now)
{
	k->hold.op.run = room_announce_run;
	k->hold.op.done = held;
	k->hold.guard = &k->guard.base;
	k->hold.namespace = SLICE(APPKEY_HERALDS);
	k->hold.name = slice_of(k->key.name);
	k->hold.held_until = now->wall + HOLD_MS;
	k->holding = 1;
	k->pending++;
	if (k->state == HOOK_NEW)
		k->state = HOOK_ASKED;
	store_append(k->hook->store, &k->hold.op);
}

/* ---- one after the other ---- */

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int64_t
send(struct hook_key *k, const struct clock *now)
{
	struct outbox_letter *l;
	int64_t wait = -1;

	while (!k->hook->leaving && hook_batch_has_room(k) &&
	    (l = outbox_next(k->outbox, now->mono, &wait)) != NULL)
		hook_flight_start(k, l, now);
	if (k->said != 0 && outbox_count(k->outbox) == 0) {
		log_event(LOG_INFO, "hook-caught-up", "key=%s", k->key.name);
		k->said = 0;
	}
	return wait;
}

/* The store is not asked while a batch is full, or has to be tried again. */
static enum lb_err
listen(struct hook_key *k, const struct clock *now)
{
	if (!k->holding && k->held_until - now->wall < HOLD_MS / 2)
		hold(k, now);
	if (k->sub.followed || k->queued != NULL || k->hook->leaving)
		return LB_OK;
	return follow(k);
}

int64_t
hook_key_turn(struct hook_key *k, const struct clock *now)
{
	enum lb_err err = LB_OK;
	int64_t wait = -1;

	if (k->state == HOOK_GONE)
		return -1;
	if (k->again <= now->mono) {
		if (k->state == HOOK_NEW)
			hold(k, now);
		if (k->state == HOOK_HELD)
			err = load(k);
		if (k->state == HOOK_WORKS && err == LB_OK)
			err = listen(k, now);
		if (err != LB_OK && k->queued == NULL)
			k->again = now->mono + AGAIN_MS;
	}
	if (k->state == HOOK_WORKS)
		wait = send(k, now);
	if (hook_batch_send(k, now) || k->holding)
		wait = 0;
	if (k->again > now->mono)
		wait = sooner(wait, k->again - now->mono);
	return wait;
}

int
hook_key_rests(const struct hook_key *k)
{
	return k->flights == NULL && k->queued == NULL && k->open == NULL;
}

/* ---- coming and going ---- */

enum lb_err
hook_key_add(struct hook *h, const struct store_key *key)
{
	struct hook_key *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return LB_NO_MEMORY;
	if ((k->outbox = outbox_new(&options)) == NULL) {
		free(k);
		return LB_NO_MEMORY;
	}
	k->hook = h;
	k->key = *key;
	appkey_generation(&k->key.hash, k->generation);
	k->guard = appkey_guard(slice_of(k->key.name), slice_of(k->generation));
	k->seen = 1;
	k->state = HOOK_NEW;
	DL_APPEND(h->keys, k);
	return LB_OK;
}

void
hook_key_free(struct hook_key *k)
{
	DL_DELETE(k->hook->keys, k);
	hook_flight_free(k);
	hook_batch_free(k->open);
	hook_batch_free(k->queued);
	outbox_free(k->outbox);
	free(k);
}

void
hook_key_drop(struct hook_key *k)
{
	if (k->state != HOOK_GONE)
		store_unfollow(k->hook->store, &k->sub);
	k->state = HOOK_GONE;
	if (k->pending == 0)
		hook_key_free(k);
}

void
hook_key_release(struct hook_key *k)
{
	k->pending--;
	if (k->state == HOOK_GONE && k->pending == 0)
		hook_key_free(k);
}
