/*
 * explain_hit: what the rules found, in the words of schema/explain.json.
 */
#include <stdlib.h>
#include <string.h>

#include "embed.h"
#include "explain_parts.h"
#include "json.h"
#include "list.h"

#define WORDS_MAX (1 << 20) /* bytes of all findings */

/* ---- the table ---- */

int
explain_rule(const struct explain *e, size_t *at, struct slice *rule)
{
	return json_next(e->rules, at, rule);
}

/* A string of the table has no escapes. */
static int
is_string(struct slice value, struct slice text)
{
	return value.n == text.n + 2 &&
	    memcmp(value.p + 1, text.p, text.n) == 0;
}

int
explain_rule_has(struct slice rule, const char *member, struct slice text)
{
	struct slice value = json_get(rule, member), item;
	size_t at = 0;

	if (value.p == NULL)
		return 0;
	if (json_kind(value) == JSON_STRING)
		return is_string(value, text);
	while (json_next(value, &at, &item))
		if (is_string(item, text))
			return 1;
	return 0;
}

/* The rule and its place in the table; -1: there is none of that id. */
static int
find_rule(const struct explain *e, const char *id, struct slice *rule)
{
	size_t at = 0;

	for (int rank = 0; explain_rule(e, &at, rule); rank++)
		if (explain_rule_has(*rule, "id", slice_of(id)))
			return rank;
	return -1;
}

/* ---- hits ---- */

struct explain_hit *
explain_hit(struct explain *e, const char *rule, const char *variant, int a,
    int b)
{
	static struct explain_hit spare;
	struct explain_hit *hits = list_grow(e->hits, &e->hit_room,
	    e->hit_count, sizeof(*hits));

	if (hits == NULL) {
		e->failed = 1;
		memset(&spare, 0, sizeof(spare));
		return &spare;
	}
	e->hits = hits;
	hits += e->hit_count++;
	memset(hits, 0, sizeof(*hits));
	hits->rule = rule;
	hits->variant = variant;
	hits->a = a;
	hits->b = b;
	return hits;
}

void
explain_hit_seq(struct explain *e, struct explain_hit *hit, int64_t seq)
{
	int64_t *seqs;

	if (hit->rule == NULL)
		return;
	seqs = list_grow(hit->seqs, &hit->seq_room, hit->seq_count,
	    sizeof(*seqs));
	if (seqs == NULL) {
		e->failed = 1;
		return;
	}
	hit->seqs = seqs;
	seqs[hit->seq_count++] = seq;
}

static int
compare_seqs(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, two = *(const int64_t *)b;

	return one < two ? -1 : one > two;
}

/* Rising, each once, and not too many. */
static void
tidy_seqs(struct explain_hit *hit)
{
	size_t i, count = 0;

	if (hit->seq_count > 0)
		qsort(hit->seqs, hit->seq_count, sizeof(*hit->seqs),
		    compare_seqs);
	for (i = 0; i < hit->seq_count && count < EXPLAIN_SEQS; i++)
		if (count == 0 || hit->seqs[i] != hit->seqs[count - 1])
			hit->seqs[count++] = hit->seqs[i];
	hit->seq_count = count;
}

/* ---- their order ---- */

struct place {
	int rank;
	int64_t seq;
	size_t hit;
};

static int
compare_places(const void *a, const void *b)
{
	const struct place *one = a, *two = b;

	if (one->rank != two->rank)
		return one->rank < two->rank ? -1 : 1;
	if (one->seq != two->seq)
		return one->seq < two->seq ? -1 : 1;
	return one->hit < two->hit ? -1 : 1;
}

/* ---- words ---- */

/* The name of who alone has it, else the id. */
static struct slice
call(const struct explain *e, int person)
{
	struct slice id = lexicon_text(&e->lexicon, e->story.people[person].id);
	int name, other, count = 0;

	if ((size_t)person >= e->people_count || !e->people[person].has_name ||
	    e->people[person].name == 0)
		return id;
	name = e->people[person].name;
	for (size_t i = 0; i < e->people_count; i++)
		count += e->people[i].has_name && e->people[i].name == name;
	other = story_person(&e->story, lexicon_text(&e->lexicon, name));
	if (count > 1 ||
	    (other >= 0 && (size_t)other < e->people_count &&
		e->people[other].has_name))
		return id;
	return lexicon_text(&e->lexicon, name);
}

/* 12.3 s, cut. */
static void
add_time(struct buf *out, int64_t ms)
{
	buf_int(out, ms / 1000);
	buf_printf(out, ".%d s", (int)(ms / 100 % 10));
}

static void
fill(const struct explain *e, const struct explain_hit *hit, struct slice name,
    struct buf *out)
{
	if (slice_is(name, "a") && hit->a >= 0)
		buf_slice(out, call(e, hit->a));
	else if (slice_is(name, "b") && hit->b >= 0)
		buf_slice(out, call(e, hit->b));
	else if (slice_is(name, "seq"))
		buf_int(out, hit->seq);
	else if (slice_is(name, "other"))
		buf_int(out, hit->other);
	else if (slice_is(name, "count"))
		buf_int(out, hit->count);
	else if (slice_is(name, "n"))
		buf_int(out, hit->n);
	else if (slice_is(name, "time"))
		add_time(out, hit->time);
	else if (slice_is(name, "detail"))
		buf_slice(out, lexicon_text(&e->lexicon, hit->detail));
}

/* What stands in braces is filled in. */
static void
add_words(const struct explain *e, const struct explain_hit *hit,
    struct slice text, struct buf *out)
{
	size_t i, from;

	for (i = 0; i < text.n; i++) {
		if (text.p[i] != '{') {
			buf_char(out, text.p[i]);
			continue;
		}
		for (from = ++i; i < text.n && text.p[i] != '}'; i++)
			continue;
		fill(e, hit, (struct slice){ text.p + from, i - from }, out);
	}
}

/* Appends the decoded string; where it stands is returned by its offset. */
static size_t
add_string(struct explain *e, struct slice value)
{
	size_t at = e->words.n;

	if (json_string(value, &e->words) != LB_OK)
		e->failed = 1;
	return at;
}

static struct slice
words_from(const struct explain *e, size_t at, size_t end)
{
	return (struct slice){ e->words.p + at, end - at };
}

static void
word_hit(struct explain *e, struct slice rule, const struct explain_hit *hit,
    struct explain_finding *out)
{
	static const char *const members[] = { "id", "severity", "title",
		"cure", "source" };
	struct slice *const places[] = { &out->rule, &out->severity,
		&out->title, &out->cure, &out->source };
	size_t at, i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		at = add_string(e, json_get(rule, members[i]));
		*places[i] = words_from(e, at, e->words.n);
	}
	at = e->words.n;
	{
		struct buf text;

		buf_init(&text, WORDS_MAX);
		if (json_string(json_get(json_get(rule, "words"), hit->variant),
			&text) != LB_OK)
			e->failed = 1;
		add_words(e, hit, buf_as_slice(&text), &e->words);
		buf_reset(&text);
	}
	out->words = words_from(e, at, e->words.n);
	if (hit->a >= 0)
		out->peer[0] = lexicon_text(&e->lexicon,
		    e->story.people[hit->a].id);
	if (hit->b >= 0)
		out->peer[1] = lexicon_text(&e->lexicon,
		    e->story.people[hit->b].id);
	out->seqs = hit->seq_count;
	memcpy(out->seq, hit->seqs, hit->seq_count * sizeof(out->seq[0]));
}

enum lb_err
explain_word(struct explain *e)
{
	size_t i, count = e->hit_count;
	struct place *places = calloc(count + 1, sizeof(*places));
	struct slice rule;

	e->findings = calloc(EXPLAIN_FINDINGS, sizeof(*e->findings));
	/* It must not move: the findings point into it. */
	if (places == NULL || e->findings == NULL ||
	    buf_reserve(&e->words, WORDS_MAX) == NULL)
		e->failed = 1;
	for (i = 0; i < count && !e->failed; i++) {
		tidy_seqs(&e->hits[i]);
		places[i].hit = i;
		places[i].seq = e->hits[i].seq_count > 0 ? e->hits[i].seqs[0] :
							   0;
		places[i].rank = find_rule(e, e->hits[i].rule, &rule);
	}
	if (!e->failed && count > 0)
		qsort(places, count, sizeof(*places), compare_places);
	for (i = 0; i < count && i < EXPLAIN_FINDINGS && !e->failed; i++) {
		const struct explain_hit *hit = &e->hits[places[i].hit];

		find_rule(e, hit->rule, &rule);
		word_hit(e, rule, hit, &e->findings[e->finding_count++]);
	}
	free(places);
	return e->failed ? LB_NO_MEMORY : LB_OK;
}
