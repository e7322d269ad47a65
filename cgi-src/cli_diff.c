/*
 * cli_diff: see cli_diff.h.
 */
#include "cli_diff.h"

#include <stdio.h>

#include "cli_out.h"
#include "cli_recording.h"
#include "meaning.h"
#include "plain.h"

#define OUT_MAX (64 << 20)
#define KEY_COLUMNS 40

struct calls {
	struct lexicon lexicon;
	struct meaning meaning[2];
	struct cli_recording recording[2];
	struct meaning_rows rows;
	struct buf out;
};

static void
take(void *arg, const struct message *m)
{
	meaning_take(arg, m);
}

static struct slice
text(const struct calls *c, int word)
{
	return lexicon_text(&c->lexicon, word);
}

static int
key_of(const struct meaning_row *row)
{
	return row->a != NULL ? row->a->key : row->b->key;
}

/* ---- as JSON ---- */

static void
json_call(struct calls *c, const char *name, int i)
{
	buf_printf(&c->out, ",\"%s\":{\"namespace\":", name);
	buf_json(&c->out, buf_as_slice(&c->recording[i].namespace));
	buf_str(&c->out, ",\"room\":");
	buf_json(&c->out, buf_as_slice(&c->recording[i].room));
	buf_printf(&c->out, ",\"messages\":%lld}",
	    (long long)c->recording[i].messages);
}

static void
json_step(struct calls *c, const char *name, const struct meaning_step *step)
{
	if (step == NULL)
		buf_printf(&c->out, ",\"%s\":null", name);
	else
		buf_printf(&c->out, ",\"%s\":{\"seq\":%lld,\"since\":%lld}",
		    name, (long long)step->seq, (long long)step->since);
}

static void
json_row(struct calls *c, const struct meaning_row *row)
{
	buf_str(&c->out, "{\"key\":");
	buf_json(&c->out, text(c, key_of(row)));
	json_step(c, "a", row->a);
	json_step(c, "b", row->b);
	buf_str(&c->out, ",\"differs\":[");
	for (size_t i = 0; i < row->count; i++) {
		const struct meaning_difference *d = &row->differs[i];

		buf_str(&c->out, i > 0 ? ",{\"fact\":" : "{\"fact\":");
		buf_json(&c->out, text(c, d->name));
		buf_str(&c->out, ",\"a\":");
		buf_json(&c->out, text(c, d->a));
		buf_str(&c->out, ",\"b\":");
		buf_json(&c->out, text(c, d->b));
		buf_char(&c->out, '}');
	}
	buf_str(&c->out, "]}");
}

static void
print_json(struct calls *c)
{
	buf_str(&c->out, "{\"diff\":1");
	json_call(c, "a", 0);
	json_call(c, "b", 1);
	buf_printf(&c->out, ",\"first\":%d,\"rows\":[", c->rows.first);
	for (size_t i = 0; i < c->rows.count; i++) {
		if (i > 0)
			buf_char(&c->out, ',');
		json_row(c, &c->rows.rows[i]);
	}
	buf_str(&c->out, "]}\n");
}

/* ---- for people ---- */

static void
print_seq(struct buf *out, const struct meaning_step *step)
{
	if (step == NULL)
		buf_printf(out, "  %6s", "-");
	else
		buf_printf(out, "  %6lld", (long long)step->seq);
}

static void
print_row(struct calls *c, const struct meaning_row *row)
{
	struct buf key;
	int mark = row->a == NULL                      ? '>' :
	    row->b == NULL                             ? '<' :
	    row->count == 0                            ? ' ' :
	    row->count == 1 && row->differs[0].is_time ? '~' :
							 '!';

	buf_init(&key, 65536);
	plain_add(&key, text(c, key_of(row)));
	buf_printf(&c->out, "%c ", mark);
	plain_column(&c->out, buf_as_slice(&key), KEY_COLUMNS);
	print_seq(&c->out, row->a);
	print_seq(&c->out, row->b);
	buf_char(&c->out, '\n');
	buf_reset(&key);
	for (size_t i = 0; i < row->count; i++) {
		const struct meaning_difference *d = &row->differs[i];
		const char *unit = d->is_time ? " ms" : "";

		buf_str(&c->out, "      ");
		plain_add(&c->out, text(c, d->name));
		buf_str(&c->out, ": ");
		plain_add(&c->out,
		    d->a != 0 ? text(c, d->a) : slice_of("none"));
		buf_printf(&c->out, "%s | ", unit);
		plain_add(&c->out,
		    d->b != 0 ? text(c, d->b) : slice_of("none"));
		buf_printf(&c->out, "%s\n", unit);
	}
}

static void
print(struct calls *c)
{
	if (c->rows.first < 0)
		buf_str(&c->out, "The same happens in both.\n\n");
	else
		buf_printf(&c->out, "They part at step %d of %zu.\n\n",
		    c->rows.first + 1, c->rows.count);
	for (int i = 0; i < 2; i++) {
		buf_printf(&c->out, "%c ", i == 0 ? '<' : '>');
		plain_add(&c->out, buf_as_slice(&c->recording[i].namespace));
		buf_char(&c->out, '/');
		plain_add(&c->out, buf_as_slice(&c->recording[i].room));
		buf_printf(&c->out, ", %lld messages\n",
		    (long long)c->recording[i].messages);
	}
	buf_char(&c->out, '\n');
	for (size_t i = 0; i < c->rows.count; i++)
		print_row(c, &c->rows.rows[i]);
}

/* ---- all of it ---- */

static int
run(struct calls *c, const struct verb_call *call)
{
	int status;

	for (int i = 0; i < 2; i++) {
		status = cli_recording_read(&c->recording[i], call,
		    call->arg[i], take, &c->meaning[i]);
		if (status >= 0)
			return status;
	}
	if (meaning_compare(&c->meaning[0], &c->meaning[1], &c->rows) !=
	    LB_OK) {
		fprintf(stderr, "letterbox: out of memory\n");
		return EXIT_FAILED;
	}
	if (verb_value(call, "json") != NULL)
		print_json(c);
	else
		print(c);
	status = cli_out_write(&c->out);
	return status >= 0    ? status :
	    c->rows.first < 0 ? EXIT_DONE :
				EXIT_FAILED;
}

int
cli_diff(const struct verb_call *call)
{
	struct calls c;
	int i, status;

	lexicon_init(&c.lexicon);
	for (i = 0; i < 2; i++) {
		meaning_init(&c.meaning[i], &c.lexicon);
		cli_recording_init(&c.recording[i]);
	}
	c.rows = (struct meaning_rows){ NULL, 0, -1 };
	buf_init(&c.out, OUT_MAX);
	status = run(&c, call);
	meaning_rows_reset(&c.rows);
	for (i = 0; i < 2; i++) {
		meaning_reset(&c.meaning[i]);
		cli_recording_reset(&c.recording[i]);
	}
	lexicon_reset(&c.lexicon);
	buf_reset(&c.out);
	return status;
}
