/*
 * report: see report.h.
 */
#include "report.h"

#include <string.h>

#include "embed.h"

#define GROWTH 4          /* of a body, by what hides */
#define GROWTH_LEAST 4096 /* bytes; a short one may grow as much */

static const char page_end[] = "</body>";

void
report_init(struct report *r, unsigned what, size_t max)
{
	redact_init(&r->redact, what);
	buf_init(&r->text, max);
	buf_init(&r->line, max);
}

void
report_reset(struct report *r)
{
	redact_reset(&r->redact);
	buf_reset(&r->text);
	buf_reset(&r->line);
}

/* In JSON a "<" stands in strings alone, where it may be written otherwise. */
static void
take_line(struct report *r, struct buf *out)
{
	for (size_t i = 0; i < r->line.n; i++)
		if (r->line.p[i] == '<')
			buf_str(out, "\\u003c");
		else
			buf_char(out, r->line.p[i]);
	out->failed |= r->line.failed | r->text.failed;
	r->line.n = 0;
}

/* The page up to the place of the recording, before its last "</body>". */
static struct slice
page_front(void)
{
	struct slice page = { lb_replay_html,
		lb_replay_html_len - strlen(page_end) };

	while (page.n > 0 &&
	    memcmp(page.p + page.n, page_end, strlen(page_end)) != 0)
		page.n--;
	return page;
}

void
report_begin(struct report *r, const struct recording_header *header,
    struct slice about, struct buf *out)
{
	struct recording_header shown = *header;

	buf_slice(out, page_front());
	buf_slice(out, about);
	buf_str(out, REPORT_BEGIN "\n");
	recording_hide_header(&r->redact, &shown, &r->text);
	recording_print_header(&r->line, &shown);
	take_line(r, out);
}

void
report_learn(struct report *r, const struct message *m)
{
	r->text.n = 0;
	redact_json(&r->redact, m->body, &r->text);
	r->text.failed = 0;
}

static void
print(struct report *r, const struct message *m)
{
	const struct message shown = recording_hide(&r->redact, m, &r->text);

	r->line.n = 0;
	recording_print(&r->line, &shown, shown.body);
}

/* A word may take more than what it hides, and in a string within a string
 * each quote more than in the one around it: no message makes the page too long
 * for the others. */
static int
is_blown_up(const struct report *r, const struct message *m)
{
	return r->text.failed || r->line.failed ||
	    r->line.n > GROWTH * m->body.n + GROWTH_LEAST;
}

void
report_add(struct report *r, const struct message *m, struct buf *out)
{
	struct message brief = *m;

	print(r, m);
	if (is_blown_up(r, m)) {
		r->text.failed = 0;
		r->line.failed = 0;
		brief.body = SLICE("{\"text\":\"Too long when redacted.\"}");
		print(r, &brief);
	}
	take_line(r, out);
}

void
report_end(struct buf *out)
{
	const struct slice front = page_front();

	buf_str(out, REPORT_END "\n");
	buf_slice(out,
	    (struct slice){ front.p + front.n, lb_replay_html_len - front.n });
}
