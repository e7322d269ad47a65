/*
 * What every store promises of time: leases and expiry.
 */
#include "scene.h"

/* ---- leases --------------------------------------------------------- */

static void
put_lease(struct scene *scene, int64_t peer, int64_t deadline)
{
	struct act act = { .what = act_lease_put, .a = peer };

	act.lease = (struct store_lease){ deadline, 35000, 0, 7, 0 };
	assert_int_equal(scene_do(scene, &act), LB_OK);
}

static enum lb_err
get_lease(struct scene *scene, int64_t peer, struct store_lease *lease)
{
	struct act act = { .what = act_lease_get, .a = peer };
	enum lb_err err = scene_do(scene, &act);

	*lease = act.lease;
	return err;
}

static enum lb_err
end_lease(struct scene *scene, int64_t peer, int64_t mono)
{
	struct act act = { .what = act_lease_end, .a = peer, .b = mono };

	return scene_do(scene, &act);
}

static void
check_overdue(struct scene *scene, int64_t mono, size_t max,
    const int64_t *expected, size_t count)
{
	int64_t peers[8] = { 0 };
	size_t found, i;

	scene_turn(scene);
	assert_int_equal(store_overdue(scene->store, mono, peers, max, &found),
	    LB_OK);
	assert_int_equal(found, count);
	for (i = 0; i < count; i++)
		assert_true(peers[i] == expected[i]);
}

static void
a_lease_keeps_what_was_written(void **state)
{
	struct scene *scene = *state;
	struct act act = { .what = act_lease_put, .a = 5 };
	struct store_lease lease;

	act.lease = (struct store_lease){ 1234567, 600000, 42, UINT64_MAX - 1,
		9 };
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(get_lease(scene, 5, &lease), LB_OK);
	assert_true(lease.deadline == 1234567);
	assert_true(lease.term == 600000);
	assert_true(lease.cursor == 42);
	assert_true(lease.poller == UINT64_MAX - 1);
	assert_true(lease.opening == 9);
	assert_int_equal(get_lease(scene, 6, &lease), LB_NOT_FOUND);
}

static void
neither_cursor_nor_opening_falls(void **state)
{
	struct scene *scene = *state;
	const struct store_lease low = { .deadline = 3,
		.term = 1,
		.cursor = 4 };
	struct act act = { .what = act_lease_put, .a = 5 };
	struct store_lease lease;

	act.lease = (struct store_lease){ .deadline = 1,
		.term = 1,
		.cursor = 7,
		.opening = 8 };
	assert_int_equal(scene_do(scene, &act), LB_OK);
	for (int i = 0; i < 2; i++) {
		store_renew(scene->store, 5, &low);
		scene_turn(scene);
		assert_int_equal(get_lease(scene, 5, &lease), LB_OK);
		assert_true(lease.deadline == 3 && lease.cursor == 7);
		assert_true(lease.opening == 8);
		assert_int_equal(store_claim(scene->store, 5, &low), LB_OK);
		assert_int_equal(get_lease(scene, 5, &lease), LB_OK);
		assert_true(lease.cursor == 7 && lease.opening == 8);
	}
}

static void
a_lease_ends_once_and_not_before_its_time(void **state)
{
	struct scene *scene = *state;
	struct act twice[2];
	struct store_lease lease;
	int i;

	put_lease(scene, 5, 1000);
	assert_int_equal(end_lease(scene, 5, 999), LB_NOT_FOUND);
	for (i = 0; i < 2; i++) {
		twice[i] = (struct act){ .what = act_lease_end,
			.a = 5,
			.b = 1000 };
		scene_add(scene, &twice[i]);
	}
	scene_turn(scene);
	assert_int_equal(twice[0].err, LB_OK);
	assert_int_equal(twice[1].err, LB_NOT_FOUND);
	assert_int_equal(end_lease(scene, 5, INT64_MAX), LB_NOT_FOUND);
	assert_int_equal(get_lease(scene, 5, &lease), LB_NOT_FOUND);
	put_lease(scene, 5, 2000);
	assert_int_equal(end_lease(scene, 5, INT64_MAX), LB_OK);
}

static void
a_lease_put_and_ended_in_one_batch_is_gone(void **state)
{
	struct scene *scene = *state;
	struct act put = { .what = act_lease_put, .a = 5 };
	struct act end = { .what = act_lease_end, .a = 5, .b = INT64_MAX };
	struct store_lease lease;

	put.lease = (struct store_lease){ 1000, 35000, 0, 0, 0 };
	scene_add(scene, &put);
	scene_add(scene, &end);
	scene_turn(scene);
	assert_int_equal(end.err, LB_OK);
	assert_int_equal(get_lease(scene, 5, &lease), LB_NOT_FOUND);
	check_overdue(scene, INT64_MAX, 8, NULL, 0);
}

static void
an_error_of_the_store_does_not_end_a_lease(void **state)
{
	struct scene *scene = *state;
	struct act end = { .what = act_lease_end, .a = 5, .b = INT64_MAX };
	struct act failed = { .what = act_fail, .a = LB_DISK_FULL };
	struct store_lease lease;

	put_lease(scene, 5, 1000);
	scene_add(scene, &end);
	scene_add(scene, &failed);
	scene_turn(scene);
	assert_int_equal(end.err, LB_DISK_FULL);
	assert_int_equal(get_lease(scene, 5, &lease), LB_OK);
	check_overdue(scene, 1000, 8, (int64_t[]){ 5 }, 1);
	assert_int_equal(end_lease(scene, 5, 1000), LB_OK);
}

static void
overdue_lists_the_longest_overdue_first(void **state)
{
	static const int64_t three[] = { 8, 5, 6 };
	struct scene *scene = *state;

	put_lease(scene, 5, 2000);
	put_lease(scene, 6, 3000);
	put_lease(scene, 7, 4000);
	put_lease(scene, 8, 1000);
	check_overdue(scene, 999, 8, NULL, 0);
	check_overdue(scene, 1000, 8, three, 1);
	check_overdue(scene, 3999, 8, three, 3);
	check_overdue(scene, 3999, 2, three, 2);
	check_overdue(scene, 3999, 0, NULL, 0);
	assert_int_equal(end_lease(scene, 8, 1000), LB_OK);
	check_overdue(scene, 3999, 8, three + 1, 2);
}

static void
a_renewal_is_seen_after_the_turn(void **state)
{
	struct scene *scene = *state;
	struct store_lease lease = { 5000, 40000, 9, 11, 0 }, seen;
	struct act end = { .what = act_lease_end, .a = 5, .b = 4000 };

	put_lease(scene, 5, 1000);
	/* Before the operation that would have ended it. */
	scene_add(scene, &end);
	store_renew(scene->store, 5, &lease);
	scene_turn(scene);
	assert_int_equal(end.err, LB_NOT_FOUND);
	assert_int_equal(get_lease(scene, 5, &seen), LB_OK);
	assert_true(seen.deadline == 5000);
	assert_true(seen.term == 40000);
	assert_true(seen.cursor == 9);
	assert_true(seen.poller == 7); /* see store_claim() */
	check_overdue(scene, 4999, 8, NULL, 0);
	lease.deadline = 3000;
	store_renew(scene->store, 5, &lease);
	check_overdue(scene, 3000, 8, (int64_t[]){ 5 }, 1);
}

static void
a_claim_is_seen_at_once_and_renewals_leave_it(void **state)
{
	struct scene *scene = *state;
	struct store_lease lease = { 5000, 40000, 9, 11, 0 }, seen;

	put_lease(scene, 5, 1000);
	store_renew(scene->store, 5, &lease);
	lease.cursor = 3;
	assert_int_equal(store_claim(scene->store, 5, &lease), LB_OK);
	assert_int_equal(get_lease(scene, 5, &seen), LB_OK);
	assert_true(seen.deadline == 5000);
	assert_true(seen.cursor == 9);
	assert_true(seen.poller == 11);
	lease.poller = 12;
	lease.deadline = 6000;
	store_renew(scene->store, 5, &lease);
	scene_turn(scene);
	assert_int_equal(get_lease(scene, 5, &seen), LB_OK);
	assert_true(seen.deadline == 6000);
	assert_true(seen.poller == 11);
	assert_int_equal(store_claim(scene->store, 6, &lease), LB_OK);
	assert_int_equal(get_lease(scene, 6, &seen), LB_OK);
	assert_true(seen.poller == 12);
	lease.poller = 0;
	assert_int_equal(store_claim(scene->store, 6, &lease), LB_OK);
	assert_int_equal(get_lease(scene, 6, &seen), LB_OK);
	assert_true(seen.poller == 12);
}

static void
the_cursor_of_a_lease_never_falls(void **state)
{
	struct scene *scene = *state;
	struct store_lease lease = { 5000, 40000, 9, 11, 0 };

	store_renew(scene->store, 5, &lease);
	scene_turn(scene);
	lease.cursor = 4;
	store_renew(scene->store, 5, &lease);
	scene_turn(scene);
	assert_int_equal(get_lease(scene, 5, &lease), LB_OK);
	assert_true(lease.cursor == 9);
}

static void
refresh_gives_everybody_present_a_full_term(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	int64_t bob = scene_peer(scene, room, "bob", STORE_PRESENT);
	int64_t cat = scene_peer(scene, room, "cat", STORE_PRESENT);
	int64_t dan = scene_peer(scene, room, "dan", STORE_LAPSED);
	struct store_lease lease = { 1000, 600000, 3, 4, 0 };

	store_renew(scene->store, ann, &lease);
	lease.deadline = 90000;
	lease.term = 40000;
	store_renew(scene->store, bob, &lease);
	scene_turn(scene);
	assert_int_equal(store_refresh(scene->store, 5000), LB_OK);
	assert_int_equal(get_lease(scene, ann, &lease), LB_OK);
	assert_true(lease.deadline == 605000);
	assert_true(lease.term == 600000);
	assert_true(lease.cursor == 3);
	assert_int_equal(get_lease(scene, bob, &lease), LB_OK);
	assert_true(lease.deadline == 90000);
	assert_int_equal(get_lease(scene, cat, &lease), LB_OK);
	assert_true(lease.deadline == 5000 + STORE_TERM);
	assert_true(lease.term == STORE_TERM);
	assert_int_equal(get_lease(scene, dan, &lease), LB_NOT_FOUND);
	check_overdue(scene, 5000 + STORE_TERM, 8, &cat, 1);
}

/* ---- expiry --------------------------------------------------------- */

/* Expires in one go, or in several when `most` is small. */
static void
expire(struct scene *scene, int64_t messages, int64_t reserved,
    int64_t strangers, int most)
{
	struct store_expiry expiry = { messages, reserved, strangers, most,
		scene->now.wall };
	int i;

	scene_turn(scene);
	for (i = 0; i < 20; i++)
		assert_int_equal(store_expire(scene->store, &expiry), LB_OK);
	scene_turn(scene);
}

static void
old_messages_go_and_raise_the_floor(void **state)
{
	struct scene *scene = *state;
	int64_t start = scene->now.wall;
	int64_t room = scene_room(scene, "r"), seqs[6];
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	int64_t bob = scene_peer(scene, room, "bob", STORE_PRESENT);
	struct act act = { .what = act_room_get, .a = room };
	struct store_expiry two = { .most = 2 };
	char body[] = "1";
	struct ear ear;
	int i;

	for (i = 0; i < 6; i++, body[0]++, scene->now.wall += 1000)
		seqs[i] = scene_say(scene, room, ann, i == 3 ? bob : 0, body);
	two.messages = start + 4000;
	assert_int_equal(store_expire(scene->store, &two), LB_OK);
	ear_open(&ear, scene, room, bob, 0);
	ear_heard(&ear,
	    "ann>* chat 3\nann>bob chat 4\nann>* chat 5\n"
	    "ann>* chat 6\n");
	ear_close(&ear);
	expire(scene, start + 4000, 0, 0, 2);
	ear_open(&ear, scene, room, bob, 0);
	ear_heard(&ear, "ann>* chat 5\nann>* chat 6\n");
	ear_close(&ear);
	assert_int_equal(scene_do(scene, &act), LB_OK);
	/* Bob had not read his mail. */
	assert_true(act.room.floor == seqs[3]);
	expire(scene, start + 4000, 0, 0, 100);
	assert_int_equal(scene_get(scene, ann).state, STORE_PRESENT);
}

static void
messages_of_a_room_that_is_kept_stay(void **state)
{
	struct scene *scene = *state;
	int64_t start = scene->now.wall;
	int64_t room = scene_room(scene, "r"), other = scene_room(scene, "s");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	int64_t bob = scene_peer(scene, room, "bob", STORE_PRESENT);
	int64_t cat = scene_peer(scene, other, "cat", STORE_PRESENT);
	int64_t dan = scene_peer(scene, other, "dan", STORE_PRESENT);
	struct act act = { .what = act_room_get, .a = room };
	struct ear ear;

	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(act.room.kept, 0);
	act.room.kept = 1;
	act.what = act_room_put;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	scene_say(scene, room, ann, 0, "1");
	scene_say(scene, other, cat, 0, "2");
	expire(scene, start + 1000, 0, 0, 100);
	ear_open(&ear, scene, room, bob, 0);
	ear_heard(&ear, "ann>* chat 1\n");
	ear_close(&ear);
	ear_open(&ear, scene, other, dan, 0);
	ear_heard(&ear, "");
	ear_close(&ear);
	act = (struct act){ .what = act_room_get, .a = room };
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(act.room.kept, 1);
}

static void
a_message_of_the_future_does_not_keep_the_others(void **state)
{
	struct scene *scene = *state;
	int64_t start = scene->now.wall;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct ear ear;

	scene->now.wall = start + 315360000000;
	scene_say(scene, room, ann, 0, "1");
	scene_say(scene, room, ann, 0, "2");
	scene->now.wall = start;
	expire(scene, start - 60000, 0, 0, 100);
	ear_open(&ear, scene, room, 0, 0);
	ear_heard(&ear, "ann>* chat 1\nann>* chat 2\n");
	ear_close(&ear);
	scene_say(scene, room, ann, 0, "3");
	scene->now.wall = start + 60000;
	scene_say(scene, room, ann, 0, "4");
	expire(scene, start + 1, 0, 0, 100);
	ear_open(&ear, scene, room, 0, 0);
	ear_heard(&ear, "ann>* chat 4\n");
	ear_close(&ear);
}

static void
a_reserved_id_is_free_in_the_end(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r"), i;
	int64_t peers[5];
	static const enum store_state states[] = { STORE_LAPSED, STORE_REMOVED,
		STORE_LAPSED, STORE_PRESENT, STORE_KNOCKING };
	char id[] = "a";

	for (i = 0; i < 5; i++, id[0]++) {
		peers[i] = scene_peer(scene, room, id, STORE_PRESENT);
		scene_say(scene, room, peers[i], 0, "null");
		scene_set_state(scene, peers[i], states[i],
		    i == 2 ? 2000 : 1000);
	}
	expire(scene, 0, 1000, 1000, 10);
	for (i = 0; i < 5; i++)
		assert_int_equal(scene_get(scene, peers[i]).state, states[i]);
	expire(scene, 0, 1001, 0, 1);
	assert_int_equal(scene_get(scene, peers[0]).state, STORE_GONE);
	assert_int_equal(scene_get(scene, peers[1]).state, STORE_GONE);
	for (i = 2; i < 5; i++)
		assert_int_equal(scene_get(scene, peers[i]).state, states[i]);
	scene_peer(scene, room, "a", STORE_PRESENT);
	scene_peer(scene, room, "b", STORE_PRESENT);
}

static void
strangers_go_with_their_mail(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	int64_t bob = scene_peer(scene, room, "bob", STORE_EXPECTED);
	int64_t cat = scene_peer(scene, room, "cat", STORE_EXPECTED);
	struct act act = { .what = act_mailbox };
	struct act find = { .what = act_peer_by_id,
		.a = room,
		.id = SLICE("bob") };

	scene_set_state(scene, bob, STORE_EXPECTED, 1000);
	scene_set_state(scene, cat, STORE_EXPECTED, 2000);
	scene_say(scene, room, ann, bob, "1");
	scene_say(scene, room, ann, bob, "2");
	scene_say(scene, room, ann, cat, "3");
	expire(scene, 0, 0, 1500, 10);
	assert_int_equal(scene_do(scene, &find), LB_NOT_FOUND);
	act.a = bob;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(act.mailbox.count, 0);
	act.a = cat;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(act.mailbox.count, 1);
	assert_int_equal(scene_get(scene, cat).state, STORE_EXPECTED);
}

static void
a_knock_still_names_a_stranger_who_is_gone(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	int64_t bob = scene_peer(scene, room, "bob", STORE_KNOCKING);
	struct ear ear;

	scene_set_state(scene, bob, STORE_KNOCKING, 1000);
	scene_say(scene, room, bob, ann, "{}");
	expire(scene, 0, 0, 1500, 10);
	scene_peer(scene, room, "eve", STORE_PRESENT);
	ear_open(&ear, scene, room, ann, 0);
	ear_heard(&ear, "bob>ann chat {}\n");
	ear_close(&ear);
}

static void
gone_peers_stay_while_a_message_names_them(void **state)
{
	struct scene *scene = *state;
	int64_t start = scene->now.wall;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	int64_t bob = scene_peer(scene, room, "bob", STORE_PRESENT);
	struct act get = { .what = act_peer_get, .a = ann };
	struct ear ear;

	scene_say(scene, room, ann, 0, "1");
	scene->now.wall += 1000;
	scene_set_state(scene, ann, STORE_GONE, scene->now.wall);
	expire(scene, start, start, start, 10);
	ear_open(&ear, scene, room, bob, 0);
	ear_heard(&ear, "ann>* chat 1\n");
	ear_close(&ear);
	scene->now.wall += 10000;
	expire(scene, start + 5000, start, start, 10);
	assert_int_equal(scene_do(scene, &get), LB_NOT_FOUND);
	assert_int_equal(scene_get(scene, bob).state, STORE_PRESENT);
}

static void
empty_rooms_vanish(void **state)
{
	struct scene *scene = *state;
	int64_t wall = scene->now.wall, rooms[4], peers[4];
	struct act get = { .what = act_room_get };
	char name[] = "a";
	int i;

	for (i = 0; i < 4; i++, name[0]++) {
		rooms[i] = scene_room(scene, name);
		peers[i] = scene_peer(scene, rooms[i], "ann", STORE_PRESENT);
	}
	scene_set_state(scene, peers[0], STORE_GONE, wall);
	scene_say(scene, rooms[1], peers[1], 0, "1");
	scene_set_state(scene, peers[1], STORE_GONE, wall);
	scene_set_state(scene, peers[2], STORE_LAPSED, wall);
	expire(scene, wall, wall, wall, 10);
	for (i = 0; i < 4; i++) {
		get.a = rooms[i];
		assert_int_equal(scene_do(scene, &get),
		    i == 0 ? LB_NOT_FOUND : LB_OK);
	}
	expire(scene, wall + 1, wall + 1, wall + 1, 1);
	for (i = 0; i < 4; i++) {
		get.a = rooms[i];
		assert_int_equal(scene_do(scene, &get),
		    i < 3 ? LB_NOT_FOUND : LB_OK);
	}
	scene_room(scene, "a");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_lease_keeps_what_was_written),
		TEST(neither_cursor_nor_opening_falls),
		TEST(a_lease_ends_once_and_not_before_its_time),
		TEST(a_lease_put_and_ended_in_one_batch_is_gone),
		TEST(an_error_of_the_store_does_not_end_a_lease),
		TEST(overdue_lists_the_longest_overdue_first),
		TEST(a_renewal_is_seen_after_the_turn),
		TEST(a_claim_is_seen_at_once_and_renewals_leave_it),
		TEST(the_cursor_of_a_lease_never_falls),
		TEST(refresh_gives_everybody_present_a_full_term),
		TEST(old_messages_go_and_raise_the_floor),
		TEST(messages_of_a_room_that_is_kept_stay),
		TEST(a_message_of_the_future_does_not_keep_the_others),
		TEST(a_reserved_id_is_free_in_the_end),
		TEST(strangers_go_with_their_mail),
		TEST(a_knock_still_names_a_stranger_who_is_gone),
		TEST(gone_peers_stay_while_a_message_names_them),
		TEST(empty_rooms_vanish),
	};

	return SCENE_ON_EACH(tests);
}
