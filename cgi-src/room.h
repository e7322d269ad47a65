/*
 * room: the rules of a room, as operations of the store.
 *
 * Each operation is a decision and its writing (struct store_op): who may
 * join, what may be posted, who is gone.  Decisions read the store through
 * the transaction alone, never from memory.  No HTTP, no SQL, no waiting.
 *
 * Callers fill what is marked "in", queue `op`, and read what is marked
 * "out" in its done().  Slices given in must live until then.
 */
#ifndef LETTERBOX_ROOM_H
#define LETTERBOX_ROOM_H

#include "store.h"

#define ROOM_NAMESPACE SLICE("rooms")
#define ROOM_POST_MAX 32    /* messages in one post */
#define ROOM_KNOCK_MS 60000 /* between two knocks of one id */
/* Who speaks in a room without being in it: the program, or an application. */
#define ROOM_SERVICE SLICE("app")

/* A question of whoever asks for an operation, under the write lock: LB_OK, or
 * why it is refused. */
struct room_guard {
	enum lb_err (*ask)(const struct room_guard *, struct store_tx *);
};

/* How much is allowed.  All of them > 0. */
struct room_bounds {
	int64_t peers;         /* in a room, by default */
	int64_t room_messages; /* kept in a room */
	int64_t room_bytes;
	int64_t mailbox_messages; /* unacknowledged mail of a peer */
	int64_t mailbox_bytes;
	int64_t stranger_ids;      /* ids nobody has had, in a room */
	int64_t stranger_messages; /* mail for each of them */
	int64_t stranger_bytes;
	int64_t lease;   /* ms: the default term */
	int64_t reserve; /* ms an id is kept after a lapse */
};

/* One message of a post. */
struct room_item {
	struct slice to;   /* in: an id, or absent: everybody */
	struct slice type; /* in: decoded */
	struct slice body; /* in: JSON text */
	int64_t recipient; /* run's own */
};

/* What is posted with one counter. */
struct room_letter {
	struct room_item items[ROOM_POST_MAX]; /* in */
	size_t count;                          /* in: 0..ROOM_POST_MAX */
	unsigned char digest[16];              /* in: of the messages */
};

/* Says which member of a refused operation is to blame, and numbers. */
struct room_fault {
	int64_t expected; /* LB_N_*: the next n */
	int64_t limit;    /* LB_MAILBOX_FULL, LB_ROOM_FULL */
	const char *why;  /* static words, or NULL */
};

/* ---- joining and coming back ---- */

struct room_join {
	struct store_op op;
	const struct room_bounds *bounds; /* in */
	struct slice namespace, name;     /* in: the room */
	struct slice id;            /* in: of the peer; absent: by token */
	struct token_digest token;  /* in: SHA-256 of the peer's token */
	int has_secret;             /* in */
	struct token_digest secret; /* in */
	unsigned may;               /* in: enum ticket_may */
	struct slice peer_name;     /* in: JSON text or absent */
	struct slice peer_info;     /* in: JSON text or absent */
	int64_t lease;              /* in: ms, 0: the default */
	int64_t cursor;             /* in: acknowledged (by token), or 0 */
	struct room_letter letter;  /* in: posted as n 1 */
	/* in, by key: so many may be there from now on, unless it was less and
	 * somebody is there; 0: as it is */
	int64_t capacity;
	/* in, by key: goes in the same stroke, and makes room: the member that
	 * has this token, `if_unheard` only if it has never polled */
	int has_leaver, if_unheard;
	struct token_digest leaver;
	int64_t gone;    /* out: row of that member, if it went */
	int64_t present; /* out, of a newcomer: how many are there,
				     * itself among them */
	int opens;       /* in: a new opening, see `opening` */
	int64_t opening; /* in: the number of one, or 0; out: of the newest.
			  * Each is above those before it, so that polls of
			  * an older one are known */
	struct store_peer self;  /* out; name and info are not valid */
	int64_t room;            /* out */
	int64_t floor;           /* out */
	enum lb_err verdict;     /* out: LB_LOCKED when the owner was
					 * asked, LB_ROOM_FULL when it was
					 * noted, both of which is written */
	int64_t over;            /* run's own: row of who held the id
					* too long, or 0 */
	struct room_fault fault; /* out */
};

/* LB_OK (see `verdict`); LB_NOT_A_MEMBER, LB_ENDED (by token); LB_SECRET,
 * LB_LOCKED, LB_REMOVED, LB_PEER_TAKEN, LB_ROOM_FULL, LB_MAILBOX_FULL,
 * LB_BAD_REQUEST (mail to oneself). */
enum lb_err room_join_run(struct store_op *, struct store_tx *);

/* ---- posting ---- */

struct room_post {
	struct store_op op;
	const struct room_bounds *bounds; /* in */
	struct slice namespace, name;     /* in */
	struct token_digest token;        /* in */
	int64_t n;                        /* in: >= 1 */
	int64_t cursor;                   /* in: acknowledged, or 0 */
	struct room_letter letter;        /* in: at least one */
	struct store_peer self;           /* out */
	int64_t first_seq;                /* out: seqs follow each other */
	struct room_fault fault;          /* out */
};

/* LB_OK also for a repeat; LB_NOT_A_MEMBER, LB_ENDED, LB_TICKET, LB_ROOM_FULL
 * (coming back), LB_N_OLD, LB_N_GAP, LB_N_REUSED, LB_MAILBOX_FULL,
 * LB_BAD_REQUEST (mail to oneself). */
enum lb_err room_post_run(struct store_op *, struct store_tx *);

/* ---- going ---- */

struct room_leave {
	struct store_op op;
	struct slice namespace, name; /* in */
	struct slice id;              /* in: must be the peer's, or absent */
	struct token_digest token;    /* in */
	int64_t cursor;               /* in: acknowledged, or 0 */
	int for_good;                 /* in: its token is spent, too */
	int64_t peer;                 /* out: row */
};

/* LB_OK, also when it had left before; LB_NOT_A_MEMBER, LB_NOT_OWNER (the id
 * is somebody else's: only the owner removes, by rules).  A peer that is held
 * lapses: it may come back, unless it goes for good. */
enum lb_err room_leave_run(struct store_op *, struct store_tx *);

struct room_lapse {
	struct store_op op;
	int64_t peer; /* in: row */
};

/* LB_OK when this call ended the lease; LB_NOT_FOUND when it was renewed or
 * somebody else was first. */
enum lb_err room_lapse_run(struct store_op *, struct store_tx *);

/* ---- the owner's rules ---- */

struct room_rules {
	struct store_op op;
	const struct room_bounds *bounds; /* in */
	struct slice namespace, name;     /* in */
	struct token_digest token;        /* in */
	int lock;                         /* in: 1, 0, or -1: as it is */
	int64_t capacity;                 /* in: or 0: as it is */
	struct slice admit, remove;       /* in: ids or absent */
	int end;                          /* in */
	int locked;                       /* out */
	int64_t removed;                  /* out: row, or 0 */
	int64_t capacity_now;             /* out */
	struct room_fault fault;          /* out */
};

/* LB_OK; LB_NOT_A_MEMBER, LB_ENDED, LB_TICKET, LB_NOT_OWNER, LB_BAD_REQUEST
 * (admit or remove names nobody). */
enum lb_err room_rules_run(struct store_op *, struct store_tx *);

/* ---- services ---- */

struct room_announce {
	struct store_op op;
	const struct room_guard *guard; /* in: asked first, or NULL */
	struct slice namespace, name;   /* in */
	struct slice id;                /* in: of who may come, or absent */
	struct token_digest token;      /* in: SHA-256 of that peer's token */
	int64_t held_until; /* in: ms of Unix time: kept until then, at least,
			     * and the room with it */
	struct slice mark;  /* in: makes a repeat known; or absent */
	int64_t at;         /* in: ms of Unix time; out: that of the first, for
				  * a repeat within an hour */
	struct slice
	    herald_namespace;     /* in: with the name of a room that ... */
	struct slice herald_name; /* ... hears who comes and goes; absent:
					* as it is */
	int64_t room;             /* out */
	int64_t floor;            /* out */
};

/* Sees to it that the room is there, its herald, and in it somebody lapsed who
 * may come, or else its service.  LB_OK, also when it was all there;
 * LB_PEER_TAKEN, LB_REMOVED, or what the guard says. */
enum lb_err room_announce_run(struct store_op *, struct store_tx *);

struct room_send {
	struct store_op op;
	const struct room_guard *guard;   /* in: asked first, or NULL */
	const struct room_bounds *bounds; /* in */
	struct slice namespace, name;     /* in */
	struct slice from;                /* in: an id; absent: ROOM_SERVICE */
	struct slice to;                  /* in: an id */
	struct slice type, body;          /* in */
	struct slice mark;       /* in: makes a repeat one message; or absent */
	int strict;              /* in: only for who is present */
	int expect;              /* in: it waits for who was not announced */
	int64_t seq;             /* out: of the message, 0: dropped */
	struct room_fault fault; /* out */
};

/* Mail to one peer, by somebody who is in no room: no token, no counter.
 * `expect`: an id that nobody has gets it as strangers do, in a room that is
 * made when there is none.  LB_OK, also for a repeat within an hour, and when
 * nobody has the id or, `strict`, is not present, whereupon it is dropped;
 * LB_MAILBOX_FULL, or what the guard says. */
enum lb_err room_send_run(struct store_op *, struct store_tx *);

struct room_relay {
	struct store_op op;
	const struct room_bounds *bounds; /* in */
	struct slice namespace, name;     /* in */
	struct token_digest token;        /* in: of the sender */
	struct slice type, body;          /* in */
	struct slice mirror; /* in: body of what it hears itself in a room
				  * of one seat; absent: `body` */
	int keep;            /* in: with nobody there it is said to everybody
				  * instead, for who comes to read */
	struct slice mark;   /* in: of the sender's own, or absent */
	int alone;           /* out: nobody else is there */
	int inhabited;       /* out, of LB_NOT_A_MEMBER: somebody is there */
	int64_t seq;         /* out: of the (first) message */
	struct room_fault fault; /* out */
};

/* A message of a member, which is present by that, as mail to all others that
 * are, or, when there is nobody, back to itself.  Without a counter: a repeat is
 * another message, unless it has the mark of one that is younger than
 * STORE_SENT_MS.  LB_OK, LB_NOT_A_MEMBER (also when it had lapsed and its place
 * is taken), LB_ENDED, LB_MAILBOX_FULL. */
enum lb_err room_relay_run(struct store_op *, struct store_tx *);

struct room_acknowledge {
	struct store_op op;
	int64_t peer; /* in: row */
	int64_t seq;  /* in: it has heard all up to this */
};

/* Durable, for who cannot say so by a cursor.  LB_OK, LB_NOT_FOUND. */
enum lb_err room_acknowledge_run(struct store_op *, struct store_tx *);

/* ---- shared by the operations and by polls ---- */

/* The newest opening, when somebody comes who names `opening`: none that was
 * not given out yet. */
int64_t room_opening(const struct store_lease *, int64_t opening, int64_t wall);

/* 1 while a lapsed or removed peer keeps its id. */
int room_is_kept(const struct store_peer *, int64_t reserve, int64_t wall);
/* What a token means: LB_OK for a present peer, LB_NOT_FOUND for one that
 * lapsed and may come back, LB_ENDED, LB_NOT_A_MEMBER. */
enum lb_err room_standing(const struct store_room *, const struct store_peer *,
    struct slice namespace, struct slice name, int64_t reserve, int64_t wall);

#endif
