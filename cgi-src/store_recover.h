/*
 * store_recover: what can be read of a damaged database, into a new one.
 *
 * The damaged one is copied first, with its journal, and only the copy is
 * opened.  Its tables are walked row by row, from both ends and around what
 * cannot be read; indices are not asked.  What is told as lost is all that may
 * have been between rows that do not lead to each other.  Rows keep their
 * numbers, messages their seqs and every byte, the log its epoch.  A row that
 * the schema would refuse, or a body that is no JSON or not of its size, is not
 * taken.
 */
#ifndef LETTERBOX_STORE_RECOVER_H
#define LETTERBOX_STORE_RECOVER_H

#include "buf.h"
#include "err.h"

enum store_recover_table {
	STORE_RECOVER_META,
	STORE_RECOVER_ROOMS,
	STORE_RECOVER_PEERS,
	STORE_RECOVER_MESSAGES,
	STORE_RECOVER_KEYS,
	STORE_RECOVER__MAX
};

struct store_recovered {
	int64_t saved[STORE_RECOVER__MAX];   /* rows */
	int64_t refused[STORE_RECOVER__MAX]; /* read, and not sound */
	int64_t lost_rooms; /* made anew, for there are messages of them */
	int64_t lost_peers;
	int64_t newest;    /* the highest seq ever given, as far as is known */
	int epoch_is_new;  /* the old one could not be read */
	int header_is_new; /* the first page was mended */
};

/* While it goes on; `arg` is the caller's. */
struct store_recover_watch {
	/* Rows of these numbers could not be read, if there were such; up to
	 * RECORDING_SEQ_MAX where nobody knows how far the log went. */
	void (*lost)(void *arg, enum store_recover_table, int64_t from,
	    int64_t to);
	/* Now and then: so many rows were saved.  1 ends it. */
	int (*alive)(void *arg, int64_t saved);
	void *arg;
};

/*
 * `path`: a database or its folder.  `folder` must not be there, and is not
 * when this fails: LB_NOT_FOUND, LB_NOT_OURS, LB_NEWER_SCHEMA, LB_BUSY (a
 * server works on it), LB_EXPOSED, LB_DISK_FULL, LB_IO, LB_NO_MEMORY, with
 * `words`; LB_TIMEOUT when it was ended.  Needs twice the room of the database.
 */
enum lb_err store_recover(const char *path, const char *folder,
    const struct store_recover_watch *, struct store_recovered *out,
    struct buf *words);

#endif
