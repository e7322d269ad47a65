/*
 * store_sqlite_recover: shared by the files that save what can be read, and
 * by nobody else.
 */
#ifndef LETTERBOX_STORE_SQLITE_RECOVER_H
#define LETTERBOX_STORE_SQLITE_RECOVER_H

#include "store_recover.h"
#include "store_sqlite.h"

struct recover {
	const struct store_recover_watch *watch;
	struct store_recovered *out;
	struct buf *words;
	char from[4096]; /* the damaged database; never opened by SQLite */
	char copy[4096]; /* its copy */
	char to[4096];   /* the new database */
	sqlite3 *old, *new;
	int64_t saved; /* rows, for the watch */
};

/* ---- store_sqlite_recover_copy.c ---- */
/* Copies the database and its journals; LB_BUSY when it is being used. */
enum lb_err recover_copy(struct recover *);
/* Opens the copy, its first page mended if need be. */
enum lb_err recover_open(struct recover *);
void recover_unlink(const char *path);

/* ---- store_sqlite_recover_walk.c ---- */
/* Copies the rows of a table.  LB_TIMEOUT when the watch ends it. */
enum lb_err recover_walk(struct recover *, enum store_recover_table);
/* One integer of the copy; `otherwise` when it cannot be read. */
int64_t recover_number(struct recover *, const char *sql, int64_t otherwise);

#endif
