/*
 * peer: what a peer of a room says, as HTTP requests for client.h, and the
 * few members of the replies that a load generator needs.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>

#include "client.h"

struct peer {
	char room[65];
	char token[65];
	char cursor[65];
	unsigned n; /* of the last post */
};

/* Where the rooms are mounted, "/api" unless changed. */
extern const char *peer_mount;

/*
 * Join all peers (their room is set), a few at a time, in the given order
 * within each group of a room.  Ends the program when one is refused.
 */
void peer_join_all(struct peer *, size_t npeers);

/* Post one message: `type` bench, the body as given (JSON). */
void peer_post(struct peer *, struct conn *, const char *body);

/* Poll after the peer's cursor, to be held for up to wait_s seconds. */
void peer_poll(struct peer *, struct conn *, int wait_s);

/*
 * Take the cursor of a poll's reply.  A reply other than 200, or one that
 * tells of a gap or a reset, ends the program.
 */
void peer_collect(struct peer *, const struct reply *);

/* Copy the string member `name` of a JSON text into buf; 0 if absent. */
int peer_member(const char *json, const char *name, char *buf, size_t size);

#endif
