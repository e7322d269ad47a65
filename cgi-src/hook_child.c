/*
 * hook_child: see hook_child.h.
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include "hook_child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "courier.h"
#include "hook_lock.h"
#include "log.h"
#include "self.h"
#include "store_key.h"

#define LOOK_MS 1000
#define ENDING_MS 20     /* between looks whether it has ended */
#define BRIEF_MS 10000   /* what lives shorter is started later */
#define PAUSE_MOST 60000 /* ms */

/* ---- its end ---- */

static void
let_go(struct hook_child *c)
{
	if (!c->held)
		return;
	loop_io_want(c->loop, &c->leash, 0);
	close(loop_io_fd(&c->leash));
	c->held = 0;
}

static void
is_gone(struct hook_child *c, int status)
{
	const int64_t mono = loop_now(c->loop)->mono;

	c->pid = 0;
	if (mono - c->begun >= BRIEF_MS)
		c->pause = 0;
	c->pause = c->pause == 0 ? LOOK_MS : 2 * c->pause;
	if (c->pause > PAUSE_MOST)
		c->pause = PAUSE_MOST;
	c->not_until = mono + c->pause;
	if (WIFSIGNALED(status))
		log_event(LOG_ERROR, "hook", "why=signal number=%d",
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_event(LOG_ERROR, "hook", "why=status number=%d",
		    WEXITSTATUS(status));
}

/* Its end of the pair is closed: it has ended, or is about to. */
static void
on_leash(struct loop_io *io, int events)
{
	struct hook_child *c = loop_io_arg(io);

	(void)events;
	let_go(c);
	loop_timer_start(c->loop, &c->look, ENDING_MS);
}

/* ---- its beginning ---- */

static int
spawn(struct hook_child *c, int leash, int lock)
{
	static char usual[] = "letterbox", hook[] = "hook", held[] = "--held",
		    conf[] = "-c";
	/* Descriptor 3 may be a listening socket here. */
	const int files[] = { leash, CHILD_NULL, CHILD_KEEP, lock };
	char *argv[] = { c->name != NULL ? c->name : usual, hook, held, NULL,
		NULL, NULL };
	char path[4096];
	const char *self = self_path(path, sizeof(path));

	if (c->conf->file != NULL) {
		argv[3] = conf;
		argv[4] = c->conf->file;
	}
	/* A file that was replaced runs on for as long as we do. */
	if (self == NULL || access(self, X_OK) != 0)
		self = "/proc/self/exe";
	return child_start(&c->pid, self, argv, files, 4);
}

static void
begin(struct hook_child *c, int lock)
{
	int ends[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		log_event(LOG_ERROR, "hook", "why=pair number=%d", errno);
		return;
	}
	rc = spawn(c, ends[1], lock);
	close(ends[1]);
	c->begun = loop_now(c->loop)->mono;
	if (rc != 0) {
		log_event(LOG_ERROR, "hook", "why=start number=%d", rc);
		c->not_until = c->begun + PAUSE_MOST;
		close(ends[0]);
		return;
	}
	c->held = 1;
	loop_io_init(&c->leash, ends[0], on_leash, c);
	loop_io_want(c->loop, &c->leash, LOOP_READ);
}

static void
note_hook(void *arg, const struct store_key *key)
{
	int *wanted = arg;

	*wanted |= key->hook[0] != '\0';
}

/* Whether some key has a hook; as it is while the database is locked. */
static int
is_wanted(struct hook_child *c)
{
	int wanted = 0;
	enum lb_err err = store_keys(c->store, note_hook, &wanted);

	return err == LB_OK ? wanted : c->pid != 0;
}

static void
try_to_begin(struct hook_child *c)
{
	int lock;

	if (!courier_is_there()) {
		if (!c->told)
			log_event(LOG_ERROR, "hook", "why=none");
		c->told = 1;
		return;
	}
	lock = hook_lock(c->conf->data_dir, 0);
	if (lock < 0) {
		if (errno != EWOULDBLOCK)
			log_event(LOG_ERROR, "hook", "why=lock number=%d",
			    errno);
		return;
	}
	begin(c, lock);
	close(lock);
}

static void
on_look(struct loop_timer *timer)
{
	struct hook_child *c = LOOP_OWNER(timer, struct hook_child, look);
	int status;

	if (c->pid != 0 && !c->held && child_ended(c->pid, 0, &status))
		is_gone(c, status);
	if (!c->leaving && is_wanted(c)) {
		if (c->pid == 0 && loop_now(c->loop)->mono >= c->not_until)
			try_to_begin(c);
	} else if (c->pid != 0) {
		let_go(c);
	}
	if (c->pid != 0 && !c->held)
		loop_timer_start(c->loop, timer, ENDING_MS);
	else if (!c->leaving)
		loop_timer_start(c->loop, timer, LOOK_MS);
}

/* ---- with its server ---- */

void
hook_child_start(struct hook_child *c, struct loop *loop, struct store *store,
    const struct conf *conf, char *name)
{
	memset(c, 0, sizeof(*c));
	c->loop = loop;
	c->store = store;
	c->conf = conf;
	c->name = name;
	loop_timer_init(&c->look, on_look);
	if (conf->hook & 1)
		loop_timer_start(loop, &c->look, ENDING_MS);
}

void
hook_child_end(struct hook_child *c)
{
	c->leaving = 1;
	let_go(c);
	if (c->pid != 0)
		loop_timer_start(c->loop, &c->look, ENDING_MS);
}

int
hook_child_is_over(const struct hook_child *c)
{
	return c->pid == 0;
}

void
hook_child_close(struct hook_child *c)
{
	int status;

	let_go(c);
	loop_timer_stop(c->loop, &c->look);
	if (c->pid == 0)
		return;
	if (!child_ended(c->pid, 0, &status)) {
		kill(c->pid, SIGKILL);
		child_ended(c->pid, 1, &status);
	}
	c->pid = 0;
}
