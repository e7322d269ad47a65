/*
 * store_memory_key: keys of applications, in memory.
 */
#include <string.h>

#include "store_memory_tx.h"

static struct memory_rows *
rows_of(struct store *store)
{
	return &((struct memory *)store)->rows;
}

static const struct memory_row *
row_of(const struct memory_rows *rows, const struct token_digest *hash,
    struct slice name)
{
	const struct memory_row *row = NULL;
	const struct store_key *key;

	while ((row = memory_next(rows, MEMORY_KEYS, row)) != NULL) {
		key = row->value;
		if (hash != NULL ?
			token_equal(key->hash.b, hash->b, TOKEN_DIGEST) :
			slice_is(name, key->name))
			return row;
	}
	return NULL;
}

static enum lb_err
find(struct store *store, const struct token_digest *hash, struct slice name,
    struct store_key *out)
{
	const struct memory_row *row = row_of(rows_of(store), hash, name);

	if (row == NULL)
		return LB_NOT_FOUND;
	*out = *(const struct store_key *)row->value;
	return LB_OK;
}

/* The key that comes after `last` (NULL: the first) by its name, or NULL. */
static const struct store_key *
next_by_name(const struct memory_rows *rows, const struct store_key *last)
{
	const struct memory_row *row = NULL;
	const struct store_key *key, *best = NULL;

	while ((row = memory_next(rows, MEMORY_KEYS, row)) != NULL) {
		key = row->value;
		if (last != NULL && strcmp(key->name, last->name) <= 0)
			continue;
		if (best == NULL || strcmp(key->name, best->name) < 0)
			best = key;
	}
	return best;
}

static enum lb_err
list(struct store *store, void (*each)(void *, const struct store_key *),
    void *arg)
{
	const struct store_key *key = NULL;

	while ((key = next_by_name(rows_of(store), key)) != NULL)
		each(arg, key);
	return LB_OK;
}

static enum lb_err
add(struct store_tx *tx, const struct store_key *key)
{
	struct memory_rows *rows = rows_of(tx->store);

	if (row_of(rows, NULL, slice_of(key->name)) != NULL ||
	    row_of(rows, &key->hash, slice_of(NULL)) != NULL)
		return LB_IO;
	return memory_put(rows, MEMORY_KEYS, memory_key(rows, MEMORY_KEYS),
	    key);
}

static enum lb_err
drop(struct store_tx *tx, struct slice name)
{
	struct memory_rows *rows = rows_of(tx->store);
	const struct memory_row *row = row_of(rows, NULL, name);
	enum lb_err err;

	if (row == NULL)
		return LB_NOT_FOUND;
	err = memory_outbox_forget(rows, name);
	return err == LB_OK ? memory_put(rows, MEMORY_KEYS, row->key, NULL) :
			      err;
}

const struct store_key_engine memory_keys = { find, list, add, drop };
