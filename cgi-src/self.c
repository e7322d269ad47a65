/*
 * self: see self.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "self.h"

#include <unistd.h>

const char *
self_path(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size);

	/* One that fills it may have been cut. */
	if (n <= 0 || (size_t)n >= size)
		return NULL;
	path[n] = '\0';
	return path;
}
