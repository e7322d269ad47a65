/*
 * explain_content: rules about what descriptions say, of two peers.
 */
#include "explain_parts.h"

static const char *const kinds[] = {
	[EXPLAIN_OFFER] = "offer",
	[EXPLAIN_ANSWER] = "answer",
	[EXPLAIN_PRANSWER] = "pranswer",
	[EXPLAIN_ROLLBACK] = "rollback",
	[EXPLAIN_ODD] = "odd",
};

static void
unreadable(struct explain *e, const struct explain_link *link)
{
	struct explain_hit *hit;
	size_t i;

	for (i = 0; i < link->count; i++) {
		const struct explain_said *said = &link->said[i];
		int empty = said->brief.line_count == 0 &&
		    (said->brief.kind == EXPLAIN_OFFER ||
			explain_is_answer(said));

		if (!empty && said->brief.kind != EXPLAIN_ODD)
			continue;
		hit = explain_hit(e, "unreadable",
		    empty ? "empty" : "description", said->from, said->to);
		hit->seq = said->seq;
		hit->detail = lexicon_add(&e->lexicon,
		    slice_of(kinds[said->brief.kind]));
		explain_hit_seq(e, hit, said->seq);
		return;
	}
	if (link->odd.count == 0)
		return;
	hit = explain_hit(e, "unreadable", "candidate", link->odd.at[0].from,
	    -1);
	hit->seq = link->odd.at[0].seq;
	for (i = 0; i < link->odd.count; i++)
		explain_hit_seq(e, hit, link->odd.at[i].seq);
}

/* ---- an answer beside its offer ---- */

struct exchange {
	const struct explain_said *answer, *offer;
	const struct explain_link *link;
};

/* Fills in all but the evidence; NULL: nothing is wrong. */
typedef struct explain_hit *(*look)(struct explain *, const struct exchange *);

/* Applies it to one after the other, up to the first find. */
static int
find_first(struct explain *e, const struct explain_link *link, look look_at)
{
	for (size_t i = 0; i < link->count; i++) {
		struct exchange x = { .answer = &link->said[i], .link = link };
		struct explain_hit *hit;

		if (x.answer->takes < 0 || x.answer->remark == STORY_LATE)
			continue;
		x.offer = &link->said[x.answer->takes];
		if (x.answer->brief.line_count == 0 ||
		    x.offer->brief.line_count == 0 ||
		    (hit = look_at(e, &x)) == NULL)
			continue;
		explain_hit_seq(e, hit, x.offer->seq);
		explain_hit_seq(e, hit, x.answer->seq);
		return 1;
	}
	return 0;
}

static struct explain_hit *
add_hit(struct explain *e, const struct exchange *x, const char *rule,
    const char *variant, int detail)
{
	struct explain_hit *hit = explain_hit(e, rule, variant, x->answer->from,
	    x->answer->to);

	hit->seq = x->answer->seq;
	hit->detail = detail;
	return hit;
}

/* ---- m-lines ---- */

/* Where two lists part, -1: nowhere.  `anew`: a refused place may be used
 * again (RFC 3264, section 8.2). */
static int
part(const struct explain_brief *one, const struct explain_brief *two, int anew)
{
	for (size_t i = 0; i < one->line_count && i < two->line_count; i++) {
		const struct explain_line *a = &one->lines[i];
		const struct explain_line *b = &two->lines[i];

		if (anew && a->rejected)
			continue;
		if (a->kind != b->kind ||
		    (a->mid != 0 && b->mid != 0 && a->mid != b->mid))
			return (int)i;
	}
	return -1;
}

static struct explain_hit *
match_lines(struct explain *e, const struct exchange *x)
{
	const struct explain_brief *offer = &x->offer->brief;
	const struct explain_brief *answer = &x->answer->brief;
	struct explain_hit *hit;
	int at;

	if (offer->line_count != answer->line_count) {
		hit = add_hit(e, x, "m-line-mismatch", "count", 0);
		hit->n = (int64_t)offer->line_count;
		hit->count = (int64_t)answer->line_count;
		return hit;
	}
	if ((at = part(offer, answer, 0)) < 0)
		return NULL;
	hit = add_hit(e, x, "m-line-mismatch", "order", offer->lines[at].kind);
	hit->n = at + 1;
	return hit;
}

/* What was agreed on before stays where it is. */
static void
changed_lines(struct explain *e, const struct explain_link *link)
{
	for (size_t i = 0; i < link->count; i++) {
		const struct explain_said *said = &link->said[i], *before;
		struct explain_hit *hit;
		int fewer, at;

		if (said->before < 0 || said->brief.line_count == 0)
			continue;
		before = &link->said[said->before];
		/* What was rolled back binds nobody. */
		if (before->answer < 0 && before->takes < 0)
			continue;
		fewer = said->brief.line_count < before->brief.line_count;
		at = part(&before->brief, &said->brief, 1);
		if (!fewer && at < 0)
			continue;
		hit = explain_hit(e, "m-line-mismatch",
		    fewer ? "fewer" : "moved", said->from, said->to);
		hit->seq = said->seq;
		hit->count = (int64_t)said->brief.line_count;
		hit->n = fewer ? (int64_t)before->brief.line_count : at + 1;
		hit->detail = fewer ? 0 : before->brief.lines[at].kind;
		explain_hit_seq(e, hit, before->seq);
		explain_hit_seq(e, hit, said->seq);
		return;
	}
}

/* ---- codecs ---- */

static int
have_common(const struct explain_line *a, const struct explain_line *b)
{
	if (a->codec_count == 0 || b->codec_count == 0)
		return 1;
	for (size_t i = 0; i < a->codec_count; i++)
		for (size_t j = 0; j < b->codec_count; j++)
			if (a->codecs[i] == b->codecs[j])
				return 1;
	return 0;
}

static struct explain_hit *
match_codecs(struct explain *e, const struct exchange *x)
{
	const struct explain_brief *offer = &x->offer->brief;
	const struct explain_brief *answer = &x->answer->brief;

	for (size_t i = 0; i < offer->line_count && i < answer->line_count;
	     i++) {
		const struct explain_line *a = &offer->lines[i];
		const struct explain_line *b = &answer->lines[i];

		if (a->rejected || a->kind != b->kind)
			continue;
		if (b->rejected)
			return add_hit(e, x, "no-codec", "refused", a->kind);
		if (!have_common(a, b))
			return add_hit(e, x, "no-codec", "none", a->kind);
	}
	return NULL;
}

/* ---- roles ---- */

static const struct explain_line *
first_line(const struct explain_brief *brief)
{
	for (size_t i = 0; i < brief->line_count; i++)
		if (!brief->lines[i].rejected)
			return &brief->lines[i];
	return NULL;
}

/* What the answerer was in the same association before, as a word; 0: it was
 * in none. */
static int
role_before(struct explain *e, const struct exchange *x)
{
	const struct explain_said *mine, *theirs, *before;
	const struct explain_line *line;
	struct slice setup;

	if (x->answer->before < 0 || x->offer->before < 0 ||
	    x->answer->brief.connection == 0 || x->offer->brief.connection == 0)
		return 0;
	mine = &x->link->said[x->answer->before];
	theirs = &x->link->said[x->offer->before];
	if (mine->brief.ufrag != x->answer->brief.ufrag ||
	    theirs->brief.ufrag != x->offer->brief.ufrag)
		return 0;
	before = mine->takes == x->offer->before ? mine :
	    theirs->takes == x->answer->before   ? theirs :
						   NULL;
	line = before != NULL ? first_line(&before->brief) : NULL;
	if (line == NULL)
		return 0;
	setup = lexicon_text(&e->lexicon, line->setup);
	if (before == mine)
		return line->setup;
	return slice_is(setup, "active") ?
	    lexicon_add(&e->lexicon, SLICE("passive")) :
	    slice_is(setup, "passive") ?
	    lexicon_add(&e->lexicon, SLICE("active")) :
	    0;
}

static struct explain_hit *
match_roles(struct explain *e, const struct exchange *x)
{
	/* Of a bundle the first line speaks for all (RFC 9143, 7.1.3). */
	const struct explain_line *mine = first_line(&x->answer->brief);
	size_t at = mine == NULL ? 0 : (size_t)(mine - x->answer->brief.lines);
	const struct explain_line *theirs;
	struct explain_hit *hit;
	int role;

	if (mine == NULL || at >= x->offer->brief.line_count || !mine->is_tls)
		return NULL;
	theirs = &x->offer->brief.lines[at];
	if (!theirs->fingerprint) {
		hit = explain_hit(e, "dtls-role", "fingerprint", x->offer->from,
		    x->offer->to);
		hit->seq = x->offer->seq;
		return hit;
	}
	if (!mine->fingerprint)
		return add_hit(e, x, "dtls-role", "fingerprint", 0);
	if (mine->setup == 0)
		return add_hit(e, x, "dtls-role", "absent", 0);
	if (slice_is(lexicon_text(&e->lexicon, mine->setup), "actpass"))
		return add_hit(e, x, "dtls-role", "actpass", mine->setup);
	if (mine->setup == theirs->setup)
		return add_hit(e, x, "dtls-role", "same", mine->setup);
	role = role_before(e, x);
	return role != 0 && role != mine->setup ?
	    add_hit(e, x, "dtls-role", "turned", mine->setup) :
	    NULL;
}

void
explain_content_rules(struct explain *e, struct explain_link *link)
{
	unreadable(e, link);
	if (!find_first(e, link, match_lines))
		changed_lines(e, link);
	find_first(e, link, match_codecs);
	find_first(e, link, match_roles);
}
