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

static enum lb_err
let_go(struct memory_rows *rows, int64_t room)
{
	const struct memory_row *row = NULL;
	const struct store_peer *peer;
	enum lb_err err = LB_OK;
	struct store_peer new;

	while (err == LB_OK &&
	    (row = memory_next(rows, MEMORY_PEERS, row)) != NULL) {
		peer = row->value;
		if (peer->room != room || peer->held_until == 0)
			continue;
		new = *peer;
		new.held_until = 0;
		err = memory_put(rows, MEMORY_PEERS, row->key, &new);
	}
	return err;
}

static enum lb_err
end(struct store_tx *tx, struct slice namespace, struct slice name)
{
	struct memory_rows *rows = rows_of(tx->store);
	const struct memory_row *row = NULL;
	const struct store_room *room;
	enum lb_err err = LB_OK;
	struct store_room new;

	while (err == LB_OK &&
	    (row = memory_next(rows, MEMORY_ROOMS, row)) != NULL) {
		room = row->value;
		if (room->ended_at != 0 ||
		    !slice_equal(room->namespace, namespace) ||
		    (name.p != NULL && !slice_equal(room->name, name)))
			continue;
		new = *room;
		new.ended_at = tx->now.wall;
		err = let_go(rows, row->key);
		if (err == LB_OK)
			err = memory_put(rows, MEMORY_ROOMS, row->key, &new);
	}
	return err;
}

const struct store_key_engine memory_keys = { find, list, add, drop, end };
