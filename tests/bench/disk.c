/*
 * disk: how long one fdatasync takes in a folder.
 *
 *	disk FOLDER [COUNT]
 *
 * "inplace" writes 4 KiB over existing pages of a file, which is what a
 * commit does to a log that was once checkpointed; "append" makes the file
 * longer each time.  Prints one line of JSON; the file is removed.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

enum { PAGE = 4096 };

static void
measure(int fd, off_t from, unsigned count, struct samples *s)
{
	static char page[PAGE];
	uint64_t begun;
	unsigned i;

	for (i = 0; i < count; i++) {
		memset(page, (int)(i & 0xff), sizeof(page));
		begun = client_now();
		if (pwrite(fd, page, PAGE, from + (off_t)i * PAGE) != PAGE ||
		    fdatasync(fd) == -1)
			die("disk: %s", strerror(errno));
		samples_add(s, client_now() - begun);
	}
}

int
main(int argc, char *argv[])
{
	struct samples in_place = { 0 }, append = { 0 };
	char path[4096];
	unsigned count;
	int fd;

	if (argc < 2)
		die("usage: disk FOLDER [COUNT]");
	count = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 500;
	snprintf(path, sizeof(path), "%s/disk.XXXXXX", argv[1]);
	if ((fd = mkstemp(path)) == -1)
		die("%s: %s", path, strerror(errno));
	unlink(path);
	measure(fd, 0, count, &append);
	measure(fd, 0, count, &in_place);
	close(fd);
	printf("{\"inplace_p50_us\":%.1f,\"inplace_p99_us\":%.1f,"
	       "\"append_p50_us\":%.1f,\"append_p99_us\":%.1f,\"count\":%u}\n",
	    samples_us(&in_place, 0.5), samples_us(&in_place, 0.99),
	    samples_us(&append, 0.5), samples_us(&append, 0.99), count);
	return 0;
}
