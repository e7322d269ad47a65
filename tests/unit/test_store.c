/*
 * What every store promises of the log: operations, turns and subscribers.
 */
#include "scene.h"

/* ---- order ---------------------------------------------------------- */

static void
seq_rises_in_the_order_of_the_queue(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct act acts[5];
	size_t i;

	for (i = 0; i < COUNT(acts); i++) {
		scene_word(scene, &acts[i], room, ann, 0, "1");
		scene_add(scene, &acts[i]);
	}
	scene_turn(scene);
	for (i = 1; i < COUNT(acts); i++)
		assert_true(
		    acts[i].message.seq == acts[0].message.seq + (int64_t)i);
	assert_true(scene_say(scene, room, ann, 0, "2") > acts[4].message.seq);
}

static void
seq_is_not_used_again_when_the_newest_is_deleted(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct act trim = { .what = act_trim, .a = room };
	struct store_expiry all = { .messages = INT64_MAX, .most = 100 };
	int64_t first, second;

	first = scene_say(scene, room, ann, 0, "1");
	assert_int_equal(scene_do(scene, &trim), LB_OK);
	second = scene_say(scene, room, ann, 0, "2");
	assert_true(second > first);
	assert_int_equal(store_expire(scene->store, &all), LB_OK);
	assert_true(scene_say(scene, room, ann, 0, "3") > second);
}

/* ---- operations ----------------------------------------------------- */

static void
an_operation_runs_in_the_turn_and_is_done_once(void **state)
{
	struct scene *scene = *state;
	struct act act = { .what = act_census, .a = 1 };

	scene_add(scene, &act);
	assert_int_equal(act.ran, 0);
	assert_int_equal(act.done, 0);
	scene_turn(scene);
	assert_int_equal(act.ran, 1);
	assert_int_equal(act.done, 1);
	scene_turn(scene);
	assert_int_equal(act.ran, 1);
	assert_int_equal(act.done, 1);
}

static void
a_refused_operation_leaves_its_neighbours(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct act one, two, refused = { .what = act_fail, .a = LB_ROOM_FULL };
	struct ear ear;

	scene_word(scene, &one, room, ann, 0, "1");
	scene_word(scene, &two, room, ann, 0, "2");
	scene_add(scene, &one);
	scene_add(scene, &refused);
	scene_add(scene, &two);
	scene_turn(scene);
	assert_int_equal(one.err, LB_OK);
	assert_int_equal(refused.err, LB_ROOM_FULL);
	assert_int_equal(two.err, LB_OK);
	ear_open(&ear, scene, room, 0, 0);
	ear_heard(&ear, "ann>* chat 1\nann>* chat 2\n");
	ear_close(&ear);
}

static void
an_error_of_the_store_takes_the_batch_back(void **state)
{
	static const enum lb_err errors[] = { LB_IO, LB_DISK_FULL,
		LB_NO_MEMORY };
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct act before, after, failed = { .what = act_fail };
	struct ear ear;
	size_t i;

	ear_open(&ear, scene, room, 0, 0);
	for (i = 0; i < COUNT(errors); i++) {
		scene_word(scene, &before, room, ann, 0, "before");
		scene_word(scene, &after, room, ann, 0, "after");
		failed.a = errors[i];
		scene_add(scene, &before);
		scene_add(scene, &failed);
		scene_add(scene, &after);
		scene_turn(scene);
		assert_int_equal(before.err, errors[i]);
		assert_int_equal(failed.err, errors[i]);
		assert_int_equal(after.err, errors[i]);
	}
	scene_say(scene, room, ann, 0, "well again");
	ear_heard(&ear, "ann>* chat well again\n");
	ear_close(&ear);
}

static enum lb_err
write_much_then_fail(struct act *act, struct store_tx *tx)
{
	act->room.capacity = 99;
	act->peer.state = STORE_GONE;
	assert_int_equal(store_room_put(tx, &act->room), LB_OK);
	assert_int_equal(store_peer_put(tx, &act->peer), LB_OK);
	assert_int_equal(store_trim(tx, act->room.row, 0, 0), LB_OK);
	return LB_IO;
}

static void
what_was_written_before_the_error_is_taken_back(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct act act = { .what = act_room_get, .a = room };
	struct ear ear;

	scene_say(scene, room, ann, 0, "1");
	assert_int_equal(scene_do(scene, &act), LB_OK);
	act.peer = scene_get(scene, ann);
	act.what = write_much_then_fail;
	assert_int_equal(scene_do(scene, &act), LB_IO);
	act.what = act_room_get;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(act.room.capacity, 0);
	assert_int_equal(act.room.floor, 0);
	assert_int_equal(scene_get(scene, ann).state, STORE_PRESENT);
	ear_open(&ear, scene, room, 0, 0);
	ear_heard(&ear, "ann>* chat 1\n");
	ear_close(&ear);
}

static enum lb_err
join_and_speak(struct act *act, struct store_tx *tx)
{
	struct store_room room;
	struct store_peer found;

	if (store_room_find(tx, act->room.namespace, act->room.name,
		&act->room) == LB_NOT_FOUND)
		assert_int_equal(store_room_put(tx, &act->room), LB_OK);
	act->peer.room = act->message.room = act->room.row;
	assert_int_equal(store_peer_put(tx, &act->peer), LB_OK);
	assert_int_equal(store_peer_by_token(tx, &act->peer.token, &room,
			     &found),
	    LB_OK);
	assert_true(found.row == act->peer.row);
	act->message.sender = found.row;
	assert_int_equal(store_message_add(tx, &act->message), LB_OK);
	found.joined = act->message.seq;
	return store_peer_put(tx, &found);
}

static void
an_operation_sees_what_it_and_those_before_it_wrote(void **state)
{
	static const char *const ids[] = { "ann", "bob" };
	struct scene *scene = *state;
	struct act acts[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		scene_word(scene, &acts[i], 0, 0, 0, "null");
		acts[i].what = join_and_speak;
		acts[i].room.namespace = SLICE("rooms");
		acts[i].room.name = SLICE("new");
		strcpy(acts[i].peer.id, ids[i]);
		acts[i].peer.state = STORE_PRESENT;
		acts[i].peer.has_token = 1;
		acts[i].peer.token = scene_token(ids[i]);
		scene_add(scene, &acts[i]);
	}
	scene_turn(scene);
	assert_int_equal(acts[0].err, LB_OK);
	assert_int_equal(acts[1].err, LB_OK);
	assert_true(acts[0].room.row == acts[1].room.row);
	assert_true(acts[0].peer.row != acts[1].peer.row);
	assert_true(
	    scene_get(scene, acts[1].peer.row).joined == acts[1].message.seq);
}

/* An operation on the heap that appends the next one when it is done. */
struct relay {
	struct store_op op;
	struct scene *scene;
	int left, *done;
};

static enum lb_err
run_nothing(struct store_op *op, struct store_tx *tx)
{
	(void)op;
	(void)tx;
	return LB_OK;
}

static void relay_start(struct scene *scene, int left, int *done);

static void
relay_done(struct store_op *op, enum lb_err err)
{
	struct relay *relay = (struct relay *)op;

	assert_int_equal(err, LB_OK);
	++*relay->done;
	if (relay->left > 1)
		relay_start(relay->scene, relay->left - 1, relay->done);
	free(relay);
}

static void
relay_start(struct scene *scene, int left, int *done)
{
	struct relay *relay = calloc(1, sizeof(*relay));

	assert_non_null(relay);
	relay->op.run = run_nothing;
	relay->op.done = relay_done;
	relay->scene = scene;
	relay->left = left;
	relay->done = done;
	store_append(scene->store, &relay->op);
}

static void
done_may_free_its_operation_and_append_another(void **state)
{
	struct scene *scene = *state;
	int64_t wait = 0;
	int done = 0;

	relay_start(scene, 3, &done);
	while (done < 3) {
		assert_int_equal(wait, 0);
		wait = scene_turn(scene);
	}
}

/* An operation whose done() looks at the log. */
struct witness {
	struct act act;
	struct scene *scene;
	struct ear ear;
};

static void
witness_done(struct store_op *op, enum lb_err err)
{
	struct witness *witness = (struct witness *)op;

	witness->act.done++;
	assert_int_equal(err, LB_OK);
	assert_int_equal(ear_open(&witness->ear, witness->scene,
			     witness->act.message.room, 0, 0),
	    LB_OK);
}

static void
done_finds_its_batch_in_the_log(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct witness witness = { .scene = scene };
	struct act other;

	scene_word(scene, &witness.act, room, ann, 0, "1");
	scene_word(scene, &other, room, ann, 0, "2");
	scene_add(scene, &witness.act);
	witness.act.op.done = witness_done;
	scene_add(scene, &other);
	scene_turn(scene);
	assert_int_equal(witness.act.done, 1);
	scene_say(scene, room, ann, 0, "3");
	ear_heard(&witness.ear, "ann>* chat 1\nann>* chat 2\nann>* chat 3\n");
	ear_close(&witness.ear);
}

static void
close_ends_what_is_queued(void **state)
{
	struct scene *scene = *state;
	struct act first = { .what = act_census, .a = 1 };
	struct act second = { .what = act_census, .a = 1 };
	struct ear ear;

	assert_int_equal(ear_open(&ear, scene, 1, 0, 0), LB_OK);
	scene_add(scene, &first);
	scene_add(scene, &second);
	store_close(scene->store);
	scene->store = NULL;
	assert_int_equal(first.ran + second.ran, 0);
	assert_int_equal(first.done, 1);
	assert_int_equal(first.err, LB_SHUTTING_DOWN);
	assert_int_equal(second.done, 1);
	assert_int_equal(second.err, LB_SHUTTING_DOWN);
	assert_int_equal(ear.sub.followed, 0);
	buf_reset(&ear.heard);
}

static void
refuse_relay(struct store_op *op, enum lb_err err)
{
	struct relay *relay = (struct relay *)op;
	int left = relay->left;

	assert_int_equal(err, LB_SHUTTING_DOWN);
	++*relay->done;
	relay->left--;
	if (left > 1)
		store_append(relay->scene->store, op);
	else
		free(relay);
}

static void
close_ends_what_is_queued_by_what_it_ends(void **state)
{
	struct scene *scene = *state;
	struct relay *relay = calloc(1, sizeof(*relay));
	int done = 0;

	assert_non_null(relay);
	*relay = (struct relay){ .scene = scene, .left = 3, .done = &done };
	relay->op.run = run_nothing;
	relay->op.done = refuse_relay;
	store_append(scene->store, &relay->op);
	store_close(scene->store);
	scene->store = NULL;
	assert_int_equal(done, 3);
}

/* ---- what the store tells of itself --------------------------------- */

struct wakes {
	int64_t rooms[8];
	int count;
};

static void
note_wake(void *arg, int64_t room)
{
	struct wakes *wakes = arg;

	assert_true(wakes->count < 8);
	wakes->rooms[wakes->count++] = room;
}

static void
woke_tells_each_room_once_a_commit(void **state)
{
	struct scene *scene = *state;
	int64_t a = scene_room(scene, "a"), b = scene_room(scene, "b");
	int64_t ann = scene_peer(scene, a, "ann", STORE_PRESENT);
	int64_t bob = scene_peer(scene, b, "bob", STORE_PRESENT);
	struct act acts[4], failed = { .what = act_fail, .a = LB_IO };
	struct wakes wakes = { .count = 0 };
	size_t i;

	scene->store->woke = note_wake;
	scene->store->woke_arg = &wakes;
	for (i = 0; i < COUNT(acts); i++) {
		scene_word(scene, &acts[i], i % 2 ? b : a, i % 2 ? bob : ann, 0,
		    "1");
		scene_add(scene, &acts[i]);
	}
	scene_turn(scene);
	assert_int_equal(wakes.count, 2);
	assert_true(wakes.rooms[0] + wakes.rooms[1] == a + b);
	assert_true(wakes.rooms[0] != wakes.rooms[1]);

	scene_word(scene, &acts[0], a, ann, 0, "lost");
	scene_add(scene, &acts[0]);
	scene_add(scene, &failed);
	scene_turn(scene);
	assert_int_equal(wakes.count, 2);
}

static void
the_epoch_is_eight_letters_or_digits(void **state)
{
	struct scene *scene = *state;
	char first[64];
	const char *p;

	assert_true(strlen(store_epoch(scene->store)) == CURSOR_EPOCH);
	strcpy(first, store_epoch(scene->store));
	for (p = first; *p != '\0'; p++)
		assert_true(
		    (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'));
	scene_turn(scene);
	assert_string_equal(store_epoch(scene->store), first);
}

static void
it_is_ready_and_counts(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct store_stats before, after;
	struct ear ear;
	int64_t seq;

	assert_int_equal(store_ready(scene->store), LB_OK);
	store_stats(scene->store, &before);
	ear_open(&ear, scene, room, 0, 0);
	scene_say(scene, room, ann, 0, "1");
	store_stats(scene->store, &after);
	assert_int_equal(after.commits, before.commits + 1);
	assert_int_equal(after.messages, before.messages + 1);
	assert_int_equal(after.subs, before.subs + 1);
	assert_true(after.newest == ear.last);
	ear_close(&ear);
	seq = scene_say(scene, room, ann, 0, "nobody hears it");
	store_stats(scene->store, &after);
	assert_int_equal(after.subs, before.subs);
	assert_true(after.newest == seq);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(seq_rises_in_the_order_of_the_queue),
		TEST(seq_is_not_used_again_when_the_newest_is_deleted),
		TEST(an_operation_runs_in_the_turn_and_is_done_once),
		TEST(a_refused_operation_leaves_its_neighbours),
		TEST(an_error_of_the_store_takes_the_batch_back),
		TEST(what_was_written_before_the_error_is_taken_back),
		TEST(an_operation_sees_what_it_and_those_before_it_wrote),
		TEST(done_may_free_its_operation_and_append_another),
		TEST(done_finds_its_batch_in_the_log),
		TEST(close_ends_what_is_queued),
		TEST(close_ends_what_is_queued_by_what_it_ends),
		TEST(woke_tells_each_room_once_a_commit),
		TEST(the_epoch_is_eight_letters_or_digits),
		TEST(it_is_ready_and_counts),
	};

	return SCENE_ON_EACH(tests);
}
