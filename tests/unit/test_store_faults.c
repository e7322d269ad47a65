/*
 * The store on SQLite when its disk or its memory fails, at every place, and
 * when the power is cut: what was acknowledged is there, once, in its order.
 */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "faulty.h"
#include "mute.h"
#include "scene.h"

#define POSTS 6

static enum store_journal journal; /* of the stores that are opened */

/* One that posts 1, 2, 3 ... and repeats what was not acknowledged. */
struct story {
	struct scene scene;
	int64_t posted; /* acknowledged */
	size_t size;    /* of a body */
	int power;
	struct store_op op;
	int64_t n;
	int done;
	enum lb_err err;
};

static enum lb_err
find_or_open(struct store_tx *tx, struct store_room *room,
    struct store_peer *peer)
{
	enum lb_err err;

	memset(room, 0, sizeof(*room));
	room->namespace = SLICE("rooms");
	room->name = SLICE("r");
	err = store_room_find(tx, room->namespace, room->name, room);
	if (err == LB_OK)
		return store_peer_by_id(tx, room->row, SLICE("ann"), peer);
	if (err != LB_NOT_FOUND)
		return err;
	memset(peer, 0, sizeof(*peer));
	strcpy(peer->id, "ann");
	peer->state = STORE_PRESENT;
	peer->changed_at = tx->now.wall;
	err = store_room_put(tx, room);
	peer->room = room->row;
	return err == LB_OK ? store_peer_put(tx, peer) : err;
}

/* The post n, exactly once. */
static enum lb_err
run_post(struct store_op *op, struct store_tx *tx)
{
	struct story *story = (struct story *)(void *)((char *)op -
	    offsetof(struct story, op));
	static char body[100000];
	struct message m = { .type = SLICE("chat") };
	struct store_room room;
	struct store_peer peer;
	enum lb_err err = find_or_open(tx, &room, &peer);

	if (err != LB_OK)
		return err;
	if (peer.n >= story->n)
		return LB_OK;
	memset(body, ' ', story->size);
	snprintf(body, sizeof(body), "%lld", (long long)story->n);
	m.room = room.row;
	m.sender = peer.row;
	m.at = tx->now.wall;
	m.body = (struct slice){ body, story->size };
	err = store_message_add(tx, &m);
	peer.n = story->n;
	return err == LB_OK ? store_peer_posted(tx, &peer) : err;
}

static void
end_post(struct store_op *op, enum lb_err err)
{
	struct story *story = (struct story *)(void *)((char *)op -
	    offsetof(struct story, op));

	story->done = 1;
	story->err = err;
}

static enum lb_err
post(struct story *story)
{
	struct scene *scene = &story->scene;
	int64_t wait;

	story->op = (struct store_op){ .run = run_post, .done = end_post };
	story->n = story->posted + 1;
	story->done = 0;
	store_append(scene->store, &story->op);
	while (!story->done) {
		wait = store_turn(scene->store, &scene->now);
		scene->now.mono += wait > 0 ? wait : 1;
	}
	if (story->err == LB_OK)
		story->posted++;
	return story->err;
}

static enum lb_err
open_story(struct story *story)
{
	struct store_options options = {
		.folder = story->scene.folder,
		.power = story->power,
		.patience = 200,
		.journal = journal,
	};
	struct buf words;
	enum lb_err err;

	buf_init(&words, 4096);
	err = store_sqlite_open(&story->scene.store, &options, &words);
	buf_reset(&words);
	return err;
}

static void
close_story(struct story *story)
{
	store_close(story->scene.store);
	story->scene.store = NULL;
}

/* Counts what comes, which must be 1, 2, 3 ... */
static int
check_next(struct ear *ear)
{
	char expected[32];
	size_t n;

	snprintf(expected, sizeof(expected), "ann>* chat %d", ear->count);
	n = strlen(expected);
	assert_true(ear->heard.n >= n);
	assert_memory_equal(ear->heard.p, expected, n);
	buf_reset(&ear->heard);
	return 0;
}

/* The log holds each acknowledged post once, in order, and at most one more,
 * of which the answer got lost. */
static void
check_log(struct story *story)
{
	struct ear ear;

	ear_init(&ear, &story->scene, 1, 0, 0);
	ear.also = check_next;
	assert_int_equal(store_follow(story->scene.store, &ear.sub), LB_OK);
	ear_close(&ear);
	assert_true(ear.count >= story->posted);
	assert_true(ear.count <= story->posted + 1);
}

static void
check_integrity(const char *folder)
{
	char path[128];
	sqlite3_stmt *q;
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/letterbox.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1,
			     &q, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(q, 0), "ok");
	sqlite3_finalize(q);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* All that a server does, once through, while something fails. */
static void
play(struct story *story)
{
	struct store_expiry expiry = { .most = 10 };
	struct store_lease lease = { 1, 35000, 0, 1, 0 };
	struct ear ear;
	int i;

	if (open_story(story) != LB_OK)
		return;
	ear_init(&ear, &story->scene, 1, 0, 0);
	store_follow(story->scene.store, &ear.sub);
	for (i = 0; i < POSTS; i++) {
		post(story);
		store_renew(story->scene.store, 1, &lease);
		store_expire(story->scene.store, &expiry);
		store_ready(story->scene.store);
	}
	ear_close(&ear);
	store_refresh(story->scene.store, 1);
}

/* Fails at the n-th place; 0 when there are not so many. */
static int
fail_at(long n, struct faulty fault)
{
	struct story story = { .size = 3000, .power = 1 };
	int saved = mute(), reached;

	story.scene.now = (struct clock){ 1000000, 1700000000000 };
	scene_folder(story.scene.folder);
	faulty = fault;
	faulty.fail_at = n;
	play(&story);
	reached = faulty.failed > 0;
	faulty_reset();
	/* It is over: the same store works again, without a restart. */
	if (story.scene.store == NULL)
		story.err = open_story(&story);
	else
		story.err = post(&story);
	unmute(saved);
	assert_int_equal(story.err, LB_OK);
	check_log(&story);
	close_story(&story);
	/* And so it stands on the disk. */
	assert_int_equal(open_story(&story), LB_OK);
	check_log(&story);
	assert_int_equal(post(&story), LB_OK);
	check_log(&story);
	close_story(&story);
	check_integrity(story.scene.folder);
	scene_remove(story.scene.folder);
	return reached;
}

/* SOAK=1: every place and a thousand cuts; else some of them, for a minute
 * is too long for a test of units. */
static int
is_soak(void)
{
	return getenv("SOAK") != NULL;
}

/* Every place up to `least`, and then every `stride`-th. */
static void
fail_everywhere(struct faulty fault, long least, long stride)
{
	long n, places = 0;

	for (n = 1; fail_at(n, fault); n += is_soak() || n < least ? 1 : stride)
		places++;
	print_message("%ld of %ld places\n", places, n - 1);
	/* The shim has been in the way. */
	assert_true(n > least);
}

static void
no_failing_io_call_loses_a_post(void **state)
{
	(void)state;
	fail_everywhere((struct faulty){ .for_ever = 0 }, 50, 3);
}

static void
no_disk_that_fails_for_a_while_loses_a_post(void **state)
{
	(void)state;
	fail_everywhere((struct faulty){ .for_ever = 1 }, 20, 9);
}

static void
no_full_disk_loses_a_post(void **state)
{
	(void)state;
	fail_everywhere((struct faulty){ .for_ever = 1, .full = 1 }, 20, 9);
}

static void
no_failing_allocation_loses_a_post(void **state)
{
	(void)state;
	fail_everywhere((struct faulty){ .memory = 1 }, 20, 211);
}

static void
no_lack_of_memory_loses_a_post(void **state)
{
	(void)state;
	fail_everywhere((struct faulty){ .memory = 1, .for_ever = 1 }, 20, 211);
}

/* Expiry at the n-th place; 0 when there are not so many. */
static int
fail_expiry_at(long n)
{
	struct story story = { .size = 30, .power = 1 };
	struct store_expiry all = { INT64_MAX, INT64_MAX, INT64_MAX, 100, 0 };
	int saved = mute(), reached, i;
	struct ear ear;

	story.scene.now = (struct clock){ 1000000, 1700000000000 };
	scene_folder(story.scene.folder);
	assert_int_equal(open_story(&story), LB_OK);
	for (i = 0; i < 10; i++)
		assert_int_equal(post(&story), LB_OK);
	faulty.fail_at = n;
	store_expire(story.scene.store, &all);
	reached = faulty.failed > 0;
	faulty_reset();
	for (i = 0; i < 3; i++)
		assert_int_equal(store_expire(story.scene.store, &all), LB_OK);
	unmute(saved);
	ear_open(&ear, &story.scene, 1, 0, 0);
	ear_heard(&ear, "");
	ear_close(&ear);
	close_story(&story);
	scene_remove(story.scene.folder);
	return reached;
}

static void
what_could_not_be_expired_is_expired_later(void **state)
{
	long n;

	(void)state;
	for (n = 1; fail_expiry_at(n); n++)
		;
	assert_true(n > 3);
}

/* ---- power ---------------------------------------------------------- */

/* A new boot: what was only shared memory is gone. */
static void
forget_shm(const char *folder)
{
	static const char *const names[] = { "letterbox.db-shm", "run.db-shm" };
	char path[128];
	size_t i;

	for (i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
}

/* Posts until the power goes at the n-th call, and looks what is left. */
static void
cut_power(struct story *story, long n, uint64_t seed)
{
	char epoch[CURSOR_EPOCH + 1] = "";
	int saved = mute();

	faulty.record = 1;
	faulty.for_ever = 1;
	faulty.fail_at = n;
	if (open_story(story) == LB_OK) {
		strcpy(epoch, store_epoch(story->scene.store));
		while (faulty.failed == 0)
			post(story);
		close_story(story);
	}
	faulty_cut(seed);
	faulty_reset();
	forget_shm(story->scene.folder);
	unmute(saved);
	assert_int_equal(open_story(story), LB_OK);
	check_log(story);
	if (epoch[0] != '\0' && story->power)
		assert_string_equal(store_epoch(story->scene.store), epoch);
	assert_int_equal(post(story), LB_OK);
	close_story(story);
}

static void
no_power_cut_loses_a_post(void **state)
{
	struct story story = { .power = 1 };
	uint64_t seed = 4711;
	int i;

	(void)state;
	story.scene.now = (struct clock){ 1000000, 1700000000000 };
	scene_folder(story.scene.folder);
	for (i = 0; i < (is_soak() ? 1000 : 60); i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		story.size = seed >> 60 ? 100 + (seed >> 52) : 60000;
		cut_power(&story, 1 + (long)(seed >> 33) % 120, seed);
		if (i % 50 == 0)
			check_integrity(story.scene.folder);
	}
	check_integrity(story.scene.folder);
	scene_remove(story.scene.folder);
}

static int
reset_faults(void **state)
{
	(void)state;
	faulty_reset();
	return 0;
}

static int
with_wal(void **state)
{
	(void)state;
	journal = STORE_WAL;
	return 0;
}

static int
with_rollback(void **state)
{
	(void)state;
	journal = STORE_ROLLBACK;
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, reset_faults)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(no_failing_io_call_loses_a_post),
		TEST(no_disk_that_fails_for_a_while_loses_a_post),
		TEST(no_full_disk_loses_a_post),
		TEST(no_failing_allocation_loses_a_post),
		TEST(no_lack_of_memory_loses_a_post),
		TEST(what_could_not_be_expired_is_expired_later),
		TEST(no_power_cut_loses_a_post),
	};

	faulty_install();
	return cmocka_run_group_tests_name("faults", tests, with_wal, NULL) +
	    cmocka_run_group_tests_name("faults, rollback", tests,
		with_rollback, NULL);
}
