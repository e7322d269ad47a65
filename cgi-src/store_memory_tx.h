/*
 * store_memory_tx: what an operation may do to the store in memory, and what
 * of it housekeeping shares.
 */
#ifndef LETTERBOX_STORE_MEMORY_TX_H
#define LETTERBOX_STORE_MEMORY_TX_H

#include "store.h"
#include "store_memory_rows.h"
#include "store_memory_seat.h"

struct memory {
	struct store store; /* first: a struct store * is one of these */
	struct memory_rows rows;
	struct memory_seats seats;
	char epoch[CURSOR_EPOCH + 1];
	struct store_op *queue, **end;
	struct store_sub *subs;
	struct memory_walk *walks; /* see store_memory.c */
	struct store_stats stats;
};

/* The functions of struct store_engine of the same names; see store.h. */
enum lb_err memory_room_find(struct store_tx *, struct slice namespace,
    struct slice name, struct store_room *);
enum lb_err memory_room_get(struct store_tx *, int64_t, struct store_room *);
enum lb_err memory_room_put(struct store_tx *, struct store_room *);
enum lb_err memory_peer_by_token(struct store_tx *, const struct token_digest *,
    struct store_room *, struct store_peer *);
enum lb_err memory_peer_by_id(struct store_tx *, int64_t room, struct slice id,
    struct store_peer *);
enum lb_err memory_peer_get(struct store_tx *, int64_t, struct store_peer *);
enum lb_err memory_peer_put(struct store_tx *, struct store_peer *);
enum lb_err memory_peer_posted(struct store_tx *, const struct store_peer *);
enum lb_err memory_census(struct store_tx *, int64_t room,
    struct store_census *);
enum lb_err memory_mailbox(struct store_tx *, int64_t peer, int64_t after,
    struct store_mailbox *);
enum lb_err memory_message_add(struct store_tx *, struct message *);
enum lb_err memory_trim(struct store_tx *, int64_t room, int64_t count,
    int64_t bytes);
enum lb_err memory_lease_get(struct store_tx *, int64_t peer,
    struct store_lease *);
enum lb_err memory_lease_put(struct store_tx *, int64_t peer,
    const struct store_lease *);
enum lb_err memory_lease_end(struct store_tx *, int64_t peer, int64_t mono);

extern const struct store_sent_engine memory_sent;
extern const struct store_key_engine memory_keys;
extern const struct store_outbox_engine memory_outbox;

/* Deletes all that the outbox holds for that key. */
enum lb_err memory_outbox_forget(struct memory_rows *, struct slice key);
/* The newest peer with that token, or NULL. */
const struct store_peer *memory_token(const struct memory_rows *,
    const struct token_digest *);
/* The present peer of that room that comes after `peer` (NULL: the first) in
 * the order of `joined`, or NULL. */
const struct store_peer *memory_present(const struct memory_rows *,
    int64_t room, const struct store_peer *peer);
/* Who has not acknowledged this mail; NULL when nobody can miss it, or
 * everybody who does is told by the floor. */
const struct store_peer *memory_awaits(const struct memory_rows *,
    const struct message *);
/* Deletes a message, and raises its room's floor if it was for everybody, or
 * for a peer that may still come for it. */
enum lb_err memory_drop(struct memory_rows *, const struct message *);
/* Writes a lease, whose cursor never falls; its poller by a claim alone. */
enum lb_err memory_lease(struct memory_rows *, int64_t peer,
    const struct store_lease *, int claim);

#endif
