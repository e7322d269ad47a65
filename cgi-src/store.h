/*
 * store: what a store of rooms, peers and messages is.
 *
 * A store keeps the log and what goes with it.  It has no rules: whether
 * somebody may join or post is decided by the post office, whose functions
 * the store calls while it holds the write lock (struct store_op), so that a
 * decision is never made from memory that another process has overtaken.
 *
 * Two kinds of state: what is durable (rooms, peers, messages) and what is
 * volatile (leases; lost in a crash without harm).
 *
 * Turn: store_append() queues operations, store_turn() runs all that is
 * queued in ONE transaction, makes it durable, calls each operation's done(),
 * and then hands what is new in the log to the subscribers, whoever wrote it.
 * An engine may also answer later than the call: callers assume nothing.
 *
 * Slices handed out by a store are valid until the callback returns, or, for
 * those in a struct filled by a store_tx function, until the operation's
 * run() returns.
 */
#ifndef LETTERBOX_STORE_H
#define LETTERBOX_STORE_H

#include "clock.h"
#include "cursor.h"
#include "err.h"
#include "message.h"
#include "name.h"
#include "store_disk.h"
#include "token.h"

struct store;
struct store_tx;

struct store_room {
	int64_t row;            /* the store's own number, > 0 */
	struct slice namespace; /* "rooms", ... */
	struct slice name;
	int has_secret;
	struct token_digest secret; /* SHA-256 of the room's secret */
	int locked, kept;           /* kept: its messages do not expire */
	int64_t capacity;           /* peers; 0: the configured default */
	int64_t floor;              /* highest seq dropped of what was said to
				 * everybody or not yet read, or 0 */
	int64_t ended_at;           /* ms of Unix time; 0: open */
	int64_t herald; /* the room that hears who comes and goes, or 0 */
};

/* What the log says of a peer. */
enum store_state {
	STORE_EXPECTED, /* mail waits for an id nobody has had */
	STORE_KNOCKING, /* refused at a locked room, the owner asked */
	STORE_PRESENT,  /* joined, and not left */
	STORE_LAPSED,   /* its lease ended; the id is reserved for it */
	STORE_REMOVED,  /* by the owner; the id stays blocked a while */
	STORE_GONE      /* left; the id is free, the row is history */
};

struct store_peer {
	int64_t row; /* > 0 */
	int64_t room;
	char id[NAME_MAX_BYTES + 1];
	enum store_state state;
	int64_t changed_at; /* ms of Unix time: when `state` last changed */
	int has_token;      /* 0 for STORE_EXPECTED */
	struct token_digest token; /* SHA-256 of the token */
	unsigned may;              /* bits of enum ticket_may (ticket.h) */
	int admitted;              /* let into a locked room by the owner */
	struct slice name;         /* JSON text of a string, or absent */
	struct slice info;         /* JSON text, or absent */
	int64_t since;             /* ms of Unix time of the newest joining */
	int64_t first;  /* what is said to everybody starts after it */
	int64_t joined; /* seq of its newest "joined", 0: never */
	int64_t cursor; /* acknowledged, as far as it is durable */
	int64_t n;      /* counter of its last accepted post, or 0 */
	unsigned char n_digest[16]; /* of that post's messages */
	int64_t n_seq;      /* first seq of that post; the rest follow */
	int64_t n_count;    /* messages in it */
	int64_t held_until; /* ms of Unix time: lapsed, it is kept at least
			     * until then, with its mail; 0: as configured */
};

struct store_lease {
	int64_t deadline; /* ms, monotonic */
	int64_t term;     /* ms: what a renewal grants */
	int64_t cursor;   /* highest acknowledged seq; never falls */
	uint64_t poller;  /* process that holds the newest poll, or 0 */
	int64_t opening;  /* number of the newest one; never falls; or 0 */
};

struct store_census {
	int64_t present;  /* peers STORE_PRESENT */
	int64_t expected; /* ids STORE_EXPECTED or STORE_KNOCKING */
	int64_t owner;    /* row of the present peer with the smallest
				 * `joined`, or 0 */
};

struct store_mailbox {
	int64_t count; /* messages for one peer, unacknowledged */
	int64_t bytes; /* of their bodies */
};

/*
 * An operation: a decision and its writing, in one.  run() is called under
 * the write lock and may be called again when a transaction had to be given
 * up, so it decides from its arguments and what it reads alone.  It decides
 * first and writes after: once it has written it must return LB_OK, or an
 * error of the store (LB_BUSY, LB_READ_ONLY, LB_DISK_FULL, LB_IO,
 * LB_NO_MEMORY).  Any other error is a refusal and leaves its neighbours in
 * the batch untouched.  done() is called after the commit, in the order of
 * the queue, with what run() returned, or, for every operation of the batch,
 * with an error of the store, in which case nothing of the batch is there.
 * done() may free its operation and append others, which run in a later turn.
 */
struct store_op {
	enum lb_err (*run)(struct store_op *, struct store_tx *);
	void (*done)(struct store_op *, enum lb_err);
	struct store_op *next; /* the store's, while queued */
	int64_t queued;        /* ms, monotonic; the store's */
	enum lb_err err;       /* the store's: what run() returned */
};

/*
 * Somebody who wants what the log of a room holds after `after`, as far as
 * message_is_for() says so.  message() returns 0 to go on and 1 when it
 * wants no more for now; then, and when the subscriber is unfollowed, nothing
 * more is handed over.  `after` rises with what was handed over or passed by,
 * and a later subscription goes on from there; in message() it is the seq of
 * that message.  message() may unfollow and then free any subscriber, itself
 * included (what it returns is then not looked at), and may follow others.
 * `lost` is 1 when something was dropped unheard; whoever tells sets it to 0.
 */
struct store_sub {
	int64_t room, peer, after;
	enum message_scope scope;
	int (*message)(struct store_sub *, const struct message *);
	int lost;
	int followed;                  /* the store's: 1 while in its list */
	struct store_sub *prev, *next; /* the store's */
};

/* How long things are kept.  ms of Unix time. */
struct store_expiry {
	int64_t messages;  /* posted before this: deleted */
	int64_t reserved;  /* lapsed or removed before this: gone */
	int64_t strangers; /* expected or knocking since before this:
				 * deleted with their mail */
	int most;          /* rows of each kind in one go */
	int64_t now;       /* Unix time; 0: not known, and who is held stays.
			    * Messages that say they are younger go with the
			    * older ones behind them */
};

/* Counted by the store since it was opened. */
struct store_stats {
	int64_t commits, messages, retries, checkpoints;
	int64_t newest; /* highest seq of the log */
	int64_t subs;
};

/* The plug.  One table per engine; see the functions below. */
struct store_engine {
	const char *name;
	const struct store_seat_engine *seats;    /* store_seat.h */
	const struct store_key_engine *keys;      /* store_key.h */
	const struct store_sent_engine *sent;     /* store_sent.h */
	const struct store_outbox_engine *outbox; /* store_outbox.h */
	void (*close)(struct store *);
	void (*append)(struct store *, struct store_op *);
	int64_t (*turn)(struct store *, const struct clock *);
	enum lb_err (*follow)(struct store *, struct store_sub *);
	void (*unfollow)(struct store *, struct store_sub *);
	enum lb_err (*peer)(struct store *, const struct token_digest *,
	    void (*)(void *, const struct store_room *,
		const struct store_peer *, const struct store_lease *),
	    void *);
	enum lb_err (*peers)(struct store *, int64_t room,
	    void (*)(void *, const struct store_peer *), void *);
	enum lb_err (*history)(struct store *, const struct store_peer *,
	    const struct slice *types, size_t count,
	    int (*)(void *, const struct message *), void *);
	enum lb_err (*recent)(struct store *, int64_t room, int64_t count,
	    int64_t bytes, int64_t *after);
	void (*renew)(struct store *, int64_t peer, const struct store_lease *);
	enum lb_err (
	    *claim)(struct store *, int64_t peer, const struct store_lease *);
	enum lb_err (*overdue)(struct store *, int64_t mono, int64_t *peers,
	    size_t max, size_t *count);
	enum lb_err (*refresh)(struct store *, int64_t mono);
	enum lb_err (*expire)(struct store *, const struct store_expiry *);
	enum lb_err (*enter)(struct store *);
	enum lb_err (*ready)(struct store *);
	const char *(*epoch)(struct store *);
	void (*stats)(struct store *, struct store_stats *);
	const struct store_disk *(*journal)(struct store *);

	/* for operations, under the write lock */
	enum lb_err (*room_find)(struct store_tx *, struct slice namespace,
	    struct slice name, struct store_room *);
	enum lb_err (
	    *room_get)(struct store_tx *, int64_t, struct store_room *);
	enum lb_err (*room_put)(struct store_tx *, struct store_room *);
	enum lb_err (*peer_by_token)(struct store_tx *,
	    const struct token_digest *, struct store_room *,
	    struct store_peer *);
	enum lb_err (*peer_by_id)(struct store_tx *, int64_t room,
	    struct slice id, struct store_peer *);
	enum lb_err (
	    *peer_get)(struct store_tx *, int64_t, struct store_peer *);
	enum lb_err (*peer_put)(struct store_tx *, struct store_peer *);
	enum lb_err (
	    *peer_posted)(struct store_tx *, const struct store_peer *);
	enum lb_err (
	    *census)(struct store_tx *, int64_t room, struct store_census *);
	enum lb_err (*mailbox)(struct store_tx *, int64_t peer, int64_t after,
	    struct store_mailbox *);
	enum lb_err (*message_add)(struct store_tx *, struct message *);
	enum lb_err (*trim)(struct store_tx *, int64_t room, int64_t count,
	    int64_t bytes);
	enum lb_err (
	    *lease_get)(struct store_tx *, int64_t peer, struct store_lease *);
	enum lb_err (*lease_put)(struct store_tx *, int64_t peer,
	    const struct store_lease *);
	enum lb_err (*lease_end)(struct store_tx *, int64_t peer, int64_t mono);
};

struct store {
	const struct store_engine *engine;
	/* Called after each commit for each room that got messages, so that
	 * other processes can be woken; may be NULL. */
	void (*woke)(void *arg, int64_t room);
	void *woke_arg;
	/* 1: another process has committed, look at the log in the next turn. */
	int look;
	/* 1: no word will come from other processes: look more often. */
	int deaf;
	/* 1: nobody may have a lease, since what is volatile was lost; until
	 * store_refresh(). */
	int unsettled;
	/* Set to 1 when another process has changed the log so that only newer
	 * programs understand it: nothing is read or written from now on, all
	 * is answered LB_NEWER_SCHEMA, and the process should end. */
	int outdated;
	/* Called when what is new was handed over, before the done() of the
	 * operations that brought it: whoever waits for a message is answered
	 * before whoever posted it.  May be NULL; an engine need not call. */
	void (*tailed)(void *arg);
	void *tailed_arg;
};

struct store_tx {
	struct store *store;
	struct clock now; /* of the turn */
};

/* ---- the store's face ---------------------------------------------- */

/* Operations still queued are done with LB_SHUTTING_DOWN. */
void store_close(struct store *);
/* Queues; the caller keeps `op` alive until its done().  Cannot fail. */
void store_append(struct store *, struct store_op *op);
/* Commit and tail, as above.  Returns the ms until it wants to be called
 * again even if nothing happens (a retry of a locked database, flushing), or
 * -1 when it has nothing to wait for. */
int64_t store_turn(struct store *, const struct clock *now);
/* Hands over what is there, in order, then whatever comes.  `sub` stays the
 * caller's; it must be unfollowed before it is freed.  LB_OK, LB_BUSY, LB_IO,
 * LB_NO_MEMORY; after an error it is not followed. */
enum lb_err store_follow(struct store *, struct store_sub *sub);
/* Harmless when it is not followed. */
void store_unfollow(struct store *, struct store_sub *sub);
/* Calls `got` once with the newest peer of this token, whatever its state, its
 * room and its lease (NULL: it has none); or LB_NOT_A_MEMBER.  Who follows a
 * room in `got` hears what was there at this moment; no store_peer() there. */
enum lb_err store_peer(struct store *, const struct token_digest *token,
    void (*got)(void *arg, const struct store_room *, const struct store_peer *,
	const struct store_lease *),
    void *arg);
/* Calls `each` for every STORE_PRESENT peer of the room, in the order of
 * `joined`. */
enum lb_err store_peers(struct store *, int64_t room,
    void (*each)(void *arg, const struct store_peer *), void *arg);
/* What waited for a peer up to its `first`: all its mail, and of what was
 * said to everybody the given types; newest first, until `each` returns 1.
 * Only row, room and first of `peer` are read. */
enum lb_err store_history(struct store *, const struct store_peer *peer,
    const struct slice *types, size_t count,
    int (*each)(void *arg, const struct message *), void *arg);
/* The newest messages of a room, at most `count` and `bytes` of bodies but
 * always one, are those behind `*after`.  Reads no body. */
enum lb_err store_recent(struct store *, int64_t room, int64_t count,
    int64_t bytes, int64_t *after);
/* Notes a lease without a transaction of the log; never waits, costs no
 * fsync.  lease_get sees it at once, other processes from the next
 * store_overdue() on, unless they have written its deadline meanwhile. */
void store_renew(struct store *, int64_t peer, const struct store_lease *);
/* The same, with `poller`, which a renewal (and 0) leaves as it is; written at
 * once, so that of two processes at which a peer polls in turn the last one to
 * claim it is the one where its newest poll is.  LB_BUSY: not written. */
enum lb_err store_claim(struct store *, int64_t peer,
    const struct store_lease *);
/* The peers whose lease has ended by `mono`, at most `max`, oldest first. */
enum lb_err store_overdue(struct store *, int64_t mono, int64_t *peers,
    size_t max, size_t *count);
/* Every present peer's lease gets a full term from `mono` on (its own term,
 * or STORE_TERM when it has none), and none is shortened: after a start or a
 * long pause. */
enum lb_err store_refresh(struct store *, int64_t mono);
#define STORE_TERM 35000
/* Deletes some of what is old, and raises floors, also for unread mail, but not
 * mail for a peer that is held and has not acknowledged it; rooms without
 * messages and without held ids, heralds of none, go as well, and peers of
 * STORE_GONE that no message names.  LB_OK also when nothing was there;
 * LB_BUSY when people come first. */
enum lb_err store_expire(struct store *, const struct store_expiry *);
/* LB_OK: nothing that is read until the end of the next turn is LB_BUSY.
 * LB_BUSY: read in the done() of an operation, where that holds as well. */
enum lb_err store_enter(struct store *);
/* LB_OK when a commit would work as far as can be told without one. */
enum lb_err store_ready(struct store *);
/* CURSOR_EPOCH characters; valid until the next store_turn(). */
const char *store_epoch(struct store *);
void store_stats(struct store *, struct store_stats *);
/* NULL when it is not on a disk.  Valid while the store is open. */
const struct store_disk *store_journal(struct store *);

/* ---- inside an operation's run() ------------------------------------ */
/* Finders return LB_OK or LB_NOT_FOUND; all of them may return LB_IO,
 * LB_DISK_FULL or LB_NO_MEMORY, which run() passes on, whereupon the whole
 * batch is rolled back. */

/* The open room of that name (ended ones are not found). */
enum lb_err store_room_find(struct store_tx *, struct slice namespace,
    struct slice name, struct store_room *out);
enum lb_err store_room_get(struct store_tx *, int64_t row,
    struct store_room *out);
/* Adds (row == 0; it is set) or writes all but floor and its names. */
enum lb_err store_room_put(struct store_tx *, struct store_room *);
/* The newest peer with that token, and its room. */
enum lb_err store_peer_by_token(struct store_tx *,
    const struct token_digest *token, struct store_room *room,
    struct store_peer *peer);
/* Who holds the id: any state but STORE_GONE. */
enum lb_err store_peer_by_id(struct store_tx *, int64_t room, struct slice id,
    struct store_peer *out);
enum lb_err store_peer_get(struct store_tx *, int64_t row,
    struct store_peer *out);
/* Adds (row == 0; it is set) or writes all columns. */
enum lb_err store_peer_put(struct store_tx *, struct store_peer *);
/* Writes n, n_digest, n_seq, n_count and cursor alone: the hot path. */
enum lb_err store_peer_posted(struct store_tx *, const struct store_peer *);
enum lb_err store_census(struct store_tx *, int64_t room,
    struct store_census *out);
enum lb_err store_mailbox(struct store_tx *, int64_t peer, int64_t after,
    struct store_mailbox *out);
/* Appends to the log; sets m->seq.  Reads room, sender, recipient, at, type
 * and body; `from` and `to` are the ids of the two rows. */
enum lb_err store_message_add(struct store_tx *, struct message *m);
/* Drops the oldest of what was said to everybody, and of mail that was
 * acknowledged (to the peer's cursor or its lease's) or is for peers that are
 * gone, until the room holds at most `count` messages and `bytes` of bodies;
 * raises the room's floor to the highest seq dropped of what was said to
 * everybody. */
enum lb_err store_trim(struct store_tx *, int64_t room, int64_t count,
    int64_t bytes);
/* May also be asked outside of an operation, with a tx of store and time. */
enum lb_err store_lease_get(struct store_tx *, int64_t peer,
    struct store_lease *out);
enum lb_err store_lease_put(struct store_tx *, int64_t peer,
    const struct store_lease *);
/* Takes the lease away if it has ended by `mono` (INT64_MAX: in any case);
 * LB_NOT_FOUND when there is none that has: somebody else was first, or it
 * was renewed. */
enum lb_err store_lease_end(struct store_tx *, int64_t peer, int64_t mono);

/* ---- engines -------------------------------------------------------- */

struct store_options {
	const char *folder; /* absolute path of the data folder */
	int power;          /* 1: survives loss of power, 0: of process */
	int64_t db_max;     /* bytes of the database, 0: no bound */
	int64_t patience;   /* ms a batch waits for a locked database */
	int alone;          /* one request at a time: may sleep for a lock */
	int brief;          /* processes come and go: keep the WAL short */
	enum store_journal journal;
};

/* `words` gets a sentence for people when it fails.  LB_NEWER_SCHEMA,
 * LB_NOT_OURS, LB_EXPOSED, LB_READ_ONLY, LB_IO, LB_NO_MEMORY. */
enum lb_err store_sqlite_open(struct store **out, const struct store_options *,
    struct buf *words);
/* The version of SQLite that the program runs with, "3.40.1". */
const char *store_sqlite_version(void);
/* 1 when that one has its fix of the WAL reset, 3.51.3 or newer; with older
 * ones a lock of our own keeps commits and checkpoints apart. */
int store_sqlite_is_mended(void);

enum lb_err store_memory_open(struct store **out); /* nothing survives */

#endif
