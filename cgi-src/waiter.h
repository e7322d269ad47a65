/*
 * waiter: a poll with nothing to say yet, and what it will say.
 *
 * A waiter subscribes to its room at the store and gathers messages as its
 * dialect writes them.  Parked waiters stand in a wheel of time slots, in a
 * table by peer (one each: a newer poll supersedes) and are counted by address.
 */
#ifndef LETTERBOX_WAITER_H
#define LETTERBOX_WAITER_H

#define HASH_NONFATAL_OOM 1 /* or uthash ends the process */
#include <uthash.h>

#include "governor.h"

#define WAITER_BYTES 262144 /* of messages in one reply, and one more ... */
#define WAITER_MOST \
	(WAITER_BYTES + (1 << 20) + 8192) /* ... of 1 MiB at most,
						       * with its frame */
#define WAITER_MESSAGES 256
#define WAITER_SLOT_MS 100 /* how late a deadline may be seen */
#define WAITER_SLOTS 4096  /* the wheel turns in 409 s */

struct waiter_address;
struct waiter_hall;

struct waiter {
	struct store_sub sub; /* room, peer and place in the log */
	struct waiter_hall *hall;
	struct buf messages; /* what print() has written */
	int count;           /* messages in there */
	int most;            /* in one reply; WAITER_MESSAGES by default */
	int64_t joined;      /* seq of its peer's newest joining, or 0 */
	/* Appends one message to w->messages, in the dialect's words; nothing
	 * when it has none for it, whereupon the message is passed by. */
	void (*print)(struct waiter *, const struct message *);
	int64_t begun, deadline;   /* ms, monotonic: when it was parked */
	struct governor_pace pace; /* for its reply, set before done() */
	unsigned gap:1;            /* told with the next reply */
	unsigned reset:1;
	unsigned is_stream:1; /* goes on after a reply */
	unsigned is_post:1;   /* a post's: yields instead of being
					 * superseded */
	unsigned parked:1;
	unsigned ready:1;  /* in the ready list */
	unsigned out:1;    /* its peer was taken out of the room: whatever
			   * comes after that is not for it */
	unsigned lapsed:1; /* parked, it heard that its peer's lease ended:
			    * its client is to come back by a poll */
	/* Called once when it ends (never while it is being parked): LB_OK
	 * with or without messages, LB_SUPERSEDED, LB_SHUTTING_DOWN, or
	 * LB_BUSY (its place in the log means nothing any more).  A
	 * stream: LB_OK each time there is something, and once empty at its
	 * deadline, when `parked` is 0. */
	void (*done)(struct waiter *, enum lb_err);
	struct waiter_address *address;
	struct waiter *prev, *next; /* its time slot */
	struct waiter *next_ready;
	UT_hash_handle hh; /* by sub.peer */
};

/* All parked waiters of a process. */
struct waiter_hall {
	struct waiter *by_peer;
	struct waiter_address *addresses;
	struct waiter *slots[WAITER_SLOTS];
	int64_t slot; /* the last one that was looked at */
	struct waiter *first_ready, **last_ready;
	int64_t count;
};

void waiter_hall_init(struct waiter_hall *, int64_t mono);
/* Prepares a waiter; allocates nothing.  Set sub, print and done after. */
void waiter_init(struct waiter *, struct waiter_hall *);
/* Takes a place for `wait` ms (at most 400,000).  `address`: who asks,
 * counted.  LB_NO_MEMORY: it is not parked. */
enum lb_err waiter_park(struct waiter_hall *, struct waiter *, int64_t mono,
    int64_t wait, struct slice address);
/* Gives the place up and keeps the messages; harmless without a place. */
void waiter_leave(struct waiter_hall *, struct waiter *);
/* The parked waiter of a peer, or NULL. */
struct waiter *waiter_of(struct waiter_hall *, int64_t peer);
/* 1 when it has something to say. */
int waiter_has_news(const struct waiter *);
/* Parked waiters of an address. */
int64_t waiter_count(struct waiter_hall *, struct slice address);
/* Puts it on the list of those to be answered in this turn. */
void waiter_ready(struct waiter_hall *, struct waiter *);
/* Takes the first of that list, or NULL. */
struct waiter *waiter_next(struct waiter_hall *);
/* Puts everybody whose time is up on that list. */
void waiter_tick(struct waiter_hall *, int64_t mono);

#endif
