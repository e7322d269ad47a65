/*
 * message: one entry of the log.
 *
 * People's messages and the server's own (joined, left, room-...) are alike:
 * the state of a room is what its messages say.
 */
#ifndef LETTERBOX_MESSAGE_H
#define LETTERBOX_MESSAGE_H

#include "buf.h"

/* The body of a "left" whose peer's lease ended. */
#define MESSAGE_LAPSED "{\"reason\":\"lease\"}"

struct message {
	int64_t seq;       /* rises in commit order, never used again */
	int64_t room;      /* row of the room */
	int64_t sender;    /* row of the peer that it is from */
	int64_t recipient; /* row of the peer it is for; 0: everybody */
	int64_t at;        /* ms of Unix time when it was posted */
	struct slice from; /* the sender's id */
	struct slice to;   /* the recipient's id, absent: everybody */
	struct slice type; /* 1..64 characters */
	struct slice body; /* JSON text, byte for byte as it was posted */
};

/* Appends the message as the API writes it:
 * {"seq":7,"from":"a","to":"b","type":"chat","body":...,"at":...}. */
void message_print(struct buf *out, const struct message *m);

/* 1 when `m` is for the peer of this row: said to everybody or to it, and
 * not by itself. */
int message_concerns(const struct message *m, int64_t peer);

/* 1 when `m` says that the peer of this row is not in its room any more: it
 * left, or was removed; or its lease ended (MESSAGE_LAPSED), and then it may
 * come back, and its mail waits. */
int message_leaves(const struct message *m, int64_t peer);

/* What of a room's log somebody wants. */
enum message_scope {
	MESSAGE_MAIL, /* what concerns it, and that it left */
	MESSAGE_OWN,  /* that, and what it said itself */
	MESSAGE_ALL   /* whatever was said to anybody */
};
int message_is_for(const struct message *m, int64_t peer, enum message_scope);

#endif
