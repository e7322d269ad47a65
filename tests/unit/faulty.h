/*
 * faulty: a disk and a memory for SQLite that fail when told, and a disk that
 * loses what was not synced when its power is cut.
 */
#ifndef LETTERBOX_TESTS_FAULTY_H
#define LETTERBOX_TESTS_FAULTY_H

#include <stdint.h>

struct faulty {
	long calls;     /* I/O calls (or allocations) so far */
	long fail_at;   /* this one fails; 0: none */
	int for_ever;   /* and all after it */
	int full;       /* writes fail with SQLITE_FULL */
	int memory;     /* allocations are counted and fail, not I/O */
	int record;     /* what is changed and not yet synced */
	int no_sharing; /* files opened from now on know no shared memory */
	long failed;    /* how many have */
};

/* Set by the test, counted by the shims. */
extern struct faulty faulty;

/* Once, before any database is opened. */
void faulty_install(void);
/* Nothing fails, nothing is recorded. */
void faulty_reset(void);
/* Cuts the power: of what was written since the last sync of its file, each
 * piece is there, is not, or is there in part.  All databases are closed. */
void faulty_cut(uint64_t seed);

#endif
