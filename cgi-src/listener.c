/*
 * listener: see listener.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "listener.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN_FD 3 /* the first of those that LISTEN_FDS counts */

static int
is_listening(int fd)
{
	int listening = 0;
	socklen_t size = sizeof(listening);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) ==
	    0 &&
	    listening;
}

/* 0 where it is not set, or is no number. */
static long
number(const char *name)
{
	const char *text = getenv(name);

	return text == NULL ? 0 : strtol(text, NULL, 10);
}

int
listener_find(void)
{
	if (is_listening(STDIN_FILENO))
		return STDIN_FILENO;
	/* Children inherit the variables, but not the number. */
	if (number("LISTEN_PID") == (long)getpid() &&
	    number("LISTEN_FDS") > 0 && is_listening(LISTEN_FD))
		return LISTEN_FD;
	return -1;
}
