/*
 * store_sent: see store_sent.h.  The face alone, as store.c is.
 */
#include "store_sent.h"

enum lb_err
store_sent_find(struct store_tx *tx, int64_t room, struct slice mark,
    struct store_sent *out)
{
	return tx->store->engine->sent->find(tx, room, mark, out);
}

enum lb_err
store_sent_put(struct store_tx *tx, const struct store_sent *sent)
{
	return tx->store->engine->sent->put(tx, sent);
}
