/*
 * conf_home: data that nobody has given a place get a safe one, or none.
 */
#define _GNU_SOURCE /* mkdtemp, setuid */

#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"

#define NOBODY 65534

static char top[] = "/tmp/letterbox-home-XXXXXX";

/* A folder below `top`, by its whole path; good until the next call but
 * one. */
static const char *
folder(const char *name)
{
	static char paths[2][256];
	static int turn;
	char *path = paths[turn ^= 1];

	snprintf(path, sizeof(paths[0]), "%s/%s", top, name);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		fail_msg("%s cannot be made", path);
	return path;
}

static int
make_top(void **state)
{
	char real[PATH_MAX];

	(void)state;
	return mkdtemp(top) != NULL && realpath(top, real) != NULL &&
		strcmp(real, top) == 0 ?
	    0 :
	    -1;
}

static int
remove_top(void **state)
{
	static const char *const names[] = { "ada/public_html", "ada/www/ada",
		"ada/www", "ada/wwwx", "ada", "bob" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		rmdir(folder(names[i]));
	return rmdir(top);
}

/* What is said about it, in `words`; no folder is given then. */
static void
assert_no_place(const char *home, const char *root, const char *why)
{
	struct buf words;
	struct conf c;

	conf_init(&c);
	buf_init(&words, 65536);
	assert_row(conf_settle(&c, home, root, &words) == LB_CONF, home);
	buf_char(&words, '\0');
	if (strstr(words.p, why) == NULL)
		fail_msg("%s: said %s", home, words.p);
	assert_non_null(strstr(words.p, "data_dir = "));
	assert_null(strstr(words.p, home));
	assert_null(c.data_dir);
	buf_reset(&words);
	conf_reset(&c);
}

static void
assert_place(const char *home, const char *root)
{
	char expected[300];
	struct buf words;
	struct conf c;

	conf_init(&c);
	buf_init(&words, 65536);
	assert_row(conf_settle(&c, home, root, &words) == LB_OK, home);
	snprintf(expected, sizeof(expected), "%s/.letterbox", home);
	assert_string_equal(c.data_dir, expected);
	assert_int_equal(words.n, 0);
	conf_reset(&c);
}

static void
the_data_live_in_the_home(void **state)
{
	char root[256];

	(void)state;
	assert_place(folder("ada"), NULL);
	snprintf(root, sizeof(root), "%s", folder("ada/public_html"));
	assert_place(folder("ada"), root);
	assert_place(folder("ada"), folder("bob"));
	assert_place(folder("ada"), "/no/such/folder");
	assert_place(folder("ada/wwwx"), NULL);
}

static void
never_where_a_web_server_serves(void **state)
{
	char root[256];

	(void)state;
	assert_no_place(folder("ada"), folder("ada"), "the web server serves");
	assert_no_place(folder("ada"), top, "the web server serves");
	snprintf(root, sizeof(root), "%s/", top);
	assert_no_place(folder("ada"), root, "the web server serves");
	assert_no_place(folder("ada/public_html"), NULL, "usually serve");
	assert_no_place(folder("ada/www"), NULL, "usually serve");
	assert_no_place(folder("ada/www/ada"), NULL, "usually serve");
}

static void
a_home_that_is_not_there_is_said(void **state)
{
	(void)state;
	assert_no_place("/no/such/home", NULL, "is not known");
}

static void
a_home_that_cannot_be_written_is_said(void **state)
{
	(void)state;
	assert_no_place("/usr", NULL, "may not write");
}

static void
strangers_do_not_see_the_home(void **state)
{
	const struct passwd *me = getpwuid(geteuid());
	char text[PATH_MAX];
	struct buf shown;

	(void)state;
	assert_non_null(me);
	snprintf(text, sizeof(text), "%s/.letterbox, not %s: /srv", me->pw_dir,
	    me->pw_dir);
	buf_init(&shown, 1000);
	conf_veil(&shown, slice_of(text));
	assert_buf(&shown, "~/.letterbox, not ~: /srv");
	buf_reset(&shown);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_data_live_in_the_home),
		cmocka_unit_test(never_where_a_web_server_serves),
		cmocka_unit_test(a_home_that_is_not_there_is_said),
		cmocka_unit_test(a_home_that_cannot_be_written_is_said),
		cmocka_unit_test(strangers_do_not_see_the_home),
	};

	/* Root may write anywhere.  The sanitizer looks for leaks only in what
	 * may be looked at. */
	if (geteuid() == 0 &&
	    (setuid(NOBODY) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0))
		return 1;
	return cmocka_run_group_tests(tests, make_top, remove_top);
}
