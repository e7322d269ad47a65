/*
 * rerun: see rerun.h.
 */
#include "rerun.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "lexicon.h"
#include "name.h"

struct person {
	const struct message *joined; /* NULL: was not seen to come */
	int is_there;                 /* in the recording */
	int is_on;                    /* and among our steps */
	int said;                     /* descriptions */
};

struct making {
	struct rerun *out;
	const struct rerun_wish *wish;
	struct lexicon names;
	struct person *people; /* by number */
	int is_begun;
	int64_t base, due; /* ms */
	struct chaos_dice dice;
};

static int
is_wanted(const char *types, struct slice type)
{
	while (types != NULL && *types != '\0') {
		const size_t n = strcspn(types, ",");

		if (n == type.n && memcmp(types, type.p, n) == 0)
			return 1;
		types += n + (types[n] == ',');
	}
	return types == NULL;
}

static struct rerun_step *
add(struct making *k, enum rerun_what what, const struct message *m, int who)
{
	struct rerun *r = k->out;
	struct rerun_step *step;

	if (r->count == r->room) {
		const size_t room = r->room == 0 ? 256 : 2 * r->room;

		step = realloc(r->steps, room * sizeof(*step));
		if (step == NULL) {
			k->names.failed = 1;
			return NULL;
		}
		r->steps = step;
		r->room = room;
	}
	step = &r->steps[r->count++];
	memset(step, 0, sizeof(*step));
	step->what = what;
	step->due = k->due;
	step->message = m;
	step->who = who;
	return step;
}

static void
enter(struct making *k, int who, const struct message *m)
{
	struct person *p = &k->people[who];

	if (p->is_on)
		return;
	p->is_on = 1;
	add(k, RERUN_JOIN, p->joined != NULL ? p->joined : m, who);
}

static int
is_ours(const struct making *k, struct slice from)
{
	return k->wish->as.p == NULL || slice_equal(k->wish->as, from);
}

/* Clocks may be set back; what was later stays later. */
static void
look_at_clock(struct making *k, const struct message *m)
{
	if (!k->is_begun) {
		k->is_begun = 1;
		k->base = m->at;
		for (int who = 1; who <= k->names.count; who++)
			if (k->people[who].is_there &&
			    is_ours(k, lexicon_text(&k->names, who)))
				enter(k, who, m);
	}
	if (m->at - k->base > k->due)
		k->due = m->at - k->base;
}

static void
add_post(struct making *k, const struct message *m, int who, int to)
{
	struct rerun_step *step;
	struct chaos_fate fate;

	enter(k, who, m);
	chaos_cast(&k->dice, &k->wish->chaos, &fate);
	step = add(k, fate.is_dropped ? RERUN_DROP : RERUN_POST, m, who);
	if (step == NULL)
		return;
	step->due += fate.delay;
	step->heard = to != 0 ? k->people[to].said : 0;
	step->places = fate.places;
	k->out->posts++;
	if (!fate.is_doubled || fate.is_dropped)
		return;
	step = add(k, RERUN_POST, m, who);
	if (step == NULL)
		return;
	*step = k->out->steps[k->out->count - 2];
	step->is_copy = 1;
}

static int
is_lapse(struct slice body)
{
	return json_kind(body) == JSON_OBJECT &&
	    slice_is(json_get(body, "reason"), "\"lease\"");
}

static void
take(struct making *k, const struct message *m, int who, int to)
{
	struct person *p = &k->people[who];
	const int is_part = m->seq >= k->wish->from && is_ours(k, m->from);

	if (is_part)
		look_at_clock(k, m);
	if (slice_is(m->type, "joined")) {
		p->joined = m;
		p->is_there = 1;
		p->said = 0;
		if (is_part)
			enter(k, who, m);
	} else if (slice_is(m->type, "left")) {
		p->is_there = 0;
		if (is_part && p->is_on)
			add(k, is_lapse(m->body) ? RERUN_VANISH : RERUN_LEAVE,
			    m, who);
		p->is_on = 0;
	} else if (!name_type(m->type)) {
		k->out->own++;
	} else {
		if (is_part && is_wanted(k->wish->types, m->type))
			add_post(k, m, who, to);
		p->said += slice_is(m->type, "description");
	}
}

/* ---- another order ---- */

static int
compare(const void *a, const void *b)
{
	const struct rerun_step *x = a, *y = b;

	if (x->places != y->places)
		return x->places < y->places ? -1 : 1;
	if (x->message != y->message)
		return x->message < y->message ? -1 : 1;
	return x->is_copy - y->is_copy;
}

/* Those from `first` to `end` are messages.  Each goes to the place it was
 * given, if another does not stand there first. */
static void
shuffle(struct rerun_step *steps, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		steps[i].places += i;
	qsort(steps + first, end - first, sizeof(*steps), compare);
}

static void
arrange(struct making *k)
{
	struct rerun *r = k->out;
	size_t first = 0;
	int64_t due = 0;

	for (size_t i = 0; i <= r->count && k->wish->chaos.reorder > 0; i++) {
		if (i < r->count &&
		    (r->steps[i].what == RERUN_POST ||
			r->steps[i].what == RERUN_DROP))
			continue;
		if (i > first)
			shuffle(r->steps, first, i);
		first = i + 1;
	}
	for (size_t i = 0; i < r->count; i++) {
		if (r->steps[i].due < due)
			r->steps[i].due = due;
		due = r->steps[i].due;
	}
}

/* ---- all of it ---- */

enum lb_err
rerun_make(struct rerun *r, const struct tape *tape,
    const struct rerun_wish *wish)
{
	struct making k = { .out = r, .wish = wish };
	enum lb_err err = LB_OK;

	memset(r, 0, sizeof(*r));
	lexicon_init(&k.names);
	for (size_t i = 0; i < tape->count; i++)
		lexicon_add(&k.names, tape->messages[i].from);
	k.people = calloc((size_t)k.names.count + 1, sizeof(*k.people));
	if (k.people == NULL || k.names.failed) {
		err = LB_NO_MEMORY;
		goto free;
	}
	if (wish->as.p != NULL && lexicon_find(&k.names, wish->as) == 0) {
		err = LB_NOT_FOUND;
		goto free;
	}
	r->peers = k.names.count;
	chaos_begin(&k.dice, &wish->chaos);
	for (size_t i = 0; i < tape->count; i++) {
		const struct message *m = &tape->messages[i];

		take(&k, m, lexicon_find(&k.names, m->from),
		    lexicon_find(&k.names, m->to));
	}
	arrange(&k);
	err = k.names.failed ? LB_NO_MEMORY : LB_OK;
free:
	free(k.people);
	lexicon_reset(&k.names);
	return err;
}

void
rerun_reset(struct rerun *r)
{
	free(r->steps);
	memset(r, 0, sizeof(*r));
}
