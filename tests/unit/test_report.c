/*
 * report: a page with a recording in it, which cannot get out of its place.
 */
#include "unit.h"

#include "embed.h"
#include "report.h"

#define ALL (REDACT_ADDRESSES | REDACT_SECRETS | REDACT_NAMES)

static const struct recording_header header = { .epoch = { "abcdefgh", 8 },
	.namespace = { "rooms", 5 },
	.room = { "kitchen", 7 } };

/* A page of messages said by `from`; ends with a NUL. */
static void
make_page(struct buf *out, unsigned what, const char *from,
    const char *const *bodies, size_t count)
{
	struct report r;

	buf_init(out, 1 << 20);
	report_init(&r, what, 65536);
	report_begin(&r, &header, slice_of(NULL), out);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			const struct message m = { .seq = (int64_t)i + 1,
				.at = 7,
				.from = slice_of(from),
				.type = { "chat", 4 },
				.body = slice_of(bodies[i]) };

			if (pass == 0)
				report_learn(&r, &m);
			else
				report_add(&r, &m, out);
		}
	}
	report_end(out);
	report_reset(&r);
	assert_false(out->failed);
	buf_char(out, '\0');
}

/* What stands between the lines that enclose the recording. */
static char *
enclosed(struct buf *page)
{
	char *begin = strstr(page->p, REPORT_BEGIN "\n");
	char *end;

	assert_non_null(begin);
	begin += strlen(REPORT_BEGIN "\n");
	end = strstr(begin, REPORT_END);
	assert_non_null(end);
	*end = '\0';
	return begin;
}

static void
the_page_stays_whole(void **state)
{
	struct buf out;
	char *front, *rest;

	(void)state;
	make_page(&out, ALL, "a", NULL, 0);
	front = strstr(out.p, REPORT_BEGIN);
	assert_non_null(front);
	assert_memory_equal(out.p, lb_replay_html, (size_t)(front - out.p));
	rest = strstr(front, REPORT_END "\n");
	assert_non_null(rest);
	rest += strlen(REPORT_END "\n");
	assert_string_equal(rest, lb_replay_html + (front - out.p));
	assert_non_null(strstr(rest, "</body>"));
	buf_reset(&out);
}

static void
a_recording_is_enclosed_line_by_line(void **state)
{
	static const char *const bodies[] = { "{\"name\":\"Ada\"}",
		"\"at 192.0.2.7\"" };
	struct buf out;

	(void)state;
	make_page(&out, ALL, "a", bodies, COUNT(bodies));
	assert_string_equal(enclosed(&out),
	    "{\"letterbox\":1,\"epoch\":\"abcdefgh\",\"namespace\":\"rooms\","
	    "\"room\":\"room-1\",\"redacted\":true}\n"
	    "{\"seq\":1,\"at\":7,\"from\":\"a\",\"type\":\"chat\","
	    "\"body\":{\"name\":\"name-1\"}}\n"
	    "{\"seq\":2,\"at\":7,\"from\":\"a\",\"type\":\"chat\","
	    "\"body\":\"at ip4-1\"}\n");
	buf_reset(&out);
	make_page(&out, 0, "a", bodies, 1);
	assert_string_equal(enclosed(&out),
	    "{\"letterbox\":1,\"epoch\":\"abcdefgh\",\"namespace\":\"rooms\","
	    "\"room\":\"kitchen\",\"redacted\":false}\n"
	    "{\"seq\":1,\"at\":7,\"from\":\"a\",\"type\":\"chat\","
	    "\"body\":{\"name\":\"Ada\"}}\n");
	buf_reset(&out);
}

static void
nothing_ends_the_place_of_the_recording(void **state)
{
	static const char *const bodies[] = {
		"\"</script><script>alert(1)</script>\"",
		"\"<!--<script>\"",
		"{\"</SCRIPT >\":1}",
	};
	struct buf out;
	char *lines;

	(void)state;
	make_page(&out, ALL, "</script>", bodies, COUNT(bodies));
	lines = enclosed(&out);
	assert_null(strchr(lines, '<'));
	assert_non_null(strstr(lines, "\"from\":\"\\u003c/script>\""));
	assert_non_null(strstr(lines, "{\"\\u003c/SCRIPT >\":1}}\n"));
	assert_string_equal(lines + strlen(lines) - 2, "}\n");
	buf_reset(&out);
}

static void
a_message_without_place_fails_the_page(void **state)
{
	const struct message m = { .seq = 1,
		.from = { "a", 1 },
		.type = { "x", 1 },
		.body = { "\"0123456789012345678901234567890123456789\"",
		    42 } };
	struct report r;
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	report_init(&r, ALL, 32);
	report_learn(&r, &m);
	report_add(&r, &m, &out);
	assert_true(out.failed);
	report_reset(&r);
	buf_reset(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_stays_whole),
		cmocka_unit_test(a_recording_is_enclosed_line_by_line),
		cmocka_unit_test(nothing_ends_the_place_of_the_recording),
		cmocka_unit_test(a_message_without_place_fails_the_page),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
