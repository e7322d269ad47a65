/*
 * postoffice: takes operations and polls, and answers them turn by turn.
 *
 * It knows rooms, peers, mail, leases, bounds and rates; it knows nothing of
 * HTTP, sockets and SQL, and time is an argument.  One per process.
 *
 *   gather   postoffice_join() ... postoffice_poll() queue and subscribe
 *   commit   postoffice_turn(): store_turn(), one transaction
 *   tail     the store hands what is new to the waiters
 *   reply    waiters that have something, or whose time is up
 */
#ifndef LETTERBOX_POSTOFFICE_H
#define LETTERBOX_POSTOFFICE_H

#include "clock.h"
#include "governor.h"
#include "limit.h"
#include "room.h"
#include "store.h"
#include "waiter.h"

/* Configuration; plain numbers, in the units that stand beside them. */
struct postoffice_options {
	struct room_bounds bounds;
	struct governor_options governor;
	int64_t lease_max;             /* ms */
	int64_t away;                  /* ms a lease is cut to */
	int64_t ttl;                   /* ms messages are kept */
	int64_t stranger_ttl;          /* ms mail for absent ids is kept */
	int64_t post_rate, post_burst; /* a second, a peer */
	int64_t join_rate, join_burst; /* a second, an address */
	int64_t key_rate, key_burst;   /* a second, an application */
	int64_t polls_per_address;
	struct limit_slot *rates; /* 2 * LIMIT_SLOTS, shared by processes, or
				  * NULL: its own */
};

struct postoffice_stats {
	int64_t joins, posts, messages, polls, refused;
	int64_t left, superseded, delivered;
	int64_t waiters;
};

/* What is done so often and no oftener, and whose doings are counted. */
enum postoffice_rate {
	RATE_POSTS,   /* a token's digest */
	RATE_JOINS,   /* an address; as what follows */
	RATE_GUESSES, /* at what is short */
	RATE_MISSES,  /* of those that are counted when they are wrong */
	RATE_READERS, /* of reports */
	RATE_REPORTS, /* a token's digest */
	RATE_SERVES,  /* an application's name */
	RATE__MAX
};

/* What the processes on one store tell each other of a peer. */
enum postoffice_word {
	POSTOFFICE_POLLS, /* it polls at the one that says so, or is out of
			   * its room */
	POSTOFFICE_POSTS, /* the same of a post */
	POSTOFFICE_GOES   /* it said that it goes */
};
typedef void postoffice_speaker(void *arg, enum postoffice_word, int64_t peer);

/* Its own files alone look inside. */
struct postoffice {
	struct store *store;
	const struct postoffice_options *options;
	uint64_t poller;
	postoffice_speaker *speaker;
	void *speaker_arg;
	struct limit *rates[RATE__MAX];
	struct governor governor;
	struct waiter_hall hall;
	char epoch[CURSOR_EPOCH]; /* of the last turn */
	int64_t newest;           /* highest seq known to be in the log */
	int64_t mono;             /* ms, of the last turn or poll */
	int64_t last_turn;        /* ms, monotonic; long ago: renew leases */
	int starting;             /* no turn yet */
	int64_t told_begun, told_ended; /* ms: of a poll whose client is yet
					 * to get its reply; 0: none */
	int64_t swept, expired;         /* ms, monotonic */
	int64_t expired_messages;       /* stats.messages at that time */
	int64_t drift;   /* Unix time less monotonic, last turn */
	int64_t lapsing; /* lapses queued */
	int closed;      /* freed, but for those */
	struct postoffice_stats stats;
};

/* `poller` is this process's number, random, not 0.  NULL without memory.
 * Both `store` and `options` must outlive it. */
struct postoffice *postoffice_new(struct store *store,
    const struct postoffice_options *options, uint64_t poller,
    const struct clock *now);
/* Every waiter is done with LB_SHUTTING_DOWN. */
void postoffice_free(struct postoffice *);
struct store *postoffice_store(struct postoffice *);
const struct postoffice_options *postoffice_options(struct postoffice *);
/* For metrics. */
const struct postoffice_stats *postoffice_stats(struct postoffice *);

/*
 * One turn.  Returns the ms until the next one is due even if nothing
 * happens.  Every lease gets a fresh term after a start, unless another
 * process gave a sign of life within 5 s or this is one of a single request,
 * and when the last turn is over 5 s ago (the process was stopped).
 */
int64_t postoffice_turn(struct postoffice *, const struct clock *now);
/* Answers every waiter, empty, so that their clients come again elsewhere. */
void postoffice_drain(struct postoffice *);

/*
 * Operations: the caller fills in what room.h marks "in", and `op.done`.
 * LB_OK: queued, done() will be called; otherwise refused at once (rates)
 * and done() is not called.
 */
enum lb_err postoffice_join(struct postoffice *, struct room_join *,
    struct slice address, const struct clock *, int64_t *retry_ms);
enum lb_err postoffice_post(struct postoffice *, struct room_post *,
    const struct clock *, int64_t *retry_ms);
void postoffice_leave(struct postoffice *, struct room_leave *);
void postoffice_rules(struct postoffice *, struct room_rules *);
/* The lease is cut; a resume or a poll restores it.  Namespace or name
 * absent: whatever it is.  LB_OK, LB_NOT_A_MEMBER, LB_ENDED, or an error
 * of the store. */
enum lb_err postoffice_away(struct postoffice *, struct slice namespace,
    struct slice name, const struct token_digest *, const struct clock *);

/* `address` tries a secret that is short: one a second, and ten at once.
 * LB_OK or LB_TOO_FAST. */
enum lb_err postoffice_guess(struct postoffice *, struct slice address,
    const struct clock *, int64_t *retry_ms);

/* `address` says who it is by a number that is short.  LB_OK; LB_TOO_FAST: it
 * has missed too often to be told whether this one is right.  Whose number is
 * nobody's has missed: five a second, and 50 at once. */
enum lb_err postoffice_try(struct postoffice *, struct slice address,
    const struct clock *, int64_t *retry_ms);
void postoffice_miss(struct postoffice *, struct slice address,
    const struct clock *);

/* A member asks for a report: once a second, and ten at once; all members at
 * one address five times, and 50 at once.  LB_OK or LB_TOO_FAST. */
enum lb_err postoffice_report(struct postoffice *, const struct token_digest *,
    struct slice address, const struct clock *, int64_t *retry_ms);

/* ---- for services ---- */

/* A request of the application of this name; LB_OK or LB_TOO_FAST. */
enum lb_err postoffice_serve(struct postoffice *, struct slice name,
    const struct clock *, int64_t *retry_ms);
/* Operations as above; done() will be called. */
void postoffice_announce(struct postoffice *, struct room_announce *);
void postoffice_send(struct postoffice *, struct room_send *);
/* Of a member: LB_OK, or LB_TOO_FAST, like postoffice_post(). */
enum lb_err postoffice_relay(struct postoffice *, struct room_relay *,
    const struct clock *, int64_t *retry_ms);
void postoffice_acknowledge(struct postoffice *, struct room_acknowledge *);

/* ---- postoffice_rates.c, for its other files ---- */

/* 0 without memory; may be closed all the same. */
int postoffice_open_rates(struct postoffice *);
void postoffice_close_rates(struct postoffice *);
/* LB_OK, or LB_TOO_FAST, which is counted as refused. */
enum lb_err postoffice_take(struct postoffice *, enum postoffice_rate,
    const void *name, size_t n, const struct clock *, int64_t *retry_ms);

#define POSTOFFICE_NETWORK 8 /* bytes of an IPv6 address */
/* Who counts as one: the network of `address`, put into `bytes`, or the address
 * itself if it is none of IPv6. */
struct slice postoffice_network(struct slice address,
    char bytes[POSTOFFICE_NETWORK]);

/* What a poll asks, or a post that also collects. */
struct postoffice_poll {
	struct slice namespace, name; /* the room */
	struct token_digest token;    /* SHA-256 of the peer's token */
	struct cursor cursor;         /* epoch "": from joining on */
	int64_t wait;                 /* ms to be parked at most, 0: not */
	struct slice address;         /* who asks */
	int64_t opening;              /* whose poll it is, or 0: any's */
	int resume; /* without a cursor of this log: from what was acknowledged
		     * on, not from joining */
	int since;  /* with that: from joining on if it is later */
};

/* 1 when this log gave out the cursor: it is of its epoch, and not beyond the
 * newest message.  No other one acknowledges anything. */
int postoffice_knows(struct postoffice *, const struct cursor *);
/*
 * `w` is prepared by waiter_init(), with print, done, is_stream and is_post
 * set.  LB_OK: w->done() was called, which may have freed it (`*parked` is
 * 0), or will be (1).
 * LB_NOT_FOUND: the peer has lapsed: join by token, then poll again.
 * LB_NOT_A_MEMBER, LB_ENDED, or an error of the store: done() is not called.
 * LB_SUPERSEDED: there was a newer opening; done() is not called.
 * A newer poll of the same peer ends this one with LB_SUPERSEDED; one that
 * belongs to a post gives way instead and is answered LB_OK, empty.
 */
enum lb_err postoffice_poll(struct postoffice *, struct waiter *,
    const struct postoffice_poll *, const struct clock *, int *parked);
/*
 * The same for somebody who is no peer, of the room of that row and floor:
 * what is said to everybody, from the oldest on when there is no cursor.  It
 * keeps nobody's lease; a newer one of the same room supersedes
 * this one in the same process.
 * LB_OK, or an error of the store.
 */
enum lb_err postoffice_listen(struct postoffice *, struct waiter *,
    const struct postoffice_poll *, int64_t room, int64_t floor,
    const struct clock *, int *parked);
/* What a member sees of its room. */
struct postoffice_view {
	int64_t room;
	int locked;
	int64_t capacity;
	int64_t peer;
	char id[NAME_MAX_BYTES + 1];
};
/* Who has this token; `room` NULL: in whatever room.  LB_OK, LB_NOT_FOUND (it
 * has lapsed), LB_NOT_A_MEMBER, LB_ENDED, or an error of the store. */
enum lb_err postoffice_look(struct postoffice *, const struct slice *room,
    const struct token_digest *, const struct clock *,
    struct postoffice_view *out);
/* What the log holds after w->sub.after for w->sub.peer, without waiting. */
enum lb_err postoffice_collect(struct postoffice *, struct waiter *);
/* A newer post of the peer: a parked one of it is answered, wherever it is. */
void postoffice_yield(struct postoffice *, int64_t peer);
/* The peer was taken out of its room: its poll ends at once. */
void postoffice_revoke(struct postoffice *, int64_t peer);
/* The waiter's client is gone, or was answered: frees what it holds. */
void postoffice_forget(struct postoffice *, struct waiter *);
struct waiter_hall *postoffice_hall(struct postoffice *);
/* `speaker` is called with each word for the other processes. */
void postoffice_on_word(struct postoffice *, postoffice_speaker *, void *arg);
/* Another process said so. */
void postoffice_heard(struct postoffice *, enum postoffice_word, int64_t peer,
    const struct clock *now);
/* Another process has committed. */
void postoffice_heard_commit(struct postoffice *);
/* What somebody may be told who is no poll. */
struct governor_pace postoffice_pace(struct postoffice *, struct slice address,
    const struct clock *);
/* A request says what is before us (SERVER_SOFTWARE), and what that is. */
void postoffice_meet(struct postoffice *, struct slice server_software);
enum front postoffice_front(struct postoffice *);
/* Where one process has one request: what became of the poll it had, once
 * its reply was written (`took` 1) or could not be. */
void postoffice_told(struct postoffice *, int took, const struct clock *);
/* The web server ends what is parked, before its time. */
void postoffice_cut(struct postoffice *, const struct clock *);
void postoffice_seats(struct postoffice *, const struct clock *,
    struct governor_stats *);

/* Among its own files: a word for the others; a waiter is ended; one of the
 * ready list is, or its stream goes on. */
void postoffice_say(struct postoffice *, enum postoffice_word, int64_t peer);
void postoffice_end(struct postoffice *, struct waiter *, enum lb_err);
void postoffice_answer(struct postoffice *, struct waiter *);

#endif
