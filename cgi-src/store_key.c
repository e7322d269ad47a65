/*
 * store_key: see store_key.h.  The face alone, as store.c is.
 */
#include "store_key.h"

enum lb_err
store_key_by_hash(struct store *store, const struct token_digest *hash,
    struct store_key *out)
{
	return store->engine->keys->find(store, hash, slice_of(NULL), out);
}

enum lb_err
store_key_by_name(struct store *store, struct slice name, struct store_key *out)
{
	return store->engine->keys->find(store, NULL, name, out);
}

enum lb_err
store_keys(struct store *store, void (*each)(void *, const struct store_key *),
    void *arg)
{
	return store->engine->keys->list(store, each, arg);
}

enum lb_err
store_key_add(struct store_tx *tx, const struct store_key *key)
{
	return tx->store->engine->keys->add(tx, key);
}

enum lb_err
store_key_drop(struct store_tx *tx, struct slice name)
{
	return tx->store->engine->keys->drop(tx, name);
}

enum lb_err
store_key_end(struct store_tx *tx, struct slice namespace, struct slice name)
{
	return tx->store->engine->keys->end(tx, namespace, name);
}
