/*
 * hook_flight: see hook_parts.h.
 */
#include <stdlib.h>

#include <utlist.h>

#include "hook_parts.h"
#include "log.h"
#include "outbox_post.h"

#define SAY_MS 10000 /* between two lines about one application's failures */

struct hook_flight {
	struct courier_post post; /* first */
	struct outbox_post text;
	struct hook_key *key;
	struct outbox_letter *letter;
	struct hook_flight *prev, *next;
};

int
hook_flight_count(const struct hook_key *k)
{
	struct hook_flight *f;
	int count;

	DL_COUNT(k->flights, f, count);
	return count;
}

static void
end(struct hook_flight *f)
{
	DL_DELETE(f->key->flights, f);
	outbox_post_reset(&f->text);
	free(f);
}

/* ---- what became of it ---- */

static int
was_taken(const struct courier_result *r)
{
	return r->status >= 200 && r->status <= 299;
}

/* No more than a line in ten seconds, which counts the others. */
static void
say_failure(struct hook_key *k, const struct courier_result *r, int64_t mono)
{
	const char *why = r->status == 0 ? r->why :
	    r->status / 100 == 3         ? "redirect" :
					   "status";

	k->failures++;
	if (k->said != 0 && mono - k->said < SAY_MS)
		return;
	log_event(LOG_ERROR, "hook-failed",
	    "key=%s why=%s status=%d failures=%lld waiting=%zu", k->key.name,
	    why, r->status, (long long)k->failures, outbox_count(k->outbox));
	k->failures = 0;
	k->said = mono;
}

static void
try_again(struct hook_key *k, struct outbox_letter *l,
    const struct courier_result *r)
{
	const int64_t mono = loop_now(k->hook->loop)->mono;
	uint32_t random = 0;

	token_random(&random, sizeof(random));
	say_failure(k, r, mono);
	if (r->unreachable)
		outbox_unreachable(k->outbox, l, mono, random);
	else
		outbox_failed(k->outbox, l, mono, r->retry_after, random);
}

static void
landed(struct courier_post *post, const struct courier_result *r)
{
	struct hook_flight *f = (struct hook_flight *)(void *)post;
	struct outbox_letter *l = f->letter;
	struct hook_key *k = f->key;

	end(f);
	if (k->state != HOOK_GONE && was_taken(r))
		hook_batch_told(k, l);
	else if (k->state != HOOK_GONE)
		try_again(k, l, r);
	hook_key_release(k);
}

/* ---- the start ---- */

static enum lb_err
send(struct hook_flight *f, const struct clock *now)
{
	struct hook_key *k = f->key;
	enum lb_err err = outbox_post_write(&f->text, &k->key, f->letter,
	    now->wall);

	if (err != LB_OK)
		return err;
	f->post.url = f->text.url.p;
	f->post.body = buf_as_slice(&f->text.body);
	for (size_t i = 0; i < OUTBOX_POST_HEADERS; i++)
		f->post.headers[i] = f->text.headers[i].p;
	f->post.done = landed;
	return courier_send(k->hook->courier, &f->post);
}

void
hook_flight_start(struct hook_key *k, struct outbox_letter *l,
    const struct clock *now)
{
	static const struct courier_result no_memory = { .why = "no-memory" };
	struct hook_flight *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		try_again(k, l, &no_memory);
		return;
	}
	f->key = k;
	f->letter = l;
	DL_APPEND(k->flights, f);
	if (send(f, now) == LB_OK) {
		k->pending++;
		return;
	}
	end(f);
	try_again(k, l, &no_memory);
}

void
hook_flight_free(struct hook_key *k)
{
	struct hook_flight *f, *next;

	DL_FOREACH_SAFE(k->flights, f, next)
		end(f);
}
