/*
 * governor: how many polls are held, which, for how long, and how often those
 * ask that are not.
 *
 * What a parked poll costs depends on the front end (front.h), so each kind
 * has a number of seats, shared by all processes through the store.
 *
 *   seat      free while the processes together have taken less.  At a pool a
 *             number of processes stays idle besides, for whoever comes
 *             meanwhile: a request that finds none waits for a second.
 *   fairness  a peer gets one only when fewer peers that wait longer stand
 *             before it than seats are free
 *   pause     of who has none: so long that all of them together ask about as
 *             often as the operator wants
 *   ceiling   a front end that cuts polls off at some age is found out, and
 *             polls are held for less from then on, for a day
 *
 * A process of many polls takes seats in blocks, so that a poll costs no
 * writing; one of a single poll takes one.  Where the store is busy there is
 * no seat just now: nobody waits for it.  Rules only: time is an argument.
 */
#ifndef LETTERBOX_GOVERNOR_H
#define LETTERBOX_GOVERNOR_H

#include "clock.h"
#include "front.h"
#include "store_seat.h"

#define GOVERNOR_LIVE 15000 /* ms a process counts after its last sign */
#define GOVERNOR_SIGN 4000  /* ms between two of its signs */

struct governor_options {
	enum front front;          /* FRONT_AUTO: by the first request */
	int64_t seats[FRONT__MAX]; /* of all processes; those of pool and CGI
				    * are the same ones */
	int64_t most;              /* polls that this process can hold */
	int64_t spare;             /* idle processes of a pool */
	int64_t rate;              /* polls a second without a seat, > 0 */
	int64_t pause;             /* ms between two of them, at most */
	int64_t hold;              /* ms a poll is held at most */
};

struct governor {
	struct store *store;
	const struct governor_options *options;
	uint64_t number; /* of this process */
	enum front front;
	int64_t held;    /* seats taken, as the store has them */
	int64_t waiting; /* peers without a seat, when last looked */
	int64_t looked;  /* ms, monotonic */
	int64_t signed_at;
	struct seat_ceiling ceiling;
};

/* What a client is told: how long its next poll may be held, or when to poll
 * again; one of the two is 0.  ms. */
struct governor_pace {
	int32_t wait, pause;
};

/* For /metrics; seats and pools of all processes. */
struct governor_stats {
	int64_t seats[FRONT__MAX];   /* taken */
	int64_t ceiling[FRONT__MAX]; /* ms a poll is held there */
	int64_t waiting;
	int64_t pause; /* ms, without the jitter */
};

void governor_init(struct governor *, struct store *,
    const struct governor_options *, uint64_t number);
/* A request says what is before us; only the first one counts. */
void governor_meet(struct governor *, struct slice server_software);

/*
 * Asks for `peer`, while `parked` polls of this process are held already.  1: a
 * seat is there; with `takes`, it is the poll's until governor_left().  0:
 * there is none, and the peer stands in the queue.
 */
int governor_ask(struct governor *, int64_t peer, int64_t parked, int takes,
    int64_t mono, struct governor_pace *);
/* Polls have ended; `parked` are left. */
void governor_left(struct governor *, int64_t parked, int64_t mono);
/* What may be told to somebody who does not ask now. */
struct governor_pace governor_pace(struct governor *, int64_t parked,
    int64_t mono);
/* The longest pause: this process has a reason of its own to hold nothing. */
struct governor_pace governor_refuse(const struct governor *, int64_t peer,
    int64_t mono);
/* ms a poll may be held now. */
int64_t governor_hold(const struct governor *, int64_t mono);

/* A poll that was parked at `begun` was answered, and its client got it. */
void governor_lived(struct governor *, int64_t begun, int64_t mono);
/* Its client hung up, or the front end did. */
void governor_cut(struct governor *, int64_t begun, int64_t mono);

/* Each turn: the sign of life, and what it holds in vain. */
void governor_turn(struct governor *, int64_t parked, int64_t mono);
/* 1 when no other process that serves for long gave a sign within `ms`. */
int governor_alone(struct governor *, int64_t ms, int64_t mono);
/* Gives everything back. */
void governor_close(struct governor *);
/* What is not known is 0. */
void governor_stats(struct governor *, int64_t mono, struct governor_stats *);

#endif
