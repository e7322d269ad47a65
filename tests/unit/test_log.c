/*
 * log: one event is one line, whatever is in it.  Run from the top of the
 * tree.
 */
#define _POSIX_C_SOURCE 200809L

#include "unit.h"

#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

#include "log.h"

static int saved; /* the stderr of the test itself */
static char caught[8192];

static int
catch_stderr(void **state)
{
	FILE *f = tmpfile();

	*state = f;
	fflush(stderr);
	saved = dup(STDERR_FILENO);
	if (f == NULL || saved < 0)
		return -1;
	return dup2(fileno(f), STDERR_FILENO) < 0 ? -1 : 0;
}

static int
restore_stderr(void **state)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
	log_set_level(LOG_INFO);
	return fclose(*state);
}

/* What was logged since the last call. */
static const char *
logged(void **state)
{
	const int fd = fileno((FILE *)*state);
	const ssize_t n = pread(fd, caught, sizeof(caught) - 1, 0);

	caught[n > 0 ? n : 0] = '\0';
	if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return "cannot rewind";
	return caught;
}

static void
an_event_is_one_line(void **state)
{
	log_event(LOG_INFO, "join", "room=%s len=%d", "r1", 12);
	assert_string_equal(logged(state), "join room=r1 len=12\n");
	log_event(LOG_ERROR, "stop", "%s", "");
	assert_string_equal(logged(state), "stop \n");
}

static void
below_the_level_nothing_is_written(void **state)
{
	log_set_level(LOG_ERROR);
	assert_false(log_wants(LOG_INFO));
	assert_true(log_wants(LOG_ERROR));
	log_event(LOG_INFO, "join", "room=%s", "r1");
	log_event(LOG_ERROR, "io", "errno=%d", 5);
	assert_string_equal(logged(state), "io errno=5\n");
	log_set_level(LOG_DEBUG);
	assert_true(log_wants(LOG_DEBUG));
}

static void
nobody_forges_a_second_line(void **state)
{
	log_event(LOG_INFO, "join", "room=%s", "a\nleft room=b\r\x1b[2J");
	assert_string_equal(logged(state), "join room=a?left room=b??[2J\n");
}

static void
a_long_line_is_cut_and_still_ends(void **state)
{
	char huge[5000];
	const char *line;
	size_t n;

	memset(huge, 'x', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	log_event(LOG_INFO, "join", "room=%s", huge);
	line = logged(state);
	n = strlen(line);
	assert_in_range(n, 500, 1024);
	assert_string_equal(line + n - 4, "...\n");
	assert_ptr_equal(strchr(line, '\n'), line + n - 1);
}

static void
unsafe_bytes_are_spelled_in_hex(void **state)
{
	char out[64];

	(void)state;
	log_safe(out, sizeof(out), SLICE("a b=\"\\\n\x7f\xc3"));
	assert_string_equal(out, "a\\x20b\\x3d\\x22\\x5c\\x0a\\x7f\\xc3");
	assert_string_equal(log_safe(out, sizeof(out), slice_of(NULL)), "");
}

static void
a_long_value_is_cut_between_characters(void **state)
{
	char out[8];

	(void)state;
	assert_string_equal(log_safe(out, 8, SLICE("1234567")), "1234567");
	assert_string_equal(log_safe(out, 8, SLICE("12345678")), "1234...");
	assert_string_equal(log_safe(out, 8, SLICE("12\n45678")), "12...");
	assert_string_equal(log_safe(out, 8, SLICE("\n\n")), "\\x0a...");
	assert_string_equal(log_safe(out, 3, SLICE("12345")), "12");
	assert_string_equal(log_safe(out, 1, SLICE("12345")), "");
}

/* Each tag in `source` is an item of the manual's list; how many there are. */
static unsigned
check_events(const char *source, const char *manual)
{
	static const char call[] = "log_event(";
	char item[64];
	const char *p = source, *tag;
	unsigned count = 0;

	while ((p = strstr(p, call)) != NULL) {
		p += strlen(call);
		/* Its own declaration and definition have no tag. */
		if (strncmp(p, "enum ", 5) == 0)
			continue;
		tag = strchr(p, '"') + 1;
		snprintf(item, sizeof(item), "\n.It Cm %.*s\n",
		    (int)strcspn(tag, "\""), tag);
		assert_row(strstr(manual, item) != NULL, item);
		count++;
	}
	return count;
}

static void
read_text(char *text, size_t size, const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, size - 1, f);
	assert_true(n < size - 1);
	text[n] = '\0';
	fclose(f);
}

static void
the_manual_lists_every_event(void **state)
{
	static char manual[65536], source[65536];
	unsigned count = 0;
	glob_t found;
	size_t i;

	(void)state;
	read_text(manual, sizeof(manual), "cgi-src/man/letterbox.8");
	assert_int_equal(glob("cgi-src/*.c", 0, NULL, &found), 0);
	for (i = 0; i < found.gl_pathc; i++) {
		read_text(source, sizeof(source), found.gl_pathv[i]);
		count += check_events(source, manual);
	}
	globfree(&found);
	assert_true(count >= 10);
}

#define CAUGHT(test) \
	cmocka_unit_test_setup_teardown(test, catch_stderr, restore_stderr)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CAUGHT(an_event_is_one_line),
		CAUGHT(below_the_level_nothing_is_written),
		CAUGHT(nobody_forges_a_second_line),
		CAUGHT(a_long_line_is_cut_and_still_ends),
		cmocka_unit_test(unsafe_bytes_are_spelled_in_hex),
		cmocka_unit_test(a_long_value_is_cut_between_characters),
		cmocka_unit_test(the_manual_lists_every_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
