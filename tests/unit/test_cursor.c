/*
 * cursor: one spelling for each place in the log.
 */
#include "unit.h"

#include "cursor.h"

static void
a_printed_cursor_is_read_back(void **state)
{
	static const int64_t seqs[] = { 0, 1, 10, 4294967296, INT64_MAX };
	struct cursor c;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(seqs); i++) {
		buf_init(&b, 64);
		cursor_print(&b, "abc123yz", seqs[i]);
		assert_false(b.failed);
		assert_int_equal(cursor_parse(buf_as_slice(&b), &c), LB_OK);
		assert_string_equal(c.epoch, "abc123yz");
		assert_true(c.seq == seqs[i]);
		buf_reset(&b);
	}
}

static void
what_is_no_cursor_is_refused(void **state)
{
	static const char *const bad[] = { "", ".", "abc123yz", "abc123yz.",
		"abc123y.1", "abc123yzz.1", "ABC123yz.1", "abc-23yz.1",
		"abc123yz.01", "abc123yz.00", "abc123yz.-1", "abc123yz.+1",
		"abc123yz. 1", "abc123yz.1 ", "abc123yz.1x", "abc123yz:1",
		"abc123yz.1.2", "abc123yz.9223372036854775808",
		"abc123yz.99999999999999999999" };
	struct cursor c;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		assert_row(cursor_parse(slice_of(bad[i]), &c) == LB_BAD_REQUEST,
		    bad[i]);
	assert_int_equal(cursor_parse(slice_of(NULL), &c), LB_BAD_REQUEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_printed_cursor_is_read_back),
		cmocka_unit_test(what_is_no_cursor_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
