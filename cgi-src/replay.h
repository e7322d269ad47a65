/*
 * replay: a recording happens once more, in a room of a server that runs.
 *
 * One request after the other, so that the order is that of the plan.  Whoever
 * is in the room is heard of by the server at least every REPLAY_LEASE_MS.
 */
#ifndef LETTERBOX_REPLAY_H
#define LETTERBOX_REPLAY_H

#include "actor.h"
#include "redact.h"
#include "renew.h"
#include "rerun.h"

#define REPLAY_LEASE_MS 10000
#define REPLAY_ANSWER_MS 10000    /* that an answer is waited for */
#define REPLAY_SOMEBODY_MS 300000 /* that somebody is waited for */
#define REPLAY_LINGER_S 3         /* that is listened at the end */
#define REPLAY_AWAY_MS 3000       /* a server's `away`, as a rule */
#define REPLAY_LAPSE_MS 120000    /* that the end of a lease is waited for */
#define REPLAY_LIVING 64

/* Somebody who is there now, for us alone: in place of `recorded`. */
struct living {
	struct buf id;
	struct slice recorded; /* absent: nobody yet */
	int is_there;
	struct renew renew;
};

/* Strings and the rerun are the caller's. */
struct replay {
	struct actor_stage stage;
	const struct rerun *plan;
	struct slice as; /* one of us against the living; absent: all of us */
	double speed;    /* 0: without waiting */
	int json;        /* lines for programs */
	struct redact redact;

	struct actor *actors;  /* by number, 1..plan->peers */
	struct slice *ids;     /* in the recording, likewise */
	int64_t *seqs;         /* in this room, by step; 0: none */
	struct living *living; /* REPLAY_LIVING of them */
	size_t living_count;
	unsigned char salt[16];
	int64_t begun;  /* ms of mono */
	int64_t waited; /* ms that answers took, which the plan has not */
	int forgone;    /* descriptions that did not come */
	size_t posted, joined, left, vanished, dropped, refused;
	struct buf out, line;
	int status; /* -1: go on; else an exit code */
};

/* LB_NO_MEMORY; replay_reset() is due in any case. */
enum lb_err replay_init(struct replay *, const struct rerun *);
void replay_reset(struct replay *);
/* Runs it to its end or to *stage.ended.  An exit code; all is said. */
int replay_run(struct replay *);

/* ---- of replay.c, for its parts ---- */
/* Nothing goes on after this one; it is said. */
void replay_fail(struct replay *, enum lb_err);
/* Waits until `due` (ms of mono), the end or *stage.ended; the leases of all
 * who are there go on. */
void replay_rest(struct replay *, int64_t due);
/* Who listens to what an actor hears, with the replay as its argument. */
actor_ear *replay_ear(const struct replay *);

/* ---- replay_peer.c ---- */
void replay_join(struct replay *, const struct rerun_step *);
void replay_leave(struct replay *, const struct rerun_step *);
/* Says no more and waits until the server has ended its lease: nothing else
 * happens meanwhile, so that what came after it does so again. */
void replay_vanish(struct replay *, const struct rerun_step *);

/* ---- replay_live.c ---- */
/* Notes what somebody else has said: an actor_ear for a replay. */
void replay_hear(void *, const struct message *);
/* Whom a message is for now.  LB_NOT_FOUND: nobody was there to be waited
 * for; LB_TIMEOUT. */
enum lb_err replay_meet(struct replay *, struct actor *, struct slice to,
    struct living **);
/* Waits until the living one has said as much as the recorded one had; not
 * for ever.  LB_TIMEOUT. */
enum lb_err replay_await(struct replay *, struct actor *, struct living *,
    int heard);

/* ---- replay_say.c ---- */
/* A line of what is done: `what` is one of "join", "leave", "vanish", "post",
 * "drop", "skip" or "hear", `recorded` and `seq` 0 where there is none; `why`
 * NULL. */
void replay_say(struct replay *, const char *what, int64_t recorded,
    int64_t seq, const struct message *, const char *why);
/* The last line, on standard error. */
void replay_sum_up(const struct replay *);

#endif
