/*
 * What every store promises of application keys and of marks.
 */
#include "scene.h"
#include "store_key.h"
#include "store_sent.h"

/* ---- keys ----------------------------------------------------------- */

struct key_act {
	struct act act;
	struct store_key key;
};

static enum lb_err
add(struct act *act, struct store_tx *tx)
{
	return store_key_add(tx, &((struct key_act *)(void *)act)->key);
}

static enum lb_err
drop(struct act *act, struct store_tx *tx)
{
	return store_key_drop(tx, act->id);
}

static void
add_key(struct scene *scene, const char *name, const char *hook, int strict)
{
	struct key_act a = { .act = { .what = add } };

	snprintf(a.key.name, sizeof(a.key.name), "%s", name);
	snprintf(a.key.hook, sizeof(a.key.hook), "%s", hook);
	a.key.hash = scene_token(name);
	a.key.strict = strict;
	a.key.created_at = scene->now.wall;
	assert_int_equal(scene_do(scene, &a.act), LB_OK);
}

static enum lb_err
drop_key(struct scene *scene, const char *name)
{
	struct act act = { .what = drop, .id = slice_of(name) };

	return scene_do(scene, &act);
}

static void
write_name(void *arg, const struct store_key *key)
{
	buf_str(arg, key->name);
	buf_char(arg, ' ');
}

static void
lists(struct scene *scene, const char *expected)
{
	struct buf out;

	buf_init(&out, 1024);
	assert_int_equal(store_keys(scene->store, write_name, &out), LB_OK);
	assert_buf(&out, expected);
	buf_reset(&out);
}

static void
a_key_is_found_by_hash_and_by_name(void **state)
{
	struct scene *scene = *state;
	const struct token_digest ann = scene_token("ann");
	const struct token_digest eve = scene_token("eve");
	struct store_key key;

	assert_int_equal(store_key_by_hash(scene->store, &ann, &key),
	    LB_NOT_FOUND);
	add_key(scene, "ann", "https://a.example/app", 1);
	add_key(scene, "bob", "", 0);
	assert_int_equal(store_key_by_hash(scene->store, &ann, &key), LB_OK);
	assert_string_equal(key.name, "ann");
	assert_string_equal(key.hook, "https://a.example/app");
	assert_int_equal(key.strict, 1);
	assert_true(key.created_at == scene->now.wall);
	assert_memory_equal(key.hash.b, ann.b, TOKEN_DIGEST);
	assert_int_equal(store_key_by_name(scene->store, SLICE("bob"), &key),
	    LB_OK);
	assert_string_equal(key.name, "bob");
	assert_string_equal(key.hook, "");
	assert_int_equal(key.strict, 0);
	assert_int_equal(store_key_by_hash(scene->store, &eve, &key),
	    LB_NOT_FOUND);
	assert_int_equal(store_key_by_name(scene->store, SLICE("Bob"), &key),
	    LB_NOT_FOUND);
}

static enum lb_err
end(struct act *act, struct store_tx *tx)
{
	return store_key_end(tx, act->room.namespace, act->room.name);
}

static enum lb_err
end_rooms(struct scene *scene, const char *namespace, const char *name)
{
	struct act act = { .what = end };

	act.room.namespace = slice_of(namespace);
	act.room.name = slice_of(name);
	return scene_do(scene, &act);
}

/* A room of an application, with somebody in it who is held. */
static int64_t
held_in(struct scene *scene, const char *namespace, const char *name)
{
	struct act put = { .what = act_room_put };
	struct act peer = { .what = act_peer_put };

	put.room.namespace = slice_of(namespace);
	put.room.name = slice_of(name);
	assert_int_equal(scene_do(scene, &put), LB_OK);
	peer.peer.room = put.room.row;
	peer.peer.state = STORE_LAPSED;
	peer.peer.held_until = scene->now.wall + 1000;
	strcpy(peer.peer.id, "client");
	assert_int_equal(scene_do(scene, &peer), LB_OK);
	return peer.peer.row;
}

static int64_t
held_until(struct scene *scene, int64_t row)
{
	struct act act = { .what = act_peer_get, .a = row };

	assert_int_equal(scene_do(scene, &act), LB_OK);
	return act.peer.held_until;
}

static int
is_open(struct scene *scene, const char *namespace, const char *name)
{
	struct act act = { .what = act_room_find };

	act.room.namespace = slice_of(namespace);
	act.room.name = slice_of(name);
	return scene_do(scene, &act) == LB_OK;
}

static void
rooms_of_a_namespace_end_together(void **state)
{
	struct scene *scene = *state;
	int64_t a = held_in(scene, "channel:ann", "a");
	int64_t b = held_in(scene, "channel:ann", "b");
	int64_t other = held_in(scene, "channel:ann2", "a");

	assert_int_equal(end_rooms(scene, "channel:ann", "b"), LB_OK);
	assert_true(is_open(scene, "channel:ann", "a"));
	assert_false(is_open(scene, "channel:ann", "b"));
	assert_true(held_until(scene, a) > 0);
	assert_true(held_until(scene, b) == 0);
	assert_int_equal(end_rooms(scene, "channel:ann", NULL), LB_OK);
	assert_int_equal(end_rooms(scene, "channel:ann", NULL), LB_OK);
	assert_false(is_open(scene, "channel:ann", "a"));
	assert_true(held_until(scene, a) == 0);
	assert_true(is_open(scene, "channel:ann2", "a"));
	assert_true(held_until(scene, other) > 0);
	held_in(scene, "channel:ann", "a");
	assert_true(is_open(scene, "channel:ann", "a"));
}

static void
keys_are_listed_by_name_and_dropped(void **state)
{
	struct scene *scene = *state;
	const struct token_digest bob = scene_token("bob");
	struct store_key key;

	lists(scene, "");
	add_key(scene, "cat", "", 0);
	add_key(scene, "ann", "", 0);
	add_key(scene, "bob", "", 0);
	lists(scene, "ann bob cat ");
	assert_int_equal(drop_key(scene, "bob"), LB_OK);
	assert_int_equal(drop_key(scene, "bob"), LB_NOT_FOUND);
	lists(scene, "ann cat ");
	assert_int_equal(store_key_by_hash(scene->store, &bob, &key),
	    LB_NOT_FOUND);
	add_key(scene, "bob", "", 0);
	lists(scene, "ann bob cat ");
}

static void
a_batch_that_fails_leaves_no_key(void **state)
{
	struct scene *scene = *state;
	struct key_act a = { .act = { .what = add } };
	struct act fail = { .what = act_fail, .a = LB_DISK_FULL };

	strcpy(a.key.name, "ann");
	scene_add(scene, &a.act);
	assert_int_equal(scene_do(scene, &fail), LB_DISK_FULL);
	assert_int_equal(a.act.err, LB_DISK_FULL);
	lists(scene, "");
}

/* ---- marks ---------------------------------------------------------- */

struct sent_act {
	struct act act;
	struct store_sent sent;
};

static enum lb_err
put(struct act *act, struct store_tx *tx)
{
	return store_sent_put(tx, &((struct sent_act *)(void *)act)->sent);
}

static enum lb_err
find(struct act *act, struct store_tx *tx)
{
	struct store_sent *sent = &((struct sent_act *)(void *)act)->sent;

	return store_sent_find(tx, act->a, act->id, sent);
}

static void
mark(struct scene *scene, int64_t room, const char *word, int64_t seq)
{
	struct sent_act a = { .act = { .what = put } };

	a.sent = (struct store_sent){ room, slice_of(word), seq,
		scene->now.wall };
	assert_int_equal(scene_do(scene, &a.act), LB_OK);
}

/* The seq under a mark, or 0. */
static int64_t
marked(struct scene *scene, int64_t room, const char *word)
{
	struct sent_act a = { .act = { .what = find, .a = room } };
	enum lb_err err;

	a.act.id = slice_of(word);
	err = scene_do(scene, &a.act);
	assert_true(err == LB_OK || err == LB_NOT_FOUND);
	return err == LB_OK ? a.sent.seq : 0;
}

static void
a_mark_is_found_in_its_room(void **state)
{
	struct scene *scene = *state;
	int64_t here = scene_room(scene, "here");
	int64_t there = scene_room(scene, "there");

	mark(scene, here, "m1", 7);
	mark(scene, there, "m1", 8);
	mark(scene, here, "m2", 9);
	assert_int_equal(marked(scene, here, "m1"), 7);
	assert_int_equal(marked(scene, there, "m1"), 8);
	assert_int_equal(marked(scene, here, "m2"), 9);
	assert_int_equal(marked(scene, there, "m2"), 0);
	assert_int_equal(marked(scene, here, "M1"), 0);
	mark(scene, here, "m1", 10);
	assert_int_equal(marked(scene, here, "m1"), 10);
}

static void
marks_are_forgotten_after_an_hour_and_with_their_room(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r"), again;
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct store_expiry expiry = { 0, 0, 0, 10, 0 };

	mark(scene, room, "old", 7);
	scene->now.wall += 1;
	mark(scene, room, "new", 8);
	expiry.now = scene->now.wall + STORE_SENT_MS;
	scene_turn(scene);
	assert_int_equal(store_expire(scene->store, &expiry), LB_OK);
	assert_int_equal(marked(scene, room, "old"), 0);
	assert_int_equal(marked(scene, room, "new"), 8);
	expiry.now = scene->now.wall;
	expiry.messages = scene->now.wall;
	scene_set_state(scene, ann, STORE_GONE, scene->now.wall - 1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(store_expire(scene->store, &expiry), LB_OK);
	again = scene_room(scene, "r");
	assert_int_equal(marked(scene, room, "new"), 0);
	assert_int_equal(marked(scene, again, "new"), 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_key_is_found_by_hash_and_by_name),
		TEST(rooms_of_a_namespace_end_together),
		TEST(keys_are_listed_by_name_and_dropped),
		TEST(a_batch_that_fails_leaves_no_key),
		TEST(a_mark_is_found_in_its_room),
		TEST(marks_are_forgotten_after_an_hour_and_with_their_room),
	};
	int failed = 0;

	failed += cmocka_run_group_tests_name("memory", tests, scene_memory,
	    NULL);
	failed += cmocka_run_group_tests_name("sqlite", tests, scene_sqlite,
	    NULL);
	return failed;
}
