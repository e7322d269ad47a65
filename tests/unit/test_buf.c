/*
 * buf: grows, stops at its cap, fails once and says so.
 */
#include "unit.h"

static void
an_absent_slice_is_not_an_empty_one(void **state)
{
	(void)state;
	assert_null(slice_of(NULL).p);
	assert_int_equal(slice_of(NULL).n, 0);
	assert_non_null(slice_of("").p);
	assert_false(slice_is(slice_of(NULL), ""));
	assert_true(slice_is(slice_of(""), ""));
}

static void
slices_compare_by_bytes_not_by_nul(void **state)
{
	const struct slice a = SLICE("a\0b"), b = SLICE("a\0c");

	(void)state;
	assert_int_equal(a.n, 3);
	assert_false(slice_equal(a, b));
	assert_true(slice_equal(a, a));
	assert_false(slice_is(a, "a"));
	assert_true(slice_starts(a, "a"));
	assert_false(slice_starts(SLICE("roo"), "room-"));
}

static void
a_buf_takes_exactly_its_cap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 3);
	buf_str(&b, "abc");
	assert_buf(&b, "abc");
	buf_char(&b, 'd');
	assert_true(b.failed);
	assert_slice(buf_as_slice(&b), "abc");
	buf_reset(&b);
}

static void
a_failed_buf_ignores_what_follows(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_str(&b, "ab");
	buf_str(&b, "cde");
	buf_char(&b, 'x'); /* would fit */
	buf_int(&b, 1);
	buf_printf(&b, "%s", "y");
	assert_null(buf_reserve(&b, 1));
	assert_true(b.failed);
	assert_slice(buf_as_slice(&b), "ab");
	buf_reset(&b);
	assert_false(b.failed);
	buf_str(&b, "abcd");
	assert_buf(&b, "abcd");
	buf_reset(&b);
}

static void
a_buf_grows_over_many_small_writes(void **state)
{
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 100000);
	for (i = 0; i < 100000; i++)
		buf_char(&b, (char)('a' + i % 26));
	assert_false(b.failed);
	assert_int_equal(b.n, 100000);
	assert_true(b.cap <= 100000);
	for (i = 0; i < 100000; i++)
		assert_int_equal(b.p[i], 'a' + i % 26);
	buf_char(&b, 'x');
	assert_true(b.failed);
	buf_reset(&b);
}

static void
a_huge_reserve_fails_without_wrapping(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	buf_char(&b, 'x');
	assert_null(buf_reserve(&b, SIZE_MAX));
	assert_true(b.failed);
	buf_reset(&b);
}

static void
integers_are_written_to_both_ends(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_int(&b, 0);
	buf_char(&b, ' ');
	buf_int(&b, INT64_MAX);
	buf_char(&b, ' ');
	buf_int(&b, INT64_MIN);
	assert_buf(&b, "0 9223372036854775807 -9223372036854775808");
	buf_reset(&b);
}

static void
printf_fits_or_fails_whole(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	buf_printf(&b, "%d-%s", 12, "abc");
	assert_buf(&b, "12-abc");
	buf_printf(&b, "%s", "");
	assert_buf(&b, "12-abc");
	buf_printf(&b, "%s", "long");
	assert_true(b.failed);
	assert_slice(buf_as_slice(&b), "12-abc");
	buf_reset(&b);
}

static void
a_json_string_escapes_only_what_it_must(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 200);
	buf_json(&b, SLICE("a\"b\\c/\b\f\n\r\t\x01\x1f\x7f\0\xc3\xa9"));
	assert_buf(&b,
	    "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f"
	    "\\u0000\xc3\xa9\"");
	buf_reset(&b);
	buf_json(&b, slice_of(NULL));
	assert_buf(&b, "\"\"");
	buf_reset(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_absent_slice_is_not_an_empty_one),
		cmocka_unit_test(slices_compare_by_bytes_not_by_nul),
		cmocka_unit_test(a_buf_takes_exactly_its_cap),
		cmocka_unit_test(a_failed_buf_ignores_what_follows),
		cmocka_unit_test(a_buf_grows_over_many_small_writes),
		cmocka_unit_test(a_huge_reserve_fails_without_wrapping),
		cmocka_unit_test(integers_are_written_to_both_ends),
		cmocka_unit_test(printf_fits_or_fails_whole),
		cmocka_unit_test(a_json_string_escapes_only_what_it_must),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
