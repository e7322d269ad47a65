/*
 * loop: the turn before each sleep, deferred work, and no sleep cut short.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"
#include "unit.h"

struct scene {
	struct loop *loop;
	struct loop_timer timer, end;
	struct loop_io io;
	struct loop_signal signal;
	struct loop_task task, other;
	int pair[2];
	int64_t wish;   /* what the turn returns */
	int64_t waking; /* after its first time */
	int turns, dues, ready, tasks, signals;
	int events;
	int64_t ended; /* by the loop's time */
	int stop_at;   /* turns */
	int defers;    /* the task defers itself so often */
	char order[32];
};

static void
note(struct scene *s, char what)
{
	size_t n = strlen(s->order);

	if (n + 1 < sizeof(s->order))
		s->order[n] = what;
}

static int64_t
turn(void *arg, const struct clock *now)
{
	struct scene *s = arg;
	int64_t wish = s->wish;

	assert_true(now->mono > 0 && now->wall > now->mono);
	s->turns++;
	note(s, 't');
	s->wish = s->waking;
	if (s->turns == s->stop_at)
		loop_stop(s->loop);
	return wish;
}

static void
on_end(struct loop_timer *timer)
{
	struct scene *s = LOOP_OWNER(timer, struct scene, end);

	s->ended = loop_now(s->loop)->mono;
	loop_stop(s->loop);
}

static void
on_due(struct loop_timer *timer)
{
	LOOP_OWNER(timer, struct scene, timer)->dues++;
}

static void
on_ready(struct loop_io *io, int events)
{
	struct scene *s = loop_io_arg(io);
	char byte;

	s->ready++;
	s->events |= events;
	note(s, 'r');
	if (events & LOOP_READ)
		assert_int_equal(read(loop_io_fd(io), &byte, 1), 1);
	loop_io_want(s->loop, io, LOOP_READ);
}

static void
on_signal(struct loop_signal *signal)
{
	struct scene *s = LOOP_OWNER(signal, struct scene, signal);

	s->signals++;
	loop_stop(s->loop);
}

static void
on_task(struct loop_task *task)
{
	struct scene *s = LOOP_OWNER(task, struct scene, task);

	s->tasks++;
	note(s, 'd');
	if (s->defers-- > 0)
		loop_defer(s->loop, task);
}

static void
on_other(struct loop_task *task)
{
	struct scene *s = LOOP_OWNER(task, struct scene, other);

	loop_undefer(s->loop, &s->task);
}

static int
setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(loop_open(&s->loop), LB_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s->pair), 0);
	loop_timer_init(&s->timer, on_due);
	loop_timer_init(&s->end, on_end);
	loop_io_init(&s->io, s->pair[0], on_ready, s);
	loop_signal_init(&s->signal, SIGUSR2, on_signal);
	loop_task_init(&s->task, on_task);
	loop_task_init(&s->other, on_other);
	loop_set_turn(s->loop, turn, s);
	s->wish = s->waking = -1;
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;

	loop_io_want(s->loop, &s->io, 0);
	loop_timer_stop(s->loop, &s->timer);
	loop_timer_stop(s->loop, &s->end);
	loop_signal_stop(s->loop, &s->signal);
	loop_close(s->loop);
	close(s->pair[0]);
	close(s->pair[1]);
	free(s);
	return 0;
}

static void
run_for(struct scene *s, int64_t ms)
{
	loop_timer_start(s->loop, &s->end, ms);
	loop_run(s->loop);
}

static void
an_idle_loop_sleeps(void **state)
{
	struct scene *s = *state;
	struct clock before, after;

	clock_now(&before);
	run_for(s, 60);
	clock_now(&after);
	assert_true(after.mono - before.mono >= 59);
	/* Before the sleep, and after the timer that ended it. */
	assert_int_equal(s->turns, 2);
}

static void
a_turn_is_called_when_it_wishes(void **state)
{
	struct scene *s = *state;
	struct clock before, after;

	s->wish = s->waking = 10;
	s->stop_at = 4;
	clock_now(&before);
	loop_run(s->loop);
	clock_now(&after);
	assert_true(after.mono - before.mono >= 29);
}

static void
a_turn_that_wishes_none_is_called_after_events_alone(void **state)
{
	struct scene *s = *state;

	s->wish = 5;
	run_for(s, 60);
	assert_in_range(s->turns, 2, 3); /* 2: both timers were late */
}

static void
what_is_gathered_comes_before_the_turn(void **state)
{
	struct scene *s = *state;

	loop_io_want(s->loop, &s->io, LOOP_READ);
	assert_int_equal(write(s->pair[1], "a", 1), 1);
	run_for(s, 20);
	assert_int_equal(s->ready, 1);
	assert_string_equal(s->order, "trtt");
}

static void
a_turn_of_zero_looks_at_the_descriptors_first(void **state)
{
	struct scene *s = *state;

	s->wish = 0;
	loop_io_want(s->loop, &s->io, LOOP_READ | LOOP_WRITE);
	assert_int_equal(write(s->pair[1], "a", 1), 1);
	run_for(s, 20);
	assert_int_equal(s->events, LOOP_READ | LOOP_WRITE);
	assert_memory_equal(s->order, "trt", 3);
}

/* An error of the turn must not use up a CPU. */
static void
zeros_for_ever_do_not_spin(void **state)
{
	struct scene *s = *state;

	s->wish = s->waking = 0;
	run_for(s, 150);
	assert_in_range(s->turns, 2, 1000 + 160);
}

static void
deferred_work_comes_before_the_turn_once(void **state)
{
	struct scene *s = *state;

	loop_defer(s->loop, &s->task);
	loop_defer(s->loop, &s->task);
	run_for(s, 20);
	assert_int_equal(s->tasks, 1);
	assert_memory_equal(s->order, "dt", 2);
}

static void
a_task_that_defers_itself_lets_others_in(void **state)
{
	struct scene *s = *state;

	s->defers = 3;
	loop_defer(s->loop, &s->task);
	run_for(s, 20);
	assert_int_equal(s->tasks, 4);
	assert_memory_equal(s->order, "dtdtdtdt", 8);
}

static void
a_task_may_undefer_another(void **state)
{
	struct scene *s = *state;

	loop_defer(s->loop, &s->other);
	loop_defer(s->loop, &s->task);
	run_for(s, 20);
	assert_int_equal(s->tasks, 0);
	loop_undefer(s->loop, &s->task);
}

static void
a_timer_is_due_once_and_can_be_set_back(void **state)
{
	struct scene *s = *state;

	loop_timer_start(s->loop, &s->timer, 5);
	loop_timer_start(s->loop, &s->timer, 10000);
	assert_true(loop_timer_active(&s->timer));
	run_for(s, 30);
	assert_int_equal(s->dues, 0);
	loop_timer_start(s->loop, &s->timer, 5);
	run_for(s, 40);
	assert_int_equal(s->dues, 1);
	assert_false(loop_timer_active(&s->timer));
}

/* The loop's time is not that of before its sleep. */
static void
time_goes_on_while_it_sleeps(void **state)
{
	struct scene *s = *state;
	int64_t before = loop_now(s->loop)->mono;

	run_for(s, 50);
	assert_true(s->ended - before >= 49);
}

static void
a_signal_is_an_event(void **state)
{
	struct scene *s = *state;

	loop_signal_start(s->loop, &s->signal);
	assert_int_equal(raise(SIGUSR2), 0);
	loop_run(s->loop);
	assert_int_equal(s->signals, 1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_idle_loop_sleeps),
		TEST(a_turn_is_called_when_it_wishes),
		TEST(a_turn_that_wishes_none_is_called_after_events_alone),
		TEST(what_is_gathered_comes_before_the_turn),
		TEST(a_turn_of_zero_looks_at_the_descriptors_first),
		TEST(zeros_for_ever_do_not_spin),
		TEST(deferred_work_comes_before_the_turn_once),
		TEST(a_task_that_defers_itself_lets_others_in),
		TEST(a_task_may_undefer_another),
		TEST(a_timer_is_due_once_and_can_be_set_back),
		TEST(time_goes_on_while_it_sleeps),
		TEST(a_signal_is_an_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
