/*
 * replay_live: see replay.h.  One of the recorded against somebody who is
 * there now.
 */
#include <string.h>

#include "clock.h"
#include "replay.h"

static struct living *
find(struct replay *r, struct slice id)
{
	for (size_t i = 0; i < r->living_count; i++)
		if (slice_equal(buf_as_slice(&r->living[i].id), id))
			return &r->living[i];
	return NULL;
}

static struct living *
find_or_add(struct replay *r, struct slice id)
{
	struct living *l = find(r, id);

	if (l != NULL || r->living_count == REPLAY_LIVING)
		return l;
	l = &r->living[r->living_count++];
	buf_init(&l->id, 4096);
	buf_slice(&l->id, id);
	return l;
}

void
replay_hear(void *arg, const struct message *m)
{
	struct replay *r = arg;
	struct living *l = find_or_add(r, m->from);

	replay_say(r, "hear", 0, m->seq, m, NULL);
	if (l == NULL)
		return;
	if (slice_is(m->type, "joined")) {
		memset(&l->renew, 0, sizeof(l->renew));
		l->is_there = 1;
	} else if (slice_is(m->type, "left")) {
		l->is_there = 0;
	} else {
		renew_hear(&l->renew, m->type, m->body, m->seq);
	}
}

/* Who takes the place of `recorded`: who has it, is called so, or is free. */
static struct living *
pair(struct replay *r, struct slice recorded)
{
	struct living *found = NULL;

	for (size_t i = 0; i < r->living_count; i++) {
		struct living *l = &r->living[i];

		if (!l->is_there)
			continue;
		if (l->recorded.p != NULL && slice_equal(l->recorded, recorded))
			return l;
		if (l->recorded.p == NULL &&
		    (found == NULL ||
			slice_equal(buf_as_slice(&l->id), recorded)))
			found = l;
	}
	if (found != NULL)
		found->recorded = recorded;
	return found;
}

/* What came meanwhile; a second at most. */
static enum lb_err
listen(struct replay *r, struct actor *a, int64_t since)
{
	struct clock now;
	size_t count;
	enum lb_err err;
	const int64_t before = r->waited;

	err = actor_poll(a, &r->stage, 1, replay_hear, r, &count);
	clock_now(&now);
	if (now.mono - since > before)
		r->waited = now.mono - since;
	return *r->stage.ended ? LB_TIMEOUT : err;
}

enum lb_err
replay_meet(struct replay *r, struct actor *a, struct slice to,
    struct living **out)
{
	struct clock begun, now;
	enum lb_err err = LB_OK;
	const int64_t waited = r->waited;

	clock_now(&begun);
	now = begun;
	while ((*out = pair(r, to)) == NULL && err == LB_OK) {
		if (now.mono - begun.mono > REPLAY_SOMEBODY_MS)
			return LB_NOT_FOUND;
		if (now.mono == begun.mono)
			replay_say(r, "wait", 0, 0, NULL,
			    "until somebody is there");
		err = listen(r, a, begun.mono - waited);
		clock_now(&now);
	}
	return err;
}

enum lb_err
replay_await(struct replay *r, struct actor *a, struct living *l, int heard)
{
	struct clock begun, now;
	enum lb_err err = LB_OK;
	const int64_t waited = r->waited;

	clock_now(&begun);
	now = begun;
	while (l->renew.descriptions + r->forgone < heard && err == LB_OK) {
		if (now.mono - begun.mono > REPLAY_ANSWER_MS) {
			r->forgone = heard - l->renew.descriptions;
			replay_say(r, "wait", 0, 0, NULL,
			    "no longer: the answer of then does not come");
			break;
		}
		err = listen(r, a, begun.mono - waited);
		clock_now(&now);
	}
	return err;
}
