/*
 * store_outbox: see store_outbox.h.  The face alone, as store.c is.
 */
#include "store_outbox.h"

enum lb_err
store_outbox(struct store *store, struct slice key,
    void (*each)(void *, const struct store_notice *), void *arg)
{
	return store->engine->outbox->list(store, key, each, arg);
}

enum lb_err
store_outbox_add(struct store_tx *tx, const struct store_notice *notice)
{
	return tx->store->engine->outbox->add(tx, notice);
}

enum lb_err
store_outbox_drop(struct store_tx *tx, struct slice key, int64_t seq)
{
	return tx->store->engine->outbox->drop(tx, key, seq);
}

enum lb_err
store_outbox_taken(struct store_tx *tx, struct slice key, int64_t seq)
{
	return tx->store->engine->outbox->taken(tx, key, seq);
}
