/*
 * Services: peers that are announced and held, mail from somebody who is in no
 * room, and rooms that hear who comes and goes in others.
 */
#include "office.h"

#define MINUTE 60000
#define HERALD SLICE("news")

/* The guest may come, for so many ms; "news" hears of its room. */
static enum lb_err
announce(struct guest *guest, int64_t ms)
{
	struct room_announce a = {
		.op = { .done = office_note },
		.namespace = ROOM_NAMESPACE,
		.name = slice_of(guest->room),
		.id = slice_of(guest->id),
		.token = guest->token,
		.held_until = guest->office->now.wall + ms,
		.herald_namespace = SLICE("presence"),
		.herald_name = HERALD,
	};

	postoffice_announce(guest->office->po, &a);
	return office_wait(guest->office);
}

static struct guest
expected(struct office *office, const char *room, const char *id, int64_t ms)
{
	struct guest guest = guest_new(office, room, id, "key");

	assert_int_equal(announce(&guest, ms), LB_OK);
	return guest;
}

/* Sends to a guest; `mark` may be NULL.  The seq, or 0 when it was dropped. */
static enum lb_err
try_send_as(struct guest *guest, const char *body, const char *mark, int strict,
    int expect, int64_t *seq)
{
	struct room_send s = {
		.op = { .done = office_note },
		.namespace = ROOM_NAMESPACE,
		.name = slice_of(guest->room),
		.to = slice_of(guest->id),
		.type = SLICE("channel"),
		.body = slice_of(body),
		.mark = slice_of(mark),
		.strict = strict,
		.expect = expect,
	};
	enum lb_err err;

	postoffice_send(guest->office->po, &s);
	err = office_wait(guest->office);
	*seq = s.seq;
	return err;
}

static enum lb_err
try_send(struct guest *guest, const char *body, const char *mark, int strict,
    int64_t *seq)
{
	return try_send_as(guest, body, mark, strict, 0, seq);
}

static int64_t
send(struct guest *guest, const char *body, const char *mark)
{
	int64_t seq;

	assert_int_equal(try_send(guest, body, mark, 0, &seq), LB_OK);
	return seq;
}

/* Comes, and hears all that it has not acknowledged. */
static void
comes_and_hears(struct guest *guest, const char *words)
{
	assert_int_equal(guest_join(guest), LB_OK);
	guest->after = guest->self.cursor;
	guest_hears(guest, words);
}

static enum lb_err
listen(struct office *office, struct visit *visit, int64_t after, int64_t wait)
{
	struct room_announce a = {
		.op = { .done = office_note },
		.namespace = SLICE("presence"),
		.name = HERALD,
		.held_until = office->now.wall + wait,
	};
	struct postoffice_poll q = { .wait = wait };

	postoffice_announce(office->po, &a);
	assert_int_equal(office_wait(office), LB_OK);
	visit_init(visit, office);
	q.address = SLICE("192.0.2.7");
	if (after >= 0) {
		strcpy(q.cursor.epoch, store_epoch(office->store));
		q.cursor.seq = after;
	}
	return postoffice_listen(office->po, &visit->waiter, &q, a.room,
	    a.floor, &office->now, &visit->parked);
}

/* What the herald's room says after a cursor, which moves on. */
static void
herald_says(struct office *office, int64_t *after, const char *words)
{
	struct visit visit;

	assert_int_equal(listen(office, &visit, *after, 0), LB_OK);
	assert_int_equal(visit.done, 1);
	assert_string_equal(visit.heard, words);
	*after = visit.after;
	visit_forget(&visit);
}

/* ---- mail waits ----------------------------------------------------- */

static void
mail_waits_for_who_has_not_come(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 120 * MINUTE);

	send(&ann, "1", NULL);
	office_pass(office, 90 * MINUTE);
	send(&ann, "2", NULL);
	comes_and_hears(&ann, "app>ann channel 1\napp>ann channel 2\n");
	send(&ann, "3", NULL);
	guest_hears(&ann, "app>ann channel 3\n");
	guest_hears(&ann, "");
}

static void
after_its_time_it_is_unknown(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 30 * MINUTE);

	assert_true(send(&ann, "1", NULL) > 0);
	office_pass(office, 29 * MINUTE);
	assert_true(send(&ann, "2", NULL) > 0);
	office_pass(office, 2 * MINUTE);
	assert_true(send(&ann, "3", NULL) == 0);
	assert_int_equal(announce(&ann, MINUTE), LB_OK);
	comes_and_hears(&ann, "");
}

static void
who_lapsed_finds_its_mail_and_none_twice(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 120 * MINUTE);
	struct visit visit;

	send(&ann, "1", NULL);
	comes_and_hears(&ann, "app>ann channel 1\n");
	/* The next poll acknowledges, then nothing is heard of it. */
	assert_int_equal(guest_poll(&ann, &visit, 0), LB_OK);
	visit_forget(&visit);
	office_pass(office, 20 * MINUTE);
	send(&ann, "2", NULL);
	office_pass(office, 60 * MINUTE);
	comes_and_hears(&ann, "app>ann channel 2\n");
}

static void
who_leaves_may_come_back_while_it_is_held(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 60 * MINUTE);
	struct guest bob;

	send(&ann, "1", NULL);
	comes_and_hears(&ann, "app>ann channel 1\n");
	guest_hears(&ann, "");
	assert_int_equal(guest_leave(&ann), LB_OK);
	send(&ann, "2", NULL);
	comes_and_hears(&ann, "app>ann channel 2\n");
	/* Others are gone when they leave. */
	bob = guest_enter(office, "r", "bob");
	assert_int_equal(guest_leave(&bob), LB_OK);
	assert_true(send(&bob, "3", NULL) == 0);
}

static void
a_held_id_is_nobody_elses(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 60 * MINUTE);
	struct guest eve = guest_new(office, "r", "ann", "other");

	office_pass(office, 50 * MINUTE);
	assert_int_equal(guest_join(&eve), LB_PEER_TAKEN);
	assert_int_equal(announce(&eve, MINUTE), LB_PEER_TAKEN);
	assert_int_equal(guest_join(&ann), LB_OK);
	assert_int_equal(guest_leave(&ann), LB_OK);
	office_pass(office, 21 * MINUTE);
	assert_int_equal(guest_join(&eve), LB_OK);
}

static void
mail_for_an_id_is_its_whose_name_is_announced(void **state)
{
	struct office *office = *state;
	struct guest bob = guest_enter(office, "r", "bob"), ann;

	assert_int_equal(guest_say(&bob, "ann", "1"), LB_OK);
	ann = expected(office, "r", "ann", 60 * MINUTE);
	office_pass(office, 30 * MINUTE);
	comes_and_hears(&ann,
	    "bob>* joined {}\nbob>ann chat 1\nbob>* left "
	    "{\"reason\":\"lease\"}\n");
}

static void
a_service_does_not_count(void **state)
{
	struct office *office = *state;
	struct guest ann, bob;

	office->options.bounds.peers = 2;
	ann = expected(office, "r", "ann", 60 * MINUTE);
	send(&ann, "1", NULL);
	bob = guest_enter(office, "r", "bob");
	comes_and_hears(&ann, "app>ann channel 1\nbob>* joined {}\n");
	guest_hears(&bob, "ann>* joined {}\n");
}

static void
strict_mail_is_for_who_is_there(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 60 * MINUTE);
	int64_t seq;

	assert_int_equal(try_send(&ann, "1", NULL, 1, &seq), LB_OK);
	assert_true(seq == 0);
	comes_and_hears(&ann, "");
	assert_int_equal(try_send(&ann, "2", NULL, 1, &seq), LB_OK);
	assert_true(seq > 0);
	guest_hears(&ann, "app>ann channel 2\n");
	guest_hears(&ann, "");
	office_pass(office, MINUTE);
	assert_int_equal(try_send(&ann, "3", NULL, 1, &seq), LB_OK);
	assert_true(seq == 0);
	comes_and_hears(&ann, "");
}

static void
nobody_has_the_id_is_no_error(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_new(office, "nowhere", "ann", "key");

	assert_true(send(&ann, "1", NULL) == 0);
	guest_enter(office, "nowhere", "bob");
	assert_true(send(&ann, "1", NULL) == 0);
}

static void
a_mark_makes_a_repeat_one_message(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 180 * MINUTE);
	struct guest bob = expected(office, "s", "bob", 180 * MINUTE);
	int64_t seq = send(&ann, "1", "m1");

	assert_true(seq > 0);
	assert_true(send(&ann, "1", "m1") == seq);
	assert_true(send(&ann, "2", "m2") > seq);
	assert_true(send(&bob, "1", "m1") > seq);
	office_pass(office, 59 * MINUTE);
	assert_true(send(&ann, "1", "m1") == seq);
	office_pass(office, 2 * MINUTE);
	assert_true(send(&ann, "1", "m1") > seq);
	comes_and_hears(&ann,
	    "app>ann channel 1\napp>ann channel 2\n"
	    "app>ann channel 1\n");
}

static int64_t
announced_at(struct guest *guest, const char *mark)
{
	struct room_announce a = {
		.op = { .done = office_note },
		.namespace = ROOM_NAMESPACE,
		.name = slice_of(guest->room),
		.id = slice_of(guest->id),
		.token = guest->token,
		.held_until = guest->office->now.wall + 180 * MINUTE,
		.mark = slice_of(mark),
		.at = guest->office->now.wall,
	};

	postoffice_announce(guest->office->po, &a);
	assert_int_equal(office_wait(guest->office), LB_OK);
	return a.at;
}

static void
a_mark_makes_a_repeat_one_announcement(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_new(office, "r", "ann", "key");
	int64_t first = office->now.wall;

	assert_true(announced_at(&ann, "m1") == first);
	office_pass(office, MINUTE);
	assert_true(announced_at(&ann, "m1") == first);
	assert_true(announced_at(&ann, "m2") > first);
	assert_true(announced_at(&ann, NULL) > first);
	office_pass(office, 60 * MINUTE);
	assert_true(announced_at(&ann, "m1") > first);
}

static void
a_full_mailbox_refuses_until_there_is_room(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 60 * MINUTE);
	int64_t seq;

	office->options.bounds.mailbox_messages = 2;
	send(&ann, "1", NULL);
	send(&ann, "2", "m2");
	assert_int_equal(try_send(&ann, "3", NULL, 0, &seq), LB_MAILBOX_FULL);
	assert_true(send(&ann, "2", "m2") > 0);
	comes_and_hears(&ann, "app>ann channel 1\napp>ann channel 2\n");
	guest_hears(&ann, "");
	send(&ann, "3", NULL);
	office->options.bounds.mailbox_messages = 256;
	office->options.bounds.mailbox_bytes = 8;
	assert_int_equal(try_send(&ann, "\"123456\"", NULL, 0, &seq),
	    LB_MAILBOX_FULL);
}

/* To somebody who may not have been announced yet. */
static enum lb_err
send_ahead(struct guest *guest, const char *body, const char *mark)
{
	int64_t seq;

	return try_send_as(guest, body, mark, 0, 1, &seq);
}

static void
mail_waits_for_who_was_not_announced(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_new(office, "r", "ann", "key");
	int64_t seq, after = -1;

	assert_int_equal(send_ahead(&ann, "1", "m1"), LB_OK);
	assert_int_equal(send_ahead(&ann, "1", "m1"), LB_OK);
	assert_int_equal(send_ahead(&ann, "2", NULL), LB_OK);
	office_pass(office, 5 * MINUTE);
	assert_int_equal(announce(&ann, 60 * MINUTE), LB_OK);
	assert_int_equal(send_ahead(&ann, "3", NULL), LB_OK);
	office_pass(office, 30 * MINUTE);
	comes_and_hears(&ann,
	    "app>ann channel 1\napp>ann channel 2\n"
	    "app>ann channel 3\n");
	herald_says(office, &after, "app>* connected {\"from\":\"r\"}\n");
	ann = guest_new(office, "s", "ann", "key");
	assert_int_equal(try_send_as(&ann, "1", NULL, 1, 1, &seq), LB_OK);
	assert_true(seq == 0);
}

static void
it_waits_within_the_bounds_of_strangers(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_new(office, "r", "ann", "key");
	struct guest bob = guest_new(office, "s", "bob", "key");

	office->options.bounds.stranger_messages = 2;
	assert_int_equal(send_ahead(&ann, "1", NULL), LB_OK);
	assert_int_equal(send_ahead(&ann, "2", NULL), LB_OK);
	assert_int_equal(send_ahead(&ann, "3", NULL), LB_MAILBOX_FULL);
	office->options.bounds.stranger_bytes = 8;
	assert_int_equal(send_ahead(&bob, "\"1234567\"", NULL),
	    LB_MAILBOX_FULL);
	office_pass(office, office->options.stranger_ttl + MINUTE);
	assert_int_equal(announce(&ann, MINUTE), LB_OK);
	comes_and_hears(&ann, "");
}

/* ---- openings ------------------------------------------------------- */

/* The same peer, opened anew. */
static struct guest
opened(struct guest guest)
{
	guest.opens = 1;
	assert_int_equal(guest_join(&guest), LB_OK);
	assert_true(guest.opening > 0);
	guest.opens = 0;
	return guest;
}

static void
the_newest_opening_has_the_mail(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 60 * MINUTE);
	struct guest first = opened(ann), second = opened(ann);
	struct visit visit;

	assert_true(second.opening > first.opening);
	assert_int_equal(guest_poll(&first, &visit, 0), LB_SUPERSEDED);
	assert_int_equal(visit.done, 0);
	send(&ann, "1", NULL);
	second.after = second.self.cursor;
	guest_hears(&second, "app>ann channel 1\n");
	/* Whoever names none is not asked. */
	ann.after = second.after;
	guest_hears(&ann, "");
	/* It is no matter which of them comes first after a lapse. */
	office_pass(office, MINUTE);
	assert_int_equal(guest_join(&first), LB_OK);
	guest_hears(&second, "");
	assert_int_equal(guest_poll(&first, &visit, 0), LB_SUPERSEDED);
	/* Nor does anybody gain by a number that was not given out. */
	first.opening = INT64_MAX;
	assert_int_equal(guest_poll(&first, &visit, 0), LB_OK);
	visit_forget(&visit);
	guest_hears(&second, "");
}

static void
an_opening_is_newer_though_the_clock_goes_back(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 60 * MINUTE);
	struct guest first = opened(ann), second;
	struct visit visit;

	office->now.wall -= MINUTE;
	second = opened(ann);
	assert_true(second.opening > first.opening);
	assert_int_equal(guest_poll(&first, &visit, 0), LB_SUPERSEDED);
	guest_hears(&second, "");
}

/* ---- heralds -------------------------------------------------------- */

static void
a_herald_tells_of_each_in_order_and_once(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "a/\"1\"", "ann", 60 * MINUTE);
	struct guest bob = expected(office, "b", "bob", 60 * MINUTE);
	int64_t after = -1;

	herald_says(office, &after, "");
	assert_int_equal(guest_join(&ann), LB_OK);
	assert_int_equal(guest_join(&ann), LB_OK); /* a reload */
	assert_int_equal(guest_join(&bob), LB_OK);
	assert_int_equal(guest_leave(&bob), LB_OK);
	assert_int_equal(guest_leave(&bob), LB_OK);
	herald_says(office, &after,
	    "app>* connected {\"from\":\"a/\\\"1\\\"\"}\n"
	    "app>* connected {\"from\":\"b\"}\n"
	    "app>* disconnected {\"from\":\"b\"}\n");
	office_pass(office, MINUTE); /* nothing is heard of ann */
	herald_says(office, &after,
	    "app>* disconnected {\"from\":\"a/\\\"1\\\"\"}\n");
	assert_int_equal(guest_join(&ann), LB_OK);
	herald_says(office, &after,
	    "app>* connected {\"from\":\"a/\\\"1\\\"\"}\n");
	after = -1;
	assert_int_equal(guest_leave(&ann), LB_OK);
	herald_says(office, &after,
	    "app>* connected {\"from\":\"a/\\\"1\\\"\"}\n"
	    "app>* connected {\"from\":\"b\"}\n"
	    "app>* disconnected {\"from\":\"b\"}\n"
	    "app>* disconnected {\"from\":\"a/\\\"1\\\"\"}\n"
	    "app>* connected {\"from\":\"a/\\\"1\\\"\"}\n"
	    "app>* disconnected {\"from\":\"a/\\\"1\\\"\"}\n");
}

static void
a_page_that_goes_and_comes_is_not_told(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 60 * MINUTE);
	int64_t after = -1;

	assert_int_equal(guest_join(&ann), LB_OK);
	herald_says(office, &after, "app>* connected {\"from\":\"r\"}\n");
	assert_int_equal(guest_away(&ann), LB_OK);
	office_pass(office, 2000);
	assert_int_equal(guest_join(&ann), LB_OK);
	office_pass(office, 5000);
	herald_says(office, &after, "");
	assert_int_equal(guest_away(&ann), LB_OK);
	office_pass(office, 4000);
	herald_says(office, &after, "app>* disconnected {\"from\":\"r\"}\n");
}

static void
who_listens_hears_at_once(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 60 * MINUTE);
	struct visit first, second;

	assert_int_equal(listen(office, &first, -1, 20000), LB_OK);
	assert_int_equal(first.parked, 1);
	assert_int_equal(listen(office, &second, -1, 20000), LB_OK);
	assert_int_equal(first.done, 1);
	assert_int_equal(first.err, LB_SUPERSEDED);
	assert_int_equal(second.parked, 1);
	assert_int_equal(second.done, 0);
	assert_int_equal(guest_join(&ann), LB_OK);
	assert_int_equal(second.done, 1);
	assert_int_equal(second.err, LB_OK);
	assert_string_equal(second.heard, "app>* connected {\"from\":\"r\"}\n");
	visit_forget(&first);
	visit_forget(&second);
}

/* Nobody is in there and nothing was said yet. */
static void
a_room_that_somebody_listens_to_stays(void **state)
{
	struct office *office = *state;
	struct visit visit;
	struct guest ann;

	assert_int_equal(listen(office, &visit, -1, 25000), LB_OK);
	office_pass(office, 5000);
	ann = guest_enter(office, "another", "ann");
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	office_pass(office, 5000);
	assert_int_equal(visit.done, 0);
	ann = expected(office, "r", "ann", MINUTE);
	assert_int_equal(guest_join(&ann), LB_OK);
	assert_int_equal(visit.done, 1);
	assert_string_equal(visit.heard, "app>* connected {\"from\":\"r\"}\n");
	visit_forget(&visit);
}

static void
what_is_acknowledged_is_not_heard_again(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 60 * MINUTE);
	struct room_acknowledge a = { .op = { .done = office_note } };

	a.seq = send(&ann, "1", NULL);
	send(&ann, "2", NULL);
	assert_int_equal(guest_join(&ann), LB_OK);
	a.peer = ann.row;
	postoffice_acknowledge(office->po, &a);
	assert_int_equal(office_wait(office), LB_OK);
	comes_and_hears(&ann, "app>ann channel 2\n");
}

static void
other_rooms_tell_nobody(void **state)
{
	struct office *office = *state;
	struct guest bob = guest_enter(office, "s", "bob");
	int64_t after = -1;

	assert_int_equal(guest_leave(&bob), LB_OK);
	herald_says(office, &after, "");
}

static void
a_herald_lives_as_long_as_it_is_named(void **state)
{
	struct office *office = *state;
	struct guest ann = expected(office, "r", "ann", 600 * MINUTE);
	int64_t after = -1;

	office_pass(office, 300 * MINUTE);
	assert_int_equal(guest_join(&ann), LB_OK);
	herald_says(office, &after, "app>* connected {\"from\":\"r\"}\n");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(mail_waits_for_who_has_not_come),
		TEST(after_its_time_it_is_unknown),
		TEST(who_lapsed_finds_its_mail_and_none_twice),
		TEST(who_leaves_may_come_back_while_it_is_held),
		TEST(a_held_id_is_nobody_elses),
		TEST(mail_for_an_id_is_its_whose_name_is_announced),
		TEST(a_service_does_not_count),
		TEST(strict_mail_is_for_who_is_there),
		TEST(nobody_has_the_id_is_no_error),
		TEST(a_mark_makes_a_repeat_one_message),
		TEST(a_mark_makes_a_repeat_one_announcement),
		TEST(a_full_mailbox_refuses_until_there_is_room),
		TEST(mail_waits_for_who_was_not_announced),
		TEST(it_waits_within_the_bounds_of_strangers),
		TEST(the_newest_opening_has_the_mail),
		TEST(an_opening_is_newer_though_the_clock_goes_back),
		TEST(a_herald_tells_of_each_in_order_and_once),
		TEST(a_page_that_goes_and_comes_is_not_told),
		TEST(who_listens_hears_at_once),
		TEST(a_room_that_somebody_listens_to_stays),
		TEST(what_is_acknowledged_is_not_heard_again),
		TEST(other_rooms_tell_nobody),
		TEST(a_herald_lives_as_long_as_it_is_named),
	};
	int failed = 0;

	failed += cmocka_run_group_tests_name("memory", tests, office_memory,
	    NULL);
	failed += cmocka_run_group_tests_name("sqlite", tests, office_sqlite,
	    NULL);
	return failed;
}
