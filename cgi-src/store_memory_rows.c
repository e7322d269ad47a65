/*
 * store_memory_rows: see store_memory_rows.h.
 *
 * A deleted row stays in its table, without a value, until the batch ends:
 * taking back then needs no memory, and the order of the table is kept.
 */
#define HASH_NONFATAL_OOM 1

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "store_memory_rows.h"

/* Where the slices of each kind of row stand, so that one function copies
 * them all. */
static const struct shape {
	size_t size;
	size_t count;
	size_t slices[4];
} shapes[MEMORY__MAX] = {
	/* clang-format off */
	[MEMORY_ROOMS] = { sizeof(struct store_room), 2, {
		offsetof(struct store_room, namespace),
		offsetof(struct store_room, name) } },
	[MEMORY_PEERS] = { sizeof(struct store_peer), 2, {
		offsetof(struct store_peer, name),
		offsetof(struct store_peer, info) } },
	[MEMORY_LEASES] = { sizeof(struct store_lease), 0, { 0 } },
	[MEMORY_MESSAGES] = { sizeof(struct message), 4, {
		offsetof(struct message, from),
		offsetof(struct message, to),
		offsetof(struct message, type),
		offsetof(struct message, body) } },
	[MEMORY_SENT] = { sizeof(struct store_sent), 1, {
		offsetof(struct store_sent, mark) } },
	[MEMORY_KEYS] = { sizeof(struct store_key), 0, { 0 } },
	[MEMORY_OUTBOX] = { sizeof(struct store_notice), 1, {
		offsetof(struct store_notice, client) } },
	/* clang-format on */
};

static struct slice
slice_at(const void *value, size_t offset)
{
	struct slice s;

	memcpy(&s, (const char *)value + offset, sizeof(s));
	return s;
}

/* One allocation: the struct, and behind it what its slices point at. */
static void *
copy(const struct shape *shape, const void *value)
{
	struct slice s;
	size_t i, total = shape->size;
	char *whole, *end;

	for (i = 0; i < shape->count; i++)
		total += slice_at(value, shape->slices[i]).n;
	if ((whole = malloc(total)) == NULL)
		return NULL;
	memcpy(whole, value, shape->size);
	end = whole + shape->size;
	for (i = 0; i < shape->count; i++) {
		s = slice_at(value, shape->slices[i]);
		if (s.p == NULL)
			continue;
		memcpy(end, s.p, s.n);
		s.p = end;
		memcpy(whole + shape->slices[i], &s, sizeof(s));
		end += s.n;
	}
	return whole;
}

static struct memory_row *
find(const struct memory_rows *rows, enum memory_table table, int64_t key)
{
	struct memory_row *row;

	HASH_FIND(hh, rows->tables[table], &key, sizeof(key), row);
	return row;
}

/* A new row without a value, or NULL. */
static struct memory_row *
add(struct memory_rows *rows, enum memory_table table, int64_t key)
{
	struct memory_row *row;

	if ((row = calloc(1, sizeof(*row))) == NULL)
		return NULL;
	row->key = key;
	HASH_ADD(hh, rows->tables[table], key, sizeof(row->key), row);
	if (row->hh.tbl == NULL) {
		free(row);
		return NULL;
	}
	return row;
}

const void *
memory_get(const struct memory_rows *rows, enum memory_table table, int64_t key)
{
	const struct memory_row *row = find(rows, table, key);

	return row != NULL ? row->value : NULL;
}

enum lb_err
memory_put(struct memory_rows *rows, enum memory_table table, int64_t key,
    const void *value)
{
	struct memory_row *row = find(rows, table, key);
	struct memory_undo *undo;
	void *new = NULL;

	if (row == NULL && value == NULL)
		return LB_OK;
	if ((undo = malloc(sizeof(*undo))) == NULL)
		return LB_NO_MEMORY;
	if (value != NULL && (new = copy(&shapes[table], value)) == NULL)
		goto free_undo;
	if (row == NULL && (row = add(rows, table, key)) == NULL)
		goto free_new;
	*undo = (struct memory_undo){ row, table, row->value, rows->undo };
	rows->undo = undo;
	row->value = new;
	return LB_OK;

free_new:
	free(new);
free_undo:
	free(undo);
	return LB_NO_MEMORY;
}

int64_t
memory_key(struct memory_rows *rows, enum memory_table table)
{
	return ++rows->last[table];
}

struct memory_row *
memory_next(const struct memory_rows *rows, enum memory_table table,
    const struct memory_row *row)
{
	struct memory_row *next;

	next = row == NULL ? rows->tables[table] : row->hh.next;
	while (next != NULL && next->value == NULL)
		next = next->hh.next;
	return next;
}

struct memory_row *
memory_prev(const struct memory_rows *rows, enum memory_table table,
    const struct memory_row *row)
{
	const UT_hash_table *tbl;
	struct memory_row *prev;

	if (rows->tables[table] == NULL)
		return NULL;
	tbl = rows->tables[table]->hh.tbl;
	prev = row == NULL ? ELMT_FROM_HH(tbl, tbl->tail) : row->hh.prev;
	while (prev != NULL && prev->value == NULL)
		prev = prev->hh.prev;
	return prev;
}

static void
drop(struct memory_rows *rows, enum memory_table table, struct memory_row *row)
{
	HASH_DEL(rows->tables[table], row);
	free(row->value);
	free(row);
}

/* A row may have been written several times in a batch: it is dropped with
 * the oldest of its notes, behind which nothing points at it any more. */
static int
noted(const struct memory_undo *undo, const struct memory_row *row)
{
	for (; undo != NULL; undo = undo->next)
		if (undo->row == row)
			return 1;
	return 0;
}

static void
finish(struct memory_rows *rows, int back)
{
	struct memory_undo *undo;

	while ((undo = rows->undo) != NULL) {
		rows->undo = undo->next;
		if (back) {
			free(undo->row->value);
			undo->row->value = undo->old;
		} else {
			free(undo->old);
		}
		if (undo->row->value == NULL && !noted(rows->undo, undo->row))
			drop(rows, undo->table, undo->row);
		free(undo);
	}
}

void
memory_keep(struct memory_rows *rows)
{
	finish(rows, 0);
	memcpy(rows->kept, rows->last, sizeof(rows->kept));
}

void
memory_undo(struct memory_rows *rows)
{
	finish(rows, 1);
	memcpy(rows->last, rows->kept, sizeof(rows->last));
}

void
memory_free(struct memory_rows *rows)
{
	struct memory_row *row, *next;
	int table;

	memory_undo(rows);
	for (table = 0; table < MEMORY__MAX; table++) {
		row = rows->tables[table];
		HASH_CLEAR(hh, rows->tables[table]);
		for (; row != NULL; row = next) {
			next = row->hh.next;
			free(row->value);
			free(row);
		}
	}
}
