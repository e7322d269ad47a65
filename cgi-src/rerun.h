/*
 * rerun: what is to be done, and when, so that a recording happens again.
 *
 * Who speaks without having been seen to come, comes first.  What the server
 * says by itself (room-...) is left to it; who was removed leaves.  Chaos
 * changes messages only: it never carries one over somebody's coming or going.
 */
#ifndef LETTERBOX_RERUN_H
#define LETTERBOX_RERUN_H

#include "chaos.h"
#include "err.h"
#include "tape.h"

enum rerun_what {
	RERUN_JOIN,
	RERUN_LEAVE,
	RERUN_VANISH, /* the lease ended */
	RERUN_POST,
	RERUN_DROP /* chaos keeps it from being posted */
};

struct rerun_step {
	enum rerun_what what;
	int64_t due; /* ms since the first one, as recorded; never falls */
	const struct message *message; /* of RERUN_JOIN: the `joined`, or what
					* it was missing for */
	int who;                       /* number of the sender, from 1 on */
	int is_copy;                   /* the second of two */
	int heard;     /* descriptions that the recipient had sent by then */
	size_t places; /* of rerun.c */
};

struct rerun_wish {
	struct slice as;   /* only this peer's part; absent: all of it */
	int64_t from;      /* messages from this seq on */
	const char *types; /* only these messages, as "a,b"; NULL: all */
	struct chaos chaos;
};

struct rerun {
	struct rerun_step *steps;
	size_t count, room;
	size_t posts; /* messages to be posted, copies not counted */
	size_t own;   /* messages of the server's own that are left out */
	int peers;    /* who is numbered 1..peers */
};

/* The tape stays where it is as long as the rerun is used.  LB_NO_MEMORY;
 * LB_NOT_FOUND: nobody is called `as`.  rerun_reset() is due in any case. */
enum lb_err rerun_make(struct rerun *, const struct tape *,
    const struct rerun_wish *);
void rerun_reset(struct rerun *);

#endif
