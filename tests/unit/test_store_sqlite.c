/*
 * What the store on SQLite promises beyond the others: restarts, what it
 * refuses to open, and several processes on one folder.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "embed.h"
#include "scene.h"
#include "store_sqlite.h"

/* It is refused with that error and a sentence for people. */
static void
check_refused(const char *folder, enum lb_err expected)
{
	struct store_options options = {
		.folder = folder,
		.power = 1,
		.patience = 1000,
	};
	struct store *store = NULL;
	struct buf words;

	buf_init(&words, 4096);
	assert_int_equal(store_sqlite_open(&store, &options, &words), expected);
	assert_null(store);
	assert_true(words.n > 20);
	buf_reset(&words);
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
	scene_close(scene);
	scene_open(scene, 0);
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

	act.lease = (struct store_lease){ 1000, 35000, 7, 0, 0 };
	assert_int_equal(scene_do(scene, &act), LB_OK);
	scene_close(scene);
	scene_open(scene, 0);
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

	scene_close(scene);
	scene_path(path, scene->folder, "run.db");
	assert_int_equal(unlink(path), 0);
	scene_path(path, scene->folder, "run.db-wal");
	unlink(path);
	scene_path(path, scene->folder, "run.db-shm");
	unlink(path);
	scene_open(scene, 0);
	assert_int_equal(scene_do(scene, &act), LB_NOT_FOUND);
	assert_int_equal(store_refresh(scene->store, 1000), LB_OK);
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.lease.deadline == 1000 + STORE_TERM);
}

static void
a_run_db_of_before_learns_of_openings(void **state)
{
	struct scene *scene = *state;
	struct act act = { .what = act_lease_put, .a = 5 };
	char path[128], sql[512];

	act.lease = (struct store_lease){ 1000, 35000, 7, 0, 0 };
	assert_int_equal(scene_do(scene, &act), LB_OK);
	scene_close(scene);
	scene_path(path, scene->folder, "run.db");
	snprintf(sql, sizeof(sql),
	    "ATTACH '%s' AS run; ALTER TABLE run.lease DROP COLUMN opening; "
	    "PRAGMA run.user_version = 2",
	    path);
	scene_sql(scene->folder, sql);
	scene_open(scene, 0);
	act.what = act_lease_get;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.lease.cursor == 7 && act.lease.opening == 0);
	act.what = act_lease_put;
	act.lease.opening = 9;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	scene_close(scene);
	scene_open(scene, 0);
	act.what = act_lease_get;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.lease.opening == 9);
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
		scene_close(scene);
		scene_path(path, scene->folder, "run.db");
		memset(junk, round == 1 ? 0 : 'x', sizeof(junk));
		fd = open(path, O_WRONLY | (round == 0 ? O_TRUNC : 0));
		assert_true(fd >= 0);
		/* The whole file, or all behind the header. */
		assert_int_equal(pwrite(fd, junk, sizeof(junk),
				     round == 0 ? 0 : 100),
		    sizeof(junk));
		close(fd);
		scene_path(path, scene->folder, "run.db-wal");
		unlink(path);
		scene_open(scene, 0);
		assert_int_equal(store_refresh(scene->store, 1000), LB_OK);
		assert_int_equal(scene_get(scene, ann).state, STORE_PRESENT);
	}
}

static void
a_newer_schema_is_refused(void **state)
{
	struct scene *scene = *state;
	char ours[64];

	snprintf(ours, sizeof(ours), "PRAGMA user_version = %d",
	    schema_newest(lb_migrations));
	scene_close(scene);
	scene_sql(scene->folder,
	    "UPDATE meta SET compat = 99; PRAGMA user_version = 99");
	check_refused(scene->folder, LB_NEWER_SCHEMA);
	scene_sql(scene->folder, ours);
	scene_open(scene, 0);
}

/* ---- a newer program migrates it while we run ------------------------- */

static void
what_a_newer_program_adds_does_no_harm(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct ear ear;

	ear_open(&ear, scene, room, 0, 0);
	scene_sql(scene->folder,
	    "ALTER TABLE meta ADD COLUMN extra TEXT NOT NULL DEFAULT 'x';"
	    "ALTER TABLE message ADD COLUMN extra TEXT;"
	    "ALTER TABLE peer ADD COLUMN extra TEXT;"
	    "ALTER TABLE room ADD COLUMN extra TEXT;"
	    "CREATE TABLE hat (size INTEGER) STRICT;"
	    "PRAGMA user_version = 99");
	scene_say(scene, room, ann, 0, "1");
	ear_heard(&ear, "ann>* chat 1\n");
	scene_peer(scene, scene_room(scene, "s"), "bob", STORE_PRESENT);
	assert_false(scene->store->outdated);
	ear_close(&ear);
	scene_close(scene);
	scene_open(scene, 0);
}

static void
what_it_breaks_is_never_written_to(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	struct act act = { .what = NULL };
	struct ear ear;

	scene_word(scene, &act, room, ann, 0, "2");
	scene_sql(scene->folder,
	    "UPDATE meta SET compat = 99; PRAGMA user_version = 99");
	assert_int_equal(scene_do(scene, &act), LB_NEWER_SCHEMA);
	assert_int_equal(act.ran, 0);
	assert_true(scene->store->outdated);
	assert_int_equal(ear_open(&ear, scene, room, 0, 0), LB_NEWER_SCHEMA);
	ear_close(&ear);
}

/* Who only reads notices it at the next look, or by what fails. */
static void
who_only_reads_notices_it_too(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	struct ear ear, late;

	ear_open(&ear, scene, room, 0, 0);
	scene_sql(scene->folder,
	    "UPDATE meta SET compat = 99; PRAGMA user_version = 99");
	assert_false(scene->store->outdated);
	scene->now.mono += 501;
	scene_turn(scene);
	assert_true(scene->store->outdated);
	ear_close(&ear);

	scene->store->outdated = 0;
	scene_sql(scene->folder,
	    "ALTER TABLE message RENAME COLUMN body TO text;"
	    "PRAGMA user_version = 100");
	assert_int_equal(ear_open(&late, scene, room, 0, 0), LB_NEWER_SCHEMA);
	assert_true(scene->store->outdated);
	ear_close(&late);
}

static void
a_database_of_others_is_refused(void **state)
{
	struct scene *scene = *state;
	char folder[64], path[128];
	int fd;

	scene_folder(folder);
	scene_sql(folder, "CREATE TABLE diary (day)");
	scene_path(path, folder, "letterbox.db");
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

	scene_close(scene);
	assert_int_equal(chmod(scene->folder, 0750), 0);
	check_refused(scene->folder, LB_EXPOSED);
	assert_int_equal(chmod(scene->folder, 0701), 0);
	check_refused(scene->folder, LB_EXPOSED);
	assert_int_equal(chmod(scene->folder, 0700), 0);
	scene_path(path, scene->folder, "letterbox.db");
	assert_int_equal(chmod(path, 0640), 0);
	check_refused(scene->folder, LB_EXPOSED);
	assert_int_equal(chmod(path, 0600), 0);
	scene_open(scene, 0);
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
		"letterbox.db-side", "letterbox.db-wal",
		"letterbox.db-journal" };
	struct scene *scene = *state;
	char path[128];
	struct stat st;
	size_t i, found = 0;

	scene_room(scene, "r");
	for (i = 0; i < COUNT(names); i++) {
		scene_path(path, scene->folder, names[i]);
		if (stat(path, &st) != 0)
			continue; /* one of the journals is not there */
		assert_row((st.st_mode & 077) == 0, names[i]);
		found++;
	}
	assert_int_equal(found, COUNT(names) - 1);
}

/* ---- several processes ---------------------------------------------- */

/* A second store on the folder of the first; share its clock. */
static struct scene
join_scene(const struct scene *scene)
{
	struct scene other = *scene;

	other.store = NULL;
	scene_open(&other, 0);
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
	scene_close(&two);
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
	scene_close(&two);
}

static void
two_stores_share_leases(void **state)
{
	struct scene *one = *state, two = join_scene(one);
	struct store_lease lease = { 1000, 35000, 0, 1, 0 };
	struct store_lease claim = { 1000, 35000, 0, 2, 0 };
	struct act end = { .what = act_lease_end, .a = 5, .b = 1000 };
	struct act get = { .what = act_lease_get, .a = 6 };
	int64_t peers[4];
	size_t count;

	/* A claim is seen at once. */
	assert_int_equal(store_claim(one->store, 6, &lease), LB_OK);
	assert_int_equal(store_claim(two.store, 6, &claim), LB_OK);
	assert_int_equal(scene_do(one, &get), LB_OK);
	assert_true(get.lease.poller == 2);
	end.a = 6;
	assert_int_equal(scene_do(one, &end), LB_OK);
	end.a = 5;

	store_renew(one->store, 5, &lease);
	store_overdue(one->store, 0, peers, 4, &count);
	assert_int_equal(store_overdue(two.store, 1000, peers, 4, &count),
	    LB_OK);
	assert_int_equal(count, 1);
	lease.deadline = 3000;
	store_renew(one->store, 5, &lease);
	store_overdue(one->store, 0, peers, 4, &count);
	assert_int_equal(scene_do(&two, &end), LB_NOT_FOUND);
	end.b = 3000;
	assert_int_equal(scene_do(&two, &end), LB_OK);
	assert_int_equal(scene_do(one, &end), LB_NOT_FOUND);
	scene_close(&two);
}

/* What `scene` knows the deadline to be. */
static int64_t
deadline(struct scene *scene)
{
	struct act get = { .what = act_lease_get, .a = 5 };

	assert_int_equal(scene_do(scene, &get), LB_OK);
	return get.lease.deadline;
}

/* Writes what was noted. */
static void
flush(struct scene *scene)
{
	int64_t peers[4];
	size_t count;

	assert_int_equal(store_overdue(scene->store, 0, peers, 4, &count),
	    LB_OK);
}

/* A page polls at one process, and its going is told to the other. */
static void
the_newer_word_about_a_lease_holds(void **state)
{
	struct scene *one = *state, two = join_scene(one);
	struct store_lease poll = { 35000, 35000, 0, 1, 0 };
	struct store_lease away = { 3000, 35000, 0, 0, 0 };
	struct act get = { .what = act_lease_get, .a = 5 };

	/* Noted before, written after: by who knows of no row, or of one. */
	for (int i = 0; i < 2; i++) {
		store_renew(one->store, 5, &poll);
		assert_int_equal(store_claim(two.store, 5, &away), LB_OK);
		assert_int_equal(deadline(one), i == 0 ? 3000 : 3001);
		flush(one);
		assert_int_equal(deadline(one), i == 0 ? 3000 : 3001);
		assert_int_equal(deadline(&two), i == 0 ? 3000 : 3001);
		poll.deadline = 36000;
		away.deadline = 3001;
	}
	/* The page was only loaded again. */
	store_renew(one->store, 5, &poll);
	assert_int_equal(deadline(one), 36000);
	flush(one);
	assert_int_equal(deadline(&two), 36000);
	/* A new term is a wish, and holds in any case. */
	poll.term = 60000;
	poll.deadline = 61000;
	store_renew(one->store, 5, &poll);
	assert_int_equal(store_claim(two.store, 5, &away), LB_OK);
	flush(one);
	assert_int_equal(deadline(&two), 61000);
	/* Who tells it polls nowhere. */
	poll.deadline = 62000;
	assert_int_equal(store_claim(one->store, 5, &poll), LB_OK);
	assert_int_equal(store_claim(two.store, 5, &away), LB_OK);
	assert_int_equal(scene_do(one, &get), LB_OK);
	assert_true(get.lease.poller == 1);
	scene_close(&two);
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
	scene_close(&two);
}

struct moment {
	struct scene *one, *two;
	int64_t room, ann;
	struct ear ear;
	enum lb_err said;
};

static void
say_and_follow(void *arg, const struct store_room *room,
    const struct store_peer *peer, const struct store_lease *lease)
{
	struct moment *m = arg;
	struct act word;

	(void)room;
	(void)peer;
	(void)lease;
	scene_word(m->two, &word, m->room, m->ann, 0, "\"late\"");
	m->said = scene_do(m->two, &word);
	ear_open(&m->ear, m->one, m->room, 0, 0);
}

/* With a rollback journal nobody can write meanwhile. */
static void
who_follows_in_a_look_is_handed_what_was_there_then(void **state)
{
	struct scene *one = *state, two = join_scene(one);
	struct moment m = { .one = one, .two = &two };
	struct token_digest token = scene_token("ann");

	m.room = scene_room(one, "r");
	m.ann = scene_peer(one, m.room, "ann", STORE_PRESENT);
	scene_say(one, m.room, m.ann, 0, "\"early\"");
	assert_int_equal(store_peer(one->store, &token, say_and_follow, &m),
	    LB_OK);
	ear_heard(&m.ear, "ann>* chat \"early\"\n");
	one->store->look = 1;
	scene_turn(one);
	if (store_journal(one->store)->journal == STORE_WAL) {
		assert_int_equal(m.said, LB_OK);
		ear_heard(&m.ear, "ann>* chat \"late\"\n");
	} else {
		assert_int_equal(m.said, LB_BUSY);
		ear_heard(&m.ear, "");
	}
	ear_close(&m.ear);
	scene_close(&two);
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
		TEST(a_run_db_of_before_learns_of_openings),
		TEST(a_damaged_run_db_is_thrown_away),
		TEST(a_newer_schema_is_refused),
		TEST(what_a_newer_program_adds_does_no_harm),
		TEST(what_it_breaks_is_never_written_to),
		TEST(who_only_reads_notices_it_too),
		TEST(a_database_of_others_is_refused),
		TEST(what_others_can_read_is_refused),
		TEST(a_folder_that_is_not_there_is_refused),
		TEST(files_are_for_their_owner_alone),
		TEST(two_stores_see_each_other_in_one_order),
		TEST(without_a_wake_others_are_seen_within_half_a_second),
		TEST(two_stores_share_leases),
		TEST(the_newer_word_about_a_lease_holds),
		TEST(a_decision_sees_what_another_process_committed),
		TEST(who_follows_in_a_look_is_handed_what_was_there_then),
	};

	return cmocka_run_group_tests_name("sqlite", tests, scene_sqlite,
		   NULL) +
	    cmocka_run_group_tests_name("rollback", tests, scene_rollback,
		NULL);
}
