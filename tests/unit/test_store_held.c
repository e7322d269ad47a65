/*
 * What every store promises of peers that are held, of their mail, and of
 * rooms that hear of others.
 */
#include "scene.h"

static void
hold(struct scene *scene, int64_t peer, int64_t until)
{
	struct act act = { .what = act_peer_put };

	act.peer = scene_get(scene, peer);
	act.peer.held_until = until;
	assert_int_equal(scene_do(scene, &act), LB_OK);
}

/* As long as housekeeping takes to come around to what it has kept. */
static void
expire(struct scene *scene, int64_t messages, int64_t reserved, int64_t now)
{
	struct store_expiry expiry = { messages, reserved, 0, 10, now };

	for (int i = 0; i < 30; i++) {
		scene->now.mono += 60000;
		scene_turn(scene);
		assert_int_equal(store_expire(scene->store, &expiry), LB_OK);
	}
	scene_turn(scene);
}

static void
hears(struct scene *scene, int64_t room, int64_t peer, const char *expected)
{
	struct ear ear;

	assert_int_equal(ear_open(&ear, scene, room, peer, 0), LB_OK);
	ear_heard(&ear, expected);
	ear_close(&ear);
}

static void
acknowledge(struct scene *scene, int64_t peer, int64_t seq)
{
	struct act act = { .what = act_lease_put, .a = peer };

	act.lease = (struct store_lease){ 1000, 35000, seq, 0, 0 };
	assert_int_equal(scene_do(scene, &act), LB_OK);
}

static void
a_held_peer_keeps_its_id_beyond_the_reserve(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_LAPSED);
	int64_t bob = scene_peer(scene, room, "bob", STORE_LAPSED);

	scene_say(scene, room, ann, 0, "1"); /* or the room goes */
	scene_set_state(scene, ann, STORE_LAPSED, 1000);
	scene_set_state(scene, bob, STORE_LAPSED, 1000);
	hold(scene, ann, 9000);
	assert_true(scene_get(scene, ann).held_until == 9000);
	assert_true(scene_get(scene, bob).held_until == 0);
	expire(scene, 0, 2000, 8999);
	assert_int_equal(scene_get(scene, ann).state, STORE_LAPSED);
	expire(scene, 0, 1000, 9000);
	assert_int_equal(scene_get(scene, ann).state, STORE_LAPSED);
	expire(scene, 0, 2000, 9000);
	assert_int_equal(scene_get(scene, ann).state, STORE_GONE);
}

static void
mail_for_a_held_peer_waits_beyond_its_time(void **state)
{
	struct scene *scene = *state;
	int64_t start = scene->now.wall;
	int64_t room = scene_room(scene, "r");
	int64_t app = scene_peer(scene, room, "app", STORE_LAPSED);
	int64_t ann = scene_peer(scene, room, "ann", STORE_LAPSED);
	int64_t bob = scene_peer(scene, room, "bob", STORE_LAPSED);

	hold(scene, ann, start + 5000);
	for (int i = 0; i < 12; i++)
		scene_say(scene, room, app, ann, "1");
	scene_say(scene, room, app, bob, "2");
	scene_say(scene, room, app, 0, "3");
	scene_say(scene, room, app, ann, "4");
	expire(scene, start + 60000, start, start + 4999);
	hears(scene, room, bob, "");
	hears(scene, room, ann,
	    "app>ann chat 1\napp>ann chat 1\napp>ann chat 1\n"
	    "app>ann chat 1\napp>ann chat 1\napp>ann chat 1\n"
	    "app>ann chat 1\napp>ann chat 1\napp>ann chat 1\n"
	    "app>ann chat 1\napp>ann chat 1\napp>ann chat 1\n"
	    "app>ann chat 4\n");
	expire(scene, start + 60000, start, start + 5000);
	hears(scene, room, ann, "");
}

static void
what_a_held_peer_has_acknowledged_goes(void **state)
{
	struct scene *scene = *state;
	int64_t start = scene->now.wall, seq;
	int64_t room = scene_room(scene, "r");
	int64_t app = scene_peer(scene, room, "app", STORE_LAPSED);
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);

	hold(scene, ann, start + 5000);
	scene_say(scene, room, app, ann, "1");
	seq = scene_say(scene, room, app, ann, "2");
	scene_say(scene, room, app, ann, "3");
	acknowledge(scene, ann, seq);
	expire(scene, start + 60000, start, start + 1000);
	hears(scene, room, ann, "app>ann chat 3\n");
}

static void
mail_of_a_held_peer_that_is_gone_goes(void **state)
{
	struct scene *scene = *state;
	int64_t start = scene->now.wall;
	int64_t room = scene_room(scene, "r");
	int64_t app = scene_peer(scene, room, "app", STORE_LAPSED);
	int64_t ann = scene_peer(scene, room, "ann", STORE_LAPSED);
	struct act get = { .what = act_room_get, .a = room };

	hold(scene, ann, start + 5000);
	scene_say(scene, room, app, ann, "1");
	expire(scene, start + 60000, start, start + 1000);
	hears(scene, room, ann, "app>ann chat 1\n");
	scene_set_state(scene, ann, STORE_GONE, start);
	expire(scene, start + 60000, start + 1, start + 1000);
	expire(scene, start + 60000, start + 1, start + 1000);
	assert_int_equal(scene_do(scene, &get), LB_NOT_FOUND);
}

static void
a_room_keeps_its_herald(void **state)
{
	struct scene *scene = *state;
	int64_t wall = scene->now.wall;
	int64_t news = scene_room(scene, "news");
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct act act = { .what = act_room_get, .a = room };

	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.room.herald == 0);
	act.what = act_room_put;
	act.room.herald = news;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	act.what = act_room_get;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.room.herald == news);
	/* Nobody is in there, but it is named. */
	expire(scene, wall, wall, wall);
	act.a = news;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	scene_set_state(scene, ann, STORE_GONE, wall - 1);
	expire(scene, wall, wall, wall);
	assert_int_equal(scene_do(scene, &act), LB_NOT_FOUND);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_held_peer_keeps_its_id_beyond_the_reserve),
		TEST(mail_for_a_held_peer_waits_beyond_its_time),
		TEST(what_a_held_peer_has_acknowledged_goes),
		TEST(mail_of_a_held_peer_that_is_gone_goes),
		TEST(a_room_keeps_its_herald),
	};
	int failed = 0;

	failed += cmocka_run_group_tests_name("memory", tests, scene_memory,
	    NULL);
	failed += cmocka_run_group_tests_name("sqlite", tests, scene_sqlite,
	    NULL);
	return failed;
}
