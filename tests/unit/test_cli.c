/*
 * What verbs have in common: places in a log as people say them, figures as
 * people read them, and a body laid out.
 */
#define _POSIX_C_SOURCE 200809L

#include "unit.h"

#include <time.h>

#include "cli_out.h"
#include "cli_since.h"
#include "layout.h"

#define NOW 1795204800000 /* 2026-11-20 20:00:00 UTC */

static int
use_utc(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

static void
a_place_is_a_seq_a_while_or_a_time(void **state)
{
	static const struct {
		const char *text;
		int64_t seq, at;
	} rows[] = {
		{ "120", 120, 0 },
		{ "0", 1, 0 },
		{ "500ms", 0, NOW - 500 },
		{ "90s", 0, NOW - 90000 },
		{ "10m", 0, NOW - 600000 },
		{ "2h", 0, NOW - 7200000 },
		{ "3d", 0, NOW - 3 * 86400000LL },
		{ "19:02", 0, NOW - 58 * 60000 },
		{ "19:02:11", 0, NOW - 58 * 60000 + 11000 },
		{ "21:00", 0, NOW - 23 * 3600000LL },
		{ "2026-11-20", 0, NOW - 20 * 3600000LL },
		{ "2026-11-20T19:00", 0, NOW - 3600000 },
		{ "2026-11-20 19:00:01", 0, NOW - 3599000 },
		{ "2026-11-20T19:00:00Z", 0, NOW - 3600000 },
	};
	struct cli_since since;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(cli_since_read(rows[i].text, NOW, &since),
		    rows[i].text);
		assert_row(since.seq == rows[i].seq, rows[i].text);
		assert_row(since.at == rows[i].at, rows[i].text);
	}
}

static void
a_time_without_a_z_is_of_the_time_zone(void **state)
{
	struct cli_since since;

	(void)state;
	setenv("TZ", "XST-3", 1);
	tzset();
	assert_true(cli_since_read("2026-11-20T22:00", NOW, &since));
	assert_true(since.at == NOW - 3600000);
	assert_true(cli_since_read("2026-11-20T22:00Z", NOW, &since));
	assert_true(since.at == NOW + 2 * 3600000);
	use_utc(NULL);
}

static void
what_is_no_place_is_refused(void **state)
{
	static const char *const rows[] = { "", "soon", "-5", "10x", "10 m",
		"m", "25:00", "19:61", "19:02x", "2026-13-01", "2026-11-20T",
		"2026-11-20X", "2026-11-20T19:00+1", "99999999999999999999",
		"9999999999d" };
	struct cli_since since;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(!cli_since_read(rows[i], NOW, &since), rows[i]);
}

static void
figures_are_short(void **state)
{
	static const struct {
		int64_t value;
		const char *bytes, *delay;
	} rows[] = {
		{ 0, "0", "+0" },
		{ 812, "812", "+812ms" },
		{ 1204, "1.2k", "+1.204s" },
		{ 192000, "188k", "+3m12s" },
		{ 7500000, "7.2M", "+2h05m" },
		{ 400000000, "381M", "+4d" },
		{ 5000000000, "4.7G", "+57d" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		out.n = 0;
		cli_out_bytes(&out, rows[i].value);
		assert_buf(&out, rows[i].bytes);
		out.n = 0;
		cli_out_delay(&out, rows[i].value);
		assert_buf(&out, rows[i].delay);
	}
	out.n = 0;
	cli_out_delay(&out, -1500);
	assert_buf(&out, "-1.500s");
	out.n = 0;
	cli_out_time(&out, NOW);
	assert_buf(&out, "2026-11-20 20:00:00");
	buf_reset(&out);
}

/* ---- layout ---- */

static void
json_is_indented_and_what_is_cut_is_harmless(void **state)
{
	static const char json[] =
	    "{\"a\" : [1,{}, [ ]],\"b\":\"x\\\",\xe2\x80\xae\"}";
	struct buf out;

	(void)state;
	buf_init(&out, 10000);
	layout_json(&out, slice_of(json));
	assert_buf(&out,
	    "{\n  \"a\": [\n    1,\n    {},\n    []\n  ],\n"
	    "  \"b\": \"x\\\",\\u{202e}\"\n}\n");
	for (size_t n = 0; n < sizeof(json); n++) {
		char *copy = malloc(n + 1);

		memcpy(copy, json, n);
		out.n = 0;
		layout_json(&out, (struct slice){ copy, n });
		assert_false(out.failed);
		free(copy);
	}
	buf_reset(&out);
}

static void
a_description_that_is_none_is_shown_as_it_is(void **state)
{
	static const struct {
		const char *type, *body, *shown;
	} rows[] = {
		{ "description",
		    "{\"type\":\"offer\",\"sdp\":\"hello\\u001b\"}",
		    "offer\n  session\n    hello\\x1b\n" },
		{ "description",
		    "{\"type\":\"offer\",\"sdp\":\"m=x 9 X \\u001b[A 0\"}",
		    "offer\n  session\n  0 x, sendrecv, port 9, X\n"
		    "    codec \\x… static\n          0   static\n" },
		{ "description", "{\"type\":1}", "{\n  \"type\": 1\n}\n" },
		{ "candidate", "{\"candidate\":\"x 192.0.2.7\"}",
		    "{\n  \"candidate\": \"x ip4-1\"\n}\n" },
		{ "candidate", "null", "null\n" },
		{ "chat", "\"192.0.2.7\"", "\"ip4-1\"\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct redact r;
		struct buf out;

		redact_init(&r, REDACT_ADDRESSES);
		buf_init(&out, 10000);
		layout_body(&out, &r, slice_of(rows[i].type),
		    slice_of(rows[i].body));
		assert_buf(&out, rows[i].shown);
		buf_reset(&out);
		redact_reset(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_is_a_seq_a_while_or_a_time),
		cmocka_unit_test(a_time_without_a_z_is_of_the_time_zone),
		cmocka_unit_test(what_is_no_place_is_refused),
		cmocka_unit_test(figures_are_short),
		cmocka_unit_test(json_is_indented_and_what_is_cut_is_harmless),
		cmocka_unit_test(a_description_that_is_none_is_shown_as_it_is),
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
