/*
 * transport_fcgi: its limits: deadlines, too many connections, no descriptors,
 * the end of the program; and noise.
 */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"
#include "stage.h"

static void
silence_is_ended_and_half_a_request_told_so(void **state)
{
	struct stage *s = *state;
	struct webside silent, half, kept;
	struct buf b;

	stage_start(s, &kept, 1, 1, "/echo", slice_of(""));
	webside_open(&silent, s->loop, s->path);
	webside_open(&half, s->loop, s->path);
	buf_init(&b, 4096);
	webside_request(&b, 5, 1, "/echo", SLICE("hello"));
	b.n -= 10;
	webside_send(&half, &b);
	stage_closed(s, &silent);
	assert_int_equal(silent.got.n, 0);
	stage_expect(s, &half, 5, 408);
	stage_closed(s, &half);
	/* A kept connection may be idle as long as the web server likes. */
	assert_false(kept.closed);
	assert_int_equal(stage_stats(s).expired, 2);
	webside_close(&silent);
	webside_close(&half);
	webside_close(&kept);
}

/* Two terms, one timer: the shorter one counts, whichever came first. */
static void
silence_is_ended_while_a_slow_reader_may_go_on(void **state)
{
	struct stage *s = *state;
	struct webside slow, silent;

	s->options.write_timeout = 60000;
	stage_reopen(s);
	stage_start(s, &slow, 1, 1, "/big", slice_of(""));
	webside_lazy(&slow, 1);
	stage_nap(s, 20);
	webside_open(&silent, s->loop, s->path);
	stage_closed(s, &silent);
	assert_int_equal(stage_stats(s).connections, 1);
	webside_close(&silent);
	webside_close(&slow);
}

static void
too_many_connections_are_told_to_come_back(void **state)
{
	struct stage *s = *state;
	struct webside f[2];
	int i;

	s->options.connections_max = 2;
	stage_reopen(s);
	for (i = 0; i < 2; i++)
		stage_start(s, &f[i], 1, 0, "/park", slice_of(""));
	stage_waiting(s, 2);
	stage_ask(s, "/echo", 503);
	webside_close(&f[0]);
	stage_waiting(s, 1);
	stage_ask(s, "/echo", 200);
	/* Not every connection may be parked. */
	assert_int_equal(transport_fcgi_seats(s->transport, 9), 2);
	s->options.connections_max = 8;
	stage_reopen(s);
	assert_int_equal(transport_fcgi_seats(s->transport, 9), 6);
	assert_int_equal(transport_fcgi_seats(s->transport, 5), 5);
	webside_close(&f[1]);
}

/* Leaves room for `count` descriptors; the old bound. */
static struct rlimit
leave_descriptors(int count)
{
	struct rlimit old, few;
	int fd = open("/dev/null", O_RDONLY);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = (rlim_t)(fd + count);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	return old;
}

static void
the_soft_limit_of_descriptors_is_raised(void **state)
{
	struct stage *s = *state;
	struct rlimit old, few;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few.rlim_cur = 60;
	few.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	stage_reopen(s);
	/* What may be raised is raised. */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &few), 0);
	assert_true(few.rlim_cur == old.rlim_max);
	assert_int_equal(transport_fcgi_seats(s->transport, 50), 50);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
}

static int
has_starved(void *arg)
{
	return stage_stats(arg).starved > 0;
}

static void
without_descriptors_the_listener_rests_and_goes_on(void **state)
{
	struct stage *s = *state;
	struct clock before, after;
	struct rlimit old;
	struct webside a, b;

	log_set_level(LOG_ERROR);
	old = leave_descriptors(3);
	stage_start(s, &a, 1, 0, "/park", slice_of(""));
	stage_waiting(s, 1);
	stage_start(s, &b, 1, 0, "/echo", SLICE("x"));
	stage_until(s, has_starved, s);
	assert_in_range(stage_nap(s, 50), 1, 6);
	assert_int_equal(stage_stats(s).starved, 1);
	clock_now(&before);
	stage_answer(s, "mail");
	/* The descriptor that this freed is b's, and at once. */
	stage_expect(s, &b, 1, 200);
	clock_now(&after);
	assert_true(after.mono - before.mono < 700);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	webside_close(&a);
	webside_close(&b);
}

static void
at_the_end_idle_ones_are_closed_and_others_answered(void **state)
{
	struct stage *s = *state;
	struct webside idle, waiting;

	stage_start(s, &idle, 1, 1, "/echo", slice_of(""));
	stage_expect(s, &idle, 1, 200);
	stage_start(s, &waiting, 1, 1, "/park", slice_of(""));
	stage_waiting(s, 1);
	transport_fcgi_stop_accepting(s->transport);
	stage_closed(s, &idle);
	assert_false(waiting.closed);
	stage_answer(s, "bye");
	stage_expect(s, &waiting, 1, 200);
	stage_closed(s, &waiting);
	assert_int_equal(stage_stats(s).connections, 0);
	webside_close(&idle);
	webside_close(&waiting);
}

/* The web server sent it before it could know. */
static void
at_the_end_what_has_arrived_on_an_idle_one_is_answered(void **state)
{
	struct stage *s = *state;
	struct webside kept;
	struct buf b;

	stage_start(s, &kept, 1, 1, "/echo", slice_of(""));
	stage_expect(s, &kept, 1, 200);
	stage_nap(s, 10);
	buf_init(&b, 4096);
	webside_request(&b, 2, 1, "/echo", slice_of(""));
	webside_send(&kept, &b);
	transport_fcgi_stop_accepting(s->transport);
	stage_expect(s, &kept, 2, 200);
	stage_closed(s, &kept);
	assert_int_equal(stage_stats(s).connections, 0);
	webside_close(&kept);
}

static void
what_is_not_fastcgi_is_closed(void **state)
{
	static const char *const noise[] = { "GET / HTTP/1.1\r\n\r\n",
		"\1\1\0\1\0\2\0\0\0\1", "\1\1\0\1\0\11\0\0abcdefghi",
		"\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0\1\5\0\1\0\1\0\0x" };
	static const size_t length[] = { 18, 10, 17, 25 };
	struct stage *s = *state;
	struct webside f;
	struct buf b;
	size_t i;

	for (i = 0; i < COUNT(noise); i++) {
		buf_init(&b, 4096);
		buf_add(&b, noise[i], length[i]);
		webside_open(&f, s->loop, s->path);
		webside_send(&f, &b);
		stage_closed(s, &f);
		assert_int_equal(f.got.n, 0);
		webside_close(&f);
	}
	assert_int_equal(stage_stats(s).broken, COUNT(noise));
	assert_int_equal(stage_stats(s).expired, 0);
	assert_int_equal(s->handled, 0);
}

static void
noise_harms_nobody(void **state)
{
	struct stage *s = *state;
	struct webside f;
	struct buf b;
	char *spoilt;
	unsigned seed = 1;
	size_t i, j;

	for (i = 0; i < 400; i++) {
		buf_init(&b, 1 << 20);
		webside_request(&b, 1, i % 2, i % 3 ? "/echo" : "/park",
		    SLICE("some body"));
		webside_request(&b, 2, 0, "/commit", SLICE("x"));
		spoilt = b.p;
		for (j = 0; j < 1 + i % 5; j++) {
			seed = seed * 1103515245 + 12345;
			spoilt[(seed >> 8) % b.n] = (char)(seed >> 24);
		}
		webside_open(&f, s->loop, s->path);
		webside_send(&f, &b);
		if (i % 20 == 0)
			stage_ask(s, "/echo", 200);
		webside_close(&f);
	}
	stage_connections(s, 0);
	assert_null(s->works);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_setup, stage_teardown)
	const struct CMUnitTest tests[] = {
		TEST(silence_is_ended_and_half_a_request_told_so),
		TEST(silence_is_ended_while_a_slow_reader_may_go_on),
		TEST(too_many_connections_are_told_to_come_back),
		TEST(the_soft_limit_of_descriptors_is_raised),
		TEST(without_descriptors_the_listener_rests_and_goes_on),
		TEST(at_the_end_idle_ones_are_closed_and_others_answered),
		TEST(at_the_end_what_has_arrived_on_an_idle_one_is_answered),
		TEST(what_is_not_fastcgi_is_closed),
		TEST(noise_harms_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
