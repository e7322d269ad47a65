/*
 * Disks on which processes share no memory: found out, borne, and left again
 * with all that was written.
 */
#define _GNU_SOURCE /* memmem */

#include <sys/stat.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "faulty.h"
#include "mute.h"
#include "scene.h"

static enum lb_err
open_with(struct scene *scene, enum store_journal journal, struct buf *words)
{
	struct store_options options = {
		.folder = scene->folder,
		.patience = 1000,
		.journal = journal,
	};

	return store_sqlite_open(&scene->store, &options, words);
}

/* Opened, and so kept, for that reason. */
static void
check_kept(struct scene *scene, enum store_journal asked,
    enum store_journal expected, const char *why)
{
	const struct store_disk *disk;
	struct buf words;

	buf_init(&words, 4096);
	if (open_with(scene, asked, &words) != LB_OK)
		fail_msg("%.*s", (int)words.n, words.p);
	disk = store_journal(scene->store);
	assert_int_equal(disk->journal, expected);
	assert_string_equal(disk->why, why);
	assert_string_equal(disk->file_system, "local");
}

static void
without_shared_memory_it_has_a_rollback_journal(void **state)
{
	struct scene *scene = *state;
	int64_t room, ann;
	struct ear ear;

	faulty.no_sharing = 1;
	check_kept(scene, STORE_AUTO, STORE_ROLLBACK, "sqlite");
	room = scene_room(scene, "r");
	ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	ear_open(&ear, scene, room, 0, 0);
	scene_say(scene, room, ann, 0, "1");
	ear_heard(&ear, "ann>* chat 1\n");
	ear_close(&ear);
}

static void
a_write_ahead_log_that_is_asked_for_is_refused_there(void **state)
{
	struct scene *scene = *state;
	struct buf words;

	faulty.no_sharing = 1;
	buf_init(&words, 4096);
	assert_int_equal(open_with(scene, STORE_WAL, &words), LB_CONF);
	assert_non_null(memmem(words.p, words.n, "journal = auto", 14));
	buf_reset(&words);
	assert_null(scene->store);
}

static void
a_database_moves_there_and_back(void **state)
{
	struct scene *scene = *state;
	char epoch[CURSOR_EPOCH + 1];
	int64_t room, ann;
	struct ear ear;
	int saved;

	check_kept(scene, STORE_AUTO, STORE_WAL, "usual");
	strcpy(epoch, store_epoch(scene->store));
	room = scene_room(scene, "r");
	ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	scene_say(scene, room, ann, 0, "1");
	scene_close(scene); /* all of it is in the log still */
	faulty.no_sharing = 1;
	saved = mute();
	check_kept(scene, STORE_AUTO, STORE_ROLLBACK, "sqlite");
	unmute(saved);
	assert_string_equal(store_epoch(scene->store), epoch);
	scene_say(scene, room, ann, 0, "2");
	scene_close(scene);
	faulty.no_sharing = 0;
	check_kept(scene, STORE_AUTO, STORE_WAL, "usual");
	assert_string_equal(store_epoch(scene->store), epoch);
	scene_say(scene, room, ann, 0, "3");
	ear_open(&ear, scene, room, 0, 0);
	ear_heard(&ear, "ann>* chat 1\nann>* chat 2\nann>* chat 3\n");
	ear_close(&ear);
}

static void
who_keeps_a_journal_follows_who_begins_a_log(void **state)
{
	struct scene *one = *state, two = *one;
	int64_t room, ann;
	struct ear ear;
	int saved;

	check_kept(one, STORE_ROLLBACK, STORE_ROLLBACK, "asked");
	room = scene_room(one, "r");
	ann = scene_peer(one, room, "ann", STORE_PRESENT);
	check_kept(&two, STORE_AUTO, STORE_WAL, "usual");
	scene_say(&two, room, ann, 0, "1");
	ear_open(&ear, one, room, 0, 0);
	saved = mute();
	scene_say(one, room, ann, 0, "2");
	unmute(saved);
	assert_int_equal(store_journal(one->store)->journal, STORE_WAL);
	ear_heard(&ear, "ann>* chat 1\nann>* chat 2\n");
	ear_close(&ear);
	scene_say(&two, room, ann, 0, "3");
	scene_close(&two);
}

/* A process that has begun to read has all of it, whoever wants to write. */
static void
what_is_entered_can_be_read_to_the_end_of_the_turn(void **state)
{
	struct scene *one = *state, two = *one;
	int64_t room;
	struct act act;
	struct ear ear;

	check_kept(one, STORE_ROLLBACK, STORE_ROLLBACK, "asked");
	check_kept(&two, STORE_ROLLBACK, STORE_ROLLBACK, "asked");
	room = scene_room(one, "r");
	scene_peer(one, room, "ann", STORE_PRESENT);
	assert_int_equal(store_enter(one->store), LB_OK);
	scene_word(&two, &act, room, 1, 0, "1");
	scene_add(&two, &act);
	assert_true(scene_turn(&two) > 0);
	assert_int_equal(act.done, 0);
	assert_int_equal(ear_open(&ear, one, room, 0, 0), LB_OK);
	ear_heard(&ear, "");
	scene_turn(one);
	/* Now it can. */
	scene_turn(&two);
	assert_int_equal(act.done, 1);
	assert_int_equal(act.err, LB_OK);
	one->store->look = 1;
	scene_turn(one);
	ear_heard(&ear, "ann>* chat 1\n");
	ear_close(&ear);
	scene_close(&two);
}

/* ---- fixtures ------------------------------------------------------- */

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	faulty_reset();
	scene->now = (struct clock){ 1000000, 1700000000000 };
	scene_folder(scene->folder);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	faulty_reset();
	return scene_teardown(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(without_shared_memory_it_has_a_rollback_journal),
		TEST(a_write_ahead_log_that_is_asked_for_is_refused_there),
		TEST(a_database_moves_there_and_back),
		TEST(who_keeps_a_journal_follows_who_begins_a_log),
		TEST(what_is_entered_can_be_read_to_the_end_of_the_turn),
	};

	faulty_install();
	return cmocka_run_group_tests_name("disk", tests, NULL, NULL);
}
