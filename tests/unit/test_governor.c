/*
 * governor: seats, fairness, pauses and ceilings, with a clock moved by hand.
 */
#include "governor.h"
#include "scene.h"

#define START 5000000

static const struct governor_options defaults = {
	.front = FRONT_CGI,
	.seats = { [FRONT_AUTO] = 4,
	    [FRONT_EVENT] = 4,
	    [FRONT_THREAD] = 64,
	    [FRONT_POOL] = 8,
	    [FRONT_CGI] = 8 },
	.most = 1000,
	.spare = 5,
	.rate = 128,
	.pause = 1500,
	.hold = 25000,
};

static struct store *
store_of(void **state)
{
	return ((struct scene *)*state)->store;
}

static struct governor
process(struct store *store, const struct governor_options *options,
    uint64_t number)
{
	struct governor g;

	governor_init(&g, store, options, number);
	return g;
}

/* ---- a host with clients that poll, each in a CGI process of its own ---- */

struct client {
	int64_t next;      /* ms: its next poll */
	int64_t end;       /* ms: of the poll that is held, or 0 */
	int64_t held;      /* ms it was held in all */
	int64_t since;     /* ms: of its last poll that was held */
	int64_t longest;   /* ms between two of those */
	struct governor g; /* of the poll that is held */
	struct governor_pace pace;
};

struct host {
	struct store *store;
	struct client clients[200];
	int count;
	int64_t now;
	uint64_t number;
	int64_t refused; /* polls without a seat */
	int64_t most;    /* polls held at once, at most */
};

static struct host *
host_new(struct store *store, int count)
{
	struct host *host = calloc(1, sizeof(*host));

	assert_non_null(host);
	host->store = store;
	host->count = count;
	host->now = START;
	return host;
}

static int64_t
held_now(const struct host *host)
{
	int64_t held = 0;

	for (int i = 0; i < host->count; i++)
		held += host->clients[i].end != 0;
	return held;
}

static void
end_poll(struct host *host, struct client *c)
{
	c->end = 0;
	c->since = host->now;
	governor_left(&c->g, 0, host->now);
	c->pace = governor_pace(&c->g, 0, host->now);
	governor_close(&c->g);
	c->next = host->now + c->pace.pause + 2;
}

static void
poll_once(struct host *host, struct client *c, int64_t peer)
{
	struct governor g = process(host->store, &defaults, ++host->number);

	if (governor_ask(&g, peer, 0, 1, host->now, &c->pace)) {
		c->g = g;
		c->end = host->now + c->pace.wait;
		c->held += c->pace.wait;
		if (c->since > 0 && host->now - c->since > c->longest)
			c->longest = host->now - c->since;
		return;
	}
	assert_true(c->pace.wait == 0 && c->pace.pause > 0);
	host->refused++;
	governor_close(&g);
	c->next = host->now + c->pace.pause + 2;
}

static void
host_pass(struct host *host, int64_t ms)
{
	for (int64_t end = host->now + ms; host->now < end; host->now += 10) {
		for (int i = 0; i < host->count; i++) {
			struct client *c = &host->clients[i];

			if (c->end != 0 && c->end <= host->now)
				end_poll(host, c);
			else if (c->end != 0)
				governor_turn(&c->g, 1, host->now);
			else if (c->next <= host->now)
				poll_once(host, c, i + 1);
		}
		if (held_now(host) > host->most)
			host->most = held_now(host);
	}
}

/* ---- pauses ---- */

static void
a_few_clients_wait_for_50_ms(void **state)
{
	struct host *host = host_new(store_of(state), 10);

	host_pass(host, 20000);
	assert_int_equal(host->most, 8);
	assert_int_equal(held_now(host), 8);
	for (int i = 0; i < host->count; i++)
		if (host->clients[i].end == 0)
			assert_in_range(host->clients[i].pace.pause, 45, 55);
	free(host);
}

static void
two_hundred_wait_for_1500_ms(void **state)
{
	struct host *host = host_new(store_of(state), 200);
	int64_t before, pauses = 0;
	int differ = 0;

	host_pass(host, 10000);
	before = host->refused;
	host_pass(host, 10000);
	/* 128 a second are wanted. */
	assert_in_range(host->refused - before, 1000, 1500);
	assert_int_equal(held_now(host), 8);
	for (int i = 0; i < host->count; i++) {
		struct client *c = &host->clients[i];

		if (c->end != 0)
			continue;
		assert_in_range(c->pace.pause, 1350, 1650);
		differ += c->pace.pause != pauses;
		pauses = c->pace.pause;
	}
	assert_true(differ > 150);
	free(host);
}

static void
the_pause_follows_the_rate(void **state)
{
	struct governor_options options = defaults;
	struct governor g = process(store_of(state), &options, 1);
	struct governor_pace pace;

	options.seats[FRONT_CGI] = 0;
	options.rate = 10;
	for (int i = 1; i <= 10; i++)
		assert_int_equal(governor_ask(&g, i, 0, 1, START, &pace), 0);
	assert_in_range(pace.pause, 900, 1100);
	for (int i = 1; i <= 20; i++)
		governor_ask(&g, i, 0, 1, START + 100, &pace);
	assert_in_range(pace.pause, 1350, 1650);
	/* Who does not come again counts no more. */
	governor_ask(&g, 1, 0, 1, START + 10000, &pace);
	assert_in_range(pace.pause, 90, 110);
}

/* ---- fairness ---- */

static void
seats_go_round(void **state)
{
	struct host *host = host_new(store_of(state), 40);
	int64_t mean, least = INT64_MAX, most = 0, all = 0, longest = 0;

	host_pass(host, 3600000);
	for (int i = 0; i < host->count; i++) {
		int64_t held = host->clients[i].held;

		all += held;
		if (host->clients[i].longest > longest)
			longest = host->clients[i].longest;
		least = held < least ? held : least;
		most = held > most ? held : most;
	}
	mean = all / host->count;
	/* The seats are used, and by all. */
	assert_true(all > 8 * 3600000LL * 9 / 10);
	assert_true(least > mean * 8 / 10);
	assert_true(most < mean * 12 / 10);
	/* Four rounds of 25 s before one's own. */
	assert_in_range(longest, 90000, 130000);
	free(host);
}

static void
who_waits_longest_is_first(void **state)
{
	struct store *store = store_of(state);
	struct governor_options options = defaults;
	struct governor a = process(store, &options, 1);
	struct governor b = process(store, &options, 2);
	struct governor_pace pace;
	int64_t now = START;

	options.seats[FRONT_CGI] = 1;
	assert_int_equal(governor_ask(&a, 1, 0, 1, now, &pace), 1);
	assert_true(pace.wait == 25000 && pace.pause == 0);
	assert_int_equal(governor_ask(&b, 2, 0, 1, now + 10, &pace), 0);
	assert_int_equal(governor_ask(&b, 3, 0, 1, now + 20, &pace), 0);
	governor_left(&a, 0, now + 30);
	/* Not for who had it, nor for who came second. */
	assert_int_equal(governor_pace(&a, 0, now + 30).wait, 0);
	assert_int_equal(governor_ask(&a, 1, 0, 1, now + 30, &pace), 0);
	assert_int_equal(governor_ask(&b, 3, 0, 1, now + 80, &pace), 0);
	assert_int_equal(governor_ask(&b, 2, 0, 1, now + 90, &pace), 1);
	governor_left(&b, 0, now + 100);
	/* Two does not come again: one waits longer than four, but not as
	 * long as three. */
	assert_int_equal(governor_ask(&b, 1, 0, 1, now + 110, &pace), 0);
	assert_int_equal(governor_ask(&b, 3, 0, 1, now + 120, &pace), 1);
}

static void
who_is_gone_keeps_nobody_from_a_seat(void **state)
{
	struct store *store = store_of(state);
	struct governor_options options = defaults;
	struct governor a = process(store, &options, 1);
	struct governor_pace pace;

	options.seats[FRONT_CGI] = 1;
	assert_int_equal(governor_ask(&a, 1, 0, 1, START, &pace), 1);
	assert_int_equal(governor_ask(&a, 2, 1, 1, START, &pace), 0);
	governor_left(&a, 0, START + 10);
	assert_int_equal(governor_ask(&a, 3, 0, 1, START + 20, &pace), 0);
	assert_int_equal(governor_ask(&a, 3, 0, 1, START + 1000, &pace), 1);
}

/* What is not held now may be told that the next may be. */
static void
who_does_not_take_a_seat_is_told_of_it(void **state)
{
	struct store *store = store_of(state);
	struct governor a = process(store, &defaults, 1);
	struct governor_pace pace;
	struct seat_census census;

	assert_int_equal(governor_ask(&a, 1, 0, 0, START, &pace), 1);
	assert_true(pace.wait == 25000 && pace.pause == 0);
	assert_int_equal(store_seat_census(store, 0, START, &census), LB_OK);
	assert_true(census.seats[FRONT_CGI] == 0);
}

/* ---- many processes ---- */

static void
a_killed_process_gives_its_seat_back(void **state)
{
	struct store *store = store_of(state);
	struct governor g[8], ninth = process(store, &defaults, 99);
	struct governor_pace pace;
	int64_t now = START;

	for (int i = 0; i < 8; i++) {
		g[i] = process(store, &defaults, (uint64_t)i + 1);
		assert_int_equal(governor_ask(&g[i], i + 1, 0, 1, now, &pace),
		    1);
	}
	for (; now < START + 2 * GOVERNOR_LIVE; now += 100) {
		for (int i = 0; i < 8; i++)
			governor_turn(&g[i], 1, now);
		assert_int_equal(governor_ask(&ninth, 9, 0, 1, now, &pace), 0);
	}
	/* One of them does not live any more. */
	for (int64_t end = now + GOVERNOR_LIVE; now <= end; now += 100)
		for (int i = 1; i < 8; i++)
			governor_turn(&g[i], 1, now);
	assert_int_equal(governor_ask(&ninth, 9, 0, 1, now, &pace), 1);
}

static void
a_pool_keeps_processes_idle(void **state)
{
	struct store *store = store_of(state);
	struct governor_options pool = defaults;
	struct governor g[20], guest = process(store, &defaults, 99);
	struct governor_pace pace;
	int seats = 0;

	pool.front = FRONT_POOL;
	for (int i = 0; i < 20; i++)
		g[i] = process(store, &pool, (uint64_t)i + 1);
	/* Alone, it must not let itself be held. */
	governor_turn(&g[0], 0, START);
	assert_int_equal(governor_ask(&g[0], 1, 0, 1, START, &pace), 0);
	/* A CGI process has a seat, and is no process of the pool. */
	assert_int_equal(governor_ask(&guest, 50, 0, 1, START, &pace), 1);
	for (int i = 1; i < 10; i++)
		governor_turn(&g[i], 0, START);
	for (int i = 0; i < 10; i++)
		seats += governor_ask(&g[i], i + 1, 0, 1, START, &pace);
	assert_int_equal(seats, 5);
	/* More live: up to the number of seats, which CGI shares. */
	for (int i = 10; i < 20; i++)
		governor_turn(&g[i], 0, START);
	for (int i = 10; i < 20; i++)
		seats += governor_ask(&g[i], i + 1, 0, 1, START + 2000, &pace);
	assert_int_equal(seats, 7);
}

static void
processes_share_their_seats(void **state)
{
	struct store *store = store_of(state);
	struct governor_options event = defaults;
	struct governor one, two;
	struct governor_pace pace;
	int64_t a = 0, b = 0;

	event.front = FRONT_EVENT;
	one = process(store, &event, 1);
	two = process(store, &event, 2);
	for (int i = 1; i <= 8; i++) {
		a += governor_ask(&one, i, a, 1, START, &pace);
		b += governor_ask(&two, i + 10, b, 1, START, &pace);
	}
	assert_int_equal(a + b, 4);
	assert_true(a > 0 && b > 0);
	/* What the one gives back the other gets. */
	governor_left(&one, a = 0, START + 10);
	for (int i = 11; i <= 18; i++)
		b += governor_ask(&two, i, b, 1, START + 4000, &pace);
	assert_int_equal(b, 4);
}

static void
a_poll_at_a_patient_server_writes_nothing(void **state)
{
	const struct scene *scene = *state;
	const struct store_options options = { .folder = scene->folder };
	struct governor_options event = defaults;
	struct governor g;
	struct governor_pace pace;
	struct store *other;
	struct buf words;
	int64_t parked = 0;

	buf_init(&words, 4096);
	assert_int_equal(store_sqlite_open(&other, &options, &words), LB_OK);
	event.front = FRONT_EVENT;
	event.seats[FRONT_EVENT] = 10000;
	g = process(scene->store, &event, 1);
	parked += governor_ask(&g, 1, parked, 1, START, &pace);
	/* Somebody else writes all the time: seats are there, up to 64. */
	assert_int_equal(store_seat_begin(other), LB_OK);
	for (int i = 2; i < 100; i++)
		parked += governor_ask(&g, i, parked, 1, START + i, &pace);
	assert_int_equal(parked, 64);
	assert_true(pace.wait == 0 && pace.pause > 0);
	store_seat_end(other, LB_OK);
	for (int i = 100; i < 200; i++)
		parked += governor_ask(&g, i, parked, 1, START + i, &pace);
	assert_int_equal(parked, 164);
	store_close(other);
}

static void
a_guest_that_is_in_the_way_comes_later(void **state)
{
	const struct scene *scene = *state;
	const struct store_options options = { .folder = scene->folder };
	struct governor g = process(scene->store, &defaults, 1);
	struct governor_pace pace;
	struct store *other;
	struct buf words;

	buf_init(&words, 4096);
	assert_int_equal(store_sqlite_open(&other, &options, &words), LB_OK);
	assert_int_equal(store_seat_begin(other), LB_OK);
	assert_int_equal(governor_ask(&g, 1, 0, 1, START, &pace), 0);
	assert_true(pace.wait == 0);
	assert_in_range(pace.pause, 1350, 1650);
	store_seat_end(other, LB_OK);
	assert_int_equal(governor_ask(&g, 1, 0, 1, START, &pace), 1);
	store_close(other);
}

static void
it_is_alone_when_no_other_gave_a_sign(void **state)
{
	struct store *store = store_of(state);
	struct governor_options event = defaults;
	struct governor one, two, guest = process(store, &defaults, 3);
	struct governor_pace pace;
	int64_t now = START;

	event.front = FRONT_AUTO;
	one = process(store, &event, 1);
	two = process(store, &event, 2);
	governor_turn(&one, 0, now);
	assert_int_equal(governor_alone(&one, 5000, now), 1);
	assert_int_equal(governor_alone(&two, 5000, now), 0);
	assert_int_equal(governor_alone(&two, 5000, now + 5001), 1);
	for (; now < START + 20000; now += 100) {
		governor_turn(&one, 0, now);
		assert_int_equal(governor_alone(&two, 5000, now), 0);
	}
	governor_close(&one);
	assert_int_equal(governor_ask(&guest, 1, 0, 1, now, &pace), 1);
	assert_int_equal(governor_alone(&two, 5000, now), 1);
}

static void
the_server_is_known_by_the_first_request(void **state)
{
	struct governor_options any = defaults;
	struct governor g;

	any.front = FRONT_AUTO;
	g = process(store_of(state), &any, 1);
	governor_meet(&g, SLICE("nginx/1.22.1"));
	assert_int_equal(g.front, FRONT_EVENT);
	governor_meet(&g, SLICE("Apache/2.4"));
	assert_int_equal(g.front, FRONT_EVENT);
}

/* ---- ceilings ---- */

static void
cut(struct governor *g, int64_t *now, int64_t age)
{
	*now += 2000;
	governor_cut(g, *now, *now + age);
}

static void
a_ceiling_is_found_and_forgotten(void **state)
{
	struct governor_options thread = defaults;
	struct governor g, other;
	int64_t now = START;

	thread.front = FRONT_THREAD;
	g = process(store_of(state), &thread, 1);
	cut(&g, &now, 20000);
	cut(&g, &now, 20100);
	assert_true(governor_hold(&g, now) == 25000);
	cut(&g, &now, 19900);
	assert_true(governor_hold(&g, now) == 16000);
	assert_true(governor_pace(&g, 0, now).wait == 16000);
	/* Other processes hear of it. */
	other = process(store_of(state), &thread, 2);
	governor_turn(&other, 0, now);
	assert_true(governor_hold(&other, now) == 16000);
	/* Lower it goes, higher only after a day. */
	for (int i = 0; i < 3; i++)
		cut(&g, &now, 10000);
	assert_true(governor_hold(&g, now) == 8000);
	for (int i = 0; i < 3; i++)
		cut(&g, &now, 20000);
	assert_true(governor_hold(&g, now) == 8000);
	assert_true(governor_hold(&g, now + 86400000 + 60000) == 25000);
}

static void
people_who_leave_make_no_ceiling(void **state)
{
	struct governor_options event = defaults;
	struct governor g;
	int64_t now = START, begun;

	event.front = FRONT_EVENT;
	g = process(store_of(state), &event, 1);
	/* At any age. */
	for (int64_t age = 6000; age < 24000; age += 2000)
		cut(&g, &now, age);
	/* While others are held as long. */
	for (int i = 0; i < 10; i++) {
		cut(&g, &now, 20000);
		governor_lived(&g, now, now + 19900);
	}
	/* All at once. */
	begun = now + 5000;
	for (int i = 0; i < 10; i++)
		governor_cut(&g, begun + i, begun + 20000);
	governor_lived(&g, begun, begun + 25000);
	/* Before anything could be learned from it. */
	for (int i = 0; i < 10; i++)
		cut(&g, &now, 3000);
	assert_true(governor_hold(&g, now) == 25000);
}

static void
guests_find_a_ceiling_together(void **state)
{
	struct store *store = store_of(state);
	struct governor_pace pace;
	int64_t now = START;

	for (uint64_t i = 1; i <= 5; i++) {
		struct governor g = process(store, &defaults, i);

		if (i == 2)
			governor_lived(&g, now, now + 25000);
		cut(&g, &now, 6100);
		assert_int_equal(governor_ask(&g, 1, 0, 1, now, &pace), 1);
		assert_int_equal(pace.wait, i < 3 ? 25000 : 5000);
		governor_left(&g, 0, now);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest rules[] = {
		TEST(a_few_clients_wait_for_50_ms),
		TEST(two_hundred_wait_for_1500_ms),
		TEST(the_pause_follows_the_rate),
		TEST(seats_go_round),
		TEST(who_waits_longest_is_first),
		TEST(who_is_gone_keeps_nobody_from_a_seat),
		TEST(who_does_not_take_a_seat_is_told_of_it),
		TEST(a_killed_process_gives_its_seat_back),
		TEST(a_pool_keeps_processes_idle),
		TEST(processes_share_their_seats),
		TEST(it_is_alone_when_no_other_gave_a_sign),
		TEST(the_server_is_known_by_the_first_request),
		TEST(a_ceiling_is_found_and_forgotten),
		TEST(people_who_leave_make_no_ceiling),
		TEST(guests_find_a_ceiling_together),
	};
	static const struct CMUnitTest files[] = {
		TEST(who_waits_longest_is_first),
		TEST(a_killed_process_gives_its_seat_back),
		TEST(a_pool_keeps_processes_idle),
		TEST(processes_share_their_seats),
		TEST(a_poll_at_a_patient_server_writes_nothing),
		TEST(a_guest_that_is_in_the_way_comes_later),
		TEST(it_is_alone_when_no_other_gave_a_sign),
		TEST(guests_find_a_ceiling_together),
	};
	int failed = 0;

	failed += cmocka_run_group_tests_name("memory", rules, scene_memory,
	    NULL);
	failed += cmocka_run_group_tests_name("sqlite", files, scene_sqlite,
	    NULL);
	return failed;
}
