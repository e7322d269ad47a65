/*
 * successor: see successor.h.
 */
#define _GNU_SOURCE /* pipe2 */

#include "successor.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "log.h"

#define TRIAL_MS 10000 /* what takes longer is not our program */

/* ---- where it is ---- */

/* A path that names a link goes on naming it: who changes the link has another
 * program in mind. */
void
successor_init(struct successor *s, char **argv)
{
	const char *name = argv[0] != NULL ? argv[0] : "";
	char here[sizeof(s->path)] = "";
	int i, n;

	memset(s, 0, sizeof(*s));
	if (stat("/proc/self/exe", &s->self) != 0)
		s->self.st_ino = 0;
	for (i = 0; i < SUCCESSOR_ARGS && argv[i] != NULL; i++)
		s->argv[i] = argv[i];
	if (argv[i] != NULL)
		return;
	if (strchr(name, '/') == NULL) {
		if (readlink("/proc/self/exe", s->path, sizeof(s->path) - 1) <
		    0)
			s->path[0] = '\0';
		return;
	}
	if (*name != '/' && getcwd(here, sizeof(here)) == NULL)
		return;
	n = snprintf(s->path, sizeof(s->path), "%s%s%s", here,
	    *name == '/' ? "" : "/", name);
	if (n < 0 || (size_t)n >= sizeof(s->path))
		s->path[0] = '\0';
}

int
successor_came(const struct successor *s)
{
	struct stat st;

	return s->self.st_ino != 0 && stat(s->path, &st) == 0 &&
	    (st.st_ino != s->self.st_ino || st.st_dev != s->self.st_dev);
}

/* ---- the trial ---- */

static void
refuse(const char *why, int number)
{
	log_event(LOG_ERROR, "successor", "why=%s number=%d", why, number);
}

static void
end_trial(struct successor *s)
{
	loop_timer_stop(s->loop, &s->patience);
	loop_io_want(s->loop, &s->said, 0);
	close(loop_io_fd(&s->said));
	s->pid = 0;
}

/* It has ended, or at least closed its output. */
static void
judge(struct successor *s)
{
	pid_t pid = s->pid, got;
	int status;

	end_trial(s);
	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		s->fit(s->arg);
	else if (got == pid && WIFEXITED(status))
		refuse("status", WEXITSTATUS(status));
	else
		refuse("signal", got == pid ? WTERMSIG(status) : 0);
}

static void
said(struct loop_io *io, int events)
{
	struct successor *s = loop_io_arg(io);
	char waste[512];
	ssize_t n;

	(void)events;
	n = read(loop_io_fd(io), waste, sizeof(waste));
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	if (!s->again) {
		judge(s);
		return;
	}
	s->again = 0;
	successor_cancel(s);
	successor_try(s, s->loop, s->fit, s->arg);
}

static void
too_long(struct loop_timer *timer)
{
	struct successor *s = LOOP_OWNER(timer, struct successor, patience);

	refuse("time", TRIAL_MS);
	successor_cancel(s);
}

/* Its output is the pipe, whose end is the trial's; it has no socket. */
static int
spawn(struct successor *s, int out)
{
	static char test[] = "-t";
	const int files[] = { CHILD_NULL, out };
	char *argv[SUCCESSOR_ARGS + 2];
	int i;

	for (i = 0; s->argv[i] != NULL; i++)
		argv[i] = s->argv[i];
	argv[i] = test;
	argv[i + 1] = NULL;
	return child_start(&s->pid, s->path, argv, files, 2);
}

void
successor_try(struct successor *s, struct loop *loop, void (*fit)(void *arg),
    void *arg)
{
	int ends[2], rc;

	if (s->pid != 0) {
		s->again = 1;
		return;
	}
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		refuse("pipe", errno);
		return;
	}
	rc = spawn(s, ends[1]);
	close(ends[1]);
	if (rc != 0) {
		close(ends[0]);
		refuse("start", rc);
		return;
	}
	s->loop = loop;
	s->fit = fit;
	s->arg = arg;
	loop_timer_init(&s->patience, too_long);
	loop_timer_start(loop, &s->patience, TRIAL_MS);
	loop_io_init(&s->said, ends[0], said, s);
	loop_io_want(loop, &s->said, LOOP_READ);
}

void
successor_cancel(struct successor *s)
{
	pid_t pid = s->pid;

	if (pid == 0)
		return;
	end_trial(s);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

/* ---- the change ---- */

void
successor_become(struct successor *s)
{
	execv(s->path, s->argv);
}

static void
mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(how, &set, NULL);
}

void
successor_hold(void)
{
	mask(SIG_BLOCK);
}

void
successor_release(void)
{
	mask(SIG_UNBLOCK);
}
