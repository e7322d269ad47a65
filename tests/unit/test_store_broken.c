/*
 * What the store on SQLite promises when its files were restored, replaced or
 * deleted, when they are locked, and when they are full.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include "scene.h"

static void
copy_file(const char *from, const char *to)
{
	char block[65536];
	ssize_t n;
	int in = open(from, O_RDONLY), out;

	if (in < 0) {
		unlink(to);
		return;
	}
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(out >= 0);
	while ((n = read(in, block, sizeof(block))) > 0)
		assert_int_equal(write(out, block, (size_t)n), n);
	close(in);
	close(out);
}

/* The database and its WAL, as a backup takes them while nobody writes. */
static void
copy_database(const char *from, const char *to)
{
	static const char *const names[] = { "letterbox.db",
		"letterbox.db-wal" };
	char a[128], b[128];
	size_t i;

	for (i = 0; i < COUNT(names); i++) {
		scene_path(a, from, names[i]);
		scene_path(b, to, names[i]);
		copy_file(a, b);
	}
	scene_path(b, to, "letterbox.db-shm");
	unlink(b);
}

/* ---- restored, replaced, deleted ------------------------------------ */

static void
a_restored_copy_gets_a_new_epoch(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	char epoch[CURSOR_EPOCH + 1], backup[64];
	struct ear ear;

	scene_folder(backup);
	scene_say(scene, room, ann, 0, "1");
	strcpy(epoch, store_epoch(scene->store));
	scene_close(scene);
	copy_database(scene->folder, backup);
	scene_open(scene, 0);
	assert_string_equal(store_epoch(scene->store), epoch);
	scene_say(scene, room, ann, 0, "2");
	scene_close(scene);
	copy_database(backup, scene->folder);
	scene_open(scene, 0);
	assert_string_not_equal(store_epoch(scene->store), epoch);
	assert_true(strlen(store_epoch(scene->store)) == CURSOR_EPOCH);
	ear_open(&ear, scene, room, 0, 0);
	scene_say(scene, room, ann, 0, "3");
	ear_heard(&ear, "ann>* chat 1\nann>* chat 3\n");
	ear_close(&ear);
	/* And it is noticed once. */
	strcpy(epoch, store_epoch(scene->store));
	scene_close(scene);
	scene_open(scene, 0);
	assert_string_equal(store_epoch(scene->store), epoch);
	scene_remove(backup);
}

/* Renames the open database away, or deletes it; then posts. */
static void
check_vanished(struct scene *scene, int rename_it)
{
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	char epoch[CURSOR_EPOCH + 1], path[128], away[128];
	struct act act;

	strcpy(epoch, store_epoch(scene->store));
	scene_path(path, scene->folder, "letterbox.db");
	scene_path(away, scene->folder, "away.db");
	assert_int_equal(rename_it ? rename(path, away) : unlink(path), 0);
	scene_word(scene, &act, room, ann, 0, "1");
	assert_int_not_equal(scene_do(scene, &act), LB_OK);
	/* Well again, with a new database that knows nobody. */
	act = (struct act){ .what = act_room_get, .a = room };
	assert_int_equal(scene_do(scene, &act), LB_NOT_FOUND);
	assert_string_not_equal(store_epoch(scene->store), epoch);
	room = scene_room(scene, "r");
	ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	scene_say(scene, room, ann, 0, "2");
}

static void
nothing_is_acknowledged_into_a_deleted_file(void **state)
{
	check_vanished(*state, 0);
}

static void
nothing_is_acknowledged_into_a_renamed_file(void **state)
{
	check_vanished(*state, 1);
}

static void
a_database_replaced_while_open_is_noticed_without_a_post(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	struct act act = { .what = act_room_get, .a = room };
	char epoch[CURSOR_EPOCH + 1], path[128];
	int i;

	strcpy(epoch, store_epoch(scene->store));
	scene_path(path, scene->folder, "letterbox.db");
	assert_int_equal(unlink(path), 0);
	for (i = 0; i < 3; i++) {
		scene->now.mono += 500;
		scene_turn(scene);
	}
	assert_string_not_equal(store_epoch(scene->store), epoch);
	assert_int_equal(scene_do(scene, &act), LB_NOT_FOUND);
}

/* As `.restore` of the sqlite3 shell does it: into the file that is open. */
static void
restore_in_place(const struct scene *scene, const char *from)
{
	char path[128];
	sqlite3 *source, *target;
	sqlite3_backup *backup;

	scene_path(path, scene->folder, "letterbox.db");
	assert_int_equal(sqlite3_open(from, &source), SQLITE_OK);
	assert_int_equal(sqlite3_open(path, &target), SQLITE_OK);
	backup = sqlite3_backup_init(target, "main", source, "main");
	assert_non_null(backup);
	assert_int_equal(sqlite3_backup_step(backup, -1), SQLITE_DONE);
	assert_int_equal(sqlite3_backup_finish(backup), SQLITE_OK);
	sqlite3_close(source);
	sqlite3_close(target);
}

static void
check_set_back(struct scene *scene, int with_a_post)
{
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	char epoch[CURSOR_EPOCH + 1], copy[128], sql[256];
	struct act act;
	int i;

	scene_say(scene, room, ann, 0, "1");
	scene_path(copy, scene->folder, "copy.db");
	snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", copy);
	scene_sql(scene->folder, sql);
	for (i = 0; i < 10; i++)
		scene_say(scene, room, ann, 0, "2");
	strcpy(epoch, store_epoch(scene->store));
	restore_in_place(scene, copy);
	if (with_a_post) {
		scene_word(scene, &act, room, ann, 0, "3");
		assert_int_equal(scene_do(scene, &act), LB_BUSY);
	} else {
		scene->now.mono += 500;
		scene_turn(scene);
	}
	assert_string_not_equal(store_epoch(scene->store), epoch);
	scene_say(scene, room, ann, 0, "3");
}

static void
a_backup_restored_in_place_is_noticed_by_a_post(void **state)
{
	check_set_back(*state, 1);
}

static void
a_backup_restored_in_place_is_noticed_without_a_post(void **state)
{
	check_set_back(*state, 0);
}

/* ---- locked and full ------------------------------------------------ */

static sqlite3 *
lock_database(const struct scene *scene)
{
	char path[128];
	sqlite3 *db;

	scene_path(path, scene->folder, "letterbox.db");
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	    SQLITE_OK);
	return db;
}

static void
a_locked_database_is_waited_for(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r"), wait;
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	sqlite3 *db = lock_database(scene);
	struct act act;
	int turns;

	scene_word(scene, &act, room, ann, 0, "1");
	scene_add(scene, &act);
	for (turns = 0; turns < 10; turns++) {
		wait = scene_turn(scene);
		assert_true(wait > 0 && wait < 100);
		assert_int_equal(act.done, 0);
		scene->now.mono += wait;
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	scene_turn(scene);
	assert_int_equal(act.done, 1);
	assert_int_equal(act.err, LB_OK);
}

static void
patience_begins_with_the_first_try(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	sqlite3 *db = lock_database(scene);
	struct act act;

	/* Queued after a long time without a turn. */
	scene_word(scene, &act, room, ann, 0, "1");
	scene_add(scene, &act);
	scene->now.mono += 60000;
	scene_turn(scene);
	assert_int_equal(act.done, 0);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	scene_turn(scene);
	assert_int_equal(act.err, LB_OK);
}

static void
a_locked_database_is_busy_after_the_patience(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r"), start = scene->now.mono, seq;
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	sqlite3 *db;
	struct act old, new;
	struct ear ear;

	seq = scene_say(scene, room, ann, 0, "1");
	db = lock_database(scene);
	scene_word(scene, &new, room, ann, 0, "late");
	scene_word(scene, &old, room, ann, 0, "lost");
	scene_add(scene, &old);
	scene_turn(scene);
	scene->now.mono += 600;
	scene_turn(scene);
	scene_add(scene, &new);
	scene->now.mono += 500;
	scene_turn(scene);
	assert_int_equal(old.done, 1);
	assert_int_equal(old.err, LB_BUSY);
	assert_int_equal(new.done, 0);
	/* Reading goes on meanwhile, and readiness says how it stands. */
	assert_int_equal(ear_open(&ear, scene, room, 0, 0), LB_OK);
	ear_heard(&ear, "ann>* chat 1\n");
	assert_int_equal(store_ready(scene->store), LB_BUSY);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	scene_turn(scene);
	assert_int_equal(new.done, 1);
	assert_int_equal(new.err, LB_OK);
	assert_true(new.message.seq > seq);
	ear_heard(&ear, "ann>* chat late\n");
	ear_close(&ear);
	assert_int_equal(store_ready(scene->store), LB_OK);
	assert_true(scene->now.mono - start < 3000);
}

static void
those_that_waited_too_long_are_told_in_order(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	sqlite3 *db = lock_database(scene);
	struct act acts[5];
	size_t i;

	for (i = 0; i < COUNT(acts); i++) {
		scene_word(scene, &acts[i], room, ann, 0, "1");
		scene_add(scene, &acts[i]);
	}
	scene_turn(scene);
	scene->now.mono += 1000;
	scene_turn(scene);
	for (i = 0; i < COUNT(acts); i++) {
		assert_int_equal(acts[i].ran, 0);
		assert_int_equal(acts[i].done, 1);
		assert_int_equal(acts[i].err, LB_BUSY);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Posts until it is refused; how many were accepted. */
static int
fill(struct scene *scene, int64_t room, int64_t ann, const char *body)
{
	struct act act;
	int posts = 0;

	for (;;) {
		scene_word(scene, &act, room, ann, 0, body);
		if (scene_do(scene, &act) != LB_OK)
			break;
		scene->now.mono += 100;
		assert_true(++posts < 1000);
	}
	assert_int_equal(act.err, LB_DISK_FULL);
	return posts;
}

static void
a_full_database_refuses_posts_and_serves_reads(void **state)
{
	struct scene *scene = *state;
	struct store_expiry all = { .messages = INT64_MAX, .most = 1000 };
	static char body[60001];
	struct store_stats stats;
	int64_t room, ann;
	struct ear ear;
	int posts, i;

	memset(body, 'x', sizeof(body) - 1);
	scene_close(scene);
	scene_open(scene, 1 << 20);
	room = scene_room(scene, "r");
	ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	ear_open(&ear, scene, room, 0, 0);
	posts = fill(scene, room, ann, body);
	assert_true(posts >= 5);
	assert_int_equal(ear.count, posts);
	ear_close(&ear);
	ear_open(&ear, scene, room, 0, 0);
	assert_int_equal(ear.count, posts);
	ear_close(&ear);
	store_stats(scene->store, &stats);
	assert_int_equal(stats.messages, posts);
	/* Deleting makes room again, without a restart. */
	for (i = 0; i < 5; i++)
		assert_int_equal(store_expire(scene->store, &all), LB_OK);
	scene->now.mono += 5000;
	scene_turn(scene);
	scene_say(scene, room, ann, 0, body);
	assert_int_equal(store_ready(scene->store), LB_OK);
}

static void
a_limit_of_file_sizes_is_a_full_disk(void **state)
{
	struct scene *scene = *state;
	static char body[60001];
	struct rlimit limit, whole;
	int64_t room, ann;
	struct ear ear;
	int posts;

	memset(body, 'x', sizeof(body) - 1);
	room = scene_room(scene, "r");
	ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	ear_open(&ear, scene, room, 0, 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &whole), 0);
	limit = whole;
	limit.rlim_cur = 1 << 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	posts = fill(scene, room, ann, body);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &whole), 0);
	assert_true(posts > 0);
	scene_say(scene, room, ann, 0, "1");
	assert_int_equal(ear.count, posts + 1);
	assert_int_equal(store_ready(scene->store), LB_OK);
	ear_close(&ear);
}

static void
a_batch_that_sqlite_rolled_back_is_not_there(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct ear ear;
	struct act act;

	scene_say(scene, room, ann, 0, "1");
	scene_sql(scene->folder,
	    "CREATE TRIGGER refuse BEFORE INSERT ON message "
	    "BEGIN SELECT raise(ROLLBACK, 'no'); END");
	scene_word(scene, &act, room, ann, 0, "2");
	assert_int_not_equal(scene_do(scene, &act), LB_OK);
	scene_sql(scene->folder, "DROP TRIGGER refuse");
	ear_open(&ear, scene, room, 0, 0);
	scene_say(scene, room, ann, 0, "3");
	ear_heard(&ear, "ann>* chat 1\nann>* chat 3\n");
	ear_close(&ear);
}

static void
the_wal_does_not_grow_without_end(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	static char body[60001];
	struct store_stats stats;
	char path[128];
	struct stat st;
	int i;

	memset(body, 'x', sizeof(body) - 1);
	for (i = 0; i < 1200; i++)
		scene_say(scene, room, ann, 0, body);
	if (store_journal(scene->store)->journal == STORE_ROLLBACK)
		return;
	scene_path(path, scene->folder, "letterbox.db-wal");
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 24 << 20);
	store_stats(scene->store, &stats);
	assert_true(stats.checkpoints >= 3);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_restored_copy_gets_a_new_epoch),
		TEST(nothing_is_acknowledged_into_a_deleted_file),
		TEST(nothing_is_acknowledged_into_a_renamed_file),
		TEST(a_database_replaced_while_open_is_noticed_without_a_post),
		TEST(a_backup_restored_in_place_is_noticed_by_a_post),
		TEST(a_backup_restored_in_place_is_noticed_without_a_post),
		TEST(a_locked_database_is_waited_for),
		TEST(patience_begins_with_the_first_try),
		TEST(a_locked_database_is_busy_after_the_patience),
		TEST(those_that_waited_too_long_are_told_in_order),
		TEST(a_full_database_refuses_posts_and_serves_reads),
		TEST(a_limit_of_file_sizes_is_a_full_disk),
		TEST(a_batch_that_sqlite_rolled_back_is_not_there),
		TEST(the_wal_does_not_grow_without_end),
	};

	return cmocka_run_group_tests_name("sqlite broken", tests, scene_sqlite,
		   NULL) +
	    cmocka_run_group_tests_name("sqlite broken, rollback", tests,
		scene_rollback, NULL);
}
