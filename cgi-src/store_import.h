/*
 * store_import: a database of recorded rooms, to be looked at.
 *
 * The messages keep their seqs, and the database the epoch that these are of,
 * so that what is exported again is the same bytes.  So it is a database of
 * its own, never one that a server works on: there seqs are given by it alone.
 */
#ifndef LETTERBOX_STORE_IMPORT_H
#define LETTERBOX_STORE_IMPORT_H

#include "err.h"
#include "message.h"

struct store_import;

/* Makes the folder and the database unless they are there, and begins the one
 * transaction.  `words` gets a sentence when it fails: LB_NOT_OURS when a
 * server works there or the database is of another epoch; LB_EXPOSED, LB_BUSY,
 * LB_DISK_FULL, LB_IO, LB_NO_MEMORY. */
enum lb_err store_import_open(struct store_import **out, const char *folder,
    struct slice epoch, struct buf *words);
/* LB_PEER_TAKEN when there is a room of that name. */
enum lb_err store_import_room(struct store_import *, struct slice namespace,
    struct slice name);
/* Into that room.  `from`, `to`, `type`, `body`, `seq` and `at` are read.
 * LB_N_REUSED when another room has that seq. */
enum lb_err store_import_message(struct store_import *, const struct message *);
/* Commits, or (keep == 0) leaves nothing of it.  Frees it in any case. */
enum lb_err store_import_close(struct store_import *, int keep);

#endif
