/*
 * plain: nothing that a peer wrote moves a cursor, and columns fit.
 */
#include "unit.h"

#include "plain.h"

static void
controls_and_hidden_characters_are_written_out(void **state)
{
	static const char *const rows[][2] = {
		{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		    "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "a\nb\tc\rd", "a\\nb\\tc\\rd" },
		{ "\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07" },
		{ "\x7f\b", "\\x7f\\x08" },
		{ "\xc2\x9b"
		  "31m",
		    "\\u{9b}31m" },
		{ "a\xe2\x80\xae"
		  "b",
		    "a\\u{202e}b" },
		{ "\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}" },
		{ "\xe2\x80\x8b\xef\xbb\xbf\xc2\xad",
		    "\\u{200b}\\u{feff}\\u{ad}" },
		{ "\xf3\xa0\x81\x81", "\\u{e0041}" },
		{ "\xe2\x80\xa8", "\\u{2028}" },
		/* not UTF-8: overlong, a surrogate, cut short, too large */
		{ "\xc0\xaf", "\\xc0\\xaf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xe2\x82", "\\xe2\\x82" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xff", "\\xff" },
		{ "", "" },
	};
	struct buf out;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_init(&out, 1000);
		plain_add(&out, slice_of(rows[i][0]));
		assert_buf(&out, rows[i][1]);
		buf_reset(&out);
	}
}

/* Every character below 0x3000 and every byte: what comes out is harmless. */
static void
no_character_gets_through_that_should_not(void **state)
{
	struct buf out;
	char text[4];

	(void)state;
	buf_init(&out, 100);
	for (unsigned c = 0; c < 256; c++) {
		text[0] = (char)c;
		out.n = 0;
		plain_add(&out, (struct slice){ text, 1 });
		assert_false(out.failed);
		for (size_t i = 0; i < out.n; i++)
			assert_in_range((unsigned char)out.p[i], 0x20, 0x7e);
	}
	for (unsigned c = 0x80; c < 0x3000; c++) {
		size_t n = 0;

		if (c >= 0x800) {
			text[n++] = (char)(0xe0 | c >> 12);
			text[n++] = (char)(0x80 | (c >> 6 & 63));
		} else {
			text[n++] = (char)(0xc0 | c >> 6);
		}
		text[n++] = (char)(0x80 | (c & 63));
		out.n = 0;
		plain_add(&out, (struct slice){ text, n });
		if ((c >= 0x200b && c <= 0x200f) || c < 0xa0 ||
		    (c >= 0x2028 && c <= 0x202e) ||
		    (c >= 0x2060 && c <= 0x206f))
			assert_int_equal(out.p[0], '\\');
	}
	buf_reset(&out);
}

static void
columns_are_filled_and_cut(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *shown;
	} rows[] = {
		{ "abc", 5, "abc  " },
		{ "abc", 3, "abc" },
		{ "abcd", 3, "ab\xe2\x80\xa6" },
		{ "\xe4\xb8\xad\xe6\x96\x87", 4, "\xe4\xb8\xad\xe6\x96\x87" },
		{ "\xe4\xb8\xad\xe6\x96\x87", 3, "\xe4\xb8\xad\xe2\x80\xa6" },
		{ "\xe4\xb8\xad\xe6\x96\x87", 2, "\xe2\x80\xa6 " },
		{ "e\xcc\x81x", 2, "e\xcc\x81x" },
		{ "abc", 1, "\xe2\x80\xa6" },
		{ "abc", 0, "" },
		{ "", 2, "  " },
	};
	struct buf out;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_init(&out, 1000);
		plain_column(&out, slice_of(rows[i].text), rows[i].columns);
		assert_buf(&out, rows[i].shown);
		buf_reset(&out);
	}
	assert_int_equal(plain_width(SLICE("a\xe4\xb8\xad"
					   "e\xcc\x81")),
	    4);
}

static void
json_keeps_its_value(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	plain_json(&out,
	    SLICE(
		"{\"a\":\"x\xe2\x80\xaey\x7f\xf3\xa0\x81\x81\xff\xc3\xa9\"}\n"));
	assert_buf(&out,
	    "{\"a\":\"x\\u202ey\\u007f\\udb40\\udc41\\ufffd\xc3\xa9\"}\n");
	buf_reset(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    controls_and_hidden_characters_are_written_out),
		cmocka_unit_test(no_character_gets_through_that_should_not),
		cmocka_unit_test(columns_are_filled_and_cut),
		cmocka_unit_test(json_keeps_its_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
