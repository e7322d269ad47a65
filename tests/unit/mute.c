/*
 * mute: see mute.h.
 */
#include "mute.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int
mute(void)
{
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

	fflush(stderr);
	dup2(null, STDERR_FILENO);
	close(null);
	return saved;
}

void
unmute(int saved)
{
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
}
