/*
 * loop: libev's epoll loop, its prepare watcher for the turn, one timer for
 * the time until the next one.
 */
#include "loop.h"

#include <limits.h>
#include <stdlib.h>
#include <utlist.h>

#define RESTLESS 1000 /* turns without a sleep before one is forced */

struct loop {
	struct ev_loop *ev;
	struct ev_prepare before_sleep;
	struct ev_timer alarm; /* the turn wants to be called then */
	int64_t alarm_at;      /* ms, monotonic */
	loop_turn *turn;
	void *arg;
	struct loop_task *tasks;
	unsigned round;
	struct clock now;
	int fresh; /* `now` was asked since the last sleep */
	unsigned restless;
};

const struct clock *
loop_now(struct loop *l)
{
	if (!l->fresh) {
		clock_now(&l->now);
		l->fresh = 1;
	}
	return &l->now;
}

/* Tasks that are deferred meanwhile bear the new round's number and stand
 * behind the others: they are left for the next time. */
static void
run_tasks(struct loop *l)
{
	struct loop_task *task;

	if (l->tasks == NULL)
		return;
	l->round = l->round == UINT_MAX ? 1 : l->round + 1;
	while ((task = l->tasks) != NULL && task->round != l->round) {
		loop_undefer(l, task);
		task->run(task);
	}
}

static void
set_alarm(struct loop *l, int64_t ms)
{
	int64_t at = l->now.mono + ms;

	if (ms < 0) {
		ev_timer_stop(l->ev, &l->alarm);
		return;
	}
	if (ev_is_active(&l->alarm) && l->alarm_at == at)
		return;
	ev_timer_stop(l->ev, &l->alarm);
	/* libev counts from the end of its last sleep unless told to look. */
	ev_now_update(l->ev);
	ev_timer_set(&l->alarm, (double)ms / 1000., 0.);
	ev_timer_start(l->ev, &l->alarm);
	l->alarm_at = at;
}

static void
before_sleep(struct ev_loop *ev, struct ev_prepare *w, int events)
{
	struct loop *l = w->data;
	int64_t ms = -1;

	(void)ev;
	(void)events;
	run_tasks(l);
	l->fresh = 0;
	loop_now(l);
	if (l->turn != NULL)
		ms = l->turn(l->arg, &l->now);
	if (l->tasks != NULL)
		ms = 0;
	if (ms != 0)
		l->restless = 0;
	else if (++l->restless >= RESTLESS)
		ms = 1;
	set_alarm(l, ms);
	l->fresh = 0;
}

/* Waking up was all it is for: the turn follows. */
static void
alarmed(struct ev_loop *ev, struct ev_timer *w, int events)
{
	(void)ev;
	(void)w;
	(void)events;
}

enum lb_err
loop_open(struct loop **out)
{
	struct loop *l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return LB_NO_MEMORY;
	if ((l->ev = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV)) == NULL) {
		free(l);
		return LB_IO;
	}
	ev_prepare_init(&l->before_sleep, before_sleep);
	l->before_sleep.data = l;
	ev_prepare_start(l->ev, &l->before_sleep);
	ev_timer_init(&l->alarm, alarmed, 0., 0.);
	l->round = 1;
	*out = l;
	return LB_OK;
}

void
loop_close(struct loop *l)
{
	if (l == NULL)
		return;
	ev_timer_stop(l->ev, &l->alarm);
	ev_prepare_stop(l->ev, &l->before_sleep);
	ev_loop_destroy(l->ev);
	free(l);
}

void
loop_set_turn(struct loop *l, loop_turn *turn, void *arg)
{
	l->turn = turn;
	l->arg = arg;
}

void
loop_run(struct loop *l)
{
	ev_run(l->ev, 0);
	/* What the last callbacks gathered. */
	run_tasks(l);
	l->fresh = 0;
	if (l->turn != NULL)
		l->turn(l->arg, loop_now(l));
}

void
loop_stop(struct loop *l)
{
	ev_break(l->ev, EVBREAK_ALL);
}

static void
io_ready(struct ev_loop *ev, struct ev_io *w, int events)
{
	struct loop_io *io = LOOP_OWNER(w, struct loop_io, ev);

	(void)ev;
	/* When a descriptor cannot be watched libev stops the watcher and says
	 * so with EV_ERROR; reading it will tell why. */
	if (events & EV_ERROR)
		events |= EV_READ | EV_WRITE;
	io->ready(io,
	    (events & EV_READ ? LOOP_READ : 0) |
		(events & EV_WRITE ? LOOP_WRITE : 0));
}

void
loop_io_init(struct loop_io *io, int fd,
    void (*ready)(struct loop_io *, int events), void *arg)
{
	ev_io_init(&io->ev, io_ready, fd, 0);
	io->ev.data = arg;
	io->ready = ready;
}

void *
loop_io_arg(const struct loop_io *io)
{
	return io->ev.data;
}

int
loop_io_fd(const struct loop_io *io)
{
	return io->ev.fd;
}

void
loop_io_want(struct loop *l, struct loop_io *io, int events)
{
	int wanted = (events & LOOP_READ ? EV_READ : 0) |
	    (events & LOOP_WRITE ? EV_WRITE : 0);

	if (ev_is_active(&io->ev)) {
		if ((io->ev.events & (EV_READ | EV_WRITE)) == wanted)
			return;
		ev_io_stop(l->ev, &io->ev);
	}
	if (wanted == 0)
		return;
	ev_io_set(&io->ev, io->ev.fd, wanted);
	ev_io_start(l->ev, &io->ev);
}

static void
timer_due(struct ev_loop *ev, struct ev_timer *w, int events)
{
	struct loop_timer *t = LOOP_OWNER(w, struct loop_timer, ev);

	(void)ev;
	(void)events;
	t->due(t);
}

void
loop_timer_init(struct loop_timer *t, void (*due)(struct loop_timer *))
{
	ev_timer_init(&t->ev, timer_due, 0., 0.);
	t->due = due;
}

void
loop_timer_start(struct loop *l, struct loop_timer *t, int64_t ms)
{
	ev_timer_stop(l->ev, &t->ev);
	ev_now_update(l->ev);
	ev_timer_set(&t->ev, (double)ms / 1000., 0.);
	ev_timer_start(l->ev, &t->ev);
}

void
loop_timer_stop(struct loop *l, struct loop_timer *t)
{
	ev_timer_stop(l->ev, &t->ev);
}

int
loop_timer_active(const struct loop_timer *t)
{
	return ev_is_active(&t->ev);
}

static void
signal_got(struct ev_loop *ev, struct ev_signal *w, int events)
{
	struct loop_signal *s = LOOP_OWNER(w, struct loop_signal, ev);

	(void)ev;
	(void)events;
	s->got(s);
}

void
loop_signal_init(struct loop_signal *s, int number,
    void (*got)(struct loop_signal *))
{
	ev_signal_init(&s->ev, signal_got, number);
	s->got = got;
}

void
loop_signal_start(struct loop *l, struct loop_signal *s)
{
	ev_signal_start(l->ev, &s->ev);
}

void
loop_signal_stop(struct loop *l, struct loop_signal *s)
{
	ev_signal_stop(l->ev, &s->ev);
}

void
loop_task_init(struct loop_task *t, void (*run)(struct loop_task *))
{
	t->run = run;
	t->prev = t->next = NULL;
	t->round = 0;
}

void
loop_defer(struct loop *l, struct loop_task *t)
{
	if (t->round != 0)
		return;
	t->round = l->round;
	DL_APPEND(l->tasks, t);
}

void
loop_undefer(struct loop *l, struct loop_task *t)
{
	if (t->round == 0)
		return;
	t->round = 0;
	DL_DELETE(l->tasks, t);
}
