/*
 * A database of the first version, made by the schema of that time, becomes
 * ours with all that is in it; a cut at any point leaves it as it was.
 */
#include <stdio.h>
#include <unistd.h>

#include "embed.h"
#include "faulty.h"
#include "scene.h"
#include "store_sqlite.h"

#define FIRST "tests/unit/schema/1.sql"
#define VERSION "PRAGMA application_id = 1282695800; PRAGMA user_version = 1;"

static const char people[] =
    "INSERT INTO meta (one, epoch, newest) VALUES (1, 'abcdefgh', 3);"
    "INSERT INTO room (row, namespace, name, created_at) VALUES "
    "(1, 'rooms', 'lobby', 1), (2, 'rooms', 'attic', 2);"
    "INSERT INTO peer (row, room, id, state, changed_at) VALUES "
    "(1, 1, 'ann', 2, 5), (2, 1, 'bob', 3, 6), (3, 2, 'cat', 5, 7);"
    "INSERT INTO message VALUES "
    "(1, 1, 1, NULL, 'joined', 2, 8, '{}'), "
    "(2, 1, 1, 2, 'chat', 4, 9, '\"hi\"'), "
    "(3, 2, 3, NULL, 'left', 2, 10, '{}');";

static char *
read_text(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = calloc(1, 65536);
	size_t n;

	assert_non_null(f);
	assert_non_null(text);
	n = fread(text, 1, 65535, f);
	assert_true(n > 1000 && n < 65535);
	fclose(f);
	return text;
}

/* All that a database says, its structure and its rows, as one text. */
static void
describe(sqlite3 *db, struct buf *out)
{
	static const char *const questions[] = {
		"SELECT type || ' ' || name || ' ' || tbl_name FROM "
		"sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY 1",
		"SELECT m.name || '.' || i.name || ' ' || i.type || "
		"i.\"notnull\" || ifnull(i.dflt_value, '-') || i.pk FROM "
		"sqlite_schema m, pragma_table_info(m.name) i "
		"WHERE m.type = 'table' ORDER BY m.name, i.cid",
		"SELECT m.name || '>' || f.\"table\" || f.on_delete FROM "
		"sqlite_schema m, pragma_foreign_key_list(m.name) f ORDER BY 1",
		"SELECT name || namespace FROM room ORDER BY row",
		"SELECT id || state || changed_at FROM peer ORDER BY row",
		"SELECT seq || type || body FROM message ORDER BY seq",
		"SELECT epoch || newest FROM meta",
		"SELECT sender || recipient || ifnull(ms_since, '') "
		"FROM timeline",
		"SELECT user_version FROM pragma_user_version",
		"SELECT integrity_check FROM pragma_integrity_check",
	};
	sqlite3_stmt *q;

	for (size_t i = 0; i < COUNT(questions); i++) {
		assert_int_equal(sqlite3_prepare_v2(db, questions[i], -1, &q,
				     NULL),
		    SQLITE_OK);
		while (sqlite3_step(q) == SQLITE_ROW) {
			buf_str(out, (const char *)sqlite3_column_text(q, 0));
			buf_char(out, '\n');
		}
		assert_int_equal(sqlite3_finalize(q), SQLITE_OK);
	}
	assert_false(out->failed);
}

static int
is_same(const struct buf *a, const struct buf *b)
{
	return slice_equal(buf_as_slice(a), buf_as_slice(b));
}

static void
assert_same(const struct buf *a, const struct buf *b)
{
	if (!is_same(a, b))
		fail_msg("%.*s\n is not\n%.*s", (int)a->n, a->p, (int)b->n,
		    b->p);
}

static sqlite3 *
open_db(const char *path)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(schema_run(db, "PRAGMA foreign_keys = on"), LB_OK);
	return db;
}

static sqlite3 *
make_first(const char *path)
{
	char *schema = read_text(FIRST);
	sqlite3 *db = open_db(path);

	assert_int_equal(schema_run(db, schema), LB_OK);
	assert_int_equal(schema_run(db, VERSION), LB_OK);
	assert_int_equal(schema_run(db, people), LB_OK);
	free(schema);
	return db;
}

static enum lb_err
migrate(sqlite3 *db)
{
	struct buf words;
	enum lb_err err;

	buf_init(&words, 1024);
	err = schema_bring(db, lb_migrations, &words);
	buf_reset(&words);
	return err;
}

static void
a_migrated_database_is_like_a_new_one(void **state)
{
	sqlite3 *old = make_first(":memory:"), *new = open_db(":memory:");
	struct buf was, is;

	(void)state;
	assert_int_equal(migrate(old), LB_OK);
	assert_int_equal(migrate(new), LB_OK);
	assert_int_equal(schema_run(new, people), LB_OK);
	buf_init(&was, 65536);
	buf_init(&is, 65536);
	describe(old, &was);
	describe(new, &is);
	assert_same(&was, &is);
	buf_reset(&was);
	buf_reset(&is);
	sqlite3_close(old);
	sqlite3_close(new);
}

/* ---- cuts ----------------------------------------------------------- */

struct fuse {
	long left;
};

static int
burn(void *arg)
{
	return --((struct fuse *)arg)->left == 0;
}

/* Stops the migration at the n-th step of SQLite's machine; 1 when there was
 * such a step.  Not each of them heeds the wish. */
static int
stop_at(long n, const struct buf *before, int *stops)
{
	sqlite3 *db = make_first(":memory:");
	struct fuse fuse = { n };
	struct buf after;
	enum lb_err err;

	sqlite3_progress_handler(db, 1, burn, &fuse);
	err = migrate(db);
	sqlite3_progress_handler(db, 0, NULL, NULL);
	/* As the end of the process would. */
	if (!sqlite3_get_autocommit(db))
		assert_int_equal(schema_run(db, "ROLLBACK"), LB_OK);
	buf_init(&after, 65536);
	describe(db, &after);
	if (err != LB_OK) {
		assert_same(&after, before);
		(*stops)++;
	}
	buf_reset(&after);
	sqlite3_close(db);
	return fuse.left <= 0;
}

static void
a_migration_that_is_stopped_leaves_it_as_it_was(void **state)
{
	sqlite3 *db = make_first(":memory:");
	struct buf before;
	int stops = 0;
	long n;

	(void)state;
	buf_init(&before, 65536);
	describe(db, &before);
	sqlite3_close(db);
	for (n = 1; stop_at(n, &before, &stops); n += 7)
		;
	assert_true(stops > 20);
	buf_reset(&before);
}

/* The power goes at the n-th call; 1 when it went before the end. */
static int
cut_at(const char *folder, long n, const struct buf *before,
    const struct buf *migrated)
{
	char path[128], side[160];
	struct buf after;
	sqlite3 *db;
	int was_cut;

	scene_path(path, folder, "letterbox.db");
	unlink(path);
	sqlite3_close(make_first(path));
	db = open_db(path);
	faulty.record = 1;
	faulty.for_ever = 1;
	faulty.fail_at = n;
	migrate(db);
	was_cut = faulty.failed > 0;
	sqlite3_close(db);
	faulty_cut((uint64_t)n * 2654435761u);
	faulty_reset();
	snprintf(side, sizeof(side), "%s-shm", path);
	unlink(side);
	db = open_db(path);
	buf_init(&after, 65536);
	describe(db, &after);
	/* Cut when its end was written, it may also be done. */
	if (!is_same(&after, before))
		assert_same(&after, migrated);
	assert_int_equal(migrate(db), LB_OK);
	after.n = 0;
	describe(db, &after);
	assert_same(&after, migrated);
	buf_reset(&after);
	sqlite3_close(db);
	return was_cut;
}

static void
a_power_cut_leaves_it_old_or_new(void **state)
{
	char folder[64], path[128];
	struct buf before, migrated;
	sqlite3 *db;
	long n;

	(void)state;
	scene_folder(folder);
	scene_path(path, folder, "letterbox.db");
	db = make_first(path);
	buf_init(&before, 65536);
	describe(db, &before);
	assert_int_equal(migrate(db), LB_OK);
	buf_init(&migrated, 65536);
	describe(db, &migrated);
	assert_false(is_same(&before, &migrated));
	sqlite3_close(db);
	for (n = 1; cut_at(folder, n, &before, &migrated); n++)
		;
	assert_true(n > 10);
	buf_reset(&before);
	buf_reset(&migrated);
	scene_remove(folder);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_migrated_database_is_like_a_new_one),
		cmocka_unit_test(
		    a_migration_that_is_stopped_leaves_it_as_it_was),
		cmocka_unit_test(a_power_cut_leaves_it_old_or_new),
	};

	faulty_install();
	return cmocka_run_group_tests_name("store_migrate", tests, NULL, NULL);
}
