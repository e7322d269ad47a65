/*
 * conf: the file is taken or refused line by line, and what people read about
 * the keys is what the table says.
 *
 * With the argument "write" it renews the example and the manual instead; run
 * from the top of the tree.
 */
#define _POSIX_C_SOURCE 200809L

#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "log.h"

#define EXAMPLE "httpd-conf/letterbox.conf"
#define MANUAL "cgi-src/man/letterbox.conf.5"
#define BEGIN ".\\\" begin keys"
#define END ".\\\" end keys"

static char folder[] = "/tmp/letterbox-conf-XXXXXX";
static char file[64]; /* in that folder */

static int
make_folder(void **state)
{
	(void)state;
	unsetenv("LETTERBOX_CONF");
	unsetenv("LETTERBOX_DATA");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/box.conf", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(folder);
}

/* Loads `text` as a file; what was said about it in `words`. */
static enum lb_err
load_bytes(struct conf *c, struct slice text, struct buf *words)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
	buf_init(words, 65536);
	conf_init(c);
	return conf_load(c, file, words);
}

static enum lb_err
load(struct conf *c, const char *text, struct buf *words)
{
	return load_bytes(c, slice_of(text), words);
}

/* `text` is refused with one line that begins with FILE and `expected`. */
static void
assert_refused(const char *text, const char *expected)
{
	char line[256];
	struct conf c;
	struct buf words;

	assert_row(load(&c, text, &words) == LB_CONF, text);
	buf_char(&words, '\0');
	assert_false(words.failed);
	snprintf(line, sizeof(line), "%s%s", file, expected);
	if (strncmp(words.p, line, strlen(line)) != 0)
		fail_msg("%s: said %s", text, words.p);
	assert_ptr_equal(strchr(words.p, '\n'), words.p + words.n - 2);
	conf_reset(&c);
	buf_reset(&words);
}

static void
without_a_file_the_defaults_hold(void **state)
{
	struct conf c;
	struct buf words;

	(void)state;
	conf_init(&c);
	buf_init(&words, 1000);
	assert_int_equal(c.hold, 25);
	assert_int_equal(c.lease, 35);
	assert_int_equal(c.durability, CONF_POWER);
	assert_int_equal(c.log, LOG_INFO);
	assert_null(c.data_dir);
	assert_int_equal(conf_load(&c, NULL, &words), LB_OK);
	assert_null(c.data_dir);
	setenv("LETTERBOX_DATA", "/srv/box", 1);
	buf_reset(&words);
	assert_int_equal(conf_load(&c, NULL, &words), LB_OK);
	assert_buf(&words, "");
	assert_string_equal(c.data_dir, "/srv/box");
	unsetenv("LETTERBOX_DATA");
	conf_reset(&c);
	assert_null(c.data_dir);
}

static void
every_kind_of_value_is_read(void **state)
{
	static const char text[] = "# a comment\n\n"
				   "  data_dir=/srv/box  # here\n"
				   "\thold =\t20\r\n"
				   "durability = process\n"
				   "require_ticket = yes\n"
				   "ticket_key_file = keys/a#b.key\n"
				   "log = debug\n"
				   "ice = stun:a.example, stuns:b.example:1 , "
				   "stun:c.example\n"
				   "allowed_origins = https://a.example "
				   "http://b.example:8080\n"
				   "trusted_proxy = 127.0.0.1,::1\n"
				   "metrics_open = yes";
	struct conf c;
	struct buf words;
	char key[128];

	(void)state;
	assert_int_equal(load(&c, text, &words), LB_OK);
	assert_buf(&words, "");
	assert_string_equal(c.data_dir, "/srv/box");
	assert_int_equal(c.hold, 20);
	assert_int_equal(c.durability, CONF_PROCESS);
	assert_int_equal(c.require_ticket, 1);
	assert_int_equal(c.log, LOG_DEBUG);
	assert_int_equal(c.metrics_open, 1);
	snprintf(key, sizeof(key), "%s/keys/a#b.key", folder);
	assert_string_equal(c.ticket_key_file, key);
	assert_int_equal(c.ice.count, 3);
	assert_string_equal(c.ice.item[0], "stun:a.example");
	assert_string_equal(c.ice.item[1], "stuns:b.example:1");
	assert_string_equal(c.ice.item[2], "stun:c.example");
	assert_int_equal(c.allowed_origins.count, 2);
	assert_string_equal(c.allowed_origins.item[1], "http://b.example:8080");
	assert_int_equal(c.trusted_proxy.count, 2);
	conf_reset(&c);
}

static void
a_wrong_line_is_told_by_file_line_and_key(void **state)
{
	static const char *const rows[][2] = {
		{ "data_dir = /a\nhodl = 3\n", ":2: there is no key \"hodl\"" },
		{ "data_dir = /a\nHold = 3\n", ":2: there is no key \"Hold\"" },
		{ "data_dir = /a\n= 3\n", ":2: there is no key \"\"" },
		{ "data_dir = /a\n\nhold = 3\n#\nhold = 3\n",
		    ":5: hold: is in line 3 already" },
		{ "data_dir = /a\nice = stun:a\nice = stun:b\n",
		    ":3: ice: is in line 2 already" },
		{ "data_dir = /a\nhold\n", ":2: \"hold\" is not of the form" },
		{ "data_dir = /a\nhold =\n", ":2: hold: has no value" },
		{ "data_dir =   # none\n", ":1: data_dir: has no value" },
		{ "data_dir = /a\nhold = 25s\n",
		    ":2: hold: \"25s\" is not a whole number from 1 to 300 "
		    "(seconds)\n" },
		{ "data_dir = /a\nhold = 0\n", ":2: hold: \"0\" is not" },
		{ "data_dir = /a\nhold = 301\n", ":2: hold: \"301\" is not" },
		{ "data_dir = /a\nhold = -1\n", ":2: hold: \"-1\" is not" },
		{ "data_dir = /a\nhold = 2.5\n", ":2: hold: \"2.5\" is not" },
		{ "data_dir = /a\nhold = 99999999999999999999\n",
		    ":2: hold: \"99999999999999999999\" is not" },
		{ "data_dir = /a\ndurability = none\n",
		    ":2: durability: \"none\" is none of power, process\n" },
		{ "data_dir = /a\nmetrics_open = true\n",
		    ":2: metrics_open: \"true\" is none of no, yes\n" },
		{ "data_dir = /a\nice = stun:a, turn:b\n",
		    ":2: ice: \"turn:b\" is not allowed, only stun:" },
		{ "data_dir = /a\nturn = stun:a\n",
		    ":2: turn: \"stun:a\" is not allowed" },
		{ "data_dir = /a\nallowed_origins = https://a.example/\n",
		    ":2: allowed_origins: \"https://a.example/\" is not" },
		{ "data_dir = /a\nallowed_origins = *.example\n",
		    ":2: allowed_origins: \"*.example\" is not" },
		{ "data_dir = /a\nallowed_origins = https://\n",
		    ":2: allowed_origins: \"https://\" is not" },
		{ "data_dir = /a\ntrusted_proxy = localhost\n",
		    ":2: trusted_proxy: \"localhost\" is not" },
		{ "data_dir = /a\nhold = \x1b[2J\n",
		    ":2: hold: \"\\x1b[2J\" is not" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_refused(rows[i][0], rows[i][1]);
}

static void
keys_that_contradict_each_other_are_refused(void **state)
{
	(void)state;
	assert_refused("data_dir = /a\nhold = 35\n",
	    ": lease: must be longer than hold");
	assert_refused("data_dir = /a\nlease = 25\n",
	    ":2: lease: must be longer than hold");
	assert_refused("data_dir = /a\nlease_max = 30\n",
	    ":2: lease_max: must not be shorter than lease");
	assert_refused("data_dir = /a\nmessage_max = 98305\n",
	    ":2: message_max: must not be above body_max");
	assert_refused("data_dir = /a\nrequire_ticket = yes\n",
	    ":2: require_ticket: needs ticket_key_file");
	assert_refused("data_dir = /a\nturn = turn:a\n",
	    ":2: turn: needs turn_secret_file");
}

static void
all_faults_are_told_at_once(void **state)
{
	struct conf c;
	struct buf words;
	size_t i, lines = 0;

	(void)state;
	assert_int_equal(load(&c, "a = 1\nhold = x\nb = 2\n", &words), LB_CONF);
	for (i = 0; i < words.n; i++)
		lines += words.p[i] == '\n';
	assert_int_equal(lines, 3);
	buf_reset(&words);
	conf_reset(&c);
}

static void
bytes_that_are_no_text_are_refused(void **state)
{
	struct conf c;
	struct buf words;

	(void)state;
	assert_int_equal(load_bytes(&c, SLICE("data_dir = /a\0b\n"), &words),
	    LB_CONF);
	buf_reset(&words);
	conf_reset(&c);
}

static void
a_file_that_cannot_be_read_is_told(void **state)
{
	struct conf c;
	struct buf words;

	(void)state;
	buf_init(&words, 1000);
	conf_init(&c);
	assert_int_equal(conf_load(&c, "/nonexistent/box.conf", &words),
	    LB_CONF);
	assert_buf(&words,
	    "/nonexistent/box.conf: No such file or directory\n");
	buf_reset(&words);
	conf_reset(&c);
	assert_int_equal(conf_load(&c, folder, &words), LB_CONF);
	assert_true(slice_starts(buf_as_slice(&words), folder));
	buf_reset(&words);
	conf_reset(&c);
}

static void
relative_paths_begin_at_the_file(void **state)
{
	char here[4096], expected[4200];
	struct conf c;
	struct buf words;

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(load(&c, "data_dir = data\n", &words), LB_OK);
	snprintf(expected, sizeof(expected), "%s/data", folder);
	assert_string_equal(c.data_dir, expected);
	conf_reset(&c);
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(conf_load(&c, "box.conf", &words), LB_OK);
	assert_string_equal(c.data_dir, expected);
	conf_reset(&c);
	assert_int_equal(conf_load(&c, "./box.conf", &words), LB_OK);
	snprintf(expected, sizeof(expected), "%s/./data", folder);
	assert_string_equal(c.data_dir, expected);
	conf_reset(&c);
	assert_int_equal(chdir(here), 0);
}

static void
the_file_is_named_or_beside_the_program(void **state)
{
	char path[4096], beside[4096];
	ssize_t n;
	FILE *f;

	(void)state;
	n = readlink("/proc/self/exe", beside, sizeof(beside));
	assert_true(n > 0 && (size_t)n < sizeof(beside) - 32);
	while (n > 0 && beside[n - 1] != '/')
		n--;
	strcpy(beside + n, "letterbox.conf");
	unlink(beside);
	assert_int_equal(conf_find(path, sizeof(path), NULL), LB_NOT_FOUND);
	f = fopen(beside, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(conf_find(path, sizeof(path), NULL), LB_OK);
	assert_string_equal(path, beside);
	assert_int_equal(conf_find(path, 8, NULL), LB_NOT_FOUND);
	setenv("LETTERBOX_CONF", "/etc/box.conf", 1);
	assert_int_equal(conf_find(path, sizeof(path), NULL), LB_OK);
	assert_string_equal(path, "/etc/box.conf");
	assert_int_equal(conf_find(path, 8, NULL), LB_CONF);
	unsetenv("LETTERBOX_CONF");
	unlink(beside);
}

/* The whole of a file, or of what a printer prints; the caller frees it. */
static char *
read_whole(FILE *f)
{
	struct buf b;
	char chunk[4096];
	size_t n;

	assert_non_null(f);
	buf_init(&b, 1 << 20);
	rewind(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, n);
	buf_char(&b, '\0');
	assert_false(b.failed);
	fclose(f);
	return b.p;
}

static char *
printed(void (*print)(FILE *))
{
	FILE *f = tmpfile();

	assert_non_null(f);
	print(f);
	return read_whole(f);
}

static void
the_example_says_what_the_table_says(void **state)
{
	char *expected = printed(conf_print_example);
	char *found = read_whole(fopen(EXAMPLE, "r"));

	(void)state;
	if (strcmp(expected, found) != 0)
		fail_msg(EXAMPLE " is not of this table: run this test with "
				 "the argument write");
	free(expected);
	free(found);
}

static void
the_manual_says_what_the_table_says(void **state)
{
	char *expected = printed(conf_print_manual);
	char *found = read_whole(fopen(MANUAL, "r"));
	char *begin = strstr(found, BEGIN), *end;

	(void)state;
	assert_non_null(begin);
	begin = strchr(begin, '\n') + 1;
	assert_non_null(end = strstr(begin, END));
	*end = '\0';
	if (strcmp(expected, begin) != 0)
		fail_msg(MANUAL " is not of this table: run this test with "
				"the argument write");
	free(expected);
	free(found);
}

/* Every "#key = value" of the example, in force. */
static void
the_example_in_force_is_the_defaults(void **state)
{
	char *text = read_whole(fopen(EXAMPLE, "r")), *p;
	struct conf c, standard;
	struct buf words;
	unsigned keys = 0;

	(void)state;
	for (p = text; p != NULL; p = strchr(p + 1, '\n')) {
		char *line = *p == '\n' ? p + 1 : p;

		if (line[0] == '#' && line[1] >= 'a' && line[1] <= 'z') {
			line[0] = ' ';
			keys++;
		}
	}
	assert_true(keys >= 30);
	if (load(&c, text, &words) != LB_OK)
		fail_msg("%.*s", (int)words.n, words.p);
	conf_init(&standard);
	assert_true(c.hold == standard.hold && c.seats == standard.seats);
	assert_true(c.db_max == standard.db_max);
	assert_int_equal(c.durability, standard.durability);
	assert_int_equal(c.ice.count, 1);
	assert_string_equal(c.data_dir, "/var/lib/letterbox");
	conf_reset(&c);
	free(text);
}

/* Renews the example, and the manual between its two marks. */
static int
write_files(void)
{
	char *manual = read_whole(fopen(MANUAL, "r"));
	char *begin = strchr(strstr(manual, BEGIN), '\n') + 1;
	char *end = strstr(begin, END);
	FILE *f = fopen(EXAMPLE, "w");

	assert_non_null(f);
	conf_print_example(f);
	fclose(f);
	f = fopen(MANUAL, "w");
	assert_non_null(f);
	fwrite(manual, 1, (size_t)(begin - manual), f);
	conf_print_manual(f);
	fputs(end, f);
	fclose(f);
	free(manual);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_the_defaults_hold),
		cmocka_unit_test(every_kind_of_value_is_read),
		cmocka_unit_test(a_wrong_line_is_told_by_file_line_and_key),
		cmocka_unit_test(keys_that_contradict_each_other_are_refused),
		cmocka_unit_test(all_faults_are_told_at_once),
		cmocka_unit_test(bytes_that_are_no_text_are_refused),
		cmocka_unit_test(a_file_that_cannot_be_read_is_told),
		cmocka_unit_test(relative_paths_begin_at_the_file),
		cmocka_unit_test(the_file_is_named_or_beside_the_program),
		cmocka_unit_test(the_example_says_what_the_table_says),
		cmocka_unit_test(the_manual_says_what_the_table_says),
		cmocka_unit_test(the_example_in_force_is_the_defaults),
	};

	if (argc > 1 && strcmp(argv[1], "write") == 0)
		return write_files();
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
