/*
 * explain_order: rules about who said what when, of two peers.
 */
#include "explain_parts.h"

static void
add_said(struct explain *e, struct explain_hit *hit,
    const struct explain_said *said)
{
	explain_hit_seq(e, hit, said->seq);
}

/* ---- one peer in two pages ---- */

/* The answer of another connection to what was answered already. */
static const struct explain_said *
first_answer(const struct explain_link *link, size_t again)
{
	const struct explain_said *said = &link->said[again], *first;
	size_t i = again;

	while (i-- > 0 && link->said[i].brief.kind != EXPLAIN_OFFER)
		continue;
	if (i == (size_t)-1 || link->said[i].answer < 0 ||
	    link->said[i].answer >= (int)again)
		return NULL;
	first = &link->said[link->said[i].answer];
	return first->from == said->from &&
		first->brief.connection != said->brief.connection ?
	    first :
	    NULL;
}

static int
by_turns(struct explain *e, const struct explain_link *link)
{
	struct explain_hit *hit = NULL;
	size_t i;

	for (i = 0; i < link->count + link->past.count; i++) {
		const struct explain_mark *mark = i < link->count ?
		    NULL :
		    &link->past.at[i - link->count];
		int64_t seq = mark != NULL ? mark->seq : link->said[i].seq;

		if (mark == NULL && !link->said[i].past)
			continue;
		if (hit == NULL) {
			hit = explain_hit(e, "duplicate-peer", "turns",
			    mark != NULL ? mark->from : link->said[i].from, -1);
			hit->seq = seq;
		}
		explain_hit_seq(e, hit, seq);
	}
	return hit != NULL;
}

static void
duplicate_peer(struct explain *e, const struct explain_link *link)
{
	const struct explain_said *said, *first;
	struct explain_hit *hit;

	if (by_turns(e, link))
		return;
	for (size_t i = 0; i < link->count; i++) {
		said = &link->said[i];
		if (!explain_is_answer(said) || said->takes >= 0 ||
		    said->remark != STORY_UNASKED ||
		    (first = first_answer(link, i)) == NULL)
			continue;
		hit = explain_hit(e, "duplicate-peer", "twice", said->from, -1);
		hit->seq = said->seq;
		add_said(e, hit, first);
		add_said(e, hit, said);
		return;
	}
}

/* ---- glare ---- */

static void
glare(struct explain *e, const struct explain_link *link)
{
	const struct explain_said *late = NULL, *early, *said;
	struct explain_hit *hit;
	int both, open;
	size_t i = link->count, at;

	while (i-- > 0 && link->said[i].met < 0)
		continue;
	if (i == (size_t)-1)
		return;
	late = &link->said[i];
	early = &link->said[late->met];
	if (link->settled > (int)i || explain_is_hasty(link, late))
		return;
	both = link->answer[0] > (int)i && link->answer[1] > (int)i;
	open = link->answer[0] < (int)i && link->answer[1] < (int)i &&
	    explain_fate(e, link, late) == EXPLAIN_GLARE;
	if (!both && !open)
		return;
	hit = explain_hit(e, "glare", both ? "crossed" : "open", early->from,
	    late->from);
	hit->seq = early->seq;
	hit->other = late->seq;
	add_said(e, hit, early);
	add_said(e, hit, late);
	for (at = i + 1; at < link->count; at++) {
		said = &link->said[at];
		if (explain_is_answer(said))
			add_said(e, hit, said);
	}
}

/* ---- an answer that fits to nothing ---- */

/* Is it wrong, given the newest open offer of who it is for? */
static int
is_wrong(const struct explain *e, const struct explain_link *link, size_t i,
    int has_offers)
{
	const struct explain_said *said = &link->said[i], *offer;
	size_t at = 0;

	if (!explain_is_answer(said) ||
	    (said->takes >= 0 && said->remark != STORY_LATE))
		return 0;
	if (!has_offers)
		return 1;
	while ((offer = explain_next(e, link, EXPLAIN_STALE, &at)) != NULL &&
	    at <= i)
		if (offer->from == said->to)
			return 1;
	return 0;
}

static void
stale_answer(struct explain *e, const struct explain_link *link)
{
	const struct explain_said *open, *said = NULL;
	struct explain_hit *hit;
	size_t i, at = 0, first = 0;
	int has_offers = 0;

	for (i = 0; i < link->count; i++)
		has_offers |= link->said[i].brief.kind == EXPLAIN_OFFER;
	open = explain_next(e, link, EXPLAIN_STALE, &first);
	if (has_offers && open == NULL)
		return;
	for (i = 0; i < link->count; i++)
		if (is_wrong(e, link, i, has_offers))
			said = &link->said[i];
	if (said == NULL)
		return;
	hit = explain_hit(e, "stale-answer",
	    open != NULL && said->remark == STORY_STALE    ? "gone" :
		open != NULL && said->remark == STORY_LATE ? "late" :
							     "unasked",
	    said->from, said->to);
	hit->seq = said->seq;
	hit->other = open != NULL ? open->seq : 0;
	for (i = 0; i < link->count; i++)
		if (is_wrong(e, link, i, has_offers))
			add_said(e, hit, &link->said[i]);
	while ((open = explain_next(e, link, EXPLAIN_STALE, &at)) != NULL)
		add_said(e, hit, open);
}

/* ---- candidates before their description ---- */

static void
candidate_early(struct explain *e, const struct explain_link *link)
{
	for (int side = 0; side < 2; side++) {
		struct explain_hit *hit = NULL;
		int64_t last = link->newest[side] < 0 ?
		    0 :
		    link->said[link->newest[side]].seq;

		/* Without a description that follows it is another matter. */
		for (size_t i = 0; i < link->early.count; i++) {
			const struct explain_mark *mark = &link->early.at[i];

			if (mark->from != link->person[side] ||
			    mark->seq >= last)
				continue;
			if (hit == NULL) {
				hit = explain_hit(e, "candidate-early", "early",
				    mark->from, -1);
				hit->seq = mark->seq;
			}
			hit->count++;
			explain_hit_seq(e, hit, mark->seq);
		}
	}
}

/* ---- slow ---- */

static void
slow_answer(struct explain *e, const struct explain_link *link)
{
	const struct explain_said *said, *offer;
	struct explain_hit *hit;

	for (size_t i = 0; i < link->count; i++) {
		said = &link->said[i];
		offer = said->takes < 0 ? NULL : &link->said[said->takes];
		/* Mail waits for who is not there yet; that is not slow. */
		if (offer != NULL && !offer->absent &&
		    said->at - offer->at >= EXPLAIN_SLOW_MS) {
			hit = explain_hit(e, "slow-answer", "answer",
			    said->from, said->to);
			hit->seq = said->seq;
			hit->other = offer->seq;
			hit->time = said->at - offer->at;
			add_said(e, hit, offer);
			add_said(e, hit, said);
			return;
		}
		if (said->slow_seq != 0) {
			hit = explain_hit(e, "slow-answer", "candidates",
			    said->from, said->to);
			hit->seq = said->slow_seq;
			hit->time = said->slow_time;
			add_said(e, hit, said);
			explain_hit_seq(e, hit, said->slow_seq);
			return;
		}
	}
}

void
explain_order_rules(struct explain *e, struct explain_link *link)
{
	duplicate_peer(e, link);
	glare(e, link);
	stale_answer(e, link);
	candidate_early(e, link);
	slow_answer(e, link);
}
