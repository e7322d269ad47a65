/*
 * store: see store.h.  The face alone: every call goes to the engine's table,
 * those of an operation by way of its transaction.
 */
#include "store.h"

void
store_close(struct store *store)
{
	if (store != NULL)
		store->engine->close(store);
}

void
store_append(struct store *store, struct store_op *op)
{
	store->engine->append(store, op);
}

int64_t
store_turn(struct store *store, const struct clock *now)
{
	return store->engine->turn(store, now);
}

enum lb_err
store_follow(struct store *store, struct store_sub *sub)
{
	if (store->outdated)
		return LB_NEWER_SCHEMA;
	return store->engine->follow(store, sub);
}

void
store_unfollow(struct store *store, struct store_sub *sub)
{
	store->engine->unfollow(store, sub);
}

enum lb_err
store_peer(struct store *store, const struct token_digest *token,
    void (*got)(void *arg, const struct store_room *, const struct store_peer *,
	const struct store_lease *),
    void *arg)
{
	if (store->outdated)
		return LB_NEWER_SCHEMA;
	return store->engine->peer(store, token, got, arg);
}

enum lb_err
store_peers(struct store *store, int64_t room,
    void (*each)(void *arg, const struct store_peer *), void *arg)
{
	return store->engine->peers(store, room, each, arg);
}

enum lb_err
store_history(struct store *store, const struct store_peer *peer,
    const struct slice *types, size_t count,
    int (*each)(void *arg, const struct message *), void *arg)
{
	return store->engine->history(store, peer, types, count, each, arg);
}

enum lb_err
store_recent(struct store *store, int64_t room, int64_t count, int64_t bytes,
    int64_t *after)
{
	return store->engine->recent(store, room, count, bytes, after);
}

void
store_renew(struct store *store, int64_t peer, const struct store_lease *lease)
{
	store->engine->renew(store, peer, lease);
}

enum lb_err
store_claim(struct store *store, int64_t peer, const struct store_lease *lease)
{
	return store->engine->claim(store, peer, lease);
}

enum lb_err
store_overdue(struct store *store, int64_t mono, int64_t *peers, size_t max,
    size_t *count)
{
	return store->engine->overdue(store, mono, peers, max, count);
}

enum lb_err
store_refresh(struct store *store, int64_t mono)
{
	return store->engine->refresh(store, mono);
}

enum lb_err
store_expire(struct store *store, const struct store_expiry *expiry)
{
	return store->engine->expire(store, expiry);
}

enum lb_err
store_enter(struct store *store)
{
	return store->engine->enter(store);
}

enum lb_err
store_ready(struct store *store)
{
	return store->engine->ready(store);
}

const char *
store_epoch(struct store *store)
{
	return store->engine->epoch(store);
}

void
store_stats(struct store *store, struct store_stats *stats)
{
	store->engine->stats(store, stats);
}

const struct store_disk *
store_journal(struct store *store)
{
	return store->engine->journal != NULL ? store->engine->journal(store) :
						NULL;
}

enum lb_err
store_room_find(struct store_tx *tx, struct slice namespace, struct slice name,
    struct store_room *out)
{
	return tx->store->engine->room_find(tx, namespace, name, out);
}

enum lb_err
store_room_get(struct store_tx *tx, int64_t row, struct store_room *out)
{
	return tx->store->engine->room_get(tx, row, out);
}

enum lb_err
store_room_put(struct store_tx *tx, struct store_room *room)
{
	return tx->store->engine->room_put(tx, room);
}

enum lb_err
store_peer_by_token(struct store_tx *tx, const struct token_digest *token,
    struct store_room *room, struct store_peer *peer)
{
	return tx->store->engine->peer_by_token(tx, token, room, peer);
}

enum lb_err
store_peer_by_id(struct store_tx *tx, int64_t room, struct slice id,
    struct store_peer *out)
{
	return tx->store->engine->peer_by_id(tx, room, id, out);
}

enum lb_err
store_peer_get(struct store_tx *tx, int64_t row, struct store_peer *out)
{
	return tx->store->engine->peer_get(tx, row, out);
}

enum lb_err
store_peer_put(struct store_tx *tx, struct store_peer *peer)
{
	return tx->store->engine->peer_put(tx, peer);
}

enum lb_err
store_peer_posted(struct store_tx *tx, const struct store_peer *peer)
{
	return tx->store->engine->peer_posted(tx, peer);
}

enum lb_err
store_census(struct store_tx *tx, int64_t room, struct store_census *out)
{
	return tx->store->engine->census(tx, room, out);
}

enum lb_err
store_mailbox(struct store_tx *tx, int64_t peer, int64_t after,
    struct store_mailbox *out)
{
	return tx->store->engine->mailbox(tx, peer, after, out);
}

enum lb_err
store_message_add(struct store_tx *tx, struct message *m)
{
	return tx->store->engine->message_add(tx, m);
}

enum lb_err
store_trim(struct store_tx *tx, int64_t room, int64_t count, int64_t bytes)
{
	return tx->store->engine->trim(tx, room, count, bytes);
}

enum lb_err
store_lease_get(struct store_tx *tx, int64_t peer, struct store_lease *out)
{
	return tx->store->engine->lease_get(tx, peer, out);
}

enum lb_err
store_lease_put(struct store_tx *tx, int64_t peer,
    const struct store_lease *lease)
{
	return tx->store->engine->lease_put(tx, peer, lease);
}

enum lb_err
store_lease_end(struct store_tx *tx, int64_t peer, int64_t mono)
{
	return tx->store->engine->lease_end(tx, peer, mono);
}
