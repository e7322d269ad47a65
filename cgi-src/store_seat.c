/*
 * store_seat: see store_seat.h.  The face alone, as store.c is.
 */
#include "store_seat.h"

#include <string.h>

enum lb_err
store_seat_begin(struct store *store)
{
	return store->engine->seats->begin(store);
}

enum lb_err
store_seat_end(struct store *store, enum lb_err err)
{
	return store->engine->seats->end(store, err);
}

enum lb_err
store_seat_census(struct store *store, uint64_t number, int64_t mono,
    struct seat_census *out)
{
	memset(out, 0, sizeof(*out));
	return store->engine->seats->census(store, number, mono, out);
}

enum lb_err
store_seat_queue(struct store *store, const struct seat_waiting *w,
    unsigned fronts, int64_t mono, struct seat_queue *out)
{
	memset(out, 0, sizeof(*out));
	return store->engine->seats->queue(store, w, fronts, mono, out);
}

enum lb_err
store_seat_waiting(struct store *store, int64_t peer, struct seat_waiting *out)
{
	return store->engine->seats->waiting(store, peer, out);
}

enum lb_err
store_seat_ceiling(struct store *store, enum front front,
    struct seat_ceiling *out)
{
	return store->engine->seats->ceiling(store, front, out);
}

enum lb_err
store_seat_put_process(struct store *store, const struct seat_process *p)
{
	return store->engine->seats->put_process(store, p);
}

enum lb_err
store_seat_put_waiting(struct store *store, const struct seat_waiting *w)
{
	return store->engine->seats->put_waiting(store, w);
}

enum lb_err
store_seat_put_ceiling(struct store *store, const struct seat_ceiling *c)
{
	return store->engine->seats->put_ceiling(store, c);
}

enum lb_err
store_seat_purge(struct store *store, int64_t mono)
{
	return store->engine->seats->purge(store, mono);
}
