/*
 * front: the web server is told by what it shows of itself.
 */
#define _POSIX_C_SOURCE 200809L

#include "unit.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "front.h"

/* What a socket that listens at FOLDER/`name` is taken for. */
static enum front
of_path(const char *folder, const char *name, enum front configured)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	enum front front;

	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", folder,
	    name);
	assert_int_equal(bind(fd, (struct sockaddr *)(void *)&address,
			     sizeof(address)),
	    0);
	assert_int_equal(listen(fd, 1), 0);
	front = front_at_start(configured, 0, fd);
	close(fd);
	unlink(address.sun_path);
	return front;
}

static void
a_pool_is_told_by_its_socket(void **state)
{
	char folder[] = "/tmp/front-XXXXXX", inside[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(inside, sizeof(inside), "%s/fcgidsock", folder);
	assert_int_equal(mkdir(inside, 0700), 0);
	assert_int_equal(of_path(folder, "4711.0", FRONT_AUTO), FRONT_POOL);
	assert_int_equal(of_path(inside, "a", FRONT_AUTO), FRONT_POOL);
	assert_int_equal(of_path(folder, "letterbox.sock", FRONT_AUTO),
	    FRONT_AUTO);
	assert_int_equal(of_path(folder, "4711.", FRONT_AUTO), FRONT_AUTO);
	assert_int_equal(of_path(folder, ".1", FRONT_AUTO), FRONT_AUTO);
	assert_int_equal(of_path(folder, "1.sock-0", FRONT_AUTO), FRONT_AUTO);
	assert_int_equal(of_path(inside, "a", FRONT_EVENT), FRONT_EVENT);
	rmdir(inside);
	rmdir(folder);
}

static void
what_is_configured_wins(void **state)
{
	(void)state;
	assert_int_equal(front_at_start(FRONT_AUTO, 1, -1), FRONT_CGI);
	assert_int_equal(front_at_start(FRONT_EVENT, 1, -1), FRONT_CGI);
	assert_int_equal(front_at_start(FRONT_THREAD, 0, -1), FRONT_THREAD);
	assert_int_equal(front_at_start(FRONT_AUTO, 0, -1), FRONT_AUTO);
}

static void
servers_are_told_by_their_names(void **state)
{
	static const struct {
		const char *software;
		enum front front;
	} rows[] = {
		{ "lighttpd/1.4.69", FRONT_EVENT },
		{ "nginx/1.22.1", FRONT_EVENT },
		{ "Nginx", FRONT_EVENT },
		{ "Apache/2.4.68 (Debian)", FRONT_THREAD },
		{ "LiteSpeed", FRONT_THREAD },
		{ "light", FRONT_THREAD },
		{ "", FRONT_THREAD },
		{ NULL, FRONT_THREAD },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(front_of_software(slice_of(rows[i].software)),
		    rows[i].front);
}

static void
place_file(const char *folder, const char *name, mode_t mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static void
remove_file(const char *folder, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

/* What posts are told, or "". */
static const char *
posts(enum front front, const char *name, const char *folder, const char *file)
{
	static char path[256];
	struct buf out;
	char filename[128];

	buf_init(&out, sizeof(path) - 1);
	snprintf(filename, sizeof(filename), "%s/%s", folder, file);
	path[0] = '\0';
	if (front_posts(front, slice_of(name), slice_of(filename), &out))
		snprintf(path, sizeof(path), "%.*s", (int)out.n, out.p);
	buf_reset(&out);
	return path;
}

static void
posts_leave_a_pool_where_they_can(void **state)
{
	char folder[] = "/tmp/front-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	place_file(folder, "box.cgi", 0755);
	place_file(folder, "dull.cgi", 0644);
	assert_string_equal(posts(FRONT_POOL, "/a/box.fcgi", folder,
				"box.fcgi"),
	    "/a/box.cgi");
	/* Not beside, not executable, not a script's name, not a pool. */
	assert_string_equal(posts(FRONT_POOL, "/ox.fcgi", folder, "ox.fcgi"),
	    "");
	assert_string_equal(posts(FRONT_POOL, "/dull.fcgi", folder,
				"dull.fcgi"),
	    "");
	assert_string_equal(posts(FRONT_POOL, "/box", folder, "box"), "");
	assert_string_equal(posts(FRONT_POOL, "/.fcgi", folder, "fcgi"), "");
	assert_string_equal(posts(FRONT_POOL, "", folder, "box.fcgi"), "");
	assert_string_equal(posts(FRONT_POOL, NULL, folder, "box.fcgi"), "");
	assert_string_equal(posts(FRONT_EVENT, "/box.fcgi", folder, "box.fcgi"),
	    "");
	remove_file(folder, "box.cgi");
	remove_file(folder, "dull.cgi");
	rmdir(folder);
}

static void
each_has_a_word(void **state)
{
	(void)state;
	for (int i = 0; i < FRONT__MAX; i++)
		assert_non_null(front_words[i]);
	assert_null(front_words[FRONT__MAX]);
	assert_true(front_is_single(FRONT_POOL) && front_is_single(FRONT_CGI));
	assert_false(front_is_single(FRONT_EVENT));
	assert_false(front_is_single(FRONT_THREAD));
	assert_false(front_is_single(FRONT_AUTO));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_is_told_by_its_socket),
		cmocka_unit_test(what_is_configured_wins),
		cmocka_unit_test(servers_are_told_by_their_names),
		cmocka_unit_test(posts_leave_a_pool_where_they_can),
		cmocka_unit_test(each_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
