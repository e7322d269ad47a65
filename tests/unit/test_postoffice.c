/*
 * Presence, rates and housekeeping of the post office.
 */
#include <sqlite3.h>

#include "office.h"
#include "scene.h"

/* ---- presence ------------------------------------------------------- */

static void
a_lapse_that_is_still_queued_outlives_the_office(void **state)
{
	struct office *office = *state;
	struct postoffice *po;
	struct scene *scene;
	void *fixture;
	char path[128];
	sqlite3 *db;
	int64_t room;
	int i;

	scene_sqlite(NULL);
	assert_int_equal(scene_setup(&fixture), 0);
	scene = fixture;
	room = scene_room(scene, "r");
	scene_peer(scene, room, "ann", STORE_PRESENT);
	po = postoffice_new(scene->store, &office->options, 1, &scene->now);
	assert_non_null(po);
	postoffice_turn(po, &scene->now);
	snprintf(path, sizeof(path), "%s/letterbox.db", scene->folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	    SQLITE_OK);
	for (i = 0; i < 355; i++) {
		scene->now.mono += 100;
		postoffice_turn(po, &scene->now);
	}
	postoffice_free(po);
	assert_int_equal(scene_teardown(&fixture), 0);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
a_peer_that_polls_stays(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;
	int i;

	for (i = 0; i < 10; i++) {
		assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
		office_pass(office, 25200);
		assert_int_equal(visit.done, 1);
		bob.after = visit.after;
		visit_forget(&visit);
		guest_hears(&ann, i == 0 ? "bob>* joined {}\n" : "");
	}
}

static void
a_peer_that_vanished_is_gone_within_its_lease(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;

	office_pass(office, 20000);
	guest_hears(&ann, "bob>* joined {}\n");
	guest_hears(&ann, "");
	assert_int_equal(guest_poll(&ann, &visit, 25000), LB_OK);
	office_pass(office, 14000);
	assert_int_equal(visit.done, 0);
	office_pass(office, 1500);
	assert_int_equal(visit.done, 1);
	assert_string_equal(visit.heard, "bob>* left {\"reason\":\"lease\"}\n");
	ann.after = visit.after;
	visit_forget(&visit);
	office_pass(office, 10000);
	guest_hears(&ann, "");
	assert_int_equal(postoffice_stats(office->po)->left, 1);
	assert_int_equal(bob.n, 0);
}

static void
who_lapsed_is_the_same_peer_again(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob"), again;
	struct guest thief = guest_new(office, "r", "bob", "other");
	struct visit visit;
	int64_t row = bob.row;

	assert_int_equal(guest_say(&bob, NULL, "1"), LB_OK);
	office_pass(office, 30000);
	assert_int_equal(guest_return(&ann), LB_OK);
	office_pass(office, 6000);
	guest_hears(&ann,
	    "bob>* joined {}\nbob>* chat 1\n"
	    "bob>* left {\"reason\":\"lease\"}\n");
	assert_int_equal(guest_say(&ann, "bob", "2"), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "3"), LB_OK);
	assert_int_equal(guest_join(&thief), LB_PEER_TAKEN);
	assert_int_equal(guest_poll(&bob, &visit, 0), LB_NOT_FOUND);
	visit_forget(&visit);
	again = guest_new(office, "r", "bob", "key");
	assert_int_equal(guest_join(&again), LB_OK);
	assert_true(again.row == row);
	assert_int_equal(again.n, 1);
	guest_hears(&ann, "bob>* joined {}\n");
	guest_hears(&bob, "ann>bob chat 2\nann>* chat 3\n");
}

static void
a_post_brings_a_lapsed_peer_back(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");

	office_pass(office, 30000);
	assert_int_equal(guest_return(&ann), LB_OK);
	office_pass(office, 6000);
	assert_int_equal(guest_say(&bob, NULL, "1"), LB_OK);
	guest_hears(&ann,
	    "bob>* joined {}\n"
	    "bob>* left {\"reason\":\"lease\"}\n"
	    "bob>* joined {}\nbob>* chat 1\n");
	guest_hears(&bob, "");
}

static void
an_id_is_free_after_its_reserve(void **state)
{
	struct office *office = *state;
	struct guest bob = guest_enter(office, "r", "bob");
	struct guest other = guest_new(office, "r", "bob", "other");

	office_pass(office, 36000);
	office_pass(office, 590000);
	assert_int_equal(guest_join(&other), LB_PEER_TAKEN);
	office_pass(office, 12000);
	assert_int_equal(guest_return(&bob), LB_NOT_A_MEMBER);
	assert_int_equal(guest_join(&other), LB_OK);
	assert_true(other.row != bob.row);
	guest_hears(&other, "");
}

static void
away_cuts_the_lease_and_says_nothing(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");

	guest_hears(&ann, "bob>* joined {}\n");
	assert_int_equal(guest_away(&bob), LB_OK);
	office_pass(office, 2500);
	guest_hears(&ann, "");
	/* A page that was reloaded is back within the time. */
	assert_int_equal(guest_return(&bob), LB_OK);
	office_pass(office, 5000);
	guest_hears(&ann, "");
	assert_int_equal(guest_away(&bob), LB_OK);
	office_pass(office, 2000);
	guest_hears(&bob, "");
	office_pass(office, 5000);
	guest_hears(&ann, "");
	assert_int_equal(guest_away(&bob), LB_OK);
	office_pass(office, 3500);
	guest_hears(&ann, "bob>* left {\"reason\":\"lease\"}\n");
	assert_int_equal(guest_away(&bob), LB_OK);
}

static void
away_answers_the_poll_of_the_page(void **state)
{
	struct office *office = *state;
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;

	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(guest_away(&bob), LB_OK);
	assert_int_equal(visit.done, 1);
	assert_int_equal(visit.err, LB_OK);
	visit_forget(&visit);
}

static void
a_longer_lease_lasts_longer(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_new(office, "r", "bob", "key");

	bob.lease = 600000;
	assert_int_equal(guest_join(&bob), LB_OK);
	guest_hears(&ann, "bob>* joined {}\n");
	office_pass(office, 599000);
	assert_int_equal(guest_return(&ann), LB_OK);
	assert_int_equal(guest_say(&bob, NULL, "1"), LB_OK);
	guest_hears(&ann, "bob>* chat 1\n");
	/* A poll renews it for as long. */
	guest_hears(&bob,
	    "ann>* left {\"reason\":\"lease\"}\n"
	    "ann>* joined {}\n");
	office_pass(office, 300000);
	assert_int_equal(guest_return(&ann), LB_OK);
	guest_hears(&ann, "");
}

static void
joined_and_left_stand_in_their_order(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob;
	int i;

	for (i = 0; i < 3; i++) {
		bob = guest_enter(office, "r", "bob");
		assert_int_equal(guest_say(&bob, NULL, "1"), LB_OK);
		assert_int_equal(guest_leave(&bob), LB_OK);
	}
	guest_hears(&ann,
	    "bob>* joined {}\nbob>* chat 1\n"
	    "bob>* left {\"reason\":\"leave\"}\n"
	    "bob>* joined {}\nbob>* chat 1\n"
	    "bob>* left {\"reason\":\"leave\"}\n"
	    "bob>* joined {}\nbob>* chat 1\n"
	    "bob>* left {\"reason\":\"leave\"}\n");
}

static void
nobody_lapses_because_the_server_was_away(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");

	guest_hears(&ann, "bob>* joined {}\n");
	/* Stopped for a minute, and then another process. */
	office->now.mono += 60000;
	office->now.wall += 60000;
	office_turn(office);
	guest_hears(&ann, "");
	office->now.mono += 60000;
	office->now.wall += 60000;
	office_restart(office);
	office_turn(office);
	office_pass(office, 30000);
	guest_hears(&bob, "");
	guest_hears(&ann, "");
	office_pass(office, 34000);
	guest_hears(&ann, "");
}

/* ---- rates ---------------------------------------------------------- */

static void
posts_and_joins_have_their_rates(void **state)
{
	struct office *office = *state;
	struct guest ann, bob, cat;
	int i;

	office->options.post_rate = 10;
	office->options.post_burst = 3;
	office->options.join_rate = 1;
	office->options.join_burst = 2;
	office_restart(office);
	ann = guest_enter(office, "r", "ann");
	bob = guest_enter(office, "r", "bob");
	cat = guest_new(office, "r", "cat", "key");
	assert_int_equal(guest_join(&cat), LB_TOO_FAST);
	for (i = 0; i < 3; i++)
		assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "2"), LB_TOO_FAST);
	assert_int_equal(guest_say(&bob, NULL, "1"), LB_OK);
	office_pass(office, 100);
	assert_int_equal(guest_say(&ann, NULL, "2"), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "3"), LB_TOO_FAST);
	office_pass(office, 900);
	assert_int_equal(guest_join(&cat), LB_OK);
}

static enum lb_err
miss(struct office *office, const char *address, int times)
{
	int64_t retry;

	while (times-- > 0)
		postoffice_miss(office->po, slice_of(address), &office->now);
	return postoffice_try(office->po, slice_of(address), &office->now,
	    &retry);
}

static void
who_misses_too_often_may_not_try(void **state)
{
	struct office *office = *state;

	assert_int_equal(miss(office, "192.0.2.1", 49), LB_OK);
	assert_int_equal(miss(office, "192.0.2.1", 1), LB_TOO_FAST);
	assert_int_equal(miss(office, "192.0.2.2", 0), LB_OK);
	office_pass(office, 100);
	assert_int_equal(miss(office, "192.0.2.1", 0), LB_TOO_FAST);
	office_pass(office, 100);
	assert_int_equal(miss(office, "192.0.2.1", 0), LB_OK);
	assert_int_equal(miss(office, "192.0.2.1", 1), LB_TOO_FAST);
}

static void
a_network_of_ipv6_counts_as_one_address(void **state)
{
	struct office *office = *state;

	assert_int_equal(miss(office, "2001:db8:0:1::1", 25), LB_OK);
	assert_int_equal(miss(office, "2001:DB8:0:1:ffff::2", 25), LB_TOO_FAST);
	assert_int_equal(miss(office, "2001:db8:0:1::1", 0), LB_TOO_FAST);
	assert_int_equal(miss(office, "2001:db8:0:2::1", 0), LB_OK);
	assert_int_equal(miss(office, "::ffff:192.0.2.1", 100), LB_TOO_FAST);
	assert_int_equal(miss(office, "::ffff:192.0.2.2", 0), LB_OK);
	assert_int_equal(miss(office, "", 100), LB_TOO_FAST);
}

static void
reports_are_few_for_a_member_and_for_an_address(void **state)
{
	struct office *office = *state;
	struct token_digest token = { { 0 } };
	int64_t retry;
	int i;

	for (i = 0; i < 50; i++) {
		token.b[0] = (unsigned char)(i / 10);
		assert_int_equal(postoffice_report(office->po, &token,
				     SLICE("192.0.2.1"), &office->now, &retry),
		    LB_OK);
	}
	assert_int_equal(postoffice_report(office->po, &token,
			     SLICE("192.0.2.2"), &office->now, &retry),
	    LB_TOO_FAST);
	token.b[0]++;
	assert_int_equal(postoffice_report(office->po, &token,
			     SLICE("192.0.2.1"), &office->now, &retry),
	    LB_TOO_FAST);
	assert_int_equal(postoffice_report(office->po, &token,
			     SLICE("192.0.2.2"), &office->now, &retry),
	    LB_OK);
}

/* ---- housekeeping --------------------------------------------------- */

/* Mail alone has expired: what everybody was told since is younger. */
static void
mail_that_expired_unread_is_told(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;
	int i;

	office->options.ttl = 60000;
	guest_hears(&bob, "");
	assert_int_equal(guest_say(&ann, "bob", "1"), LB_OK);
	for (i = 0; i < 3; i++) {
		office_pass(office, 25000);
		assert_int_equal(guest_return(&ann), LB_OK);
	}
	assert_int_equal(guest_return(&bob), LB_OK);
	assert_int_equal(guest_poll(&bob, &visit, 0), LB_OK);
	assert_string_equal(visit.heard, "");
	assert_int_equal(visit.gap, 1);
	bob.after = visit.after;
	visit_forget(&visit);
	/* What was read is no loss. */
	assert_int_equal(guest_say(&ann, "bob", "2"), LB_OK);
	guest_hears(&bob, "ann>bob chat 2\n");
	guest_hears(&bob, "");
	for (i = 0; i < 3; i++) {
		office_pass(office, 25000);
		assert_int_equal(guest_return(&bob), LB_OK);
	}
	assert_int_equal(guest_poll(&bob, &visit, 0), LB_OK);
	assert_int_equal(visit.gap, 0);
	visit_forget(&visit);
}

static void
messages_expire_and_rooms_with_them(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;
	int i;

	office->options.ttl = 60000;
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
	for (i = 0; i < 3; i++) {
		office_pass(office, 30000);
		assert_int_equal(guest_return(&ann), LB_OK);
		assert_int_equal(guest_return(&bob), LB_OK);
	}
	assert_int_equal(guest_poll(&bob, &visit, 0), LB_OK);
	assert_int_equal(visit.gap, 1);
	assert_string_equal(visit.heard, "");
	visit_forget(&visit);
	assert_int_equal(guest_leave(&ann), LB_OK);
	assert_int_equal(guest_leave(&bob), LB_OK);
	office_pass(office, 70000);
	assert_int_equal(guest_return(&ann), LB_NOT_A_MEMBER);
	/* A new room, and a new secret. */
	ann = guest_new(office, "r", "ann", "key");
	ann.secret = "sesame";
	assert_int_equal(guest_join(&ann), LB_OK);
}

static void
a_clock_set_forward_makes_nothing_older(void **state)
{
	static const int64_t jumps[] = { 3600000, 315360000000, -7200000 };
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	size_t i;
	int k;

	office->options.ttl = 60000;
	office->options.bounds.reserve = 60000;
	office->options.stranger_ttl = 60000;
	for (i = 0; i < COUNT(jumps); i++) {
		assert_int_equal(guest_say(&ann, "bob", "1"), LB_OK);
		office->now.wall += jumps[i];
		office_pass(office, 30000);
		guest_hears(&bob, "ann>bob chat 1\n");
		assert_int_equal(guest_return(&ann), LB_OK);
	}
	/* In the end it goes all the same. */
	office->now.wall += 7200000;
	for (k = 0; k < 5; k++) {
		office_pass(office, 30000);
		assert_int_equal(guest_return(&ann), LB_OK);
		assert_int_equal(guest_return(&bob), LB_OK);
	}
	bob.after = ann.after;
	guest_hears(&bob, "");
}

static void
mail_for_nobody_goes_after_a_while(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann"), bob;
	int i;

	assert_int_equal(guest_say(&ann, "bob", "1"), LB_OK);
	for (i = 0; i < 21; i++) {
		office_pass(office, 30000);
		assert_int_equal(guest_return(&ann), LB_OK);
	}
	assert_int_equal(guest_say(&ann, "bob", "2"), LB_OK);
	bob = guest_enter(office, "r", "bob");
	bob.after = 1;
	guest_hears(&bob, "ann>bob chat 2\n");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_lapse_that_is_still_queued_outlives_the_office),
		TEST(a_peer_that_polls_stays),
		TEST(a_peer_that_vanished_is_gone_within_its_lease),
		TEST(who_lapsed_is_the_same_peer_again),
		TEST(a_post_brings_a_lapsed_peer_back),
		TEST(an_id_is_free_after_its_reserve),
		TEST(away_cuts_the_lease_and_says_nothing),
		TEST(away_answers_the_poll_of_the_page),
		TEST(a_longer_lease_lasts_longer),
		TEST(joined_and_left_stand_in_their_order),
		TEST(nobody_lapses_because_the_server_was_away),
		TEST(posts_and_joins_have_their_rates),
		TEST(who_misses_too_often_may_not_try),
		TEST(a_network_of_ipv6_counts_as_one_address),
		TEST(reports_are_few_for_a_member_and_for_an_address),
		TEST(mail_that_expired_unread_is_told),
		TEST(messages_expire_and_rooms_with_them),
		TEST(a_clock_set_forward_makes_nothing_older),
		TEST(mail_for_nobody_goes_after_a_while),
	};
	int failed = 0;

	failed += cmocka_run_group_tests_name("postoffice over memory", tests,
	    office_memory, NULL);
	failed += cmocka_run_group_tests_name("postoffice over sqlite", tests,
	    office_sqlite, NULL);
	return failed;
}
