/*
 * What the store on SQLite promises beyond the others: several processes on
 * one folder, restarts, restored copies, locked, full and vanished files.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/stat.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "scene.h"

static struct store *
open_store(const char *folder, int64_t db_max)
{
	struct store_options options = { folder, 0, db_max, 1000 };
	struct store *store = NULL;
	struct buf words;

	buf_init(&words, 4096);
	if (store_sqlite_open(&store, &options, &words) != LB_OK)
		fail_msg("%.*s", (int)words.n, words.p);
	assert_buf(&words, "");
	return store;
}

static void
close_scene(struct scene *scene)
{
	store_close(scene->store);
	scene->store = NULL;
}

/* It is refused with that error and a sentence for people. */
static void
check_refused(const char *folder, enum lb_err expected)
{
	struct store_options options = { folder, 1, 0, 1000 };
	struct store *store = NULL;
	struct buf words;

	buf_init(&words, 4096);
	assert_int_equal(store_sqlite_open(&store, &options, &words), expected);
	assert_null(store);
	assert_true(words.n > 20);
	buf_reset(&words);
}

static void
path_in(char path[128], const char *folder, const char *name)
{
	snprintf(path, 128, "%s/%s", folder, name);
}

/* Runs SQL on the database of a folder with a connection of its own. */
static void
run_sql(const char *folder, const char *sql)
{
	char path[128];
	sqlite3 *db;

	path_in(path, folder, "letterbox.db");
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

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
		path_in(a, from, names[i]);
		path_in(b, to, names[i]);
		copy_file(a, b);
	}
	path_in(b, to, "letterbox.db-shm");
	unlink(b);
}

/* ---- opening -------------------------------------------------------- */

static void
reopening_keeps_everything(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	int64_t seq = scene_say(scene, room, ann, 0, "1");
	struct store_peer before = scene_get(scene, ann), after;
	char epoch[CURSOR_EPOCH + 1];
	struct ear ear;

	strcpy(epoch, store_epoch(scene->store));
	close_scene(scene);
	scene->store = open_store(scene->folder, 0);
	assert_string_equal(store_epoch(scene->store), epoch);
	after = scene_get(scene, ann);
	assert_memory_equal(&after, &before, sizeof(after));
	ear_open(&ear, scene, room, 0, 0);
	assert_true(scene_say(scene, room, ann, 0, "2") > seq);
	ear_heard(&ear, "ann>* chat 1\nann>* chat 2\n");
	ear_close(&ear);
}

static void
leases_survive_a_restart_of_the_process(void **state)
{
	struct scene *scene = *state;
	struct act act = { .what = act_lease_put, .a = 5 };

	act.lease = (struct store_lease){ 1000, 35000, 7, 0 };
	assert_int_equal(scene_do(scene, &act), LB_OK);
	close_scene(scene);
	scene->store = open_store(scene->folder, 0);
	act.what = act_lease_get;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.lease.cursor == 7);
}

static void
a_lost_run_db_loses_leases_alone(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct act act = { .what = act_lease_get, .a = ann };
	char path[128];

	close_scene(scene);
	path_in(path, scene->folder, "run.db");
	assert_int_equal(unlink(path), 0);
	path_in(path, scene->folder, "run.db-wal");
	unlink(path);
	path_in(path, scene->folder, "run.db-shm");
	unlink(path);
	scene->store = open_store(scene->folder, 0);
	assert_int_equal(scene_do(scene, &act), LB_NOT_FOUND);
	assert_int_equal(store_refresh(scene->store, 1000), LB_OK);
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.lease.deadline == 1000 + STORE_TERM);
}

/* It may be, after a power cut: it is never synced. */
static void
a_damaged_run_db_is_thrown_away(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	char path[128], junk[8192];
	int round, fd;

	for (round = 0; round < 3; round++) {
		close_scene(scene);
		path_in(path, scene->folder, "run.db");
		memset(junk, round == 1 ? 0 : 'x', sizeof(junk));
		fd = open(path, O_WRONLY | (round == 0 ? O_TRUNC : 0));
		assert_true(fd >= 0);
		/* The whole file, or all behind the header. */
		assert_int_equal(pwrite(fd, junk, sizeof(junk),
				     round == 0 ? 0 : 100),
		    sizeof(junk));
		close(fd);
		path_in(path, scene->folder, "run.db-wal");
		unlink(path);
		scene->store = open_store(scene->folder, 0);
		assert_int_equal(store_refresh(scene->store, 1000), LB_OK);
		assert_int_equal(scene_get(scene, ann).state, STORE_PRESENT);
	}
}

static void
a_newer_schema_is_refused(void **state)
{
	struct scene *scene = *state;

	close_scene(scene);
	run_sql(scene->folder, "PRAGMA user_version = 99");
	check_refused(scene->folder, LB_NEWER_SCHEMA);
	run_sql(scene->folder, "PRAGMA user_version = 1");
	scene->store = open_store(scene->folder, 0);
}

static void
a_database_of_others_is_refused(void **state)
{
	struct scene *scene = *state;
	char folder[64], path[128];
	int fd;

	scene_folder(folder);
	run_sql(folder, "CREATE TABLE diary (day)");
	path_in(path, folder, "letterbox.db");
	assert_int_equal(chmod(path, 0600), 0);
	check_refused(folder, LB_NOT_OURS);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "Dear diary, today nobody called. ", 33),
	    33);
	close(fd);
	check_refused(folder, LB_NOT_OURS);
	scene_remove(folder);
	assert_int_equal(store_ready(scene->store), LB_OK);
}

static void
what_others_can_read_is_refused(void **state)
{
	struct scene *scene = *state;
	char path[128];

	close_scene(scene);
	assert_int_equal(chmod(scene->folder, 0750), 0);
	check_refused(scene->folder, LB_EXPOSED);
	assert_int_equal(chmod(scene->folder, 0701), 0);
	check_refused(scene->folder, LB_EXPOSED);
	assert_int_equal(chmod(scene->folder, 0700), 0);
	path_in(path, scene->folder, "letterbox.db");
	assert_int_equal(chmod(path, 0640), 0);
	check_refused(scene->folder, LB_EXPOSED);
	assert_int_equal(chmod(path, 0600), 0);
	scene->store = open_store(scene->folder, 0);
}

static void
a_folder_that_is_not_there_is_refused(void **state)
{
	(void)state;
	check_refused("/nonexistent/letterbox", LB_IO);
}

static void
files_are_for_their_owner_alone(void **state)
{
	static const char *const names[] = { "letterbox.db", "run.db",
		"letterbox.db-side", "letterbox.db-wal" };
	struct scene *scene = *state;
	char path[128];
	struct stat st;
	size_t i;

	scene_room(scene, "r");
	for (i = 0; i < COUNT(names); i++) {
		path_in(path, scene->folder, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_row((st.st_mode & 077) == 0, names[i]);
	}
}

/* ---- several processes ---------------------------------------------- */

/* A second store on the folder of the first; share its clock. */
static struct scene
join_scene(const struct scene *scene)
{
	struct scene other = *scene;

	other.store = open_store(scene->folder, 0);
	other.joined = 1000;
	return other;
}

static void
two_stores_see_each_other_in_one_order(void **state)
{
	struct scene *one = *state, two = join_scene(one);
	int64_t room = scene_room(one, "r");
	int64_t ann = scene_peer(one, room, "ann", STORE_PRESENT);
	int64_t bob = scene_peer(&two, room, "bob", STORE_PRESENT);
	struct ear left, right;
	int64_t seq = 0, next;
	int i;

	assert_string_equal(store_epoch(one->store), store_epoch(two.store));
	ear_open(&left, one, room, 0, 0);
	ear_open(&right, &two, room, 0, 0);
	for (i = 0; i < 30; i++) {
		next = i % 3 ? scene_say(one, room, ann, 0, "\"ann\"") :
			       scene_say(&two, room, bob, 0, "\"bob\"");
		assert_true(next > seq);
		seq = next;
	}
	one->store->look = two.store->look = 1;
	scene_turn(one);
	scene_turn(&two);
	assert_int_equal(left.count, 30);
	assert_true(left.last == seq);
	assert_int_equal(right.count, 30);
	buf_char(&right.heard, '\0');
	ear_heard(&left, right.heard.p);
	ear_close(&left);
	ear_close(&right);
	store_close(two.store);
}

static void
without_a_wake_others_are_seen_within_half_a_second(void **state)
{
	struct scene *one = *state, two = join_scene(one);
	int64_t room = scene_room(one, "r");
	int64_t ann = scene_peer(one, room, "ann", STORE_PRESENT);
	int64_t start, wait;
	struct ear ear;

	ear_open(&ear, &two, room, 0, 0);
	scene_turn(&two);
	scene_say(one, room, ann, 0, "1");
	start = two.now.mono;
	while (ear.count == 0) {
		wait = scene_turn(&two);
		assert_true(wait > 0 && wait <= 500);
		two.now.mono += wait;
		assert_true(two.now.mono - start <= 1000);
	}
	ear_close(&ear);
	store_close(two.store);
}

static void
two_stores_share_leases(void **state)
{
	struct scene *one = *state, two = join_scene(one);
	struct store_lease lease = { 1000, 35000, 0, 1 };
	struct act end = { .what = act_lease_end, .a = 5, .b = 1000 };
	int64_t peers[4];
	size_t count;

	store_renew(one->store, 5, &lease);
	scene_turn(one);
	assert_int_equal(store_overdue(two.store, 1000, peers, 4, &count),
	    LB_OK);
	assert_int_equal(count, 1);
	lease.deadline = 3000;
	store_renew(one->store, 5, &lease);
	scene_turn(one);
	assert_int_equal(scene_do(&two, &end), LB_NOT_FOUND);
	end.b = 3000;
	assert_int_equal(scene_do(&two, &end), LB_OK);
	assert_int_equal(scene_do(one, &end), LB_NOT_FOUND);
	store_close(two.store);
}

static void
a_decision_sees_what_another_process_committed(void **state)
{
	struct scene *one = *state, two = join_scene(one);
	int64_t room = scene_room(one, "r");
	struct act find = { .what = act_peer_by_id,
		.a = room,
		.id = SLICE("ann") };
	struct act put;

	assert_int_equal(scene_do(&two, &find), LB_NOT_FOUND);
	scene_peer(one, room, "ann", STORE_PRESENT);
	assert_int_equal(scene_do(&two, &find), LB_OK);
	put = (struct act){ .what = act_census, .a = room };
	assert_int_equal(scene_do(&two, &put), LB_OK);
	assert_int_equal(put.census.present, 1);
	store_close(two.store);
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
	close_scene(scene);
	copy_database(scene->folder, backup);
	scene->store = open_store(scene->folder, 0);
	assert_string_equal(store_epoch(scene->store), epoch);
	scene_say(scene, room, ann, 0, "2");
	close_scene(scene);
	copy_database(backup, scene->folder);
	scene->store = open_store(scene->folder, 0);
	assert_string_not_equal(store_epoch(scene->store), epoch);
	assert_true(strlen(store_epoch(scene->store)) == CURSOR_EPOCH);
	ear_open(&ear, scene, room, 0, 0);
	scene_say(scene, room, ann, 0, "3");
	ear_heard(&ear, "ann>* chat 1\nann>* chat 3\n");
	ear_close(&ear);
	/* And it is noticed once. */
	strcpy(epoch, store_epoch(scene->store));
	close_scene(scene);
	scene->store = open_store(scene->folder, 0);
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
	path_in(path, scene->folder, "letterbox.db");
	path_in(away, scene->folder, "away.db");
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
	path_in(path, scene->folder, "letterbox.db");
	assert_int_equal(unlink(path), 0);
	for (i = 0; i < 3; i++) {
		scene->now.mono += 500;
		scene_turn(scene);
	}
	assert_string_not_equal(store_epoch(scene->store), epoch);
	assert_int_equal(scene_do(scene, &act), LB_NOT_FOUND);
}

/* ---- locked and full ------------------------------------------------ */

static sqlite3 *
lock_database(const struct scene *scene)
{
	char path[128];
	sqlite3 *db;

	path_in(path, scene->folder, "letterbox.db");
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
	close_scene(scene);
	scene->store = open_store(scene->folder, 1 << 20);
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
a_batch_that_sqlite_rolled_back_is_not_there(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct ear ear;
	struct act act;

	scene_say(scene, room, ann, 0, "1");
	run_sql(scene->folder,
	    "CREATE TRIGGER refuse BEFORE INSERT ON message "
	    "BEGIN SELECT raise(ROLLBACK, 'no'); END");
	scene_word(scene, &act, room, ann, 0, "2");
	assert_int_not_equal(scene_do(scene, &act), LB_OK);
	run_sql(scene->folder, "DROP TRIGGER refuse");
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
	for (i = 0; i < 400; i++)
		scene_say(scene, room, ann, 0, body);
	path_in(path, scene->folder, "letterbox.db-wal");
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 8 << 20);
	store_stats(scene->store, &stats);
	assert_true(stats.checkpoints >= 3);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reopening_keeps_everything),
		TEST(leases_survive_a_restart_of_the_process),
		TEST(a_lost_run_db_loses_leases_alone),
		TEST(a_damaged_run_db_is_thrown_away),
		TEST(a_newer_schema_is_refused),
		TEST(a_database_of_others_is_refused),
		TEST(what_others_can_read_is_refused),
		TEST(a_folder_that_is_not_there_is_refused),
		TEST(files_are_for_their_owner_alone),
		TEST(two_stores_see_each_other_in_one_order),
		TEST(without_a_wake_others_are_seen_within_half_a_second),
		TEST(two_stores_share_leases),
		TEST(a_decision_sees_what_another_process_committed),
		TEST(a_restored_copy_gets_a_new_epoch),
		TEST(nothing_is_acknowledged_into_a_deleted_file),
		TEST(nothing_is_acknowledged_into_a_renamed_file),
		TEST(a_database_replaced_while_open_is_noticed_without_a_post),
		TEST(a_locked_database_is_waited_for),
		TEST(a_locked_database_is_busy_after_the_patience),
		TEST(those_that_waited_too_long_are_told_in_order),
		TEST(a_full_database_refuses_posts_and_serves_reads),
		TEST(a_batch_that_sqlite_rolled_back_is_not_there),
		TEST(the_wal_does_not_grow_without_end),
	};

	return cmocka_run_group_tests_name("sqlite", tests, scene_sqlite, NULL);
}
