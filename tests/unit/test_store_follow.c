/*
 * What every store promises to those who follow a room, and of what they get.
 */
#include "scene.h"

/* A room with three who are there. */
struct trio {
	int64_t room, ann, bob, cat;
};

static struct trio
open_trio(struct scene *scene, const char *name)
{
	struct trio trio;

	trio.room = scene_room(scene, name);
	trio.ann = scene_peer(scene, trio.room, "ann", STORE_PRESENT);
	trio.bob = scene_peer(scene, trio.room, "bob", STORE_PRESENT);
	trio.cat = scene_peer(scene, trio.room, "cat", STORE_PRESENT);
	return trio;
}

/* ---- what is handed over -------------------------------------------- */

static void
follow_catches_up_and_then_goes_on(void **state)
{
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r");
	struct ear ear;
	int64_t first;

	first = scene_say(scene, trio.room, trio.ann, 0, "1");
	scene_say(scene, trio.room, trio.ann, 0, "2");
	scene_say(scene, trio.room, trio.ann, 0, "3");
	assert_int_equal(ear_open(&ear, scene, trio.room, trio.bob, first),
	    LB_OK);
	ear_heard(&ear, "ann>* chat 2\nann>* chat 3\n");
	scene_say(scene, trio.room, trio.ann, 0, "4");
	ear_heard(&ear, "ann>* chat 4\n");
	scene_turn(scene);
	scene_say(scene, trio.room, trio.cat, 0, "5");
	scene_say(scene, trio.room, trio.ann, 0, "6");
	ear_heard(&ear, "cat>* chat 5\nann>* chat 6\n");
	ear_close(&ear);
	scene_say(scene, trio.room, trio.ann, 0, "7");
	assert_int_equal(ear.count, 5);
}

static void
a_peer_gets_what_concerns_it_and_not_its_own(void **state)
{
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r"), other;
	struct ear caught, tailed;
	int64_t zoe;

	other.room = scene_room(scene, "other");
	zoe = scene_peer(scene, other.room, "zoe", STORE_PRESENT);
	ear_open(&tailed, scene, trio.room, trio.bob, 0);
	scene_say(scene, trio.room, trio.ann, trio.bob, "\"to bob\"");
	scene_say(scene, trio.room, trio.ann, trio.cat, "\"to cat\"");
	scene_say(scene, trio.room, trio.bob, 0, "\"bob to all\"");
	scene_say(scene, trio.room, trio.bob, trio.cat, "\"bob to cat\"");
	scene_say(scene, other.room, zoe, 0, "\"elsewhere\"");
	scene_say(scene, trio.room, trio.cat, 0, "\"cat to all\"");
	ear_heard(&tailed,
	    "ann>bob chat \"to bob\"\ncat>* chat \"cat to all\"\n");
	ear_open(&caught, scene, trio.room, trio.bob, 0);
	ear_heard(&caught,
	    "ann>bob chat \"to bob\"\ncat>* chat \"cat to all\"\n");
	ear_close(&caught);
	ear_close(&tailed);
}

static void
who_wants_more_gets_its_own_or_everything(void **state)
{
	static const char *const heard[] = {
		[MESSAGE_OWN] = "ann>bob chat 1\nbob>* chat 3\n"
				"bob>cat chat 4\ncat>* chat 5\n",
		[MESSAGE_ALL] = "ann>bob chat 1\nann>cat chat 2\n"
				"bob>* chat 3\nbob>cat chat 4\n"
				"cat>* chat 5\n",
	};
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r");
	struct ear ears[2][2];

	/* Caught up, and as it comes. */
	for (int late = 0; late < 2; late++) {
		if (late) {
			scene_say(scene, trio.room, trio.ann, trio.bob, "1");
			scene_say(scene, trio.room, trio.ann, trio.cat, "2");
			scene_say(scene, trio.room, trio.bob, 0, "3");
			scene_say(scene, trio.room, trio.bob, trio.cat, "4");
			scene_say(scene, trio.room, trio.cat, 0, "5");
		}
		for (int i = 0; i < 2; i++) {
			ear_init(&ears[late][i], scene, trio.room, trio.bob, 0);
			ears[late][i].sub.scope = MESSAGE_OWN + i;
			assert_int_equal(store_follow(scene->store,
					     &ears[late][i].sub),
			    LB_OK);
		}
	}
	for (int late = 0; late < 2; late++) {
		for (int i = 0; i < 2; i++) {
			ear_heard(&ears[late][i], heard[MESSAGE_OWN + i]);
			ear_close(&ears[late][i]);
		}
	}
}

static void
followers_of_many_rooms_hear_their_own(void **state)
{
	struct scene *scene = *state;
	struct ear ears[20][2];
	struct act acts[20];
	int64_t room, ann, bob;
	char name[16], body[16], expected[32];
	int i, k;

	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		room = scene_room(scene, name);
		ann = scene_peer(scene, room, "ann", STORE_PRESENT);
		bob = scene_peer(scene, room, "bob", STORE_PRESENT);
		for (k = 0; k < 2; k++)
			ear_open(&ears[i][k], scene, room, bob, 0);
		scene_word(scene, &acts[i], room, ann, 0, "null");
	}
	for (i = 0; i < 20; i++)
		scene_add(scene, &acts[i]);
	scene_turn(scene);
	for (i = 0; i < 20; i++) {
		for (k = 0; k < 2; k++)
			ear_heard(&ears[i][k], "ann>* chat null\n");
		snprintf(body, sizeof(body), "%d", i);
		snprintf(expected, sizeof(expected), "ann>* chat %d\n", i);
		scene_say(scene, ears[i][0].sub.room, acts[i].message.sender, 0,
		    body);
		for (k = 0; k < 2; k++) {
			ear_heard(&ears[i][k], expected);
			assert_int_equal(ears[i][k].count, 2);
		}
	}
	for (i = 0; i < 20; i++)
		for (k = 0; k < 2; k++)
			ear_close(&ears[i][k]);
}

static const struct message *expected_message;

static int
compare_message(struct store_sub *sub, const struct message *m)
{
	const struct message *want = expected_message;
	struct ear *ear = (struct ear *)sub;

	assert_true(m->seq == want->seq);
	assert_true(m->room == want->room);
	assert_true(m->sender == want->sender);
	assert_true(m->recipient == want->recipient);
	assert_true(m->at == want->at);
	assert_int_equal(m->type.n, want->type.n);
	assert_memory_equal(m->type.p, want->type.p, want->type.n);
	assert_int_equal(m->body.n, want->body.n);
	assert_memory_equal(m->body.p, want->body.p, want->body.n);
	assert_slice(m->from, "ann");
	if (want->recipient == 0)
		assert_null(m->to.p);
	else
		assert_slice(m->to, "bob");
	ear->count++;
	return 0;
}

/* Posts a body and compares what the tail and a catch-up give back. */
static void
compare_body(struct scene *scene, const struct trio *trio, int64_t to,
    struct slice body)
{
	struct ear tailed, caught;
	struct act act;
	int64_t before;

	before = scene_say(scene, trio->room, trio->cat, trio->ann, "0");
	scene_word(scene, &act, trio->room, trio->ann, to, "");
	act.message.body = body;
	act.message.type = SLICE("d\xc3\xa9j\xc3\xa0 vu \xf0\x9f\x93\xae");
	act.message.at = 1700000012345;
	ear_init(&tailed, scene, trio->room, trio->bob, before);
	tailed.sub.message = compare_message;
	assert_int_equal(store_follow(scene->store, &tailed.sub), LB_OK);
	expected_message = &act.message;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(tailed.count, 1);
	ear_init(&caught, scene, trio->room, trio->bob, before);
	caught.sub.message = compare_message;
	assert_int_equal(store_follow(scene->store, &caught.sub), LB_OK);
	assert_int_equal(caught.count, 1);
	ear_close(&tailed);
	ear_close(&caught);
}

static void
a_message_comes_out_byte_for_byte(void **state)
{
	static const char *const bodies[] = { "null", "{}", "\"\"",
		" [ 1 ,\t2\r\n] ", "1e400", "-0", "1.0", "\"\\u0000\\ud83d\"",
		"\"\x7f \xc2\x80 \xe2\x80\xa8 \xf0\x9f\x98\x80\"",
		"{\"a\":1,\"a\":2}", "'; DROP TABLE message; --" };
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r");
	static char big[65536];
	size_t i;

	for (i = 0; i < COUNT(bodies); i++) {
		compare_body(scene, &trio, 0, slice_of(bodies[i]));
		compare_body(scene, &trio, trio.bob, slice_of(bodies[i]));
	}
	for (i = 0; i < sizeof(big); i++)
		big[i] = (char)(i % 255 + 1);
	compare_body(scene, &trio, 0, (struct slice){ big, sizeof(big) });
}

/* ---- stopping and going on ------------------------------------------ */

static void
a_full_follower_goes_on_from_where_it_stopped(void **state)
{
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r");
	struct act acts[5];
	struct ear ear;
	int64_t after;
	char body[] = "1";
	size_t i;

	ear_open(&ear, scene, trio.room, trio.bob, 0);
	ear.most = 2;
	for (i = 0; i < COUNT(acts); i++) {
		scene_word(scene, &acts[i], trio.room, trio.ann, 0, "null");
		scene_add(scene, &acts[i]);
	}
	scene_turn(scene);
	ear_heard(&ear, "ann>* chat null\nann>* chat null\n");
	assert_int_equal(ear.sub.followed, 0);
	for (; body[0] < '4'; body[0]++)
		scene_say(scene, trio.room, trio.ann, 0, body);
	assert_int_equal(ear.count, 2);
	after = ear.sub.after;
	for (i = 0; i < 3; i++, after = ear.sub.after) {
		ear_close(&ear);
		ear_init(&ear, scene, trio.room, trio.bob, after);
		ear.most = 2;
		assert_int_equal(store_follow(scene->store, &ear.sub), LB_OK);
		assert_int_equal(ear.sub.followed, 0);
		ear_heard(&ear,
		    i == 0     ? "ann>* chat null\nann>* chat null\n" :
			i == 1 ? "ann>* chat null\nann>* chat 1\n" :
				 "ann>* chat 2\nann>* chat 3\n");
	}
	ear_close(&ear);
}

/* Ears on the heap, which end themselves or each other from a callback. */
static struct ear *
new_ear(struct scene *scene, const struct trio *trio, int (*also)(struct ear *))
{
	struct ear *ear = malloc(sizeof(*ear));

	assert_non_null(ear);
	ear_init(ear, scene, trio->room, trio->bob, 0);
	ear->also = also;
	return ear;
}

static void
end_ear(struct ear *ear)
{
	ear_close(ear);
	free(ear);
}

static int calls;
static struct ear *survivor;

static int
end_itself(struct ear *ear)
{
	calls++;
	end_ear(ear);
	return calls % 2;
}

static void
a_follower_may_end_itself_in_its_callback(void **state)
{
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r");
	struct store_stats stats;
	int i;

	for (calls = 0, i = 0; i < 4; i++)
		assert_int_equal(store_follow(scene->store,
				     &new_ear(scene, &trio, end_itself)->sub),
		    LB_OK);
	scene_say(scene, trio.room, trio.ann, 0, "1");
	assert_int_equal(calls, 4);
	scene_say(scene, trio.room, trio.ann, 0, "2");
	assert_int_equal(calls, 4);
	for (i = 0; i < 2; i++)
		assert_int_equal(store_follow(scene->store,
				     &new_ear(scene, &trio, end_itself)->sub),
		    LB_OK);
	assert_int_equal(calls, 6);
	scene_say(scene, trio.room, trio.ann, 0, "3");
	assert_int_equal(calls, 6);
	store_stats(scene->store, &stats);
	assert_int_equal(stats.subs, 0);
}

static int
end_other(struct ear *ear)
{
	calls++;
	survivor = ear;
	if (ear->other != NULL)
		end_ear(ear->other);
	ear->other = NULL;
	return 0;
}

static void
a_follower_may_end_another_in_its_callback(void **state)
{
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r");
	struct ear *ears[2], *kept;
	struct store_stats stats;
	int i;

	for (i = 0; i < 2; i++)
		ears[i] = new_ear(scene, &trio, end_other);
	ears[0]->other = ears[1];
	ears[1]->other = ears[0];
	kept = new_ear(scene, &trio, NULL);
	for (i = 0; i < 2; i++)
		assert_int_equal(store_follow(scene->store, &ears[i]->sub),
		    LB_OK);
	assert_int_equal(store_follow(scene->store, &kept->sub), LB_OK);
	calls = 0;
	scene_say(scene, trio.room, trio.ann, 0, "1");
	assert_int_equal(calls, 1);
	scene_say(scene, trio.room, trio.ann, 0, "2");
	assert_int_equal(calls, 2);
	ear_heard(kept, "ann>* chat 1\nann>* chat 2\n");
	store_stats(scene->store, &stats);
	assert_int_equal(stats.subs, 2);
	end_ear(kept);
	end_ear(survivor);
}

static int
follow_other(struct ear *ear)
{
	if (ear->count == 1)
		assert_int_equal(store_follow(ear->scene->store,
				     &ear->other->sub),
		    LB_OK);
	return 0;
}

static void
a_follower_may_follow_another_in_its_callback(void **state)
{
	static const char all[] =
	    "ann>* chat 1\nann>* chat 2\nann>* chat 3\nann>* chat 4\n";
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r");
	struct ear ear, other;

	scene_say(scene, trio.room, trio.ann, 0, "1");
	scene_say(scene, trio.room, trio.ann, 0, "2");
	scene_say(scene, trio.room, trio.ann, 0, "3");
	ear_init(&ear, scene, trio.room, trio.bob, 0);
	ear_init(&other, scene, trio.room, trio.cat, 0);
	ear.also = follow_other;
	ear.other = &other;
	assert_int_equal(store_follow(scene->store, &ear.sub), LB_OK);
	scene_say(scene, trio.room, trio.ann, 0, "4");
	ear_heard(&ear, all);
	ear_heard(&other, all);
	ear_close(&other);
	ear_close(&ear);

	ear_open(&ear, scene, trio.room, trio.bob, ear.last);
	ear_init(&other, scene, trio.room, trio.cat, 0);
	ear.also = follow_other;
	ear.other = &other;
	scene_say(scene, trio.room, trio.ann, 0, "5");
	scene_say(scene, trio.room, trio.ann, 0, "6");
	ear_heard(&ear, "ann>* chat 5\nann>* chat 6\n");
	assert_int_equal(other.count, 6);
	ear_close(&other);
	ear_close(&ear);
}

static void
unfollow_is_harmless_twice(void **state)
{
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r");
	struct ear ear;

	ear_init(&ear, scene, trio.room, trio.bob, 0);
	ear_close(&ear);
	ear_open(&ear, scene, trio.room, trio.bob, 0);
	ear_close(&ear);
	ear_close(&ear);
}

/* ---- history -------------------------------------------------------- */

static int
note(void *arg, const struct message *m)
{
	struct buf *notes = arg;

	buf_slice(notes, m->type);
	buf_char(notes, ':');
	buf_slice(notes, m->body);
	buf_char(notes, ' ');
	return slice_is(m->body, "stop");
}

static void
check_history(struct scene *scene, const struct store_peer *peer,
    const struct slice *types, size_t count, const char *expected)
{
	struct buf notes;

	buf_init(&notes, 4096);
	assert_int_equal(store_history(scene->store, peer, types, count, note,
			     &notes),
	    LB_OK);
	assert_buf(&notes, expected);
	buf_reset(&notes);
}

static void
say_type(struct scene *scene, const struct trio *trio, int64_t to,
    const char *type, const char *body)
{
	struct act act;

	scene_word(scene, &act, trio->room, trio->ann, to, body);
	act.message.type = slice_of(type);
	assert_int_equal(scene_do(scene, &act), LB_OK);
}

static void
history_is_mail_and_the_wanted_types_newest_first(void **state)
{
	static const struct slice types[] = { { "chat", 4 },
		{ "say \"hi\"", 8 } };
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r");
	struct store_peer peer = { 0 };

	peer.row = trio.bob;
	peer.room = trio.room;
	check_history(scene, &peer, types, 2, "");
	say_type(scene, &trio, 0, "chat", "1");
	say_type(scene, &trio, 0, "map", "2");
	say_type(scene, &trio, trio.bob, "map", "3");
	say_type(scene, &trio, trio.cat, "chat", "4");
	say_type(scene, &trio, 0, "say \"hi\"", "5");
	scene_say(scene, trio.room, trio.bob, 0, "6");
	peer.first = scene_say(scene, trio.room, trio.cat, 0, "7");
	say_type(scene, &trio, 0, "chat", "8");
	say_type(scene, &trio, trio.bob, "chat", "9");
	check_history(scene, &peer, types, 2,
	    "chat:7 say \"hi\":5 map:3 chat:1 ");
	check_history(scene, &peer, types, 1, "chat:7 map:3 chat:1 ");
	check_history(scene, &peer, NULL, 0, "map:3 ");
	peer.first = 0;
	check_history(scene, &peer, types, 2, "");
}

static void
history_stops_when_told(void **state)
{
	static const struct slice types[] = { { "chat", 4 } };
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r");
	struct store_peer peer = { 0 };

	peer.row = trio.bob;
	peer.room = trio.room;
	say_type(scene, &trio, 0, "chat", "1");
	say_type(scene, &trio, 0, "chat", "stop");
	say_type(scene, &trio, 0, "chat", "3");
	peer.first = INT64_MAX;
	check_history(scene, &peer, types, 1, "chat:3 chat:stop ");
	check_history(scene, &peer, types, 1, "chat:3 chat:stop ");
}

/* ---- what is recent -------------------------------------------------- */

static void
check_recent(struct scene *scene, int64_t room, int64_t count, int64_t bytes,
    int64_t expected)
{
	int64_t after = -1;

	assert_int_equal(store_recent(scene->store, room, count, bytes, &after),
	    LB_OK);
	assert_int_equal(after, expected);
}

static void
what_is_recent_has_bounds(void **state)
{
	struct scene *scene = *state;
	struct trio trio = open_trio(scene, "r"), other = open_trio(scene, "s");
	int64_t seqs[5];

	check_recent(scene, trio.room, 10, 10, 0);
	for (int i = 0; i < 5; i++) {
		seqs[i] = scene_say(scene, trio.room, trio.ann,
		    i % 2 ? trio.bob : 0, "\"four\"");
		scene_say(scene, other.room, other.ann, 0, "\"elsewhere\"");
	}
	check_recent(scene, trio.room, 5, 30, 0);
	check_recent(scene, trio.room, 4, 30, seqs[0]);
	check_recent(scene, trio.room, 5, 29, seqs[0]);
	check_recent(scene, trio.room, 5, 12, seqs[2]);
	check_recent(scene, trio.room, 1, 30, seqs[3]);
	check_recent(scene, trio.room, 5, 5, seqs[3]);
	check_recent(scene, trio.room, 0, 30, seqs[4]);
	check_recent(scene, INT64_MAX, 5, 30, 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(follow_catches_up_and_then_goes_on),
		TEST(a_peer_gets_what_concerns_it_and_not_its_own),
		TEST(who_wants_more_gets_its_own_or_everything),
		TEST(followers_of_many_rooms_hear_their_own),
		TEST(a_message_comes_out_byte_for_byte),
		TEST(a_full_follower_goes_on_from_where_it_stopped),
		TEST(a_follower_may_end_itself_in_its_callback),
		TEST(a_follower_may_end_another_in_its_callback),
		TEST(a_follower_may_follow_another_in_its_callback),
		TEST(unfollow_is_harmless_twice),
		TEST(history_is_mail_and_the_wanted_types_newest_first),
		TEST(history_stops_when_told),
		TEST(what_is_recent_has_bounds),
	};

	return SCENE_ON_EACH(tests);
}
