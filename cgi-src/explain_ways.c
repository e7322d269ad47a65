/*
 * explain_ways: rules about ways: all is negotiated, and nothing gets through.
 * The log does not tell that; but who does not get through begins anew, or
 * says so.
 */
#include "explain_parts.h"

#define SOON_MS 60000    /* a connection that lasted longer had a way */
#define LOOP_LEAST 3     /* so many restarts are a loop */
#define RENEWALS_LEAST 5 /* pages may as well have been reloaded */

static void
no_candidates(struct explain *e, const struct explain_link *link)
{
	const struct explain_said *pair[2], *said;
	struct explain_hit *hit;

	if (link->settled < 0)
		return;
	pair[0] = &link->said[link->settled];
	pair[1] = &link->said[pair[0]->answer];
	if (explain_is_hasty(link, pair[1]))
		return;
	for (int i = 0; i < 2; i++) {
		said = pair[i];
		if (link->tallies[said->tally].count > 0 ||
		    explain_lapse(e, pair[0], said->from) != NULL)
			continue;
		hit = explain_hit(e, "no-candidates", "none", said->from,
		    said->to);
		hit->seq = said->seq;
		explain_hit_seq(e, hit, said->seq);
		return;
	}
}

/* The next offer, from *i on, that begins anew soon after what was before;
 * `*base` is when that was, and begins with INT64_MIN. */
static const struct explain_said *
next_again(const struct explain_link *link, int renewal, size_t *i,
    int64_t *base)
{
	while (*i < link->count) {
		const struct explain_said *said = &link->said[(*i)++];
		int is = renewal ? said->renewal : said->restart;
		int soon = *base != INT64_MIN && said->at - *base < SOON_MS;

		if (is || said->takes >= 0)
			*base = said->at;
		if (is && said->met < 0 && soon)
			return said;
	}
	return NULL;
}

static int
is_in(const struct explain_link *link, int person)
{
	return person == link->person[0] || person == link->person[1];
}

/* Somebody of the two says so, to the other or to everybody. */
static int
is_about(const struct explain *e, const struct explain_told *told,
    const struct explain_link *link)
{
	if (!is_in(link, told->from))
		return 0;
	return told->to == 0 ||
	    is_in(link,
		story_person(&e->story, lexicon_text(&e->lexicon, told->to)));
}

/* That these two did not get through: adds the seqs that show it, the last of
 * which is `other`; 0: nothing does. */
static int64_t
add_failing(struct explain *e, const struct explain_link *link,
    struct explain_hit *hit)
{
	const struct explain_said *said;
	struct slice rule, codes = { NULL, 0 };
	int64_t base = INT64_MIN, other = 0;
	size_t at = 0, i = 0;

	while (explain_rule(e, &at, &rule))
		if (explain_rule_has(rule, "id", SLICE("connection-failed")))
			codes = rule;
	while ((said = next_again(link, 0, &i, &base)) != NULL) {
		other = said->seq;
		if (hit != NULL)
			explain_hit_seq(e, hit, other);
	}
	for (i = 0; i < e->told_count; i++) {
		const struct explain_told *told = &e->told[i];

		if (told->code == 0 || !is_about(e, told, link) ||
		    !explain_rule_has(codes, "codes",
			lexicon_text(&e->lexicon, told->code)))
			continue;
		other = told->seq;
		if (hit != NULL)
			explain_hit_seq(e, hit, other);
	}
	return other;
}

/* All that the side named hides behind names; and it named some. */
static int
is_hidden(const struct explain_link *link, int side)
{
	int some = 0;

	for (size_t i = 0; i < link->count; i++) {
		const struct explain_tally *tally =
		    &link->tallies[link->said[i].tally];

		if (link->said[i].side != side || tally->count == 0)
			continue;
		if (tally->ways[SDP_MDNS] != tally->count)
			return 0;
		some = 1;
	}
	return some;
}

static int
has_relay(const struct explain_link *link)
{
	for (size_t i = 0; i < link->tally_count; i++)
		if (link->tallies[i].ways[SDP_RELAY] > 0)
			return 1;
	return 0;
}

static void
no_way(struct explain *e, const struct explain_link *link)
{
	const struct explain_said *first = NULL;
	struct explain_hit *hit;
	int64_t other = add_failing(e, link, NULL);
	int hidden;
	size_t i;

	for (i = 0; i < link->count && first == NULL; i++)
		if (link->said[i].answer >= 0)
			first = &link->said[i];
	if (first == NULL || other == 0)
		return;
	hidden = is_hidden(link, 0) ? 0 : is_hidden(link, 1) ? 1 : -1;
	if (hidden >= 0)
		hit = explain_hit(e, "only-mdns", "mdns", link->person[hidden],
		    link->person[!hidden]);
	else if (!has_relay(link))
		hit = explain_hit(e, "no-relay", "none", first->from,
		    first->to);
	else
		return;
	hit->seq = first->seq;
	hit->other = other;
	explain_hit_seq(e, hit, first->seq);
	add_failing(e, link, hit);
}

static void
restart_loop(struct explain *e, const struct explain_link *link)
{
	static const int64_t least[] = { LOOP_LEAST, RENEWALS_LEAST };

	for (int how = 0; how < 2; how++) {
		const struct explain_said *said, *last = NULL;
		struct explain_hit *hit;
		int64_t base = INT64_MIN, count = 0;
		size_t i = 0;

		while ((said = next_again(link, how, &i, &base)) != NULL) {
			count++;
			last = said;
		}
		if (count < least[how])
			continue;
		hit = explain_hit(e, "restart-loop", "loop", last->from,
		    last->to);
		hit->seq = last->seq;
		hit->count = count;
		base = INT64_MIN;
		i = 0;
		while ((said = next_again(link, how, &i, &base)) != NULL)
			explain_hit_seq(e, hit, said->seq);
		return;
	}
}

void
explain_ways_rules(struct explain *e, struct explain_link *link)
{
	no_candidates(e, link);
	no_way(e, link);
	restart_loop(e, link);
}
