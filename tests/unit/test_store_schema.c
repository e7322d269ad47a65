/*
 * Schema versions: created, migrated, refused.
 */
#include "embed.h"
#include "store_sqlite.h"
#include "unit.h"

static const struct embed_migration none[] = { { 0, NULL } };
static const struct embed_migration two[] = {
	{ 2,
	    "ALTER TABLE room ADD COLUMN colour TEXT;"
	    "UPDATE room SET colour = 'blue'" },
	{ 3, "CREATE TABLE hat (size INTEGER NOT NULL) STRICT" },
	{ 0, NULL },
};
static const struct embed_migration broken[] = {
	{ 2, "ALTER TABLE room ADD COLUMN colour TEXT" },
	{ 3, "CREATE TABLE room (again INTEGER)" },
	{ 0, NULL },
};

static int64_t
ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *q;
	int64_t value;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	value = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return value;
}

static sqlite3 *
open_with(const struct embed_migration *steps)
{
	struct buf words;
	sqlite3 *db;

	buf_init(&words, 1024);
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(schema_bring(db, steps, &words), LB_OK);
	assert_int_equal(words.n, 0);
	buf_reset(&words);
	return db;
}

static enum lb_err
bring(sqlite3 *db, const struct embed_migration *steps, const char *word)
{
	struct buf words;
	enum lb_err err;

	buf_init(&words, 1024);
	err = schema_bring(db, steps, &words);
	buf_char(&words, '\0');
	assert_non_null(strstr(words.p, word));
	buf_reset(&words);
	return err;
}

static void
an_empty_database_gets_the_newest(void **state)
{
	sqlite3 *db = open_with(none);

	(void)state;
	assert_int_equal(ask(db, "PRAGMA user_version"), 1);
	sqlite3_close(db);
	db = open_with(two);
	assert_int_equal(ask(db, "PRAGMA user_version"), 3);
	sqlite3_close(db);
}

static void
an_older_one_is_brought_there_step_by_step(void **state)
{
	sqlite3 *db = open_with(none);

	(void)state;
	assert_int_equal(schema_run(db,
			     "INSERT INTO room (namespace, name, created_at) "
			     "VALUES ('rooms', 'a', 1)"),
	    LB_OK);
	assert_int_equal(bring(db, two, ""), LB_OK);
	assert_int_equal(ask(db, "PRAGMA user_version"), 3);
	assert_int_equal(ask(db,
			     "SELECT count(*) FROM room WHERE colour = 'blue'"),
	    1);
	assert_int_equal(ask(db, "SELECT count(*) FROM hat"), 0);
	/* Again: nothing is left to be done. */
	assert_int_equal(bring(db, two, ""), LB_OK);
	sqlite3_close(db);
}

static void
a_step_that_fails_leaves_it_as_it_was(void **state)
{
	sqlite3 *db = open_with(none);

	(void)state;
	assert_int_not_equal(bring(db, broken, ""), LB_OK);
	assert_int_equal(ask(db, "PRAGMA user_version"), 1);
	assert_int_equal(ask(db,
			     "SELECT count(*) FROM "
			     "pragma_table_info('room') WHERE name = "
			     "'colour'"),
	    0);
	assert_int_equal(sqlite3_get_autocommit(db), 1);
	assert_int_equal(bring(db, two, ""), LB_OK);
	sqlite3_close(db);
}

static void
a_newer_one_is_refused(void **state)
{
	sqlite3 *db = open_with(two);

	(void)state;
	assert_int_equal(bring(db, none, "newer"), LB_NEWER_SCHEMA);
	assert_int_equal(schema_run(db,
			     "INSERT INTO meta VALUES (1, 'e', 0, 2)"),
	    LB_OK);
	assert_int_equal(bring(db, none, "newer"), LB_NEWER_SCHEMA);
	assert_int_equal(ask(db, "PRAGMA user_version"), 3);
	sqlite3_close(db);
}

static void
a_newer_one_that_bears_us_is_left_as_it_is(void **state)
{
	sqlite3 *db = open_with(two);

	(void)state;
	assert_int_equal(schema_run(db,
			     "INSERT INTO meta VALUES (1, 'e', 0, 1)"),
	    LB_OK);
	assert_int_equal(bring(db, none, ""), LB_OK);
	assert_int_equal(ask(db, "PRAGMA user_version"), 3);
	sqlite3_close(db);
}

static void
a_foreign_one_is_refused(void **state)
{
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(schema_run(db, "CREATE TABLE t (x)"), LB_OK);
	assert_int_equal(bring(db, none, "not a database of Letterbox"),
	    LB_NOT_OURS);
	assert_int_equal(ask(db, "SELECT count(*) FROM sqlite_schema"), 1);
	sqlite3_close(db);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_database_gets_the_newest),
		cmocka_unit_test(an_older_one_is_brought_there_step_by_step),
		cmocka_unit_test(a_step_that_fails_leaves_it_as_it_was),
		cmocka_unit_test(a_newer_one_is_refused),
		cmocka_unit_test(a_newer_one_that_bears_us_is_left_as_it_is),
		cmocka_unit_test(a_foreign_one_is_refused),
	};

	return cmocka_run_group_tests_name("store_schema", tests, NULL, NULL);
}
