/*
 * store_memory_rows: tables in memory whose changes can be taken back.
 *
 * A row, once in a table, is never changed: a write puts a copy in its place
 * and keeps the old one until memory_keep() or memory_undo() ends the batch.
 * So a pointer to a row is valid until then, and taking back cannot fail.
 */
#ifndef LETTERBOX_STORE_MEMORY_ROWS_H
#define LETTERBOX_STORE_MEMORY_ROWS_H

#include <uthash.h>

#include "store_key.h"
#include "store_outbox.h"
#include "store_sent.h"

enum memory_table {
	MEMORY_ROOMS,    /* struct store_room, by row */
	MEMORY_PEERS,    /* struct store_peer, by row */
	MEMORY_LEASES,   /* struct store_lease, by the peer's row */
	MEMORY_MESSAGES, /* struct message, by seq */
	MEMORY_SENT,     /* struct store_sent */
	MEMORY_KEYS,     /* struct store_key */
	MEMORY_OUTBOX,   /* struct store_notice */
	MEMORY__MAX
};

struct memory_row {
	int64_t key;
	void *value;       /* NULL: deleted in this batch */
	UT_hash_handle hh; /* in the order in which rows were added */
};

struct memory_undo {
	struct memory_row *row;
	enum memory_table table;
	void *old; /* NULL: there was none */
	struct memory_undo *next;
};

struct memory_rows {
	struct memory_row *tables[MEMORY__MAX];
	int64_t last[MEMORY__MAX]; /* highest key ever given */
	int64_t kept[MEMORY__MAX]; /* the same before this batch */
	struct memory_undo *undo;  /* newest first */
};

/* The value of that key, or NULL. */
const void *memory_get(const struct memory_rows *, enum memory_table,
    int64_t key);
/* Copies `value` with all that its slices point at into the table, in place
 * of what was there; NULL deletes.  LB_OK or LB_NO_MEMORY, and then nothing
 * has changed. */
enum lb_err memory_put(struct memory_rows *, enum memory_table, int64_t key,
    const void *value);
/* The next key of that table, never given before. */
int64_t memory_key(struct memory_rows *, enum memory_table);

/* The row after `row` (NULL: the first one) in ascending order of keys, for
 * leases in any order; NULL at the end. */
struct memory_row *memory_next(const struct memory_rows *, enum memory_table,
    const struct memory_row *row);
/* The same downwards (NULL: the last one). */
struct memory_row *memory_prev(const struct memory_rows *, enum memory_table,
    const struct memory_row *row);

/* Ends the batch: its changes stay, or are taken back. */
void memory_keep(struct memory_rows *);
void memory_undo(struct memory_rows *);
/* Frees everything. */
void memory_free(struct memory_rows *);

#endif
