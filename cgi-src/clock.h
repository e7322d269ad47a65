/*
 * clock: the two times.  `mono` never jumps and is shared by all processes of
 * one boot: every wait and lease is counted by it.  `wall` is Unix time: what
 * people read, and what expiry by age is counted by.  Both in milliseconds.
 *
 * Only the program's floor asks for the time; everything below gets it as an
 * argument, which is what makes it testable.
 */
#ifndef LETTERBOX_CLOCK_H
#define LETTERBOX_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t mono; /* ms, CLOCK_MONOTONIC */
	int64_t wall; /* ms of Unix time */
};

void clock_now(struct clock *now);

/* The kernel's id of this boot, 36 characters and NUL; on a system without
 * one a constant, so that leases of an earlier boot look like ours: they are
 * given a fresh term at start anyway. */
void clock_boot_id(char id[37]);

#endif
