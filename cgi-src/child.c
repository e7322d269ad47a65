/*
 * child: see child.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static int
add_file(posix_spawn_file_actions_t *actions, int fd, int as)
{
	switch (fd) {
	case CHILD_KEEP:
		return 0;
	case CHILD_NULL:
		return posix_spawn_file_actions_addopen(actions, as,
		    "/dev/null", O_RDWR, 0);
	default:
		return posix_spawn_file_actions_adddup2(actions, fd, as);
	}
}

int
child_start(int *pid, const char *path, char *const argv[], const int *files,
    int count)
{
	posix_spawn_file_actions_t actions;
	pid_t started;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc != 0)
		return rc;
	for (int i = 0; rc == 0 && i < count; i++)
		rc = add_file(&actions, files[i], i);
	if (rc == 0)
		rc = posix_spawn(&started, path, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc == 0)
		*pid = (int)started;
	return rc;
}

int
child_ended(int pid, int wait, int *status)
{
	pid_t got;

	do
		got = waitpid(pid, status, wait ? 0 : WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got == pid)
		return 1;
	/* Whoever started us may have said that children are not waited for. */
	*status = 0;
	return got < 0 && errno == ECHILD;
}
