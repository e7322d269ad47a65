/*
 * Polls of the post office: parked, answered, superseded, streamed.
 */
#include "office.h"

static void
a_poll_waits_and_is_answered_by_a_post(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;

	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(visit.parked, 1);
	assert_int_equal(visit.done, 0);
	office_pass(office, 5000);
	assert_int_equal(visit.done, 0);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	assert_int_equal(visit.done, 1);
	assert_int_equal(visit.err, LB_OK);
	assert_string_equal(visit.heard, "ann>* chat 1\n");
	assert_int_equal(postoffice_stats(office->po)->waiters, 0);
	visit_forget(&visit);
}

static void
a_poll_ends_empty_at_its_deadline(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct visit visit;
	int64_t start = office->now.mono;

	assert_int_equal(guest_poll(&ann, &visit, 4000), LB_OK);
	while (!visit.done)
		office_pass(office, 50);
	assert_true(office->now.mono - start >= 4000);
	assert_true(office->now.mono - start <= 4200);
	assert_int_equal(visit.err, LB_OK);
	assert_int_equal(visit.count, 0);
	visit_forget(&visit);
	/* However long it wants to wait, it is held for `hold`. */
	start = office->now.mono;
	assert_int_equal(guest_poll(&ann, &visit, 300000), LB_OK);
	while (!visit.done)
		office_pass(office, 50);
	assert_true(office->now.mono - start <= 25200);
	visit_forget(&visit);
}

static void
a_poll_that_has_mail_does_not_wait(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;

	assert_int_equal(guest_say(&ann, "bob", "1"), LB_OK);
	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(visit.parked, 0);
	assert_int_equal(visit.done, 1);
	assert_string_equal(visit.heard, "ann>bob chat 1\n");
	visit_forget(&visit);
	/* Not acknowledged: the same again. */
	guest_hears(&bob, "ann>bob chat 1\n");
	guest_hears(&bob, "");
}

static void
a_newer_poll_supersedes_the_older(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit old, new;

	assert_int_equal(guest_poll(&bob, &old, 25000), LB_OK);
	assert_int_equal(guest_poll(&bob, &new, 25000), LB_OK);
	assert_int_equal(old.done, 1);
	assert_int_equal(old.err, LB_SUPERSEDED);
	assert_int_equal(new.done, 0);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	assert_int_equal(old.done, 1);
	assert_int_equal(new.done, 1);
	assert_string_equal(new.heard, "ann>* chat 1\n");
	visit_forget(&old);
	visit_forget(&new);
}

static void
a_parked_post_gives_way_and_takes_no_polls_place(void **state)
{
	struct office *office = *state;
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit post, poll;

	visit_init(&post, office);
	post.waiter.is_post = 1;
	assert_int_equal(guest_visit(&bob, &post, 25000, "192.0.2.1"), LB_OK);
	assert_int_equal(post.parked, 1);
	assert_int_equal(guest_poll(&bob, &poll, 25000), LB_OK);
	assert_int_equal(post.done, 1);
	assert_int_equal(post.err, LB_OK);
	assert_int_equal(poll.done, 0);
	visit_forget(&post);
	/* Now a poll waits, and a post's does not take its place. */
	visit_init(&post, office);
	post.waiter.is_post = 1;
	assert_int_equal(guest_visit(&bob, &post, 25000, "192.0.2.1"), LB_OK);
	assert_int_equal(post.done, 1);
	assert_int_equal(post.err, LB_OK);
	assert_int_equal(poll.done, 0);
	visit_forget(&post);
	visit_forget(&poll);
}

static void
a_post_yields_to_the_peers_next_request(void **state)
{
	struct office *office = *state;
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit post, poll;

	visit_init(&post, office);
	post.waiter.is_post = 1;
	assert_int_equal(guest_visit(&bob, &post, 25000, "192.0.2.1"), LB_OK);
	postoffice_yield(office->po, bob.row);
	assert_int_equal(post.done, 1);
	assert_int_equal(post.err, LB_OK);
	visit_forget(&post);
	assert_int_equal(guest_poll(&bob, &poll, 25000), LB_OK);
	postoffice_yield(office->po, bob.row);
	assert_int_equal(poll.done, 0);
	visit_forget(&poll);
}

static void
a_stream_goes_on_after_what_it_said(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit stream;
	int i;

	visit_init(&stream, office);
	stream.waiter.is_stream = 1;
	assert_int_equal(guest_say(&ann, NULL, "0"), LB_OK);
	assert_int_equal(guest_visit(&bob, &stream, 20000, "192.0.2.1"), LB_OK);
	assert_int_equal(stream.parked, 1);
	office_turn(office);
	assert_int_equal(stream.done, 1);
	assert_string_equal(stream.heard, "ann>* chat 0\n");
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	assert_int_equal(stream.done, 2);
	assert_string_equal(stream.heard, "ann>* chat 1\n");
	/* More than one reply may hold, in one go. */
	for (i = 2; i < 150; i++)
		assert_int_equal(guest_say(&ann, NULL, "2"), LB_OK);
	assert_int_equal(stream.count, 150);
	office_pass(office, 20200);
	assert_int_equal(stream.waiter.parked, 0);
	assert_string_equal(stream.heard, "");
	assert_int_equal(stream.err, LB_OK);
	visit_forget(&stream);
}

static void
a_long_backlog_comes_in_pieces_without_a_hole(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;
	int total = 0, replies = 0;

	office->options.post_rate = 1000;
	office_restart(office);
	while (total < 600) {
		office->now.mono += 30;
		assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
		total++;
	}
	for (total = 0; total < 600; replies++) {
		assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
		assert_int_equal(visit.done, 1);
		assert_true(visit.count > 0);
		assert_int_equal(visit.gap + visit.reset, 0);
		total += visit.count;
		bob.after = visit.after;
		visit_forget(&visit);
	}
	assert_int_equal(total, 600);
	assert_true(replies >= 3);
	guest_hears(&bob, "");
}

static void
a_cursor_of_another_epoch_is_reset(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;
	int64_t after;

	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	after = bob.after;
	strcpy(bob.epoch, "00000000");
	bob.after = INT64_MAX;
	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(visit.done, 1);
	assert_int_equal(visit.reset, 1);
	assert_string_equal(visit.heard, "ann>* chat 1\n");
	visit_forget(&visit);
	/* So is one beyond the newest, and neither acknowledges anything. */
	strcpy(bob.epoch, ann.epoch);
	bob.after = after + 1000;
	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(visit.reset, 1);
	assert_string_equal(visit.heard, "ann>* chat 1\n");
	visit_forget(&visit);
	bob.after = after;
	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(visit.reset, 0);
	assert_string_equal(visit.heard, "ann>* chat 1\n");
	visit_forget(&visit);
}

static void
without_a_cursor_a_poll_begins_at_the_joining(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann"), bob;

	assert_int_equal(guest_say(&ann, NULL, "before"), LB_OK);
	bob = guest_enter(office, "r", "bob");
	assert_int_equal(guest_say(&ann, NULL, "after"), LB_OK);
	bob.after = -1;
	guest_hears(&bob, "ann>* chat after\n");
}

/* What a poll's answer says of the next one. */
#define assert_held(visit)                               \
	assert_true((visit).waiter.pace.wait == 25000 && \
	    (visit).waiter.pace.pause == 0)
#define assert_pauses(visit, from, to)               \
	assert_true((visit).waiter.pace.wait == 0 && \
	    (visit).waiter.pace.pause >= (from) &&   \
	    (visit).waiter.pace.pause <= (to))

static void
who_has_no_seat_is_answered_at_once(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct guest cat = guest_enter(office, "r", "cat");
	struct visit a, b, c;

	office->options.governor.seats[FRONT_EVENT] = 2;
	guest_hears(&ann, "bob>* joined {}\ncat>* joined {}\n");
	guest_hears(&bob, "cat>* joined {}\n");
	assert_int_equal(guest_poll(&ann, &a, 25000), LB_OK);
	assert_int_equal(a.parked, 1);
	assert_int_equal(guest_poll(&bob, &b, 25000), LB_OK);
	assert_int_equal(b.parked, 1);
	/* All seats are taken now; his older poll's own is free for him. */
	assert_int_equal(guest_poll(&cat, &c, 25000), LB_OK);
	assert_int_equal(c.done, 1);
	assert_int_equal(c.err, LB_OK);
	assert_pauses(c, 45, 55);
	office_pass(office, 700);
	assert_int_equal(guest_poll(&bob, &c, 25000), LB_OK);
	assert_int_equal(b.err, LB_SUPERSEDED);
	assert_int_equal(c.parked, 1);
	visit_forget(&a);
	visit_forget(&b);
	visit_forget(&c);
	assert_int_equal(guest_poll(&cat, &c, 0), LB_OK);
	assert_held(c);
}

static void
an_address_has_no_more_than_its_polls(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit a, b;
	struct governor_pace pace;

	office->options.polls_per_address = 1;
	guest_hears(&ann, "bob>* joined {}\n");
	assert_int_equal(guest_poll(&ann, &a, 25000), LB_OK);
	assert_int_equal(a.parked, 1);
	assert_int_equal(guest_poll(&bob, &b, 25000), LB_OK);
	assert_int_equal(b.done, 1);
	assert_pauses(b, 1350, 1650);
	pace = postoffice_pace(office->po, SLICE("192.0.2.1"), &office->now);
	assert_true(pace.wait == 0 && pace.pause >= 1350);
	pace = postoffice_pace(office->po, SLICE("192.0.2.2"), &office->now);
	assert_true(pace.wait == 25000 && pace.pause == 0);
	visit_init(&b, office);
	assert_int_equal(guest_visit(&bob, &b, 25000, "192.0.2.2"), LB_OK);
	assert_int_equal(b.parked, 1);
	visit_forget(&a);
	visit_forget(&b);
}

static void
a_network_of_ipv6_has_no_more_than_its_polls(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit a, b;

	office->options.polls_per_address = 1;
	guest_hears(&ann, "bob>* joined {}\n");
	visit_init(&a, office);
	assert_int_equal(guest_visit(&ann, &a, 25000, "2001:db8::1"), LB_OK);
	assert_int_equal(a.parked, 1);
	visit_init(&b, office);
	assert_int_equal(guest_visit(&bob, &b, 25000, "2001:db8::ffff:1"),
	    LB_OK);
	assert_int_equal(b.done, 1);
	visit_init(&b, office);
	assert_int_equal(guest_visit(&bob, &b, 25000, "2001:db8:0:1::1"),
	    LB_OK);
	assert_int_equal(b.parked, 1);
	visit_forget(&a);
	visit_forget(&b);
}

static void
a_poll_without_an_address_is_served(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct visit visit;

	visit_init(&visit, office);
	assert_int_equal(guest_visit(&ann, &visit, 1000, NULL), LB_OK);
	assert_int_equal(visit.parked, 1);
	office_pass(office, 1200);
	assert_int_equal(visit.done, 1);
	visit_forget(&visit);
}

static void
who_is_gone_frees_the_waiter(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;

	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	visit_forget(&visit);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	office_pass(office, 26000);
	assert_int_equal(visit.done, 0);
	/* What was not delivered is there for the next poll. */
	guest_hears(&bob, "ann>* chat 1\n");
}

static void
drain_answers_everybody(void **state)
{
	struct office *office = *state;
	struct guest guests[3];
	struct visit visits[3];
	static const char *const rooms[] = { "a", "b", "c" };
	int i;

	for (i = 0; i < 3; i++) {
		guests[i] = guest_enter(office, rooms[i], "ann");
		assert_int_equal(guest_poll(&guests[i], &visits[i], 25000),
		    LB_OK);
	}
	postoffice_drain(office->po);
	for (i = 0; i < 3; i++) {
		assert_int_equal(visits[i].done, 1);
		assert_int_equal(visits[i].err, LB_OK);
		visit_forget(&visits[i]);
	}
}

static void
the_end_of_the_office_ends_every_waiter(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct visit visit;

	assert_int_equal(guest_poll(&ann, &visit, 25000), LB_OK);
	postoffice_free(office->po);
	office->po = NULL;
	assert_int_equal(visit.done, 1);
	assert_int_equal(visit.err, LB_SHUTTING_DOWN);
	buf_reset(&visit.waiter.messages);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_poll_waits_and_is_answered_by_a_post),
		TEST(a_poll_ends_empty_at_its_deadline),
		TEST(a_poll_that_has_mail_does_not_wait),
		TEST(a_newer_poll_supersedes_the_older),
		TEST(a_parked_post_gives_way_and_takes_no_polls_place),
		TEST(a_post_yields_to_the_peers_next_request),
		TEST(a_stream_goes_on_after_what_it_said),
		TEST(a_long_backlog_comes_in_pieces_without_a_hole),
		TEST(a_cursor_of_another_epoch_is_reset),
		TEST(without_a_cursor_a_poll_begins_at_the_joining),
		TEST(who_has_no_seat_is_answered_at_once),
		TEST(an_address_has_no_more_than_its_polls),
		TEST(a_network_of_ipv6_has_no_more_than_its_polls),
		TEST(a_poll_without_an_address_is_served),
		TEST(who_is_gone_frees_the_waiter),
		TEST(drain_answers_everybody),
		TEST(the_end_of_the_office_ends_every_waiter),
	};
	int failed = 0;

	failed += cmocka_run_group_tests_name("polls over memory", tests,
	    office_memory, NULL);
	failed += cmocka_run_group_tests_name("polls over sqlite", tests,
	    office_sqlite, NULL);
	return failed;
}
