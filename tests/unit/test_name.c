/*
 * name: what may be a name, a text, a type and a key.
 */
#include "unit.h"

#include "name.h"

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void
names_are_of_unreserved_characters(void **state)
{
	static const char *const good[] = { "a", "0", "A-b.c_d~", "...", ".a",
		SIXTY "1234" };
	static const char *const bad[] = { "", ".", "..", "a b", "a/b", "a%41",
		"a+b", "caf\xc3\xa9", "a\n", SIXTY "12345" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++)
		assert_row(name_valid(slice_of(good[i])), good[i]);
	for (i = 0; i < COUNT(bad); i++)
		assert_row(!name_valid(slice_of(bad[i])), bad[i]);
	assert_false(name_valid(slice_of(NULL)));
	assert_false(name_valid(SLICE("a\0b")));
}

static void
texts_are_counted_in_characters(void **state)
{
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 1000);
	for (i = 0; i < 64; i++)
		buf_str(&b, "\xf0\x9f\x93\xae"); /* a postbox */
	assert_true(name_text(buf_as_slice(&b), 1, 64));
	buf_char(&b, 'x');
	assert_false(name_text(buf_as_slice(&b), 1, 64));
	buf_reset(&b);
	assert_false(name_text(SLICE(""), 1, 64));
	assert_true(name_text(SLICE(""), 0, 64));
}

static void
texts_hold_no_control_characters(void **state)
{
	static const char *const bad[] = { "\n", "a\tb", "\x1f", "\x7f",
		"\xc2\x80", "x\xc2\x9f" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		assert_row(!name_text(slice_of(bad[i]), 1, 64), bad[i]);
	assert_false(name_text(SLICE("\0"), 1, 64));
	assert_true(name_text(SLICE("\xc2\xa0"), 1, 64));
	assert_true(name_text(SLICE(" a b "), 1, 64));
}

static void
the_servers_own_types_are_not_for_clients(void **state)
{
	(void)state;
	assert_true(name_type(SLICE("description")));
	assert_true(name_type(SLICE("joined2")));
	assert_true(name_type(SLICE("room")));
	assert_true(name_type(SLICE("Left")));
	assert_false(name_type(SLICE("joined")));
	assert_false(name_type(SLICE("left")));
	assert_false(name_type(SLICE("room-")));
	assert_false(name_type(SLICE("room-ended")));
	assert_false(name_type(SLICE("")));
	assert_false(name_type(SLICE(SIXTY "12345")));
}

static void
keys_are_22_to_43_characters_of_base64url(void **state)
{
	(void)state;
	assert_true(name_key(SLICE(TEN TEN "aZ")));
	assert_true(name_key(SLICE(TEN TEN TEN TEN "-_z")));
	assert_false(name_key(SLICE(TEN TEN "1")));
	assert_false(name_key(SLICE(TEN TEN TEN TEN "1234")));
	assert_false(name_key(SLICE(TEN TEN "1=")));
	assert_false(name_key(SLICE(TEN TEN "1.")));
	assert_false(name_key(SLICE(TEN TEN "1+")));
	assert_false(name_key(slice_of(NULL)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_of_unreserved_characters),
		cmocka_unit_test(texts_are_counted_in_characters),
		cmocka_unit_test(texts_hold_no_control_characters),
		cmocka_unit_test(the_servers_own_types_are_not_for_clients),
		cmocka_unit_test(keys_are_22_to_43_characters_of_base64url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
