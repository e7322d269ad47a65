/*
 * dialect_rooms_history: who wants to know what happened in a room.
 *
 * Who has the admin key is told everything.  A member is told what was said to
 * everybody, its own mail and what it said itself, and no more: what others
 * told each other is theirs.
 */
#ifndef LETTERBOX_DIALECT_ROOMS_HISTORY_H
#define LETTERBOX_DIALECT_ROOMS_HISTORY_H

#include "dialect_rooms_parts.h"
#include "recording.h"

struct rooms_history {
	struct rooms_work work; /* of rooms_work(), first */
	struct store_sub sub;   /* room, peer and scope are set */
	struct store_op find;   /* of the room, for who is no member */
	struct slice room;      /* its name */
	struct token_digest token;
	/* Replies; of `sub` it sets the rest. */
	void (*tell)(struct rooms_history *);
};

/* Calls h->tell, at once or when the room is found; or refuses. */
void rooms_history(struct rooms_history *, const struct route_match *);
/* The first line of the recording. */
struct recording_header rooms_history_header(const struct rooms_history *);

#endif
