/*
 * The doctor in made-up folders: each fault is found, named and given a cure,
 * and nothing is left behind.  Run by root it looks with the eyes of nobody.
 */
#define _GNU_SOURCE /* mkdtemp, setuid */

#include "unit.h"

#include <sys/prctl.h>
#include <sys/stat.h>

#include <dirent.h>
#include <sqlite3.h>
#include <unistd.h>

#include "clock.h"
#include "doctor.h"
#include "hook_lock.h"
#include "json.h"

#define NOBODY 65534
#define NOW INT64_C(1790000000000)

static char top[64];     /* a folder of the test */
static char data[80];    /* "data" in it */
static char program[80]; /* "letterbox" in it */
static struct conf conf;
static struct doctor patient;

/* What the check asked for found. */
static struct {
	const char *name;
	int found;
	enum doctor_outcome outcome;
	char words[4096], cure[4096];
} answer;

static void
note(void *arg, const struct doctor_family *family,
    const struct doctor_check *check, enum doctor_outcome outcome,
    struct slice words, struct slice cure)
{
	(void)arg;
	(void)family;
	if (strcmp(check->name, answer.name) != 0)
		return;
	answer.found++;
	answer.outcome = outcome;
	snprintf(answer.words, sizeof(answer.words), "%.*s", (int)words.n,
	    words.p);
	snprintf(answer.cure, sizeof(answer.cure), "%.*s", (int)cure.n,
	    cure.n > 0 ? cure.p : "");
}

/* The check `name` comes to `outcome`, and says `part` in words or cure. */
static void
expect(const char *name, enum doctor_outcome outcome, const char *part)
{
	answer.name = name;
	answer.found = 0;
	doctor_run(&patient, note, NULL);
	assert_row(answer.found == 1, name);
	if (answer.outcome != outcome)
		fail_msg("%s: %s, not %s: %s", name,
		    doctor_word(answer.outcome), doctor_word(outcome),
		    answer.words);
	if (strstr(answer.words, part) == NULL &&
	    strstr(answer.cure, part) == NULL)
		fail_msg("%s says nothing of \"%s\": %s %s", name, part,
		    answer.words, answer.cure);
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* Removes what is in a folder, and the folder. */
static void
remove_all(const char *path)
{
	const struct dirent *entry;
	char child[512];
	DIR *dir;

	chmod(path, 0700);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		if (unlink(child) != 0)
			remove_all(child);
	}
	closedir(dir);
	assert_int_equal(rmdir(path), 0);
}

static void
open_store(void)
{
	const struct store_options options = { .folder = data };
	struct store *store;
	struct buf words;

	buf_init(&words, 1024);
	assert_int_equal(store_sqlite_open(&store, &options, &words), LB_OK);
	store_close(store);
	buf_reset(&words);
}

static void
run_sql(const char *sql)
{
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/letterbox.db", data);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int
setup(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "/tmp/letterbox-doctor-XXXXXX");
	if (mkdtemp(top) == NULL)
		return -1;
	snprintf(data, sizeof(data), "%s/data", top);
	snprintf(program, sizeof(program), "%s/letterbox", top);
	if (mkdir(data, 0700) != 0)
		return -1;
	write_file("letterbox", "", 0755);
	conf_init(&conf);
	conf.data_dir = data;
	memset(&patient, 0, sizeof(patient));
	patient.conf = &conf;
	patient.faults = "";
	patient.program = program;
	patient.now = NOW;
	patient.patience = 5000;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	remove_all(top);
	return 0;
}

/* ---- the tables ---- */

static void
check_sentence(const char *name, const char *sentence)
{
	assert_row(strlen(sentence) > 8, name);
	assert_row(sentence[strlen(sentence) - 1] == '.', name);
	assert_row(strchr(sentence, '\n') == NULL, name);
}

static void
check_findings(const struct doctor_check *check)
{
	const struct doctor_finding *f = check->findings;

	for (; f < check->findings + check->count; f++) {
		check_sentence(check->name, f->words);
		if (f->cure != NULL)
			check_sentence(check->name, f->cure);
		if (f->outcome == DOCTOR_OK)
			assert_row(f->cure == NULL, check->name);
		if (f->outcome >= DOCTOR_WARNING)
			assert_row(f->cure != NULL, check->name);
	}
}

static void
every_finding_has_words_and_every_fault_a_cure(void **state)
{
	const char *names[64];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < doctor_family_count; i++) {
		const struct doctor_check *c = doctor_families[i].checks;

		for (; c->name != NULL; c++) {
			assert_true(count < COUNT(names));
			for (size_t j = 0; j < count; j++)
				assert_string_not_equal(names[j], c->name);
			names[count++] = c->name;
			assert_row(strspn(c->name,
				       "abcdefghijklmnopqrstuvwxyz-") ==
				strlen(c->name),
			    c->name);
			assert_row(c->title[strlen(c->title) - 1] != '.',
			    c->name);
			check_findings(c);
		}
	}
	assert_true(count > 20);
}

static void
a_healthy_house_has_nothing_bad(void **state)
{
	(void)state;
	open_store();
	expect("database", DOCTOR_OK, "of schema ");
	expect("integrity", DOCTOR_OK, "whole");
	expect("journal", DOCTOR_OK, "write-ahead");
	expect("file-system", DOCTOR_OK, "of this machine");
	assert_int_equal(patient.count[DOCTOR_BAD], 0);
	assert_int_equal(patient.count[DOCTOR_WARNING], 0);
	assert_true(patient.worst <= DOCTOR_NOTE);
}

/* ---- the program ---- */

static void
a_program_that_others_may_change_is_bad(void **state)
{
	(void)state;
	expect("program-mode", DOCTOR_OK, "0755");
	expect("account", DOCTOR_OK, "the account that owns it");
	chmod(program, 0775);
	expect("program-mode", DOCTOR_BAD, "chmod 755");
	chmod(program, 0644);
	expect("program-mode", DOCTOR_BAD, "may not be run");
	chmod(top, 0777);
	expect("program-folder", DOCTOR_WARNING, top);
}

static void
the_configuration_is_named_with_its_fault(void **state)
{
	char path[128];

	(void)state;
	expect("configuration", DOCTOR_OK, "every key has its default");
	write_file("letterbox.conf", "", 0644);
	snprintf(path, sizeof(path), "%s/letterbox.conf", top);
	patient.conf_file = path;
	expect("configuration", DOCTOR_OK, path);
	chmod(path, 0666);
	expect("configuration", DOCTOR_WARNING, "chmod 644");
	patient.faults = "x.conf:3: hold: is wrong\nx.conf:4: more\n";
	expect("configuration", DOCTOR_BAD, "x.conf:3: hold: is wrong.");
}

/* ---- the data folder ---- */

static void
a_folder_that_is_not_there(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/other", top);
	conf.data_dir = path;
	expect("data-folder", DOCTOR_NOTE, "not there yet");
	expect("data-mode", DOCTOR_NOTE, "nothing to look at");
	expect("locks", DOCTOR_NOTE, "could not be tried");
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/no/other", top);
	expect("data-folder", DOCTOR_BAD, "may not make it");
	snprintf(path, sizeof(path), "%s/letterbox", top);
	expect("data-folder", DOCTOR_BAD, "is no folder");
	conf.data_dir = NULL;
	expect("data-folder", DOCTOR_BAD, "Set data_dir");
}

static void
a_folder_that_others_may_enter(void **state)
{
	(void)state;
	expect("data-mode", DOCTOR_OK, "0700");
	chmod(data, 0750);
	expect("data-mode", DOCTOR_BAD, "chmod 700");
}

static void
a_file_that_others_may_read(void **state)
{
	(void)state;
	write_file("data/server.key", "", 0600);
	expect("data-files", DOCTOR_OK, "closed to everybody else");
	write_file("data/admin.key", "", 0640);
	expect("data-files", DOCTOR_BAD, "admin.key");
	expect("data-files", DOCTOR_BAD, "mode 0640");
}

static void
a_key_file_that_is_missing_open_or_shown(void **state)
{
	char path[128];

	(void)state;
	expect("key-files", DOCTOR_OK, "All keys are in it");
	snprintf(path, sizeof(path), "%s/ticket.key", top);
	conf.ticket_key_file = path;
	expect("key-files", DOCTOR_BAD, "cannot be read");
	write_file("ticket.key", "", 0640);
	expect("key-files", DOCTOR_BAD, "chmod 600");
	chmod(path, 0600);
	expect("key-files", DOCTOR_OK, "closed to everybody else");
	patient.root = top;
	expect("key-files", DOCTOR_BAD, "Move it out");
}

static void
a_folder_of_somebody_else(void **state)
{
	(void)state;
	expect("data-owner", DOCTOR_OK, "who runs the program");
	conf.data_dir = (char[]){ "/usr" };
	expect("data-owner", DOCTOR_BAD, "belongs to root");
	expect("data-writable", DOCTOR_BAD, "may not write");
}

static void
a_folder_that_cannot_be_written(void **state)
{
	(void)state;
	expect("data-writable", DOCTOR_OK, "may write");
	chmod(data, 0500);
	expect("data-writable", DOCTOR_BAD, "chmod 700");
	expect("locks", DOCTOR_NOTE, "could not be tried");
}

static void
a_folder_below_the_document_root(void **state)
{
	char inside[160], beside[128];

	(void)state;
	expect("data-place", DOCTOR_OK, "Nothing in its path");
	patient.root = top;
	expect("data-place", DOCTOR_BAD, "download the database");
	/* A link does not hide it. */
	snprintf(beside, sizeof(beside), "%s/dat", top);
	assert_int_equal(mkdir(beside, 0700), 0);
	patient.root = beside;
	expect("data-place", DOCTOR_OK, "outside");
	snprintf(inside, sizeof(inside), "%s/link", beside);
	assert_int_equal(symlink(data, inside), 0);
	patient.root = data;
	conf.data_dir = inside;
	expect("data-place", DOCTOR_BAD, data);
	patient.root = NULL;
	conf.data_dir = (char[]){ "/home/ada/public_html/letterbox" };
	expect("data-place", DOCTOR_WARNING, "public_html");
	conf.data_dir = (char[]){ "/home/ada/my_public_html/letterbox" };
	expect("data-place", DOCTOR_OK, "Nothing in its path");
}

static void
a_disk_without_space(void **state)
{
	(void)state;
	expect("disk-space", DOCTOR_OK, "are free");
	/* A file system of no size at all. */
	conf.data_dir = (char[]){ "/proc" };
	expect("disk-space", DOCTOR_BAD, "is full (0 bytes");
}

static void
strange_names_harm_nobody(void **state)
{
	(void)state;
	conf.data_dir = (char[]){ "/tmp/\033[31m\n\xc3\xa4/{0}" };
	expect("data-folder", DOCTOR_BAD,
	    "/tmp/\\x1b[31m\\x0a\\xc3\\xa4/{0} is not there");
}

/* ---- the database ---- */

static void
a_database_that_is_none(void **state)
{
	(void)state;
	expect("database", DOCTOR_NOTE, "none yet");
	write_file("data/letterbox.db", "This is a letter, not a database.\n",
	    0600);
	expect("database", DOCTOR_BAD, "no database of Letterbox");
	expect("integrity", DOCTOR_NOTE, "nothing to look at");
	write_file("data/letterbox.db", "", 0000);
	expect("database", DOCTOR_BAD, "may not read it");
}

static void
a_database_of_others(void **state)
{
	(void)state;
	run_sql("CREATE TABLE t (x)");
	expect("database", DOCTOR_BAD, "no database of Letterbox");
}

static void
a_newer_database(void **state)
{
	(void)state;
	open_store();
	run_sql("PRAGMA user_version = 99");
	expect("database", DOCTOR_OK, "schema 99");
	run_sql("UPDATE meta SET compat = 98");
	expect("database", DOCTOR_BAD, "schema 99");
}

static void
a_damaged_database(void **state)
{
	char path[128];
	FILE *f;

	(void)state;
	open_store();
	run_sql("PRAGMA wal_checkpoint(TRUNCATE)");
	snprintf(path, sizeof(path), "%s/letterbox.db", data);
	f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, 2L * 4096, SEEK_SET), 0);
	for (int i = 0; i < 3 * 4096; i++)
		assert_int_equal(fputc('x', f), 'x');
	assert_int_equal(fclose(f), 0);
	expect("integrity", DOCTOR_BAD, "damaged: ");
	expect("database", DOCTOR_BAD, "damaged");
}

static void
a_rollback_journal_is_noted(void **state)
{
	(void)state;
	open_store();
	run_sql("PRAGMA journal_mode = delete");
	expect("journal", DOCTOR_NOTE, "delete");
}

static void
hooks_without_anybody_who_posts(void **state)
{
	int lock;

	(void)state;
	expect("hook", DOCTOR_OK, "No key");
	open_store();
	expect("hook", DOCTOR_OK, "No key");
	run_sql("INSERT INTO key (name, hash, hook, created_at) VALUES "
		"('mute', x'0a', NULL, 1), ('shop', x'0b', 'http://a', 1);"
		"INSERT INTO outbox VALUES ('shop', 7, 'abcdefgh', 1, 'c', 1)");
	expect("hook", DOCTOR_WARNING, "letterbox hook");
	assert_int_equal(hook_lock_is_held(data), 0);
	lock = hook_lock(data, 0);
	assert_true(lock >= 0);
	expect("hook", DOCTOR_OK, "wait: 1");
	assert_int_equal(hook_lock(data, 0), -1);
	close(lock);
	expect("hook", DOCTOR_WARNING, "/channel/presence");
}

static void
the_integrity_check_ends_in_time(void **state)
{
	struct clock before, after;

	(void)state;
	open_store();
	run_sql("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 "
		"FROM n WHERE i < 60000) INSERT INTO message "
		"(room, sender, type, size, posted_at, body) "
		"SELECT 1, 1, 'chat', 1, 1, '0' FROM n");
	patient.patience = 1;
	clock_now(&before);
	expect("integrity", DOCTOR_NOTE, "too large");
	clock_now(&after);
	assert_true(after.mono - before.mono < 1000);
	patient.patience = 60000;
	expect("integrity", DOCTOR_OK, "whole");
}

static void
messages_of_the_future_tell_of_the_clock(void **state)
{
	char sql[256];

	(void)state;
	open_store();
	expect("clock", DOCTOR_OK, "plausible");
	snprintf(sql, sizeof(sql),
	    "INSERT INTO message (room, sender, type, size, posted_at, body) "
	    "VALUES (1, 1, 'chat', 1, %lld, '0')",
	    (long long)(NOW + 7200000));
	run_sql(sql);
	expect("clock", DOCTOR_WARNING, "by 120 minutes");
	patient.now = 1000;
	expect("clock", DOCTOR_BAD, "NTP");
}

static void
locks_are_tried_and_nothing_is_left(void **state)
{
	(void)state;
	expect("locks", DOCTOR_OK, "holds for the others");
	assert_int_equal(rmdir(data), 0);
	assert_int_equal(mkdir(data, 0700), 0);
}

static void
dead_processes_are_told_from_living_ones(void **state)
{
	char path[128];

	(void)state;
	expect("processes", DOCTOR_OK, "no trace of a process");
	snprintf(path, sizeof(path), "%s/run", data);
	assert_int_equal(mkdir(path, 0700), 0);
	expect("processes", DOCTOR_OK, "No other process");
	write_file("data/run/wake-1", "", 0600);
	expect("processes", DOCTOR_NOTE, "0; 1 ended without a word");
}

/* ---- the web server ---- */

static void
headers_that_came_are_told_from_missing_ones(void **state)
{
	static const struct {
		const char *check;
		enum doctor_outcome missing;
	} rows[] = {
		{ "token-header", DOCTOR_BAD },
		{ "authorization", DOCTOR_NOTE },
		{ "prefer", DOCTOR_NOTE },
		{ "last-event-id", DOCTOR_NOTE },
		{ "origin", DOCTOR_NOTE },
	};
	const struct http_request none = { 0 };
	const struct http_request all = {
		.x_token = SLICE("doctor"),
		.authorization = SLICE("Bearer doctor"),
		.prefer = SLICE("wait=1"),
		.last_event_id = SLICE("doctor"),
		.origin = SLICE("https://example.org"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		patient.request = &none;
		expect(rows[i].check, rows[i].missing, "does not arrive");
		patient.request = &all;
		expect(rows[i].check, DOCTOR_OK, "arrives");
	}
}

static void
the_budget_and_the_hold_are_told(void **state)
{
	const struct http_request request = {
		.server_software = SLICE("Apache/2.4"),
	};
	struct doctor_seats seats = { .front = FRONT_POOL,
		.seats = 8,
		.taken = 3 };

	(void)state;
	patient.request = &request;
	expect("polls", DOCTOR_NOTE, "cannot be told");
	patient.seats = &seats;
	expect("web-server", DOCTOR_OK, "mod_fcgid");
	expect("polls", DOCTOR_OK, "8 open polls at a time, while 5 processes");
	expect("polls", DOCTOR_OK, "3 are open");
	seats.taken = 8;
	seats.pause = 300;
	seats.waiting = 5;
	expect("polls", DOCTOR_NOTE, "after 300 ms. Peers that do so now: 5");
	seats.seats = 0;
	expect("polls", DOCTOR_WARNING, "seats_processes");
	expect("hold", DOCTOR_OK, "held for 25 s");
	seats.learned = 12000;
	expect("hold", DOCTOR_NOTE, "now it is 12 s");
	conf.hold = 50;
	expect("hold", DOCTOR_WARNING, "mod_fcgid");
	seats.front = FRONT_EVENT;
	seats.learned = 0;
	expect("hold", DOCTOR_OK, "held for 50 s");
}

/* ---- as JSON ---- */

static void
the_report_is_json(void **state)
{
	struct json_fault fault;
	struct buf out;

	(void)state;
	buf_init(&out, 262144);
	doctor_print(&patient, &out);
	assert_false(out.failed);
	assert_int_equal(json_check(buf_as_slice(&out), 8, &fault), LB_OK);
	buf_reset(&out);
	/* Cut short it says so. */
	buf_init(&out, 1000);
	doctor_print(&patient, &out);
	assert_true(out.failed);
	buf_reset(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_finding_has_words_and_every_fault_a_cure),
		TEST(a_healthy_house_has_nothing_bad),
		TEST(a_program_that_others_may_change_is_bad),
		TEST(the_configuration_is_named_with_its_fault),
		TEST(a_folder_that_is_not_there),
		TEST(a_folder_that_others_may_enter),
		TEST(a_file_that_others_may_read),
		TEST(a_key_file_that_is_missing_open_or_shown),
		TEST(a_folder_of_somebody_else),
		TEST(a_folder_that_cannot_be_written),
		TEST(a_folder_below_the_document_root),
		TEST(a_disk_without_space),
		TEST(strange_names_harm_nobody),
		TEST(a_database_that_is_none),
		TEST(a_database_of_others),
		TEST(a_newer_database),
		TEST(a_damaged_database),
		TEST(a_rollback_journal_is_noted),
		TEST(the_integrity_check_ends_in_time),
		TEST(messages_of_the_future_tell_of_the_clock),
		TEST(hooks_without_anybody_who_posts),
		TEST(locks_are_tried_and_nothing_is_left),
		TEST(dead_processes_are_told_from_living_ones),
		TEST(headers_that_came_are_told_from_missing_ones),
		TEST(the_budget_and_the_hold_are_told),
		TEST(the_report_is_json),
	};

	/* The sanitizer looks for leaks only in what may be looked at. */
	if (geteuid() == 0 &&
	    (setuid(NOBODY) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
