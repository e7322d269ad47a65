/*
 * format_text: lanes and arrows of characters, for a mail or a terminal.
 */
#include "format.h"
#include "plain.h"

#define LANE 14 /* columns of a lane */
#define LANES 6 /* peers that have one; the others share the last */

static int
lane_of(const struct format_work *w, struct slice id)
{
	const int peer = lexicon_find(&w->peers, id);

	return peer < LANES ? peer : LANES;
}

static int
lanes_of(const struct format_work *w)
{
	return w->peers.count < LANES ? w->peers.count : LANES;
}

void
format_text_begin(struct format_work *w)
{
	const int lanes = lanes_of(w);
	struct buf id;

	buf_init(&id, 65536);
	for (int i = 1; i <= lanes; i++) {
		id.n = 0;
		if (i == LANES && w->peers.count > LANES)
			buf_str(&id, "others");
		else
			plain_add(&id, lexicon_text(&w->peers, i));
		plain_column(w->out, buf_as_slice(&id), LANE - 1);
		buf_char(w->out, ' ');
	}
	buf_str(w->out, "seq\n");
	buf_reset(&id);
}

/* From `first` to `last`, or, when these are one lane, a sign upon it. */
static char
sign_at(int lane, int first, int last, int column)
{
	const int left = first < last ? first : last;
	const int right = first < last ? last : first;

	if (column == 0 && lane == first && first == last)
		return 'o';
	if (column == 0 && lane == last)
		return first < last ? '>' : '<';
	if (column == 0 && lane == first)
		return '+';
	if (lane >= left && (lane < right || (lane == right && column == 0)))
		return '-';
	return column == 0 ? '|' : ' ';
}

void
format_text_add(struct format_work *w, const struct message *m)
{
	const int lanes = lanes_of(w), first = lane_of(w, m->from);
	const int last = m->to.p == NULL ? first : lane_of(w, m->to);
	struct buf type;

	for (int lane = 1; lane <= lanes; lane++)
		for (int column = 0; column < LANE; column++)
			buf_char(w->out, sign_at(lane, first, last, column));
	buf_printf(w->out, "%lld ", (long long)m->seq);
	buf_init(&type, 65536);
	plain_add(&type, m->type);
	buf_slice(w->out, buf_as_slice(&type));
	buf_reset(&type);
	if (w->gist.n > 0)
		buf_char(w->out, ' ');
	buf_slice(w->out, buf_as_slice(&w->gist));
	buf_char(w->out, '\n');
}
