/*
 * explain_absence: rules about answers that never came, of two peers.
 */
#include "explain_parts.h"

/* Half of what a message may have: an answer may be longer than its offer. */
#define LARGE (48 * 1024)

/* ---- a peer that vanished ---- */

static void
add_vanished(struct explain *e, const char *variant, int who,
    const struct explain_said *said, int64_t seq)
{
	struct explain_hit *hit = explain_hit(e, "peer-vanished", variant, who,
	    who == said->from ? said->to : said->from);

	hit->seq = seq;
	hit->other = said->seq;
	explain_hit_seq(e, hit, said->seq);
	explain_hit_seq(e, hit, seq);
}

static void
peer_vanished(struct explain *e, const struct explain_link *link)
{
	const struct explain_said *offer, *answer;
	const struct explain_end *end;
	size_t i = 0;

	offer = explain_next(e, link, EXPLAIN_VANISHED, &i);
	if (offer != NULL) {
		end = explain_lapse(e, offer, offer->to);
		if (end != NULL)
			add_vanished(e, "asked", offer->to, offer, end->seq);
		else if ((end = explain_lapse(e, offer, offer->from)) != NULL)
			add_vanished(e, "asking", offer->from, offer, end->seq);
		return;
	}
	if (link->settled < 0)
		return;
	offer = &link->said[link->settled];
	answer = &link->said[offer->answer];
	if (answer->absent &&
	    (end = explain_lapse(e, offer, offer->from)) != NULL) {
		add_vanished(e, "asking", offer->from, offer, end->seq);
		return;
	}
	for (i = 0; i < 2; i++) {
		const struct explain_said *said = i == 0 ? offer : answer;

		if (link->tallies[said->tally].count > 0 ||
		    (end = explain_lapse(e, said, said->from)) == NULL)
			continue;
		add_vanished(e, "bare", said->from, said, end->seq);
		return;
	}
}

/* ---- nobody is there, nobody answers ---- */

/* All offers of that fate, as one hit. */
static void
add_offers(struct explain *e, const struct explain_link *link,
    enum explain_fate fate, const char *rule, const char *variant)
{
	const struct explain_said *offer;
	struct explain_hit *hit = NULL;
	size_t i = 0;

	while ((offer = explain_next(e, link, fate, &i)) != NULL) {
		if (hit == NULL) {
			hit = explain_hit(e, rule, variant, offer->from,
			    offer->to);
			hit->seq = offer->seq;
		}
		explain_hit_seq(e, hit, offer->seq);
	}
}

static void
too_large(struct explain *e, const struct explain_link *link)
{
	const struct explain_said *offer;
	struct explain_hit *hit = NULL;
	size_t i = 0;

	while ((offer = explain_next(e, link, EXPLAIN_MISSING, &i)) != NULL) {
		if (offer->size < LARGE)
			continue;
		if (hit == NULL) {
			hit = explain_hit(e, "too-large", "near", offer->from,
			    offer->to);
			hit->seq = offer->seq;
			hit->count = (int64_t)offer->size;
		}
		explain_hit_seq(e, hit, offer->seq);
	}
}

void
explain_absence_rules(struct explain *e, struct explain_link *link)
{
	too_large(e, link);
	peer_vanished(e, link);
	add_offers(e, link, EXPLAIN_ABSENT, "nobody-there", "absent");
	add_offers(e, link, EXPLAIN_MISSING, "answer-missing", "missing");
}

/* Has it said anything to anybody after that? */
static int
speaks_later(const struct explain *e, const struct explain_mark *mark)
{
	for (size_t i = 0; i < e->link_count; i++) {
		const struct explain_link *link = &e->links[i];

		for (int side = 0; side < 2; side++)
			if (link->person[side] == mark->from &&
			    link->newest[side] >= 0 &&
			    link->said[link->newest[side]].seq > mark->seq)
				return 1;
	}
	return 0;
}

void
explain_nobody_at_all(struct explain *e)
{
	const struct explain_mark *mark = e->alone.at;
	struct explain_hit *hit;
	size_t i;

	for (i = 0; i < e->alone.count && speaks_later(e, &mark[i]); i++)
		continue;
	if (i == e->alone.count)
		return;
	hit = explain_hit(e, "nobody-there", "alone", mark[i].from, -1);
	hit->seq = mark[i].seq;
	for (i = 0; i < e->alone.count; i++)
		explain_hit_seq(e, hit, mark[i].seq);
}
