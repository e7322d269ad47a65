/*
 * store_disk: what a disk can bear, and how a database on it is kept whole.
 */
#ifndef LETTERBOX_STORE_DISK_H
#define LETTERBOX_STORE_DISK_H

#include <stdint.h>

#include "err.h"

/* "Ltbx", the application_id of our databases (bytes 68 to 71 of the file). */
#define STORE_APPLICATION 0x4c746278

/* How the database is kept whole. */
enum store_journal {
	STORE_AUTO,    /* only asked for: what the disk can bear */
	STORE_WAL,     /* wants memory that processes share */
	STORE_ROLLBACK /* wants locks alone */
};

/* What was found of the disk.  All strings are static. */
struct store_disk {
	enum store_journal journal; /* in use: never STORE_AUTO */
	const char *file_system;    /* "nfs", or "local" */
	const char *why; /* "usual", "asked", "network", "fuse", "memory" or
			  * "sqlite", as letterbox(8) has them */
};
/* What a store in `folder` would be kept with when nothing else is asked for,
 * as far as the file system tells. */
void store_disk_look(const char *folder, struct store_disk *out);

/* What can be told of a database without changing it, whatever state it is
 * in. */
struct store_look {
	enum lb_err err;   /* LB_OK, LB_NOT_FOUND: there is none yet, LB_BUSY,
			  * LB_NOT_OURS, LB_NEWER_SCHEMA, LB_EXPOSED: it may
			  * not be read, LB_IO: damaged */
	char journal[16];  /* "wal", "delete" */
	int64_t schema;    /* its user_version */
	int64_t bytes;     /* of pages */
	int64_t newest_at; /* ms of Unix time, 0 without a message */
	int64_t hooks;     /* keys with a hook */
	int64_t outbox;    /* posts that wait for them */
	int complete;      /* the whole was looked through in time */
	char damage[160];  /* what is wrong with it first; "" nothing */
};
/* Looks at `folder`/letterbox.db, read-only, `patience` ms at most for its
 * integrity. */
void store_sqlite_look(const char *folder, int64_t patience,
    struct store_look *out);

#endif
