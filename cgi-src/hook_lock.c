/*
 * hook_lock: see hook_lock.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "hook_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static int
open_file(const char *data_dir, int flags)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/hook.lock", data_dir) >=
	    (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, flags | O_CLOEXEC, 0600);
}

static int
lock(int fd, int how)
{
	int rc;

	do
		rc = flock(fd, how);
	while (rc != 0 && errno == EINTR);
	return rc;
}

int
hook_lock(const char *data_dir, int wait)
{
	int fd = open_file(data_dir, O_RDWR | O_CREAT), saved;

	if (fd < 0)
		return -1;
	if (lock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
hook_lock_is_held(const char *data_dir)
{
	int fd = open_file(data_dir, O_RDONLY), held;

	if (fd < 0)
		return 0;
	held = lock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	close(fd);
	return held;
}
