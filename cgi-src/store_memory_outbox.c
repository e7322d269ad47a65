/*
 * store_memory_outbox: what applications are yet to be told, in memory.
 */
#include "store_memory_tx.h"

static struct memory_rows *
rows_of(struct store *store)
{
	return &((struct memory *)store)->rows;
}

/* The notice of the key that comes after `seq`, or NULL. */
static const struct memory_row *
next_of(const struct memory_rows *rows, struct slice key, int64_t seq)
{
	const struct memory_row *row = NULL, *best = NULL;
	const struct store_notice *n, *least = NULL;

	while ((row = memory_next(rows, MEMORY_OUTBOX, row)) != NULL) {
		n = row->value;
		if (!slice_is(key, n->key) || n->seq <= seq ||
		    (best != NULL && n->seq >= least->seq))
			continue;
		best = row;
		least = n;
	}
	return best;
}

static const struct memory_row *
row_of(const struct memory_rows *rows, struct slice key, int64_t seq)
{
	const struct memory_row *row = next_of(rows, key, seq - 1);
	const struct store_notice *n;

	if (row == NULL)
		return NULL;
	n = row->value;
	return n->seq == seq ? row : NULL;
}

static enum lb_err
list(struct store *store, struct slice key,
    void (*each)(void *, const struct store_notice *), void *arg)
{
	const struct memory_row *row;
	int64_t seq = 0;

	while ((row = next_of(rows_of(store), key, seq)) != NULL) {
		seq = ((const struct store_notice *)row->value)->seq;
		each(arg, row->value);
	}
	return LB_OK;
}

static enum lb_err
add(struct store_tx *tx, const struct store_notice *n)
{
	struct memory_rows *rows = rows_of(tx->store);
	const struct memory_row *row = row_of(rows, slice_of(n->key), n->seq);
	struct store_key key;

	if (store_key_by_name(tx->store, slice_of(n->key), &key) != LB_OK)
		return LB_IO;
	return memory_put(rows, MEMORY_OUTBOX,
	    row != NULL ? row->key : memory_key(rows, MEMORY_OUTBOX), n);
}

static enum lb_err
drop(struct store_tx *tx, struct slice key, int64_t seq)
{
	struct memory_rows *rows = rows_of(tx->store);
	const struct memory_row *row = row_of(rows, key, seq);

	return row == NULL ? LB_OK :
			     memory_put(rows, MEMORY_OUTBOX, row->key, NULL);
}

static enum lb_err
taken(struct store_tx *tx, struct slice name, int64_t seq)
{
	struct memory_rows *rows = rows_of(tx->store);
	const struct memory_row *row = NULL;
	struct store_key key;

	while ((row = memory_next(rows, MEMORY_KEYS, row)) != NULL) {
		key = *(const struct store_key *)row->value;
		if (!slice_is(name, key.name) || key.hooked >= seq)
			continue;
		key.hooked = seq;
		return memory_put(rows, MEMORY_KEYS, row->key, &key);
	}
	return LB_OK;
}

enum lb_err
memory_outbox_forget(struct memory_rows *rows, struct slice key)
{
	const struct memory_row *row;
	enum lb_err err = LB_OK;

	while (err == LB_OK && (row = next_of(rows, key, 0)) != NULL)
		err = memory_put(rows, MEMORY_OUTBOX, row->key, NULL);
	return err;
}

const struct store_outbox_engine memory_outbox = { list, add, drop, taken };
