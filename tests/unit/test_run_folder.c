/*
 * Where processes meet when not in the data folder: one place for one folder
 * and account, and only when it is theirs alone.
 */
#define _XOPEN_SOURCE 700

#include <sys/stat.h>

#include <unistd.h>

#include "run_folder.h"
#include "scene.h"

struct place {
	char data[64], path[128];
};

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	scene_folder(p->data);
	assert_int_equal(run_folder_elsewhere(p->path, sizeof(p->path),
			     p->data),
	    LB_OK);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	if (rmdir(p->path) != 0)
		unlink(p->path);
	scene_remove(p->data);
	free(p);
	return 0;
}

static void
one_data_folder_has_one_place(void **state)
{
	const struct place *p = *state;
	char again[128], link[128];
	struct stat st;

	assert_int_equal(stat(p->path, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(run_folder_elsewhere(again, sizeof(again), p->data),
	    LB_OK);
	assert_string_equal(again, p->path);
	/* However one gets there. */
	snprintf(link, sizeof(link), "%s-link", p->data);
	assert_int_equal(symlink(p->data, link), 0);
	assert_int_equal(run_folder_elsewhere(again, sizeof(again), link),
	    LB_OK);
	assert_string_equal(again, p->path);
	unlink(link);
}

static void
another_has_another(void **state)
{
	const struct place *p = *state;
	char other[64], path[128];

	scene_folder(other);
	assert_int_equal(run_folder_elsewhere(path, sizeof(path), other),
	    LB_OK);
	assert_string_not_equal(path, p->path);
	rmdir(path);
	scene_remove(other);
}

static void
what_somebody_else_may_have_laid_there_is_refused(void **state)
{
	const struct place *p = *state;
	char again[128];

	assert_int_equal(chmod(p->path, 0755), 0);
	assert_int_equal(run_folder_elsewhere(again, sizeof(again), p->data),
	    LB_EXPOSED);
	assert_int_equal(rmdir(p->path), 0);
	assert_int_equal(symlink(p->data, p->path), 0);
	assert_int_equal(run_folder_elsewhere(again, sizeof(again), p->data),
	    LB_EXPOSED);
	if (geteuid() != 0)
		return;
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(mkdir(p->path, 0700), 0);
	assert_int_equal(chown(p->path, 65534, 65534), 0);
	assert_int_equal(run_folder_elsewhere(again, sizeof(again), p->data),
	    LB_EXPOSED);
}

static void
no_data_folder_no_place(void **state)
{
	char path[128];

	(void)state;
	assert_int_equal(run_folder_elsewhere(path, sizeof(path),
			     "/nonexistent/data"),
	    LB_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(one_data_folder_has_one_place),
		TEST(another_has_another),
		TEST(what_somebody_else_may_have_laid_there_is_refused),
		cmocka_unit_test(no_data_folder_no_place),
	};

	return cmocka_run_group_tests_name("run folder", tests, NULL, NULL);
}
