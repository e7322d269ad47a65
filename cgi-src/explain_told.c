/*
 * explain_told: rules about what the log alone does not show: somebody says
 * it, by an `error`, or the server does.  And the clock, which is nobody's.
 */
#include "explain_parts.h"
#include "json.h"

static struct slice
code_of(const struct explain *e, const struct explain_told *told)
{
	return lexicon_text(&e->lexicon, told->code);
}

/* The messages that tell one rule. */
static void
look_for(struct explain *e, struct slice rule, const char *id,
    const char *member, const char *variant)
{
	struct explain_hit *hit = NULL;

	for (size_t i = 0; i < e->told_count; i++) {
		const struct explain_told *told = &e->told[i];
		struct slice word = told->type != 0 ?
		    lexicon_text(&e->lexicon, told->type) :
		    code_of(e, told);
		int is_type = slice_is(slice_of(member), "types");

		if ((told->type != 0) != is_type || word.n == 0 ||
		    !explain_rule_has(rule, member, word))
			continue;
		if (hit == NULL) {
			hit = explain_hit(e, id, variant, told->from, -1);
			hit->seq = told->seq;
		}
		explain_hit_seq(e, hit, told->seq);
		if (told->re > 0 && told->re < told->seq)
			explain_hit_seq(e, hit, told->re);
	}
}

static void
look_at_jumps(struct explain *e)
{
	struct explain_hit *hit;

	if (e->jump_count == 0)
		return;
	hit = explain_hit(e, "clock-jump", "back", -1, -1);
	hit->seq = e->jumps[0].seq;
	hit->other = e->jumps[0].other;
	hit->time = e->jumps[0].time;
	for (size_t i = 0; i < e->jump_count; i++) {
		explain_hit_seq(e, hit, e->jumps[i].other);
		explain_hit_seq(e, hit, e->jumps[i].seq);
	}
}

void
explain_told_rules(struct explain *e)
{
	/* Those of the table with `codes` or `types`. */
	static const char *const ids[] = { "too-large", "room-full", "poll-gap",
		"mailbox-full", "duplicate-peer", "connection-failed",
		"no-media" };
	struct slice rule;
	size_t at = 0, i;

	while (explain_rule(e, &at, &rule)) {
		struct slice id = json_get(rule, "id");

		for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
			if (id.n < 2 ||
			    !slice_is((struct slice){ id.p + 1, id.n - 2 },
				ids[i]))
				continue;
			look_for(e, rule, ids[i], "codes", "told");
			look_for(e, rule, ids[i], "types", "refused");
		}
	}
	look_at_jumps(e);
}
