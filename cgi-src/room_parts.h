/*
 * room_parts: what the operations of a room share, and nobody else uses.
 */
#ifndef LETTERBOX_ROOM_PARTS_H
#define LETTERBOX_ROOM_PARTS_H

#include "room.h"

/* LB_OK, or why not; `guard` may be NULL. */
enum lb_err room_ask(const struct room_guard *guard, struct store_tx *);
/* The peer of a token with its room, and its standing (room_standing()). */
enum lb_err room_member(struct store_tx *, const struct token_digest *token,
    struct slice namespace, struct slice name, int64_t reserve,
    struct store_room *room, struct store_peer *self);
/* A message of the server's own; `seq` may be NULL. */
enum lb_err room_say(struct store_tx *, const struct store_peer *from,
    const char *type, struct slice body, int64_t recipient, int64_t *seq);
/* "room-rules" to everybody, with the rules as they are now. */
enum lb_err room_say_rules(struct store_tx *, const struct room_bounds *,
    const struct store_room *, const struct store_peer *from);
/* Appends the body of "joined": {"name":...,"info":...}. */
void room_card(struct buf *out, const struct store_peer *);
/* A full term from now on; p->cursor becomes the newest known. */
enum lb_err room_lease(struct store_tx *, struct store_peer *, int64_t term);
/* LB_ROOM_FULL when one more would be too many. */
enum lb_err room_census(struct store_tx *, const struct room_bounds *,
    const struct store_room *, struct room_fault *);
/* Present from now on, "joined" said; `self` is written. */
enum lb_err room_enter(struct store_tx *, const struct store_room *,
    struct store_peer *self, int64_t term);
/* In the given state from now on; "left" said if it was present. */
enum lb_err room_depart(struct store_tx *, const struct store_room *,
    struct store_peer *, enum store_state, struct slice body);
/* Who speaks in the room of that row under `id` without being in it; made when
 * nobody has the id, and held until `until` (ms of Unix time; 0: not held) at
 * least. */
enum lb_err room_service(struct store_tx *, int64_t room, struct slice id,
    int64_t until, struct store_peer *out);

/* LB_MAILBOX_FULL when that is too much more for a peer's mailbox. */
enum lb_err room_fits(struct store_tx *, const struct room_bounds *,
    const struct store_peer *to, struct store_mailbox more,
    struct room_fault *);
/* 1 about once in so many messages as a room of `most` can be over its bound
 * by, or in 64. */
int room_is_trim_due(int64_t seq, int64_t most);
/* Decides whether a letter may be posted; finds its recipients.  Reads only.
 * `self->room` may be 0: the room is about to be opened. */
enum lb_err room_check(struct store_tx *, const struct room_bounds *,
    const struct store_peer *self, struct room_letter *, struct room_fault *);
/* Writes a checked letter as the peer's post `n`; sets self->n, n_seq,
 * n_count and n_digest. */
enum lb_err room_write(struct store_tx *, const struct room_bounds *,
    struct store_peer *self, int64_t n, struct room_letter *);

#endif
