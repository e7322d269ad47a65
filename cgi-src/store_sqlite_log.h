/*
 * store_sqlite_log: shared by the files of the reader, and by nobody else.
 */
#ifndef LETTERBOX_STORE_SQLITE_LOG_H
#define LETTERBOX_STORE_SQLITE_LOG_H

#include "store_log.h"
#include "store_sqlite.h"

enum log_sql {
	LOG_ROOMS,
	LOG_FIND,
	LOG_SIZE,
	LOG_AT,
	LOG_ENDS,
	LOG_PEERS,
	LOG_MESSAGES,
	LOG_MESSAGE,
	LOG_VERSION,
	LOG_EPOCH,
	LOG_TOTALS,
	LOG_TYPES,
	LOG__MAX
};

/* Rows that were copied: their texts in one buf, by offset. */
struct log_page {
	struct buf text;
	size_t count;
	union {
		struct store_log_room room[STORE_LOG_PAGE];
		struct store_log_peer peer[STORE_LOG_PAGE];
		struct message message[STORE_LOG_PAGE];
	} row;
	size_t at[STORE_LOG_PAGE][4]; /* in `text`; SIZE_MAX: absent */
};

struct store_log {
	sqlite3 *db;
	char path[4096];
	struct stat file;
	sqlite3_stmt *sql[LOG__MAX];
	struct log_page rooms, peers, messages;
	struct log_page choice; /* of store_log_find */
};

/* A statement, ready to be bound; NULL: log_step says why. */
sqlite3_stmt *log_get(struct store_log *, enum log_sql);
/* LB_OK with a row, LB_NOT_FOUND without (it is reset then), or an error. */
enum lb_err log_step(struct store_log *, sqlite3_stmt *);

/* ---- store_sqlite_log_page.c ---- */
void log_page_begin(struct log_page *);
/* Copies a column of the row that is being read, the page's next one. */
void log_page_text(struct log_page *, int place, sqlite3_stmt *, int column);
int log_page_is_full(const struct log_page *);
/* After the last row: LB_OK, LB_NOT_FOUND when there is none, or what `err`
 * is.  The texts stay where they are from here on. */
enum lb_err log_page_end(const struct log_page *, sqlite3_stmt *,
    enum lb_err err);
/* The text of row `i`; up to its NUL, or, of the last place, to its end. */
struct slice log_page_slice(const struct log_page *, size_t i, int place);
struct slice log_page_rest(const struct log_page *, size_t i, int place);

#endif
