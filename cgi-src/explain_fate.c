/*
 * explain_fate: what became of an offer, the question behind most rules.
 */
#include "explain_parts.h"

/* Who hangs up so soon after an offer has not waited for an answer. */
#define HASTE_MS 5000

int
explain_is_answer(const struct explain_said *said)
{
	return said->brief.kind == EXPLAIN_ANSWER ||
	    said->brief.kind == EXPLAIN_PRANSWER;
}

/* Answered, or followed by one that was. */
static int
is_settled(const struct explain_link *link, const struct explain_said *offer)
{
	return offer->answer >= 0 ||
	    (offer->met >= 0 && link->said[offer->met].answer >= 0) ||
	    link->settled > (int)(offer - link->said);
}

int
explain_is_hasty(const struct explain_link *link,
    const struct explain_said *said)
{
	const struct explain_end *end = link->ends.at;

	for (size_t i = 0; i < link->ends.count; i++, end++)
		if (end->seq > said->seq && !end->is_lease &&
		    end->at - said->at < HASTE_MS)
			return 1;
	return 0;
}

const struct explain_end *
explain_lapse(const struct explain *e, const struct explain_said *said, int who)
{
	const struct explain_end *end = e->left.at, *before = NULL;

	for (size_t i = 0; i < e->left.count; i++, end++) {
		if (end->from != who)
			continue;
		if (end->seq > said->seq)
			return end->is_lease ? end : NULL;
		before = end;
	}
	if (before == NULL || !before->is_lease ||
	    ((size_t)who < e->people_count &&
		e->people[who].joined > before->seq))
		return NULL;
	return before;
}

static int
comes_later(const struct explain *e, const struct explain_said *said, int who)
{
	return (size_t)who < e->people_count &&
	    e->people[who].joined > said->seq;
}

enum explain_fate
explain_fate(const struct explain *e, const struct explain_link *link,
    const struct explain_said *offer)
{
	if (is_settled(link, offer) || explain_is_hasty(link, offer))
		return EXPLAIN_SETTLED;
	if (link->answer[!offer->side] > (int)(offer - link->said))
		return EXPLAIN_STALE;
	if (explain_lapse(e, offer, offer->to) != NULL ||
	    explain_lapse(e, offer, offer->from) != NULL)
		return EXPLAIN_VANISHED;
	if (offer->met >= 0 || offer->was_met)
		return EXPLAIN_GLARE;
	return offer->absent && !comes_later(e, offer, offer->to) ?
	    EXPLAIN_ABSENT :
	    EXPLAIN_MISSING;
}

struct explain_said *
explain_next(const struct explain *e, const struct explain_link *link,
    enum explain_fate fate, size_t *i)
{
	while (*i < link->count) {
		struct explain_said *said = &link->said[(*i)++];

		if (said->brief.kind == EXPLAIN_OFFER &&
		    explain_fate(e, link, said) == fate)
			return said;
	}
	return NULL;
}
