/*
 * A post office whose database is replaced while it runs.
 */
#include <sys/stat.h>

#include <stdio.h>
#include <unistd.h>

#include "office.h"
#include "scene.h"

static void
backup(const struct office *office)
{
	char path[128], sql[256];

	scene_path(path, office->folder, "backup.db");
	snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", path);
	scene_sql(office->folder, sql);
	assert_int_equal(chmod(path, 0600), 0);
}

/* Puts what is called `from` into the place of the database. */
static void
replace(const struct office *office, const char *from)
{
	char a[128], b[128];

	scene_path(a, office->folder, "letterbox.db-wal");
	unlink(a);
	scene_path(a, office->folder, "letterbox.db-shm");
	unlink(a);
	scene_path(a, office->folder, from);
	scene_path(b, office->folder, "letterbox.db");
	assert_int_equal(rename(a, b), 0);
}

static void
who_had_left_is_no_ghost_of_the_backup(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct guest cat = guest_new(office, "r", "cat", "key");

	backup(office);
	assert_int_equal(guest_leave(&bob), LB_OK);
	assert_int_equal(guest_leave(&ann), LB_OK);
	replace(office, "backup.db");
	office_pass(office, 1000);
	assert_string_not_equal(store_epoch(office->store), ann.epoch);
	office->options.bounds.peers = 1;
	assert_int_equal(guest_join(&cat), LB_ROOM_FULL);
	office_pass(office, 36000);
	assert_int_equal(guest_join(&cat), LB_OK);
}

static void
acknowledgements_end_with_their_database(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	char path[128];
	int i;

	for (i = 0; i < 10; i++)
		assert_int_equal(guest_say(&ann, "bob", "1"), LB_OK);
	guest_hears(&bob,
	    "ann>bob chat 1\nann>bob chat 1\nann>bob chat 1\n"
	    "ann>bob chat 1\nann>bob chat 1\nann>bob chat 1\n"
	    "ann>bob chat 1\nann>bob chat 1\nann>bob chat 1\n"
	    "ann>bob chat 1\n");
	guest_hears(&bob, "");
	scene_path(path, office->folder, "letterbox.db");
	assert_int_equal(unlink(path), 0);
	office_pass(office, 1000);
	/* A new database, with the same numbers of rows. */
	ann = guest_enter(office, "r", "ann");
	bob = guest_enter(office, "r", "bob");
	assert_int_equal(bob.self.cursor, 0);
	assert_int_equal(guest_say(&ann, "bob", "2"), LB_OK);
	office->options.bounds.mailbox_messages = 1;
	assert_int_equal(guest_say(&ann, "bob", "3"), LB_MAILBOX_FULL);
}

static void
who_waits_is_given_no_cursor_of_the_new_one(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct visit visit;

	backup(office);
	assert_int_equal(guest_poll(&ann, &visit, 25000), LB_OK);
	replace(office, "backup.db");
	office_pass(office, 1000);
	assert_int_equal(visit.done, 1);
	assert_int_equal(visit.err, LB_BUSY);
	visit_forget(&visit);
}

static void
polls_alone_find_a_database_that_came_back(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct visit visit;
	char path[128];
	FILE *f;

	backup(office);
	scene_path(path, office->folder, "garbage.db");
	assert_non_null(f = fopen(path, "w"));
	assert_true(fputs("no database, but long enough to be looked at: "
			  "no database, but long enough to be looked at: "
			  "no database, but long enough to be looked at",
			f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
	replace(office, "garbage.db");
	office_pass(office, 1000);
	assert_int_equal(guest_poll(&ann, &visit, 0), LB_IO);
	visit_forget(&visit);
	replace(office, "backup.db");
	office_pass(office, 1000);
	assert_int_equal(guest_poll(&ann, &visit, 0), LB_OK);
	assert_int_equal(visit.reset, 1);
	visit_forget(&visit);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(who_had_left_is_no_ghost_of_the_backup),
		TEST(acknowledgements_end_with_their_database),
		TEST(who_waits_is_given_no_cursor_of_the_new_one),
		TEST(polls_alone_find_a_database_that_came_back),
	};

	return cmocka_run_group_tests_name("restored", tests, office_sqlite,
	    NULL);
}
