/*
 * What every store promises of seats: rows that count until their time, who
 * stands before whom, and one writer at a time.
 */
#include "scene.h"
#include "store_seat.h"

#define HERE 1
#define EVENT (1u << FRONT_EVENT)
#define PROCESSES (1u << FRONT_POOL | 1u << FRONT_CGI)

static void
put_process(struct store *store, uint64_t number, enum front front,
    int64_t seats, int64_t until)
{
	const struct seat_process p = { number, front, seats, until };

	assert_int_equal(store_seat_begin(store), LB_OK);
	assert_int_equal(store_seat_put_process(store, &p), LB_OK);
	store_seat_end(store, LB_OK);
}

static void
put_waiting(struct store *store, int64_t peer, enum front front, int64_t since,
    int64_t until)
{
	const struct seat_waiting w = { peer, front, since, until };

	assert_int_equal(store_seat_begin(store), LB_OK);
	assert_int_equal(store_seat_put_waiting(store, &w), LB_OK);
	store_seat_end(store, LB_OK);
}

static struct seat_census
census(struct store *store, int64_t mono)
{
	struct seat_census out;

	assert_int_equal(store_seat_census(store, HERE, mono, &out), LB_OK);
	return out;
}

static struct seat_queue
queue(struct store *store, int64_t peer, int64_t since, unsigned fronts,
    int64_t mono)
{
	const struct seat_waiting w = { .peer = peer, .since = since };
	struct seat_queue out;

	assert_int_equal(store_seat_queue(store, &w, fronts, mono, &out),
	    LB_OK);
	return out;
}

static void
the_census_counts_the_others_by_front(void **state)
{
	struct store *store = ((struct scene *)*state)->store;
	struct seat_census c = census(store, 10);

	for (int i = 0; i < FRONT__MAX; i++)
		assert_true(c.processes[i] == 0 && c.seats[i] == 0);
	assert_true(c.newest == 0);
	put_process(store, HERE, FRONT_EVENT, 64, 1000);
	put_process(store, 2, FRONT_EVENT, 64, 1010);
	put_process(store, UINT64_MAX / 2, FRONT_EVENT, 3, 1020);
	put_process(store, 4, FRONT_CGI, 1, 9000);
	put_process(store, 5, FRONT_POOL, 0, 1005);
	c = census(store, 999);
	assert_true(c.processes[FRONT_EVENT] == 2);
	assert_true(c.seats[FRONT_EVENT] == 67);
	assert_true(c.processes[FRONT_CGI] == 1 && c.seats[FRONT_CGI] == 1);
	assert_true(c.processes[FRONT_POOL] == 1 && c.seats[FRONT_POOL] == 0);
	assert_true(c.newest == 1020);
	/* Written anew, at its end, and taken out. */
	put_process(store, 2, FRONT_EVENT, 5, 2000);
	put_process(store, 4, FRONT_CGI, 0, 0);
	c = census(store, 1020);
	assert_true(c.processes[FRONT_EVENT] == 1);
	assert_true(c.seats[FRONT_EVENT] == 5);
	assert_true(c.processes[FRONT_CGI] == 0);
	assert_true(c.processes[FRONT_POOL] == 0);
}

static void
who_waits_longer_stands_before(void **state)
{
	struct store *store = ((struct scene *)*state)->store;

	put_waiting(store, 7, FRONT_CGI, 100, 1000);
	put_waiting(store, 5, FRONT_POOL, 200, 1000);
	put_waiting(store, 6, FRONT_POOL, 200, 1000);
	put_waiting(store, 8, FRONT_EVENT, 50, 1000);
	put_waiting(store, 9, FRONT_CGI, 10, 300);
	assert_true(queue(store, 6, 200, PROCESSES, 400).waiting == 4);
	assert_true(queue(store, 6, 200, PROCESSES, 400).ahead == 2);
	assert_true(queue(store, 5, 200, PROCESSES, 400).ahead == 1);
	assert_true(queue(store, 7, 100, PROCESSES, 400).ahead == 0);
	assert_true(queue(store, 7, 100, PROCESSES, 299).ahead == 1);
	assert_true(queue(store, 1, 500, EVENT, 400).ahead == 1);
	assert_true(queue(store, 1, 500, EVENT, 1000).waiting == 0);
}

static void
a_waiting_peer_is_found_until_it_is_taken_out(void **state)
{
	struct store *store = ((struct scene *)*state)->store;
	struct seat_waiting w;

	assert_int_equal(store_seat_waiting(store, 7, &w), LB_NOT_FOUND);
	put_waiting(store, 7, FRONT_CGI, 100, 200);
	assert_int_equal(store_seat_waiting(store, 7, &w), LB_OK);
	assert_true(w.peer == 7 && w.front == FRONT_CGI);
	assert_true(w.since == 100 && w.until == 200);
	put_waiting(store, 7, FRONT_POOL, 100, 900);
	assert_int_equal(store_seat_waiting(store, 7, &w), LB_OK);
	assert_true(w.front == FRONT_POOL && w.until == 900);
	put_waiting(store, 7, FRONT_POOL, 0, 0);
	assert_int_equal(store_seat_waiting(store, 7, &w), LB_NOT_FOUND);
	put_waiting(store, 7, FRONT_POOL, 0, 0);
}

static void
what_is_over_is_purged(void **state)
{
	struct store *store = ((struct scene *)*state)->store;
	struct seat_waiting w;

	put_waiting(store, 7, FRONT_CGI, 100, 200);
	put_waiting(store, 8, FRONT_CGI, 100, 201);
	put_process(store, 2, FRONT_CGI, 1, 200);
	put_process(store, 3, FRONT_CGI, 1, 201);
	assert_int_equal(store_seat_begin(store), LB_OK);
	assert_int_equal(store_seat_purge(store, 200), LB_OK);
	store_seat_end(store, LB_OK);
	assert_int_equal(store_seat_waiting(store, 7, &w), LB_NOT_FOUND);
	assert_int_equal(store_seat_waiting(store, 8, &w), LB_OK);
	assert_true(census(store, 0).processes[FRONT_CGI] == 1);
}

static void
a_ceiling_is_kept_by_front(void **state)
{
	struct store *store = ((struct scene *)*state)->store;
	const struct seat_ceiling put = { FRONT_THREAD, 20000, 50, 2, 16000,
		99 };
	struct seat_ceiling c;

	assert_int_equal(store_seat_ceiling(store, FRONT_THREAD, &c),
	    LB_NOT_FOUND);
	assert_int_equal(store_seat_begin(store), LB_OK);
	assert_int_equal(store_seat_put_ceiling(store, &put), LB_OK);
	store_seat_end(store, LB_OK);
	assert_int_equal(store_seat_ceiling(store, FRONT_CGI, &c),
	    LB_NOT_FOUND);
	assert_int_equal(store_seat_ceiling(store, FRONT_THREAD, &c), LB_OK);
	assert_int_equal(c.front, FRONT_THREAD);
	assert_true(c.age == 20000 && c.begun == 50 && c.count == 2);
	assert_true(c.hold == 16000 && c.until == 99);
}

/* ---- SQLite alone: others are other processes ---- */

static struct store *
open_beside(const struct scene *scene)
{
	const struct store_options options = { .folder = scene->folder,
		.patience = 1000 };
	struct store *store;
	struct buf words;

	buf_init(&words, 4096);
	if (store_sqlite_open(&store, &options, &words) != LB_OK)
		fail_msg("%.*s", (int)words.n, words.p);
	return store;
}

static void
one_process_decides_at_a_time(void **state)
{
	struct store *one = ((struct scene *)*state)->store;
	struct store *two = open_beside(*state);
	const struct seat_process mine = { 2, FRONT_CGI, 1, 100 };

	assert_int_equal(store_seat_begin(one), LB_OK);
	assert_int_equal(store_seat_begin(two), LB_BUSY);
	assert_int_equal(store_seat_put_process(one, &mine), LB_OK);
	assert_true(census(two, 0).seats[FRONT_CGI] == 0);
	store_seat_end(one, LB_OK);
	assert_true(census(two, 0).seats[FRONT_CGI] == 1);
	assert_int_equal(store_seat_begin(two), LB_OK);
	store_seat_end(two, LB_OK);
	store_close(two);
	assert_true(census(one, 0).seats[FRONT_CGI] == 1);
}

static void
what_failed_is_taken_back(void **state)
{
	struct store *store = ((struct scene *)*state)->store;
	const struct seat_process p = { 2, FRONT_CGI, 1, 100 };

	assert_int_equal(store_seat_begin(store), LB_OK);
	assert_int_equal(store_seat_put_process(store, &p), LB_OK);
	store_seat_end(store, LB_IO);
	assert_true(census(store, 0).processes[FRONT_CGI] == 0);
	put_process(store, 3, FRONT_CGI, 1, 100);
	assert_true(census(store, 0).processes[FRONT_CGI] == 1);
}

/* Nobody has a lease in a new file, until all were given one. */
static void
a_new_file_says_so_until_leases_are_refreshed(void **state)
{
	struct store *one = ((struct scene *)*state)->store, *two;

	assert_int_equal(one->unsettled, 1);
	two = open_beside(*state);
	assert_int_equal(two->unsettled, 1);
	assert_int_equal(store_refresh(two, 1000), LB_OK);
	assert_int_equal(two->unsettled, 0);
	store_close(two);
	two = open_beside(*state);
	assert_int_equal(two->unsettled, 0);
	store_close(two);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_census_counts_the_others_by_front),
		TEST(who_waits_longer_stands_before),
		TEST(a_waiting_peer_is_found_until_it_is_taken_out),
		TEST(what_is_over_is_purged),
		TEST(a_ceiling_is_kept_by_front),
	};
	static const struct CMUnitTest files[] = {
		TEST(one_process_decides_at_a_time),
		TEST(what_failed_is_taken_back),
		TEST(a_new_file_says_so_until_leases_are_refreshed),
	};
	int failed = 0;

	failed += cmocka_run_group_tests_name("memory", tests, scene_memory,
	    NULL);
	failed += cmocka_run_group_tests_name("sqlite", tests, scene_sqlite,
	    NULL);
	failed += cmocka_run_group_tests_name("files", files, scene_sqlite,
	    NULL);
	return failed;
}
