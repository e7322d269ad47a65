/*
 * replay: see replay.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "replay.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_out.h"
#include "clock.h"
#include "gist.h"
#include "json.h"
#include "name.h"
#include "token.h"
#include "verb.h"

#define OUT_MAX (16 << 20)
#define REASON_MAX 65536

static int relieve(void *);
static void delayed(void *);

enum lb_err
replay_init(struct replay *r, const struct rerun *plan)
{
	memset(r, 0, sizeof(*r));
	r->plan = plan;
	r->status = -1;
	buf_init(&r->stage.reply, 32 << 20);
	buf_init(&r->stage.why, REASON_MAX);
	buf_init(&r->out, OUT_MAX);
	buf_init(&r->line, OUT_MAX);
	r->stage.relieve = relieve;
	r->stage.delayed = delayed;
	r->stage.arg = r;
	redact_init(&r->redact, REDACT_ADDRESSES | REDACT_SECRETS);
	r->actors = calloc((size_t)plan->peers + 1, sizeof(*r->actors));
	r->ids = calloc((size_t)plan->peers + 1, sizeof(*r->ids));
	r->seqs = calloc(plan->count + 1, sizeof(*r->seqs));
	r->living = calloc(REPLAY_LIVING, sizeof(*r->living));
	if (r->actors == NULL || r->ids == NULL || r->seqs == NULL ||
	    r->living == NULL)
		return LB_NO_MEMORY;
	for (int who = 1; who <= plan->peers; who++)
		actor_init(&r->actors[who]);
	for (size_t i = 0; i < plan->count; i++)
		r->ids[plan->steps[i].who] = plan->steps[i].message->from;
	return token_random(r->salt, sizeof(r->salt));
}

void
replay_reset(struct replay *r)
{
	for (int who = 1; r->actors != NULL && who <= r->plan->peers; who++)
		actor_reset(&r->actors[who]);
	for (size_t i = 0; i < r->living_count; i++)
		buf_reset(&r->living[i].id);
	free(r->actors);
	free(r->ids);
	free(r->seqs);
	free(r->living);
	redact_reset(&r->redact);
	buf_reset(&r->stage.reply);
	buf_reset(&r->stage.why);
	buf_reset(&r->out);
	buf_reset(&r->line);
}

actor_ear *
replay_ear(const struct replay *r)
{
	return r->as.p != NULL ? replay_hear : NULL;
}

/* Nothing goes on after this one. */
void
replay_fail(struct replay *r, enum lb_err err)
{
	if (err == LB_NO_MEMORY)
		fputs("letterbox: out of memory\n", stderr);
	else if (err != LB_TIMEOUT)
		fprintf(stderr, "letterbox: It cannot go on: %.*s\n",
		    (int)r->stage.why.n, r->stage.why.p);
	r->status = EXIT_FAILED;
}

static void
delayed(void *arg)
{
	const struct replay *r = arg;

	fprintf(stderr, "letterbox: %.*s; trying for a minute\n",
	    (int)r->stage.why.n, r->stage.why.p);
}

/* ---- until it is due ---- */

/* Collects what waits for those who were silent since `before`. */
static int
collect(struct replay *r, int64_t before)
{
	size_t count, all = 0;
	enum lb_err err = LB_OK;

	for (int who = 1; who <= r->plan->peers; who++) {
		struct actor *a = &r->actors[who];

		if (!actor_is_there(a) || a->heard_at > before)
			continue;
		do {
			err = actor_poll(a, &r->stage, 0, replay_ear(r), r,
			    &count);
			all += count;
		} while (err == LB_OK && count > 0);
		if (err != LB_OK) {
			replay_fail(r, err);
			return 0;
		}
	}
	return all > 0;
}

/* Our own mailboxes are full: nobody else can empty them. */
static int
relieve(void *arg)
{
	return collect(arg, INT64_MAX);
}

void
replay_rest(struct replay *r, int64_t due)
{
	struct clock now;
	int64_t left;

	for (;;) {
		clock_now(&now);
		collect(r, now.mono - REPLAY_LEASE_MS);
		clock_now(&now);
		left = due - now.mono;
		if (left <= 0 || *r->stage.ended || r->status >= 0)
			return;
		/* What the living one says is seen while it happens. */
		if (r->as.p != NULL && left > 500) {
			collect(r, now.mono);
			left = 500;
		}
		poll(NULL, 0, left < 2000 ? (int)left : 2000);
	}
}

/* ---- the steps ---- */

/* The id by which a recorded one is known in this room; absent: by none. */
static struct slice
find_recipient(const struct replay *r, struct slice to)
{
	for (int who = 1; who <= r->plan->peers; who++)
		if (r->ids[who].p != NULL && slice_equal(r->ids[who], to) &&
		    r->actors[who].id.n > 0)
			return buf_as_slice(&r->actors[who].id);
	return name_valid(to) ? to : slice_of(NULL);
}

/* An answer names its offer by a seq, which is another one here. */
static enum lb_err
point(struct replay *r, const struct rerun_step *step, struct message *now,
    struct buf *body)
{
	const int64_t re = gist_re(now->body);
	struct renew renew;

	for (const struct rerun_step *s = step; re != 0 && s > r->plan->steps;)
		if ((--s)->message->seq == re &&
		    r->seqs[s - r->plan->steps] != 0) {
			memset(&renew, 0, sizeof(renew));
			renew.offer = r->seqs[s - r->plan->steps];
			renew_body(&renew, slice_of(NULL), now->body, body);
			now->body = buf_as_slice(body);
			break;
		}
	return body->failed ? LB_NO_MEMORY : LB_OK;
}

/* The message as it is posted now; its body may stand in `body`. */
static enum lb_err
address(struct replay *r, const struct rerun_step *step, struct message *now,
    struct buf *body, const char **why)
{
	struct actor *a = &r->actors[step->who];
	const struct slice salt = { (const char *)r->salt, sizeof(r->salt) };
	struct living *living = NULL;
	enum lb_err err;

	now->from = buf_as_slice(&a->id);
	if (now->to.p == NULL)
		return point(r, step, now, body);
	if (r->as.p == NULL) {
		now->to = find_recipient(r, now->to);
		*why = "nobody can be called so here";
		return now->to.p != NULL ? point(r, step, now, body) :
					   LB_NOT_FOUND;
	}
	err = replay_meet(r, a, now->to, &living);
	*why = "nobody came for whom it could be";
	if (err == LB_OK)
		err = replay_await(r, a, living, step->heard);
	if (err != LB_OK)
		return err;
	now->to = buf_as_slice(&living->id);
	renew_body(&living->renew, salt, now->body, body);
	now->body = buf_as_slice(body);
	return body->failed ? LB_NO_MEMORY : LB_OK;
}

static void
post(struct replay *r, const struct rerun_step *step)
{
	struct actor *a = &r->actors[step->who];
	struct message now = *step->message;
	const char *why = NULL;
	struct buf body;
	int64_t seq = 0;
	enum lb_err err;

	buf_init(&body, 4 << 20);
	err = address(r, step, &now, &body, &why);
	if (err == LB_OK)
		err = actor_post(a, &r->stage, now.to, now.type, now.body,
		    &seq);
	if (err == LB_OK) {
		r->posted++;
		r->seqs[step - r->plan->steps] = seq;
		replay_say(r, "post", step->message->seq, seq, &now,
		    step->is_copy ? "the second time" : NULL);
	} else if (err == LB_NOT_FOUND || err == LB_MAILBOX_FULL) {
		r->refused++;
		buf_char(&r->stage.why, '\0');
		replay_say(r, "skip", step->message->seq, 0, step->message,
		    err == LB_NOT_FOUND ? why : r->stage.why.p);
	} else {
		replay_fail(r, err);
	}
	buf_reset(&body);
}

static void
take_step(struct replay *r, const struct rerun_step *step)
{
	int64_t due = r->begun + r->waited;

	if (r->speed > 0) {
		due += (int64_t)((double)step->due / r->speed);
		if (step->what == RERUN_VANISH)
			due -= REPLAY_AWAY_MS;
		replay_rest(r, due);
	} else {
		replay_rest(r, 0);
	}
	if (*r->stage.ended || r->status >= 0)
		return;
	switch (step->what) {
	case RERUN_JOIN:
		replay_join(r, step);
		break;
	case RERUN_LEAVE:
		replay_leave(r, step);
		break;
	case RERUN_VANISH:
		replay_vanish(r, step);
		break;
	case RERUN_POST:
		post(r, step);
		break;
	case RERUN_DROP:
		r->dropped++;
		replay_say(r, "drop", step->message->seq, 0, step->message,
		    "chaos");
		break;
	}
}

/* ---- all of it ---- */

/* Whoever was ended in the middle leaves no ghosts. */
static void
leave_all(struct replay *r)
{
	/* A second Ctrl-C ends this too. */
	*r->stage.ended = 0;
	r->stage.is_hasty = 1;
	for (int who = 1; who <= r->plan->peers; who++)
		if (actor_is_there(&r->actors[who]) &&
		    actor_leave(&r->actors[who], &r->stage) == LB_OK)
			r->left++;
}

static void
linger(struct replay *r)
{
	size_t count;

	for (int who = 1; who <= r->plan->peers; who++)
		if (actor_is_there(&r->actors[who]) && !*r->stage.ended)
			actor_poll(&r->actors[who], &r->stage, REPLAY_LINGER_S,
			    replay_hear, r, &count);
}

int
replay_run(struct replay *r)
{
	struct clock now;
	size_t i;
	int is_whole;

	clock_now(&now);
	r->begun = now.mono;
	for (i = 0; i < r->plan->count; i++) {
		take_step(r, &r->plan->steps[i]);
		if (*r->stage.ended || r->status >= 0)
			break;
	}
	is_whole = i == r->plan->count;
	if (!is_whole)
		leave_all(r);
	else if (r->as.p != NULL)
		linger(r);
	cli_out_progress(0, 0, NULL);
	replay_sum_up(r);
	if (r->status >= 0)
		return r->status;
	return !is_whole || r->refused > 0 ? EXIT_FAILED : EXIT_DONE;
}
