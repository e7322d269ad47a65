/*
 * Two post offices on one database, as two processes of one server are: what
 * is decided by one holds for the other.
 */
#include "office.h"

/* The same client, whose requests now reach the other process. */
static struct guest
guest_at(const struct guest *guest, struct office *office)
{
	struct guest there = *guest;

	there.office = office;
	return there;
}

/* Time passes for both. */
static void
pass_both(struct office *one, struct office *two, int64_t ms)
{
	int64_t step;

	for (; ms > 0; ms -= step) {
		step = ms < 100 ? ms : 100;
		office_pass(one, step);
		office_pass(two, step);
	}
}

static void
a_post_here_answers_a_poll_there(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(one, "r", "ann");
	struct guest bob = guest_enter(two, "r", "bob");
	struct visit visit;

	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(visit.parked, 1);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	assert_int_equal(visit.done, 0);
	postoffice_heard_commit(two->po);
	office_turn(two);
	assert_int_equal(visit.done, 1);
	assert_string_equal(visit.heard, "ann>* chat 1\n");
	bob.after = visit.after;
	visit_forget(&visit);
	/* Nobody said a word: the net catches it within half a second. */
	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "2"), LB_OK);
	office_pass(two, 600);
	assert_int_equal(visit.done, 1);
	assert_string_equal(visit.heard, "ann>* chat 2\n");
	visit_forget(&visit);
	office_close(two);
}

static void
a_join_and_a_post_are_repeated_elsewhere(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(one, "r", "ann");
	struct guest bob = guest_new(one, "r", "bob", "key"), again;
	struct guest thief = guest_new(two, "r", "bob", "other");
	int64_t seq;

	assert_int_equal(guest_join_with(&bob, NULL, "1"), LB_OK);
	again = guest_new(two, "r", "bob", "key");
	assert_int_equal(guest_join_with(&again, NULL, "1"), LB_OK);
	assert_true(again.row == bob.row);
	assert_int_equal(again.n, 1);
	assert_int_equal(guest_join(&thief), LB_PEER_TAKEN);
	assert_int_equal(guest_post(&again, 2, NULL, "2"), LB_OK);
	seq = again.seq;
	assert_int_equal(guest_post(&bob, 2, NULL, "2"), LB_OK);
	assert_true(bob.seq == seq);
	assert_int_equal(guest_post(&bob, 2, NULL, "other"), LB_N_REUSED);
	guest_hears(&ann, "bob>* joined {}\nbob>* chat 1\nbob>* chat 2\n");
	ann = guest_at(&ann, two);
	guest_hears(&ann, "");
	office_close(two);
}

static void
a_lapse_is_told_once_by_both(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(one, "r", "ann");
	char ids[12][16];
	int64_t left;
	int i;

	one->options.bounds.peers = two->options.bounds.peers = 20;
	for (i = 0; i < 12; i++) {
		snprintf(ids[i], sizeof(ids[i]), "p%d", i);
		guest_enter(i % 2 ? one : two, "r", ids[i]);
	}
	pass_both(one, two, 30000);
	assert_int_equal(guest_return(&ann), LB_OK);
	pass_both(one, two, 10000);
	left = postoffice_stats(one->po)->left +
	    postoffice_stats(two->po)->left;
	assert_int_equal(left, 12);
	office_close(two);
}

static void
polling_there_keeps_the_lease_here(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(one, "r", "ann");
	struct guest bob = guest_enter(one, "r", "bob");
	struct guest there = guest_at(&bob, two);
	struct visit visit;
	int i;

	guest_hears(&ann, "bob>* joined {}\n");
	for (i = 0; i < 5; i++) {
		assert_int_equal(guest_poll(&there, &visit, 25000), LB_OK);
		pass_both(one, two, 25200);
		assert_int_equal(visit.done, 1);
		visit_forget(&visit);
		guest_hears(&ann, "");
	}
	office_close(two);
}

/* The last word of a process. */
struct said {
	enum postoffice_word word;
	int64_t peer;
};

static void
note_word(void *arg, enum postoffice_word word, int64_t peer)
{
	struct said *said = arg;

	said->word = word;
	said->peer = peer;
}

static void
a_poll_there_supersedes_the_one_here(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(one, "r", "ann");
	struct guest there = guest_at(&ann, two);
	struct visit old, new;
	struct said taken = { 0 };

	postoffice_on_word(two->po, note_word, &taken);
	assert_int_equal(guest_poll(&ann, &old, 25000), LB_OK);
	pass_both(one, two, 2000);
	assert_int_equal(guest_poll(&there, &new, 25000), LB_OK);
	assert_true(taken.peer == ann.row);
	assert_int_equal(taken.word, POSTOFFICE_POLLS);
	/* The word goes out when the turn has written the lease. */
	office_turn(two);
	postoffice_heard(one->po, taken.word, taken.peer, &one->now);
	office_turn(one);
	assert_int_equal(old.done, 1);
	assert_int_equal(old.err, LB_SUPERSEDED);
	assert_int_equal(new.done, 0);
	visit_forget(&old);
	/* A word that comes too late does not end the newer poll. */
	assert_int_equal(guest_poll(&ann, &old, 25000), LB_OK);
	office_turn(one);
	postoffice_heard(one->po, taken.word, taken.peer, &one->now);
	assert_int_equal(old.done, 0);
	visit_forget(&old);
	visit_forget(&new);
	office_close(two);
}

static void
who_is_removed_here_is_not_superseded_there(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(one, "r", "ann");
	struct guest bob = guest_enter(two, "r", "bob");
	struct visit visit;

	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(guest_rule(&ann,
			     RULES(.lock = -1, .remove = SLICE("bob"))),
	    LB_OK);
	postoffice_heard(two->po, POSTOFFICE_POLLS, bob.row, &two->now);
	assert_int_equal(visit.done, 1);
	assert_int_equal(visit.err, LB_OK);
	visit_forget(&visit);
	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_NOT_A_MEMBER);
	visit_forget(&visit);
	office_close(two);
}

/* The log says who is out; the word between processes may come later. */
static void
who_is_removed_here_hears_nothing_more_there(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(one, "r", "ann");
	struct guest bob = guest_enter(two, "r", "bob");
	struct visit visit;

	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(guest_rule(&ann,
			     RULES(.lock = -1, .remove = SLICE("bob"))),
	    LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	postoffice_heard_commit(two->po);
	office_turn(two);
	assert_int_equal(visit.done, 1);
	assert_int_equal(visit.err, LB_NOT_A_MEMBER);
	assert_int_equal(visit.count, 0);
	visit_forget(&visit);
	office_close(two);
}

static void
a_stream_there_ends_with_what_came_before_the_removal(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(one, "r", "ann");
	struct guest bob = guest_enter(two, "r", "bob");
	struct visit visit;

	visit_init(&visit, two);
	visit.waiter.is_stream = 1;
	assert_int_equal(guest_visit(&bob, &visit, 25000, "192.0.2.1"), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	assert_int_equal(guest_rule(&ann,
			     RULES(.lock = -1, .remove = SLICE("bob"))),
	    LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "2"), LB_OK);
	postoffice_heard_commit(two->po);
	office_turn(two);
	assert_int_equal(visit.waiter.parked, 0);
	assert_string_equal(visit.heard, "ann>* chat 1\n");
	visit_forget(&visit);
	office_close(two);
}

/* An old leaving is in the log behind a cursor that is older still. */
static void
who_left_and_came_back_hears_all(void **state)
{
	struct office *one = *state;
	struct guest ann = guest_enter(one, "r", "ann");
	struct guest bob = guest_enter(one, "r", "bob");

	guest_hears(&bob, "");
	office_pass(one, 40000);
	assert_int_equal(guest_return(&ann), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	assert_int_equal(guest_return(&bob), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "2"), LB_OK);
	guest_hears(&bob,
	    "ann>* left {\"reason\":\"lease\"}\n"
	    "ann>* joined {}\n"
	    "ann>* chat 1\nann>* chat 2\n");
}

static void
who_says_here_that_it_goes_is_answered_there(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(one, "r", "ann");
	struct guest there = guest_at(&ann, two);
	struct visit visit;
	struct said gone = { 0 };

	postoffice_on_word(two->po, note_word, &gone);
	assert_int_equal(guest_poll(&ann, &visit, 25000), LB_OK);
	pass_both(one, two, 2000);
	assert_int_equal(guest_away(&there), LB_OK);
	assert_true(gone.peer == ann.row);
	assert_int_equal(gone.word, POSTOFFICE_GOES);
	office_turn(two);
	postoffice_heard(one->po, gone.word, gone.peer, &one->now);
	office_turn(one);
	assert_int_equal(visit.done, 1);
	assert_int_equal(visit.err, LB_OK);
	visit_forget(&visit);
	office_close(two);
}

/* The room's bound took it before the other process looked. */
static void
what_was_dropped_unheard_is_told_there(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(one, "r", "ann");
	struct guest bob = guest_enter(two, "r", "bob");
	struct visit visit;
	int i;

	one->options.bounds.room_messages = 3;
	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(visit.parked, 1);
	for (i = 0; i < 9; i++)
		assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	postoffice_heard_commit(two->po);
	office_turn(two);
	assert_int_equal(visit.done, 1);
	assert_true(visit.count <= 3);
	assert_int_equal(visit.gap, 1);
	bob.after = visit.after;
	visit_forget(&visit);
	/* Once: what comes next comes whole. */
	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "2"), LB_OK);
	postoffice_heard_commit(two->po);
	office_turn(two);
	assert_string_equal(visit.heard, "ann>* chat 2\n");
	assert_int_equal(visit.gap, 0);
	visit_forget(&visit);
	office_close(two);
}

/* Whoever comes has its lease at once, whatever becomes of the process. */
static void
who_comes_where_a_process_ends_is_no_ghost(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(two, "r", "ann");
	struct guest bob = guest_enter(one, "r", "bob");

	guest_hears(&ann, "bob>* joined {}\n");
	/* Not another turn of the one. */
	office_pass(two, 20000);
	guest_hears(&ann, "");
	office_pass(two, 20000);
	guest_hears(&ann, "bob>* left {\"reason\":\"lease\"}\n");
	one->now = two->now;
	assert_int_equal(guest_return(&bob), LB_OK);
	guest_hears(&ann, "bob>* joined {}\n");
	office_pass(two, 20000);
	guest_hears(&ann, "");
	office_pass(two, 20000);
	guest_hears(&ann, "bob>* left {\"reason\":\"lease\"}\n");
	office_close(two);
}

/* The other one looks for ended leases before this one has the next turn. */
static void
who_comes_back_at_the_last_moment_is_not_told_as_gone(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(two, "r", "ann");
	struct guest bob = guest_enter(one, "r", "bob");
	struct visit visit;
	int i;

	guest_hears(&ann, "bob>* joined {}\n");
	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	visit_forget(&visit);
	for (i = 0; i < 2; i++) {
		pass_both(one, two, 1000);
		assert_int_equal(guest_away(&bob), LB_OK);
		pass_both(one, two, one->options.away - 50);
		if (i == 0)
			assert_int_equal(guest_return(&bob), LB_OK);
		else
			assert_int_equal(guest_poll(&bob, &visit, 25000),
			    LB_OK);
		office_pass(two, 500);
		guest_hears(&ann, "");
		one->now = two->now;
	}
	visit_forget(&visit);
	office_close(two);
}

/* A page that lives on although it said that it goes, where no word comes from
 * one process to the other. */
static void
who_lapsed_there_is_answered_here_and_comes_back(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(two, "r", "ann");
	struct guest bob = guest_enter(one, "r", "bob"), there;
	struct visit poll, again;
	int i;

	guest_hears(&ann, "bob>* joined {}\n");
	there = guest_at(&bob, two);
	for (i = 0; i < 2; i++) {
		visit_init(&poll, one);
		poll.waiter.is_stream = i == 1;
		assert_int_equal(guest_visit(&bob, &poll, 25000, "192.0.2.1"),
		    LB_OK);
		assert_int_equal(poll.parked, 1);
		assert_int_equal(guest_away(&there), LB_OK);
		pass_both(one, two, two->options.away + 1000);
		assert_int_equal(poll.waiter.parked, 0);
		assert_int_equal(poll.err, LB_OK);
		assert_int_equal(poll.count, 0);
		bob.after = poll.after;
		visit_forget(&poll);
		/* As the dialects do. */
		assert_int_equal(guest_poll(&bob, &again, 0), LB_NOT_FOUND);
		visit_forget(&again);
		assert_int_equal(guest_return(&bob), LB_OK);
		guest_hears(&ann,
		    "bob>* left {\"reason\":\"lease\"}\n"
		    "bob>* joined {}\n");
	}
	office_close(two);
}

static void
rules_and_removal_hold_there(void **state)
{
	struct office *one = *state, *two = office_beside(one);
	struct guest ann = guest_enter(one, "r", "ann");
	struct guest bob = guest_enter(two, "r", "bob");
	struct guest cat = guest_new(two, "r", "cat", "key");

	assert_int_equal(guest_rule(&ann, RULES(.lock = 1)), LB_OK);
	assert_int_equal(guest_join(&cat), LB_LOCKED);
	guest_hears(&ann, "bob>* joined {}\ncat>ann room-knock {}\n");
	assert_int_equal(guest_rule(&ann,
			     RULES(.lock = -1, .remove = SLICE("bob"))),
	    LB_OK);
	assert_int_equal(guest_say(&bob, NULL, "1"), LB_NOT_A_MEMBER);
	assert_int_equal(guest_rule(&ann, RULES(.lock = -1, .end = 1)), LB_OK);
	ann = guest_at(&ann, two);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_ENDED);
	office_close(two);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_post_here_answers_a_poll_there),
		TEST(a_join_and_a_post_are_repeated_elsewhere),
		TEST(a_lapse_is_told_once_by_both),
		TEST(polling_there_keeps_the_lease_here),
		TEST(a_poll_there_supersedes_the_one_here),
		TEST(who_is_removed_here_is_not_superseded_there),
		TEST(who_is_removed_here_hears_nothing_more_there),
		TEST(a_stream_there_ends_with_what_came_before_the_removal),
		TEST(who_left_and_came_back_hears_all),
		TEST(who_says_here_that_it_goes_is_answered_there),
		TEST(what_was_dropped_unheard_is_told_there),
		TEST(who_comes_where_a_process_ends_is_no_ghost),
		TEST(who_comes_back_at_the_last_moment_is_not_told_as_gone),
		TEST(who_lapsed_there_is_answered_here_and_comes_back),
		TEST(rules_and_removal_hold_there),
	};

	return cmocka_run_group_tests_name("processes", tests, office_sqlite,
		   NULL) +
	    cmocka_run_group_tests_name("processes, rollback", tests,
		office_rollback, NULL);
}
