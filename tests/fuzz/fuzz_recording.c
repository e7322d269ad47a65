/*
 * Fuzzes what reads a line of an export, and what shows a message. Besides
 * crashes it looks for a byte that a terminal obeys, for a line that is not the
 * same when it is written and read again, and for an address of
 * IPv4 that is left when all were replaced.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gist.h"
#include "json.h"
#include "layout.h"
#include "plain.h"
#include "recording.h"
#include "redact.h"

#define ALL (REDACT_ADDRESSES | REDACT_SECRETS | REDACT_NAMES)
#define MOST (1 << 22)

static void
must(int holds)
{
	if (!holds)
		abort();
}

static void
harmless(const struct buf *out, int lines)
{
	for (size_t i = 0; i < out->n; i++)
		must((unsigned char)out->p[i] >= 0x20 ||
		    (lines && out->p[i] == '\n'));
}

static void
redact_twice(struct slice text,
    void (*redact)(struct redact *, struct slice, struct buf *))
{
	struct redact r;
	struct buf once, twice;

	buf_init(&once, MOST);
	buf_init(&twice, MOST);
	redact_init(&r, ALL);
	redact(&r, text, &once);
	redact_reset(&r);
	redact(&r, buf_as_slice(&once), &twice);
	must(r.count[REDACT_IP4] == 0);
	redact_reset(&r);
	buf_reset(&once);
	buf_reset(&twice);
}

static void
show(const struct message *m)
{
	static const char *const types[] = { "description", "candidate", "chat",
		"x" };
	struct redact r;
	struct buf out;

	buf_init(&out, MOST);
	redact_init(&r, ALL);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		out.n = 0;
		gist_print(&out, &r, slice_of(types[i]), m->body);
		harmless(&out, 0);
		out.n = 0;
		layout_body(&out, &r, slice_of(types[i]), m->body);
		harmless(&out, 1);
	}
	redact_reset(&r);
	buf_reset(&out);
	(void)gist_re(m->body);
	redact_twice(m->body, redact_json);
}

static void
read_again(const struct message *m)
{
	struct buf line, again, text, why;
	struct message copy;

	buf_init(&line, MOST);
	buf_init(&again, MOST);
	buf_init(&text, MOST);
	buf_init(&why, MOST);
	recording_print(&line, m, m->body);
	line.n--;
	must(recording_read(buf_as_slice(&line), 0, &text, &copy, &why) ==
	    LB_OK);
	recording_print(&again, &copy, copy.body);
	again.n--;
	must(slice_equal(buf_as_slice(&line), buf_as_slice(&again)));
	buf_reset(&line);
	buf_reset(&again);
	buf_reset(&text);
	buf_reset(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice line = { (const char *)data, size };
	struct recording_header h;
	struct message m;
	struct buf text, why, plain;

	buf_init(&text, MOST);
	buf_init(&why, MOST);
	buf_init(&plain, MOST);
	(void)recording_read_header(line, &text, &h, &why);
	if (recording_read(line, 0, &text, &m, &why) == LB_OK) {
		read_again(&m);
		show(&m);
	}
	plain_add(&plain, line);
	harmless(&plain, 0);
	redact_twice(line, redact_text);
	buf_reset(&text);
	buf_reset(&why);
	buf_reset(&plain);
	return 0;
}
