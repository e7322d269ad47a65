/*
 * cli_explain: see cli_explain.h.
 */
#include "cli_explain.h"

#include <stdio.h>

#include "cli_out.h"
#include "cli_recording.h"
#include "explain.h"
#include "plain.h"

#define OUT_MAX (16 << 20)
#define WIDTH 78
#define WORDS_MAX (1 << 20)

static void
take(void *arg, const struct message *m)
{
	explain_take(arg, m);
}

/* ---- for people ---- */

/* A paragraph behind `head`, each other line as far in. */
static void
print_folded(struct buf *out, const char *head, struct slice text)
{
	struct buf shown;
	struct slice rest;
	size_t left = 0, indent = 0, width;

	buf_init(&shown, WORDS_MAX);
	plain_add(&shown, text);
	rest = buf_as_slice(&shown);
	buf_str(out, head);
	indent = plain_width(slice_of(head));
	left = WIDTH - indent;
	while (rest.n > 0) {
		struct slice word = rest;
		size_t n = 0;

		while (n < rest.n && rest.p[n] != ' ')
			n++;
		word.n = n;
		width = plain_width(word);
		if (left < WIDTH - indent && width + 1 > left) {
			buf_char(out, '\n');
			for (size_t i = 0; i < indent; i++)
				buf_char(out, ' ');
			left = WIDTH - indent;
		} else if (left < WIDTH - indent) {
			buf_char(out, ' ');
			left--;
		}
		buf_slice(out, word);
		left = width < left ? left - width : 0;
		n += n < rest.n;
		rest.p += n;
		rest.n -= n;
	}
	buf_char(out, '\n');
	buf_reset(&shown);
}

static void
print_seqs(struct buf *out, const struct explain_finding *f)
{
	struct buf list;

	buf_init(&list, 4096);
	for (size_t i = 0; i < f->seqs; i++)
		buf_printf(&list, "%s%lld", i > 0 ? ", " : "",
		    (long long)f->seq[i]);
	print_folded(out, "   Messages: ", buf_as_slice(&list));
	buf_reset(&list);
}

static void
print_finding(struct buf *out, size_t number, const struct explain_finding *f)
{
	struct buf head;

	buf_init(&head, 4096);
	buf_printf(&head, "%s%zu. ", number > 1 ? "\n" : "", number);
	buf_slice(out, buf_as_slice(&head));
	buf_slice(out, f->title);
	buf_str(out, " (");
	buf_slice(out, f->rule);
	buf_str(out, ")\n");
	buf_reset(&head);
	print_folded(out, "   ", f->words);
	print_seqs(out, f);
	print_folded(out, "   Cure: ", f->cure);
	print_folded(out, "   See: ", f->source);
}

static void
print(struct buf *out, const struct explain *e, const struct cli_recording *r,
    size_t count)
{
	struct explain_finding finding;

	plain_add(out, buf_as_slice(&r->namespace));
	buf_char(out, '/');
	plain_add(out, buf_as_slice(&r->room));
	buf_printf(out, ": %lld message%s\n\n", (long long)r->messages,
	    r->messages == 1 ? "" : "s");
	if (count == 0)
		buf_str(out, "No message tells of a failure.\n");
	for (size_t i = 0; i < count; i++) {
		explain_finding(e, i, &finding);
		print_finding(out, i + 1, &finding);
	}
}

/* ---- all of it ---- */

static int
run(struct explain *e, const struct verb_call *call, struct cli_recording *r)
{
	struct buf out;
	size_t count;
	int status = cli_recording_read(r, call, call->arg[0], take, e);

	if (status >= 0)
		return status;
	if (explain_end(e, &count) != LB_OK) {
		fprintf(stderr, "letterbox: out of memory\n");
		return EXIT_FAILED;
	}
	buf_init(&out, OUT_MAX);
	if (verb_value(call, "json") != NULL)
		explain_print(e, buf_as_slice(&r->namespace),
		    buf_as_slice(&r->room), &out);
	else
		print(&out, e, r, count);
	status = cli_out_write(&out);
	buf_reset(&out);
	return status < 0 ? EXIT_DONE : status;
}

int
cli_explain(const struct verb_call *call)
{
	struct cli_recording recording;
	struct explain *e;
	int status;

	if (explain_open(&e) != LB_OK) {
		fprintf(stderr, "letterbox: out of memory\n");
		return EXIT_FAILED;
	}
	cli_recording_init(&recording);
	status = run(e, call, &recording);
	cli_recording_reset(&recording);
	explain_close(e);
	return status;
}
