/*
 * wake: what one process sends the others hear, and nothing that happens to
 * them matters to it.
 */
#define _GNU_SOURCE /* DT_SOCK, mkdtemp */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"
#include "unit.h"
#include "wake.h"

#define PATIENCE 10000 /* ms before a test has failed */
#define HEARD 4096

struct ear {
	struct wake *wake;
	struct scene *scene;
	size_t count;
	uint64_t words[HEARD];
};

struct scene {
	char folder[256];
	struct loop *loop;
	struct loop_timer patience;
	struct ear a, b;
	const struct ear *waiting;
	size_t wanted;
	int late;
};

static void
on_heard(void *arg, uint64_t word)
{
	struct ear *ear = arg;

	assert_true(ear->count < HEARD);
	ear->words[ear->count++] = word;
}

static int64_t
turn(void *arg, const struct clock *now)
{
	struct scene *s = arg;

	(void)now;
	if (s->late || s->waiting->count >= s->wanted)
		loop_stop(s->loop);
	return -1;
}

static void
lose_patience(struct loop_timer *timer)
{
	LOOP_OWNER(timer, struct scene, patience)->late = 1;
}

/* Runs until the ear has heard so many words, and forgets them after. */
static void
hear(struct scene *s, struct ear *ear, size_t count)
{
	s->waiting = ear;
	s->wanted = count;
	s->late = 0;
	loop_timer_start(s->loop, &s->patience, PATIENCE);
	loop_run(s->loop);
	loop_timer_stop(s->loop, &s->patience);
	assert_false(s->late);
	assert_int_equal(ear->count, count);
	ear->count = 0;
}

static void
open_ear(struct scene *s, struct ear *ear)
{
	ear->scene = s;
	assert_int_equal(wake_open(&ear->wake, s->loop, s->folder, on_heard,
			     ear),
	    LB_OK);
}

/* The sockets in the folder, and the name of one. */
static int
count_sockets(const struct scene *s, char name[256])
{
	DIR *dir = opendir(s->folder);
	struct dirent *entry;
	int n = 0;

	while ((entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_SOCK) {
			snprintf(name, 256, "%s", entry->d_name);
			n++;
		}
	closedir(dir);
	return n;
}

static int
setup_in(void **state, const char *below)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	snprintf(s->folder, sizeof(s->folder), "/tmp/wake-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	if (*below != '\0') {
		snprintf(s->folder + strlen(s->folder),
		    sizeof(s->folder) - strlen(s->folder), "%s", below);
		assert_int_equal(mkdir(s->folder, 0700), 0);
	}
	assert_int_equal(loop_open(&s->loop), LB_OK);
	loop_set_turn(s->loop, turn, s);
	loop_timer_init(&s->patience, lose_patience);
	open_ear(s, &s->a);
	open_ear(s, &s->b);
	*state = s;
	return 0;
}

static int
setup(void **state)
{
	return setup_in(state, "");
}

/* A path of more than the 108 bytes of a socket's. */
static int
setup_long(void **state)
{
	char below[152];

	memset(below, 'x', sizeof(below));
	below[0] = '/';
	below[sizeof(below) - 1] = '\0';
	return setup_in(state, below);
}

static int
teardown(void **state)
{
	struct scene *s = *state;
	char name[256];

	wake_close(s->a.wake);
	wake_close(s->b.wake);
	assert_int_equal(count_sockets(s, name), 0);
	loop_close(s->loop);
	rmdir(s->folder);
	s->folder[strlen("/tmp/wake-XXXXXX")] = '\0';
	rmdir(s->folder);
	free(s);
	return 0;
}

static void
the_other_hears_what_is_sent(void **state)
{
	struct scene *s = *state;

	wake_send(s->a.wake, 7);
	wake_send(s->a.wake, UINT64_MAX);
	assert_int_equal(s->b.count, 0);
	wake_flush(s->a.wake);
	hear(s, &s->b, 2);
	assert_true(s->b.words[0] == 7 && s->b.words[1] == UINT64_MAX);
	wake_send(s->b.wake, 8);
	wake_flush(s->b.wake);
	hear(s, &s->a, 1);
	assert_true(s->a.words[0] == 8);
	assert_int_equal(s->b.count, 0); /* nobody hears himself */
}

static void
a_word_is_sent_once_a_turn(void **state)
{
	struct scene *s = *state;
	int i;

	for (i = 0; i < 100; i++)
		wake_send(s->a.wake, (uint64_t)(i % 5));
	wake_flush(s->a.wake);
	wake_flush(s->a.wake);
	hear(s, &s->b, 5);
}

static void
many_words_take_many_datagrams(void **state)
{
	struct scene *s = *state;
	uint64_t i;

	for (i = 0; i < 1000; i++)
		wake_send(s->a.wake, i);
	wake_flush(s->a.wake);
	hear(s, &s->b, 1000);
	for (i = 0; i < 1000; i++)
		assert_true(s->b.words[i] == i);
}

static void
the_socket_is_for_the_owner_alone(void **state)
{
	struct scene *s = *state;
	char name[256], path[600];
	struct stat st;
	mode_t mask;

	wake_close(s->b.wake);
	wake_close(s->a.wake);
	mask = umask(0);
	open_ear(s, &s->a);
	umask(mask);
	assert_int_equal(count_sockets(s, name), 1);
	snprintf(path, sizeof(path), "%s/%s", s->folder, name);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	open_ear(s, &s->b);
}

static void
others_come_and_go(void **state)
{
	struct scene *s = *state;
	struct ear c = { 0 };

	assert_int_equal(wake_others(s->a.wake), 1);
	open_ear(s, &c);
	assert_int_equal(wake_others(s->a.wake), 2);
	wake_close(c.wake);
	assert_int_equal(wake_others(s->a.wake), 1);
}

/* A post must not cost a listing: the folder's mtime tells. */
static void
an_unchanged_folder_is_not_listed_again(void **state)
{
	static const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	struct scene *s = *state;
	struct ear c = { 0 };

	assert_int_equal(utimensat(AT_FDCWD, s->folder, old, 0), 0);
	assert_int_equal(wake_others(s->a.wake), 1);
	open_ear(s, &c);
	assert_int_equal(utimensat(AT_FDCWD, s->folder, old, 0), 0);
	assert_int_equal(wake_others(s->a.wake), 1);
	assert_int_equal(utimensat(AT_FDCWD, s->folder, NULL, 0), 0);
	assert_int_equal(wake_others(s->a.wake), 2);
	wake_close(c.wake);
}

/* Of two changes in one tick of the file system the second does not show. */
static void
a_folder_that_has_just_changed_is_not_trusted(void **state)
{
	struct scene *s = *state;
	struct timespec now[2];
	struct ear c = { 0 };

	assert_int_equal(clock_gettime(CLOCK_REALTIME, &now[0]), 0);
	now[1] = now[0];
	assert_int_equal(utimensat(AT_FDCWD, s->folder, now, 0), 0);
	assert_int_equal(wake_others(s->a.wake), 1);
	open_ear(s, &c);
	assert_int_equal(utimensat(AT_FDCWD, s->folder, now, 0), 0);
	assert_int_equal(wake_others(s->a.wake), 2);
	wake_close(c.wake);
}

/* As after kill -9: the file stays, nobody reads. */
static void
the_socket_of_a_dead_process_is_removed(void **state)
{
	struct scene *s = *state;
	struct ear c = { 0 };
	char name[256];
	pid_t child;
	int status;

	fflush(NULL);
	if ((child = fork()) == 0) {
		if (wake_open(&c.wake, s->loop, s->folder, on_heard, &c) !=
		    LB_OK)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(count_sockets(s, name), 3);
	wake_send(s->a.wake, 1);
	wake_flush(s->a.wake);
	assert_int_equal(count_sockets(s, name), 2);
	assert_int_equal(wake_others(s->a.wake), 1);
	hear(s, &s->b, 1);
}

static void
another_process_hears_and_answers(void **state)
{
	struct scene *s = *state;
	struct ear c = { 0 };
	pid_t child;
	int status;

	fflush(NULL);
	if ((child = fork()) == 0) {
		/* A loop of its own: this one's descriptors are shared. */
		if (loop_open(&s->loop) != LB_OK)
			_exit(1);
		loop_set_turn(s->loop, turn, s);
		loop_timer_init(&s->patience, lose_patience);
		open_ear(s, &c);
		wake_send(c.wake, 41); /* here I am */
		wake_flush(c.wake);
		hear(s, &c, 1);
		wake_send(c.wake, c.words[0] + 1);
		wake_flush(c.wake);
		wake_close(c.wake);
		_exit(0);
	}
	hear(s, &s->a, 1);
	assert_true(s->a.words[0] == 41);
	wake_send(s->a.wake, 42);
	wake_flush(s->a.wake);
	hear(s, &s->a, 1);
	assert_true(s->a.words[0] == 43);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Its slow look finds what it missed. */
static void
a_process_that_does_not_read_stops_nobody(void **state)
{
	struct scene *s = *state;
	uint64_t i;

	for (i = 0; i < 5000; i++) {
		wake_send(s->a.wake, i);
		wake_flush(s->a.wake);
	}
	assert_int_equal(wake_others(s->a.wake), 1);
	assert_int_equal(s->b.count, 0);
}

static void
other_files_in_the_folder_are_left_alone(void **state)
{
	struct scene *s = *state;
	char path[600];
	FILE *f;

	snprintf(path, sizeof(path), "%s/wake-README", s->folder);
	assert_non_null(f = fopen(path, "w"));
	fclose(f);
	wake_send(s->a.wake, 1);
	wake_flush(s->a.wake);
	hear(s, &s->b, 1);
	assert_int_equal(unlink(path), 0); /* still there */
}

static void
a_folder_that_is_not_there_is_an_error(void **state)
{
	struct scene *s = *state;
	struct wake *wake;

	assert_int_equal(wake_open(&wake, s->loop, "/nowhere/run", on_heard,
			     NULL),
	    LB_IO);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_other_hears_what_is_sent),
		cmocka_unit_test_setup_teardown(the_other_hears_what_is_sent,
		    setup_long, teardown),
		TEST(a_word_is_sent_once_a_turn),
		TEST(many_words_take_many_datagrams),
		TEST(the_socket_is_for_the_owner_alone),
		TEST(others_come_and_go),
		TEST(an_unchanged_folder_is_not_listed_again),
		TEST(a_folder_that_has_just_changed_is_not_trusted),
		TEST(the_socket_of_a_dead_process_is_removed),
		TEST(another_process_hears_and_answers),
		TEST(a_process_that_does_not_read_stops_nobody),
		TEST(other_files_in_the_folder_are_left_alone),
		TEST(a_folder_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
