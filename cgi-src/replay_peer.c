/*
 * replay_peer: see replay.h.  Somebody of the recording comes, leaves or
 * vanishes.
 */
#include "clock.h"
#include "json.h"
#include "name.h"
#include "replay.h"

void
replay_join(struct replay *r, const struct rerun_step *step)
{
	const struct message *m = step->message;
	struct actor *a = &r->actors[step->who];
	struct slice id = m->from, name = { NULL, 0 }, info = { NULL, 0 };
	struct message now = *m;
	enum lb_err err;

	if (!name_valid(id))
		id = slice_of(NULL);
	if (slice_is(m->type, "joined") && json_kind(m->body) == JSON_OBJECT) {
		name = json_get(m->body, "name");
		info = json_get(m->body, "info");
	}
	err = actor_join(a, &r->stage, id, name, info, replay_ear(r), r);
	if (err != LB_OK) {
		replay_fail(r, err);
		return;
	}
	r->joined++;
	now.from = buf_as_slice(&a->id);
	now.to = slice_of(NULL);
	if (!slice_is(m->type, "joined")) {
		now.type = SLICE("joined");
		now.body = SLICE("{}");
		now.seq = 0;
	}
	replay_say(r, "join", now.seq, 0, &now, NULL);
}

void
replay_leave(struct replay *r, const struct rerun_step *step)
{
	struct actor *a = &r->actors[step->who];
	struct message now = *step->message;
	enum lb_err err = actor_leave(a, &r->stage);

	if (err != LB_OK) {
		replay_fail(r, err);
		return;
	}
	r->left++;
	now.from = buf_as_slice(&a->id);
	replay_say(r, "leave", now.seq, 0, &now, NULL);
}

/* What the plan has no time for is added to all that is due later. */
static void
note_waited(struct replay *r, const struct rerun_step *step)
{
	struct clock now;
	int64_t late;

	clock_now(&now);
	late = now.mono - r->begun;
	if (r->speed > 0)
		late -= (int64_t)((double)step->due / r->speed);
	if (r->speed > 0 && late > r->waited)
		r->waited = late;
}

void
replay_vanish(struct replay *r, const struct rerun_step *step)
{
	struct actor *a = &r->actors[step->who];
	struct message now = *step->message;
	struct clock clock;
	int64_t until;
	enum lb_err err = actor_vanish(a, &r->stage);

	clock_now(&clock);
	until = clock.mono + REPLAY_LAPSE_MS;
	while (err == LB_OK && !a->is_gone && clock.mono < until &&
	    !*r->stage.ended && r->status < 0) {
		replay_rest(r, clock.mono + 100);
		err = actor_look(a, &r->stage);
		clock_now(&clock);
	}
	if (err == LB_OK && !a->is_gone) {
		r->stage.why.n = 0;
		buf_str(&r->stage.why, "the server ends no lease");
		err = *r->stage.ended ? LB_TIMEOUT : LB_BAD_REQUEST;
	}
	if (err != LB_OK) {
		replay_fail(r, err);
		return;
	}
	note_waited(r, step);
	r->vanished++;
	now.from = buf_as_slice(&a->id);
	replay_say(r, "vanish", now.seq, 0, &now, NULL);
}
