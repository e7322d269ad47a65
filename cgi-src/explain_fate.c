/*
 * explain_fate: what became of an offer, the question behind most rules.
 */
#include <stdlib.h>

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

static int
by_person(const void *a, const void *b)
{
	const struct explain_end *one = a, *other = b;

	if (one->from != other->from)
		return one->from < other->from ? -1 : 1;
	return (one->seq > other->seq) - (one->seq < other->seq);
}

void
explain_sort(struct explain *e)
{
	if (e->left.count > 0)
		qsort(e->left.at, e->left.count, sizeof(*e->left.at),
		    by_person);
}

/* The first that is behind that seq, of ends in their order; of sorted ones,
 * with `who`, the first of that person, or where it would stand. */
static size_t
first_behind(const struct explain_ends *ends, int who, int64_t seq)
{
	size_t low = 0, high = ends->count;

	while (low < high) {
		const size_t i = low + (high - low) / 2;
		const struct explain_end *end = &ends->at[i];

		if (who >= 0 && end->from != who ? end->from < who :
						   end->seq <= seq)
			low = i + 1;
		else
			high = i;
	}
	return low;
}

int
explain_is_hasty(const struct explain_link *link,
    const struct explain_said *said)
{
	size_t i = first_behind(&link->ends, -1, said->seq);

	for (; i < link->ends.count; i++) {
		const struct explain_end *end = &link->ends.at[i];

		if (end->at - said->at >= HASTE_MS)
			break;
		if (!end->is_lease)
			return 1;
	}
	return 0;
}

const struct explain_end *
explain_lapse(const struct explain *e, const struct explain_said *said, int who)
{
	const size_t i = first_behind(&e->left, who, said->seq);
	const struct explain_end *end;

	if (e->left.count == 0)
		return NULL;
	end = e->left.at + i;
	if (i < e->left.count && end->from == who)
		return end->is_lease ? end : NULL;
	if (i == 0 || end[-1].from != who || !end[-1].is_lease ||
	    ((size_t)who < e->people_count &&
		e->people[who].joined > end[-1].seq))
		return NULL;
	return end - 1;
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
