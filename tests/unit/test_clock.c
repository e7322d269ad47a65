/*
 * clock: mono never goes back, wall is Unix time in milliseconds.
 */
#include "unit.h"

#include <time.h>

#include "clock.h"

static void
mono_never_goes_back(void **state)
{
	struct clock a, b;
	int i;

	(void)state;
	clock_now(&a);
	assert_true(a.mono > 0);
	for (i = 0; i < 1000; i++) {
		clock_now(&b);
		assert_true(b.mono >= a.mono);
		a = b;
	}
}

static void
wall_is_unix_time_in_milliseconds(void **state)
{
	const int64_t before = (int64_t)time(NULL) * 1000;
	struct clock now;

	(void)state;
	clock_now(&now);
	/* time() may lag by a tick behind the precise clock, never lead. */
	assert_true(now.wall >= before);
	assert_true(now.wall <= before + 60000);
}

static void
the_boot_id_is_36_characters_and_stays(void **state)
{
	char a[37], b[37];

	(void)state;
	memset(a, 'x', sizeof(a));
	clock_boot_id(a);
	clock_boot_id(b);
	assert_int_equal(strlen(a), 36);
	assert_string_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mono_never_goes_back),
		cmocka_unit_test(wall_is_unix_time_in_milliseconds),
		cmocka_unit_test(the_boot_id_is_36_characters_and_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
