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

int
hook_lock(const char *data_dir, int wait)
{
	char path[4096];
	int fd, rc, saved;

	if (snprintf(path, sizeof(path), "%s/hook.lock", data_dir) >=
	    (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	do
		rc = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
	while (rc != 0 && errno == EINTR);
	if (rc == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}
