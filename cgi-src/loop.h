/*
 * loop: waits for descriptors, times and signals.  Owns libev.
 *
 * Watchers are embedded in what they watch for, are initialized once and
 * cost nothing while they want nothing.  Before each sleep the loop runs what
 * was deferred and then the program's turn, so that whatever was gathered from
 * the descriptors is committed and answered together.
 *
 * One thread.  A callback may stop, start and free any watcher, its own too.
 */
#ifndef LETTERBOX_LOOP_H
#define LETTERBOX_LOOP_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "err.h"

#define LOOP_READ 1
#define LOOP_WRITE 2

/* The struct of `type` whose `member` is at `pointer`. */
#define LOOP_OWNER(pointer, type, member) \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

struct loop;

/* The fields belong to loop.c. */
struct loop_io {
	struct ev_io ev;
	void (*ready)(struct loop_io *, int events);
};

struct loop_timer {
	struct ev_timer ev;
	void (*due)(struct loop_timer *);
};

struct loop_signal {
	struct ev_signal ev;
	void (*got)(struct loop_signal *);
};

struct loop_task {
	void (*run)(struct loop_task *);
	struct loop_task *prev, *next;
	unsigned round; /* in which it was deferred; 0: it is not */
};

/*
 * What is done before each sleep; `now` was asked just before.  Returns the
 * milliseconds after which it wants to be called even if nothing happens: -1
 * for never, 0 to look at the descriptors without sleeping.  It may call
 * every function of this header.  One that returns 0 a thousand times in a row
 * is made to wait a millisecond each time, so that an error of it cannot use
 * up a whole CPU.
 */
typedef int64_t loop_turn(void *arg, const struct clock *now);

/* LB_IO when the kernel gives no descriptors, LB_NO_MEMORY. */
enum lb_err loop_open(struct loop **out);
/* NULL is allowed.  Stop all watchers first. */
void loop_close(struct loop *);
void loop_set_turn(struct loop *, loop_turn *turn, void *arg);
/* Until loop_stop(), the turn after it included. */
void loop_run(struct loop *);
void loop_stop(struct loop *);

/* The time, asked once per wake-up and before each turn: as old as what has
 * been done since, and free of cost. */
const struct clock *loop_now(struct loop *);

/* `arg` is whatever the owner of the watcher wants to find there again. */
void loop_io_init(struct loop_io *, int fd,
    void (*ready)(struct loop_io *, int events), void *arg);
void *loop_io_arg(const struct loop_io *);
int loop_io_fd(const struct loop_io *);
/*
 * From now on calls ready() as long as one of `events` is possible; 0 stops.
 * An error of the descriptor counts as all of them.  The same again costs a
 * compare.  Stop before close(2).
 */
void loop_io_want(struct loop *, struct loop_io *, int events);

void loop_timer_init(struct loop_timer *, void (*due)(struct loop_timer *));
/* Calls due() once, `ms` from now; one that runs is started afresh. */
void loop_timer_start(struct loop *, struct loop_timer *, int64_t ms);
void loop_timer_stop(struct loop *, struct loop_timer *);
int loop_timer_active(const struct loop_timer *);

/* A signal has one watcher in one loop. */
void loop_signal_init(struct loop_signal *, int number,
    void (*got)(struct loop_signal *));
void loop_signal_start(struct loop *, struct loop_signal *);
void loop_signal_stop(struct loop *, struct loop_signal *);

/* For work that must not be done where its cause is noticed: run() is called
 * once, before the next turn; deferred in a turn, after a look at the
 * descriptors.  A task that is deferred already stays so. */
void loop_task_init(struct loop_task *, void (*run)(struct loop_task *));
void loop_defer(struct loop *, struct loop_task *);
void loop_undefer(struct loop *, struct loop_task *);

#endif
