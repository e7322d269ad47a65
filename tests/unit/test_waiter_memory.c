/*
 * Waiters without memory: who cannot be parked is told, and the hall stays
 * whole.  The tables take their memory from here.
 */
#include <stdlib.h>

static long left; /* allocations that succeed */

static void *
scarce(size_t n)
{
	return left-- > 0 ? malloc(n) : NULL;
}

#define uthash_malloc(n) scarce(n)

#include "waiter.c"

#include "unit.h"

#define GUESTS 200

static void
who_cannot_be_parked_is_told(void **state)
{
	static struct waiter_hall hall;
	static struct waiter w[GUESTS];
	int64_t parked = 0;
	long have;
	int i;

	(void)state;
	for (have = 0; parked < GUESTS; have++) {
		parked = 0;
		left = have;
		waiter_hall_init(&hall, 0);
		for (i = 0; i < GUESTS; i++) {
			waiter_init(&w[i], &hall);
			w[i].sub.peer = i + 1;
			if (waiter_park(&hall, &w[i], 0, 1000,
				SLICE("192.0.2.1")) == LB_OK)
				parked++;
			else
				assert_null(waiter_of(&hall, i + 1));
		}
		assert_int_equal(hall.count, parked);
		for (i = 0; i < GUESTS; i++)
			waiter_leave(&hall, &w[i]);
		assert_int_equal(hall.count, 0);
		assert_null(hall.by_peer);
		assert_null(hall.addresses);
	}
	assert_true(have > 2);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_cannot_be_parked_is_told),
	};

	return cmocka_run_group_tests_name("waiter without memory", tests, NULL,
	    NULL);
}
