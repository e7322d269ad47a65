/*
 * hook_child: the hook that a server starts beside it while some key has one,
 * and starts again when it ends.
 *
 * Of many servers the one that gets the lock (hook_lock.h) has it; the others
 * look every second.  It ends with its server: both hold one end of a pair of
 * sockets on which nothing is said.
 */
#ifndef LETTERBOX_HOOK_CHILD_H
#define LETTERBOX_HOOK_CHILD_H

#include "conf.h"
#include "loop.h"
#include "store.h"

struct hook_child {
	struct loop *loop;
	struct store *store;
	const struct conf *conf;
	char *name; /* argv[0], or NULL */
	struct loop_timer look;
	struct loop_io leash; /* our end of the pair, while `held` */
	int held;
	int pid;           /* 0: there is none */
	int leaving;       /* the server ends */
	int64_t begun;     /* ms, monotonic */
	int64_t pause;     /* ms: before it is started again */
	int64_t not_until; /* ms, monotonic */
	int told;          /* that this program makes no posts */
};

/* From now on sees to it.  `name` is what this program was called.  Does
 * nothing when conf->hook is off. */
void hook_child_start(struct hook_child *, struct loop *, struct store *,
    const struct conf *, char *name);
/* The server ends: so does the hook, within a second or so. */
void hook_child_end(struct hook_child *);
int hook_child_is_over(const struct hook_child *);
/* Before the loop is closed: a hook that is still there is killed. */
void hook_child_close(struct hook_child *);

#endif
