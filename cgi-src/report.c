/*
 * report: see report.h.
 */
#include "report.h"

#include <string.h>

#include "embed.h"

#define COUNT_OF_PARTS 4 /* from, to, type, body */

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

/* The name of a room opens it where it has no secret. */
void
report_begin(struct report *r, const struct recording_header *header,
    struct buf *out)
{
	struct recording_header shown = *header;

	buf_slice(out, page_front());
	buf_str(out, REPORT_BEGIN "\n");
	shown.redacted = r->redact.what != 0;
	if (shown.redacted) {
		r->text.n = 0;
		redact_value(&r->redact, REDACT_ROOM, header->room, &r->text);
		shown.room = buf_as_slice(&r->text);
	}
	recording_print_header(&r->line, &shown);
	take_line(r, out);
}

void
report_learn(struct report *r, const struct message *m)
{
	r->text.n = 0;
	redact_json(&r->redact, m->body, &r->text);
}

/* Who peers are and what types are called is up to the application. */
void
report_add(struct report *r, const struct message *m, struct buf *out)
{
	struct message shown = *m;
	struct slice *const all[] = { &shown.from, &shown.to, &shown.type,
		&shown.body };
	size_t ends[COUNT_OF_PARTS];

	r->text.n = 0;
	redact_text(&r->redact, m->from, &r->text);
	ends[0] = r->text.n;
	redact_text(&r->redact, m->to, &r->text);
	ends[1] = r->text.n;
	redact_type(&r->redact, m->type, &r->text);
	ends[2] = r->text.n;
	redact_json(&r->redact, m->body, &r->text);
	ends[3] = r->text.n;
	for (size_t i = 0, at = 0; i < COUNT_OF_PARTS; at = ends[i++])
		if (all[i]->n > 0)
			*all[i] = (struct slice){ r->text.p + at,
				ends[i] - at };
	recording_print(&r->line, &shown, shown.body);
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
