/*
 * account: names and homes, by the file alone.
 */
#include "unit.h"

#include "account.h"

static void
root_is_known_everywhere(void **state)
{
	struct account a;

	(void)state;
	assert_true(account_find(&a, 0));
	assert_string_equal(a.name, "root");
	assert_int_equal(a.home[0], '/');
}

static void
who_is_not_known_has_a_number_and_no_home(void **state)
{
	struct account a;

	(void)state;
	assert_false(account_find(&a, 4123456789));
	assert_string_equal(a.name, "number 4123456789");
	assert_string_equal(a.home, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_is_known_everywhere),
		cmocka_unit_test(who_is_not_known_has_a_number_and_no_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
