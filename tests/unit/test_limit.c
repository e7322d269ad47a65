/*
 * Token buckets.
 */
#include "limit.h"
#include "unit.h"

static enum lb_err
take(struct limit *limit, const char *key, int64_t mono, int64_t *retry)
{
	*retry = -1;
	return limit_take(limit, key, strlen(key), mono, retry);
}

static void
a_burst_and_then_the_rate(void **state)
{
	struct limit *limit = limit_new(10, 5, NULL);
	int64_t retry;
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(take(limit, "a", 1000, &retry), LB_OK);
	assert_int_equal(take(limit, "a", 1000, &retry), LB_TOO_FAST);
	assert_int_equal(retry, 100);
	assert_int_equal(take(limit, "a", 1099, &retry), LB_TOO_FAST);
	assert_int_equal(retry, 1);
	assert_int_equal(take(limit, "a", 1100, &retry), LB_OK);
	assert_int_equal(take(limit, "a", 1100, &retry), LB_TOO_FAST);
	limit_free(limit);
}

static void
a_look_takes_nothing(void **state)
{
	struct limit *limit = limit_new(10, 2, NULL);
	int64_t retry = -1;
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(limit_look(limit, "a", 1, 1000, &retry),
		    LB_OK);
	assert_int_equal(take(limit, "a", 1000, &retry), LB_OK);
	assert_int_equal(limit_look(limit, "a", 1, 1000, &retry), LB_OK);
	assert_int_equal(take(limit, "a", 1000, &retry), LB_OK);
	for (i = 0; i < 5; i++) {
		retry = -1;
		assert_int_equal(limit_look(limit, "a", 1, 1000, &retry),
		    LB_TOO_FAST);
		assert_int_equal(retry, 100);
	}
	assert_int_equal(limit_look(limit, "b", 1, 1000, &retry), LB_OK);
	assert_int_equal(limit_look(limit, "a", 1, 1099, &retry), LB_TOO_FAST);
	assert_int_equal(limit_look(limit, "a", 1, 1100, &retry), LB_OK);
	assert_int_equal(take(limit, "a", 1100, &retry), LB_OK);
	limit_free(limit);
}

static void
over_time_the_rate_is_what_passes(void **state)
{
	struct limit *limit = limit_new(50, 200, NULL);
	int64_t retry, mono;
	int passed = 0;

	(void)state;
	for (mono = 0; mono < 10000; mono++)
		passed += take(limit, "a", mono, &retry) == LB_OK;
	assert_in_range(passed, 200 + 499, 200 + 501);
	limit_free(limit);
}

static void
who_waits_as_told_gets_one(void **state)
{
	static const int64_t rates[] = { 1, 3, 7, 50, 999, 1000, 5000 };
	int64_t retry, mono = 5;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < COUNT(rates); i++) {
		struct limit *limit = limit_new(rates[i], 1, NULL);

		for (k = 0; k < 50; k++) {
			while (take(limit, "a", mono, &retry) == LB_OK)
				;
			assert_true(retry > 0 && retry <= 1000);
			mono += retry;
			assert_int_equal(take(limit, "a", mono, &retry), LB_OK);
		}
		limit_free(limit);
	}
}

static void
a_bucket_holds_no_more_than_its_burst(void **state)
{
	struct limit *limit = limit_new(1000, 3, NULL);
	int64_t retry;
	int i, passed = 0;

	(void)state;
	assert_int_equal(take(limit, "a", 0, &retry), LB_OK);
	for (i = 0; i < 10; i++)
		passed += take(limit, "a", INT64_MAX / 4000000, &retry) ==
		    LB_OK;
	assert_int_equal(passed, 3);
	limit_free(limit);
}

static void
keys_do_not_share(void **state)
{
	struct limit *limit = limit_new(1, 1, NULL);
	char long_a[100], long_b[100];
	int64_t retry;

	(void)state;
	assert_int_equal(take(limit, "a", 0, &retry), LB_OK);
	assert_int_equal(take(limit, "a", 0, &retry), LB_TOO_FAST);
	assert_int_equal(take(limit, "b", 0, &retry), LB_OK);
	assert_int_equal(take(limit, "aa", 0, &retry), LB_OK);
	assert_int_equal(limit_take(limit, "a\0b", 3, 0, &retry), LB_OK);
	assert_int_equal(limit_take(limit, "a\0c", 3, 0, &retry), LB_OK);
	/* At most 64 bytes count. */
	memset(long_a, 'x', sizeof(long_a));
	memset(long_b, 'x', sizeof(long_b));
	long_b[63] = 'y';
	long_b[99] = 'y';
	assert_int_equal(limit_take(limit, long_a, 100, 0, &retry), LB_OK);
	assert_int_equal(limit_take(limit, long_a, 64, 0, &retry), LB_TOO_FAST);
	assert_int_equal(limit_take(limit, long_b, 100, 0, &retry), LB_OK);
	limit_free(limit);
}

static void
an_absent_key_is_a_key(void **state)
{
	struct limit *limit = limit_new(1, 1, NULL);
	int64_t retry;

	(void)state;
	assert_int_equal(limit_take(limit, NULL, 0, 0, &retry), LB_OK);
	assert_int_equal(limit_take(limit, NULL, 0, 0, &retry), LB_TOO_FAST);
	assert_int_equal(take(limit, "a", 0, &retry), LB_OK);
	limit_free(limit);
}

static void
the_table_never_fills(void **state)
{
	struct limit *limit = limit_new(10, 1, NULL);
	char key[32];
	int64_t retry;
	int i, refused = 0;

	(void)state;
	/* More keys than places: each is let through, whoever else is. */
	for (i = 0; i < 4 * LIMIT_SLOTS; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_int_equal(take(limit, key, 0, &retry), LB_OK);
	}
	/* 100 ms later all the places are free again. */
	for (i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "n%d", i);
		assert_int_equal(take(limit, key, 200, &retry), LB_OK);
		refused += take(limit, key, 200, &retry) == LB_TOO_FAST;
	}
	assert_int_equal(refused, 100);
	limit_free(limit);
	limit_free(NULL);
}

static void
a_shared_table_is_one_limit(void **state)
{
	struct limit_slot *slots = calloc(LIMIT_SLOTS, sizeof(*slots));
	struct limit *one = limit_new(1, 3, slots);
	struct limit *two = limit_new(1, 3, slots);
	int64_t retry;

	(void)state;
	assert_int_equal(take(one, "a", 0, &retry), LB_OK);
	assert_int_equal(take(two, "a", 0, &retry), LB_OK);
	assert_int_equal(take(one, "a", 0, &retry), LB_OK);
	assert_int_equal(take(two, "a", 0, &retry), LB_TOO_FAST);
	assert_int_equal(take(one, "a", 0, &retry), LB_TOO_FAST);
	limit_free(one);
	limit_free(two);
	free(slots);
}

static void
times_of_an_earlier_boot_do_not_count(void **state)
{
	struct limit_slot *slots = calloc(LIMIT_SLOTS, sizeof(*slots));
	struct limit *limit = limit_new(1, 1, slots);
	int64_t retry;

	(void)state;
	assert_int_equal(take(limit, "a", 1000000000, &retry), LB_OK);
	assert_int_equal(take(limit, "a", 1000000000, &retry), LB_TOO_FAST);
	assert_int_equal(take(limit, "a", 50, &retry), LB_OK);
	limit_free(limit);
	free(slots);
}

static void
a_clock_that_stands_or_falls_gives_nothing(void **state)
{
	struct limit *limit = limit_new(1000, 1, NULL);
	int64_t retry;

	(void)state;
	assert_int_equal(take(limit, "a", 5000, &retry), LB_OK);
	assert_int_equal(take(limit, "a", 4000, &retry), LB_TOO_FAST);
	assert_int_equal(take(limit, "a", 0, &retry), LB_TOO_FAST);
	limit_free(limit);
}

/* Those of a short burst must not take the long one of another for an old one. */
static void
limits_that_share_a_table_leave_each_other(void **state)
{
	struct limit_slot *slots = calloc(LIMIT_SLOTS, sizeof(*slots));
	struct limit *slow = limit_new(5, 50, slots);
	struct limit *quick = limit_new(1000, 2000, slots);
	int64_t retry;
	char key[32];
	int i;

	(void)state;
	for (i = 0; i < 50; i++)
		assert_int_equal(take(slow, "a", 1000, &retry), LB_OK);
	for (i = 0; i < 4 * LIMIT_SLOTS; i++) {
		snprintf(key, sizeof(key), "key %d", i);
		assert_int_equal(take(quick, key, 1000, &retry), LB_OK);
	}
	assert_int_equal(take(slow, "a", 1000, &retry), LB_TOO_FAST);
	limit_free(slow);
	limit_free(quick);
	free(slots);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_and_then_the_rate),
		cmocka_unit_test(a_look_takes_nothing),
		cmocka_unit_test(over_time_the_rate_is_what_passes),
		cmocka_unit_test(who_waits_as_told_gets_one),
		cmocka_unit_test(a_bucket_holds_no_more_than_its_burst),
		cmocka_unit_test(keys_do_not_share),
		cmocka_unit_test(an_absent_key_is_a_key),
		cmocka_unit_test(the_table_never_fills),
		cmocka_unit_test(a_shared_table_is_one_limit),
		cmocka_unit_test(limits_that_share_a_table_leave_each_other),
		cmocka_unit_test(times_of_an_earlier_boot_do_not_count),
		cmocka_unit_test(a_clock_that_stands_or_falls_gives_nothing),
	};

	return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
