/*
 * meaning_compare: the steps of two calls side by side.
 */
#include <stdlib.h>
#include <string.h>

#include "meaning.h"

/* A step is slow that takes so much longer, and so long, ms. */
#define SLOW_TIMES 4
#define SLOW_LEAST 500

/* 0 where it has none, as for the empty word. */
static int
value_of(const struct meaning_step *step, int name)
{
	for (size_t i = 0; i < step->count; i++)
		if (step->facts[i].name == name)
			return step->facts[i].value;
	return 0;
}

static int
has_fact(const struct meaning_step *step, int name)
{
	for (size_t i = 0; i < step->count; i++)
		if (step->facts[i].name == name)
			return 1;
	return 0;
}

static void
look_at(struct meaning_row *row, int name)
{
	int a = value_of(row->a, name), b = value_of(row->b, name);

	if (a != b)
		row->differs[row->count++] = (struct meaning_difference){ name,
			a, b, 0 };
}

static int
word_of_number(struct lexicon *lexicon, int64_t number)
{
	struct buf text;
	int word;

	buf_init(&text, 64);
	buf_int(&text, number);
	word = lexicon_add(lexicon, buf_as_slice(&text));
	buf_reset(&text);
	return word;
}

static void
look_at_time(struct meaning_row *row, struct lexicon *lexicon)
{
	int64_t a = row->a->since, b = row->b->since;
	int64_t less = a < b ? a : b, more = a < b ? b : a;

	if (more > SLOW_LEAST && more > SLOW_TIMES * less)
		row->differs[row->count++] = (struct meaning_difference){
			lexicon_add(lexicon, SLICE("time")),
			word_of_number(lexicon, a), word_of_number(lexicon, b),
			1
		};
}

/* Facts of `a` first, then those that `b` alone has. */
static int
differ(struct meaning_row *row, struct lexicon *lexicon)
{
	size_t i;

	if (row->a == NULL || row->b == NULL)
		return 1;
	row->differs = calloc(row->a->count + row->b->count + 1,
	    sizeof(*row->differs));
	if (row->differs == NULL)
		return 0;
	for (i = 0; i < row->a->count; i++)
		look_at(row, row->a->facts[i].name);
	for (i = 0; i < row->b->count; i++)
		if (!has_fact(row->a, row->b->facts[i].name))
			look_at(row, row->b->facts[i].name);
	look_at_time(row, lexicon);
	return 1;
}

static int
parts(const struct meaning_row *row)
{
	if (row->a == NULL || row->b == NULL)
		return 1;
	for (size_t i = 0; i < row->count; i++)
		if (!row->differs[i].is_time)
			return 1;
	return 0;
}

static int *
keys_of(const struct meaning *m)
{
	int *keys = calloc(m->count + 1, sizeof(*keys));

	for (size_t i = 0; keys != NULL && i < m->count; i++)
		keys[i] = m->steps[i].key;
	return keys;
}

static enum lb_err
fill_rows(struct meaning *a, struct meaning *b, const struct align_row *rows,
    struct meaning_rows *out)
{
	out->rows = calloc(out->count + 1, sizeof(*out->rows));
	if (out->rows == NULL)
		return LB_NO_MEMORY;
	for (size_t i = 0; i < out->count; i++) {
		struct meaning_row *row = &out->rows[i];

		row->a = rows[i].a < 0 ? NULL : &a->steps[rows[i].a];
		row->b = rows[i].b < 0 ? NULL : &b->steps[rows[i].b];
		if (!differ(row, a->lexicon))
			return LB_NO_MEMORY;
		if (out->first < 0 && parts(row))
			out->first = (int)i;
	}
	return LB_OK;
}

enum lb_err
meaning_compare(struct meaning *a, struct meaning *b, struct meaning_rows *out)
{
	int *one = keys_of(a), *two = keys_of(b);
	struct align_row *rows = NULL;
	enum lb_err err = LB_NO_MEMORY;

	memset(out, 0, sizeof(*out));
	out->first = -1;
	if (one != NULL && two != NULL)
		err = align(one, a->count, two, b->count, &rows, &out->count);
	if (err == LB_OK)
		err = fill_rows(a, b, rows, out);
	if (a->failed || b->failed || a->story.failed || b->story.failed ||
	    a->lexicon->failed)
		err = LB_NO_MEMORY;
	free(rows);
	free(one);
	free(two);
	return err;
}

void
meaning_rows_reset(struct meaning_rows *rows)
{
	for (size_t i = 0; rows->rows != NULL && i < rows->count; i++)
		free(rows->rows[i].differs);
	free(rows->rows);
	memset(rows, 0, sizeof(*rows));
}
