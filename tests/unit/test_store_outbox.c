/*
 * What every store promises of the outbox of applications.
 */
#include "scene.h"
#include "store_outbox.h"

struct notice_act {
	struct act act;
	struct store_notice notice;
	struct store_key key;
};

static enum lb_err
add_key(struct act *act, struct store_tx *tx)
{
	return store_key_add(tx, &((struct notice_act *)(void *)act)->key);
}

static enum lb_err
drop_key(struct act *act, struct store_tx *tx)
{
	return store_key_drop(tx, act->id);
}

static enum lb_err
add(struct act *act, struct store_tx *tx)
{
	return store_outbox_add(tx,
	    &((struct notice_act *)(void *)act)->notice);
}

static enum lb_err
drop(struct act *act, struct store_tx *tx)
{
	return store_outbox_drop(tx, act->id, act->a);
}

static enum lb_err
taken(struct act *act, struct store_tx *tx)
{
	return store_outbox_taken(tx, act->id, act->a);
}

static enum lb_err
run(struct scene *scene, enum lb_err (*what)(struct act *, struct store_tx *),
    const char *key, int64_t seq)
{
	struct act act = { .what = what, .id = slice_of(key), .a = seq };

	return scene_do(scene, &act);
}

static void
make_key(struct scene *scene, const char *name)
{
	struct notice_act a = { .act = { .what = add_key } };

	snprintf(a.key.name, sizeof(a.key.name), "%s", name);
	a.key.hash = scene_token(name);
	a.key.hooked = 3;
	assert_int_equal(scene_do(scene, &a.act), LB_OK);
}

static enum lb_err
put(struct scene *scene, const char *key, int64_t seq, int connected,
    const char *client)
{
	struct notice_act a = { .act = { .what = add } };

	snprintf(a.notice.key, sizeof(a.notice.key), "%s", key);
	strcpy(a.notice.epoch, "abcdefgh");
	a.notice.seq = seq;
	a.notice.connected = connected;
	a.notice.client = slice_of(client);
	a.notice.at = scene->now.wall;
	return scene_do(scene, &a.act);
}

static void
write_notice(void *arg, const struct store_notice *n)
{
	assert_string_equal(n->epoch, "abcdefgh");
	assert_true(n->at > 0);
	buf_printf(arg, "%s %lld%c%.*s\n", n->key, (long long)n->seq,
	    n->connected ? '+' : '-', (int)n->client.n, n->client.p);
}

static void
holds(struct scene *scene, const char *key, const char *expected)
{
	struct buf out;

	buf_init(&out, 4096);
	assert_int_equal(store_outbox(scene->store, slice_of(key), write_notice,
			     &out),
	    LB_OK);
	assert_buf(&out, expected);
	buf_reset(&out);
}

static int64_t
hooked(struct scene *scene, const char *name)
{
	struct store_key key;

	assert_int_equal(store_key_by_name(scene->store, slice_of(name), &key),
	    LB_OK);
	return key.hooked;
}

static void
notices_are_listed_by_key_in_the_order_of_the_log(void **state)
{
	struct scene *scene = *state;

	make_key(scene, "a");
	make_key(scene, "b");
	assert_int_equal(put(scene, "a", 9, 0, "x"), LB_OK);
	assert_int_equal(put(scene, "a", 7, 1, "x"), LB_OK);
	assert_int_equal(put(scene, "b", 8, 1, "\xc3\xa9 \"y\""), LB_OK);
	holds(scene, "a", "a 7+x\na 9-x\n");
	holds(scene, "b", "b 8+\xc3\xa9 \"y\"\n");
	holds(scene, "c", "");
	assert_int_equal(put(scene, "a", 9, 1, "z"), LB_OK);
	holds(scene, "a", "a 7+x\na 9+z\n");
}

static void
what_was_told_is_dropped_once(void **state)
{
	struct scene *scene = *state;

	make_key(scene, "a");
	make_key(scene, "b");
	assert_int_equal(put(scene, "a", 7, 1, "x"), LB_OK);
	assert_int_equal(put(scene, "b", 7, 1, "x"), LB_OK);
	assert_int_equal(run(scene, drop, "a", 7), LB_OK);
	assert_int_equal(run(scene, drop, "a", 7), LB_OK);
	holds(scene, "a", "");
	holds(scene, "b", "b 7+x\n");
}

static void
what_was_taken_rises_alone(void **state)
{
	struct scene *scene = *state;

	make_key(scene, "a");
	make_key(scene, "b");
	assert_int_equal(run(scene, taken, "a", 12), LB_OK);
	assert_int_equal(run(scene, taken, "a", 11), LB_OK);
	assert_int_equal(run(scene, taken, "none", 13), LB_OK);
	assert_true(hooked(scene, "a") == 12);
	assert_true(hooked(scene, "b") == 3);
}

static void
an_outbox_goes_with_its_key(void **state)
{
	struct scene *scene = *state;

	make_key(scene, "a");
	make_key(scene, "b");
	assert_int_equal(put(scene, "a", 7, 1, "x"), LB_OK);
	assert_int_equal(put(scene, "b", 7, 1, "x"), LB_OK);
	assert_int_equal(run(scene, drop_key, "a", 0), LB_OK);
	holds(scene, "a", "");
	holds(scene, "b", "b 7+x\n");
	make_key(scene, "a");
	holds(scene, "a", "");
}

static void
a_batch_that_fails_leaves_it_as_it_was(void **state)
{
	struct scene *scene = *state;
	struct act drops = { .what = drop, .id = SLICE("a"), .a = 7 };
	struct act takes = { .what = taken, .id = SLICE("a"), .a = 70 };
	struct act fail = { .what = act_fail, .a = LB_DISK_FULL };

	make_key(scene, "a");
	assert_int_equal(put(scene, "a", 7, 1, "x"), LB_OK);
	scene_add(scene, &drops);
	scene_add(scene, &takes);
	assert_int_equal(scene_do(scene, &fail), LB_DISK_FULL);
	holds(scene, "a", "a 7+x\n");
	assert_true(hooked(scene, "a") == 3);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(notices_are_listed_by_key_in_the_order_of_the_log),
		TEST(what_was_told_is_dropped_once),
		TEST(what_was_taken_rises_alone),
		TEST(an_outbox_goes_with_its_key),
		TEST(a_batch_that_fails_leaves_it_as_it_was),
	};

	return SCENE_ON_EACH(tests);
}
