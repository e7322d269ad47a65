/*
 * The hall where waiters are parked: deadlines, peers, addresses.
 */
#include "unit.h"
#include "waiter.h"

#define WAITERS 500

static void
park(struct waiter_hall *hall, struct waiter *w, int64_t peer, int64_t mono,
    int64_t wait)
{
	waiter_init(w, hall);
	w->sub.peer = peer;
	waiter_park(hall, w, mono, wait, SLICE("192.0.2.1"));
}

static struct waiter_hall *
open_hall(int64_t mono)
{
	struct waiter_hall *hall = malloc(sizeof(*hall));

	assert_non_null(hall);
	waiter_hall_init(hall, mono);
	return hall;
}

static void
nobody_is_woken_early_and_all_within_a_slot(void **state)
{
	static struct waiter waiters[WAITERS];
	struct waiter_hall *hall = open_hall(123456789);
	struct waiter *w;
	int64_t mono, deadline;
	int i, woken = 0;

	(void)state;
	for (i = 0; i < WAITERS; i++)
		park(hall, &waiters[i], i + 1, 123456789 + i, i * 37);
	assert_int_equal(hall->count, WAITERS);
	for (mono = 123456789; woken < WAITERS; mono += 10) {
		waiter_tick(hall, mono);
		while ((w = waiter_next(hall)) != NULL) {
			deadline = w->deadline;
			assert_true(mono >= deadline);
			/* Not the parking itself: it may have been later. */
			assert_true(mono <= deadline + WAITER_SLOT_MS + 10 ||
			    mono <= 123456789 + WAITERS + WAITER_SLOT_MS);
			waiter_leave(hall, w);
			woken++;
		}
		assert_true(mono < 123456789 + 60000);
	}
	assert_int_equal(hall->count, 0);
	free(hall);
}

static void
the_longest_wait_fits_the_wheel(void **state)
{
	struct waiter_hall *hall = open_hall(5);
	struct waiter w;
	int64_t mono;

	(void)state;
	park(hall, &w, 1, 5, 400000);
	for (mono = 5; mono < 400005; mono += 50) {
		waiter_tick(hall, mono);
		assert_null(waiter_next(hall));
	}
	waiter_tick(hall, 400005 + WAITER_SLOT_MS);
	assert_ptr_equal(waiter_next(hall), &w);
	waiter_leave(hall, &w);
	free(hall);
}

static void
after_a_long_pause_everybody_is_seen(void **state)
{
	static struct waiter waiters[WAITERS];
	struct waiter_hall *hall = open_hall(1000);
	struct waiter *w;
	int i, woken = 0;

	(void)state;
	for (i = 0; i < WAITERS; i++)
		park(hall, &waiters[i], i + 1, 1000, i * 800);
	waiter_tick(hall, 1000 + 86400000);
	while ((w = waiter_next(hall)) != NULL) {
		waiter_leave(hall, w);
		woken++;
	}
	assert_int_equal(woken, WAITERS);
	free(hall);
}

static void
a_waiter_is_found_by_its_peer(void **state)
{
	struct waiter_hall *hall = open_hall(0);
	struct waiter a, b;

	(void)state;
	assert_null(waiter_of(hall, 1));
	park(hall, &a, 1, 0, 1000);
	park(hall, &b, 2, 0, 1000);
	assert_ptr_equal(waiter_of(hall, 1), &a);
	assert_ptr_equal(waiter_of(hall, 2), &b);
	waiter_leave(hall, &a);
	waiter_leave(hall, &a);
	assert_null(waiter_of(hall, 1));
	assert_ptr_equal(waiter_of(hall, 2), &b);
	waiter_leave(hall, &b);
	free(hall);
}

static void
addresses_are_counted(void **state)
{
	struct waiter_hall *hall = open_hall(0);
	struct waiter w[4];
	char text[100];
	int i;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (i = 0; i < 4; i++) {
		waiter_init(&w[i], hall);
		w[i].sub.peer = i + 1;
	}
	waiter_park(hall, &w[0], 0, 1000, SLICE("192.0.2.1"));
	waiter_park(hall, &w[1], 0, 1000, SLICE("192.0.2.1"));
	waiter_park(hall, &w[2], 0, 1000, (struct slice){ text, 100 });
	waiter_park(hall, &w[3], 0, 1000, (struct slice){ NULL, 0 });
	assert_int_equal(waiter_count(hall, SLICE("192.0.2.1")), 2);
	assert_int_equal(waiter_count(hall, SLICE("192.0.2.2")), 0);
	assert_int_equal(waiter_count(hall, (struct slice){ text, 100 }), 1);
	for (i = 0; i < 4; i++)
		waiter_leave(hall, &w[i]);
	assert_int_equal(waiter_count(hall, SLICE("192.0.2.1")), 0);
	assert_null(hall->addresses);
	free(hall);
}

static void
who_leaves_is_not_answered(void **state)
{
	struct waiter_hall *hall = open_hall(0);
	struct waiter w[3];
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		park(hall, &w[i], i + 1, 0, 1000);
		waiter_ready(hall, &w[i]);
		waiter_ready(hall, &w[i]);
	}
	waiter_leave(hall, &w[2]);
	waiter_leave(hall, &w[0]);
	assert_ptr_equal(waiter_next(hall), &w[1]);
	assert_null(waiter_next(hall));
	/* The list is whole again. */
	park(hall, &w[0], 1, 0, 1000);
	waiter_ready(hall, &w[0]);
	waiter_ready(hall, &w[1]);
	assert_ptr_equal(waiter_next(hall), &w[0]);
	assert_ptr_equal(waiter_next(hall), &w[1]);
	assert_null(waiter_next(hall));
	waiter_leave(hall, &w[0]);
	waiter_leave(hall, &w[1]);
	free(hall);
}

static void
print_body(struct waiter *w, const struct message *m)
{
	buf_slice(&w->messages, m->body);
}

static void
a_waiter_is_full_by_count_or_by_bytes(void **state)
{
	struct waiter_hall *hall = open_hall(0);
	static char big[65536];
	struct message m = { .seq = 1, .body = SLICE("1") };
	struct waiter w;
	int i;

	(void)state;
	waiter_init(&w, hall);
	w.print = print_body;
	for (i = 1; i < WAITER_MESSAGES; i++)
		assert_int_equal(w.sub.message(&w.sub, &m), 0);
	assert_int_equal(w.sub.message(&w.sub, &m), 1);
	assert_int_equal(w.count, WAITER_MESSAGES);
	buf_reset(&w.messages);

	memset(big, 'x', sizeof(big));
	m.body = (struct slice){ big, sizeof(big) };
	waiter_init(&w, hall);
	w.print = print_body;
	for (i = 1; i < 4; i++)
		assert_int_equal(w.sub.message(&w.sub, &m), 0);
	assert_int_equal(w.sub.message(&w.sub, &m), 1);
	assert_int_equal(w.messages.failed, 0);
	assert_int_equal(w.messages.n, 4 * sizeof(big));
	buf_reset(&w.messages);
	free(hall);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_woken_early_and_all_within_a_slot),
		cmocka_unit_test(the_longest_wait_fits_the_wheel),
		cmocka_unit_test(after_a_long_pause_everybody_is_seen),
		cmocka_unit_test(a_waiter_is_found_by_its_peer),
		cmocka_unit_test(addresses_are_counted),
		cmocka_unit_test(who_leaves_is_not_answered),
		cmocka_unit_test(a_waiter_is_full_by_count_or_by_bytes),
	};

	return cmocka_run_group_tests_name("waiter", tests, NULL, NULL);
}
