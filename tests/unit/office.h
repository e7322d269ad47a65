/*
 * office: a post office over the store in memory, guests who talk to it as
 * clients do, and visits (polls) of theirs.  The clock only moves when told.
 */
#ifndef LETTERBOX_TESTS_OFFICE_H
#define LETTERBOX_TESTS_OFFICE_H

#include "postoffice.h"
#include "unit.h"

struct office {
	struct store *store;
	struct postoffice *po;
	struct postoffice_options options; /* may be changed at any time */
	struct clock now;
	char folder[64]; /* of the database; "": it has none */
};

/* Group fixtures: over which store the offices of a group work. */
int office_memory(void **state);
int office_sqlite(void **state);
int office_rollback(void **state); /* SQLite without a write-ahead log */
/* Test fixtures: *state is a struct office *. */
int office_setup(void **state);
int office_teardown(void **state);
void office_turn(struct office *);
/* The done() of an operation that a test queues itself, and the turn in which
 * that must end; its error. */
void office_note(struct store_op *, enum lb_err);
enum lb_err office_wait(struct office *);
/* Time passes, with a turn every 100 ms. */
void office_pass(struct office *, int64_t ms);
/* Another post office on the same store, as after a restart. */
void office_restart(struct office *);
/* A second process on the same database (office_sqlite()), with the clock of
 * the first one. */
struct office *office_beside(const struct office *);
void office_close(struct office *);

/* A client.  `n` and `after` are what it would remember. */
struct guest {
	struct office *office;
	const char *room, *id;
	struct token_digest token;
	const char *secret; /* or NULL */
	const char *name;   /* JSON text, or NULL */
	unsigned may;
	int64_t lease;   /* ms, or 0 */
	int opens;       /* its next joining is a new opening */
	int64_t opening; /* of its polls, or 0 */
	int64_t n;       /* of its last post */
	int64_t after;   /* its cursor; -1: none */
	char epoch[CURSOR_EPOCH + 1];
	int64_t row;             /* of the peer it is */
	struct store_peer self;  /* as the last operation told it */
	struct room_fault fault; /* of the last refusal */
	int64_t seq;             /* first one of its last post */
};

/* A guest with a key; it does not join.  Key and id make its token. */
struct guest guest_new(struct office *, const char *room, const char *id,
    const char *key);
/* Joins by key, or comes back by token; LB_LOCKED also as a verdict. */
enum lb_err guest_join(struct guest *);
enum lb_err guest_join_with(struct guest *, const char *to, const char *body);
enum lb_err guest_return(struct guest *);
/* A new guest that has joined. */
struct guest guest_enter(struct office *, const char *room, const char *id);
/* Posts one message of type "chat" as the next n; to NULL: to everybody. */
enum lb_err guest_say(struct guest *, const char *to, const char *body);
enum lb_err guest_post(struct guest *, int64_t n, const char *to,
    const char *body);
enum lb_err guest_leave(struct guest *);
enum lb_err guest_away(struct guest *);
/* Sets rules; `r` has what is wanted beside the guest. */
enum lb_err guest_rule(struct guest *, struct room_rules r);
/* .lock must be given: -1 leaves it as it is. */
#define RULES(...) ((struct room_rules){ __VA_ARGS__ })

/* A poll under way or answered. */
struct visit {
	struct waiter waiter; /* first */
	struct office *office;
	int done; /* times */
	enum lb_err err;
	int parked;
	char heard[65536]; /* "from>to type body\n" of each message */
	int count, gap, reset;
	int64_t after;
};

/* Polls from the guest's cursor; LB_OK: answered or parked. */
enum lb_err guest_poll(struct guest *, struct visit *, int64_t wait);
/* The same with what the waiter is set to (is_stream, is_post). */
enum lb_err guest_visit(struct guest *, struct visit *, int64_t wait,
    const char *address);
void visit_init(struct visit *, struct office *);
void visit_forget(struct visit *);
/* A poll that does not wait hears this, and the cursor moves on. */
void guest_hears(struct guest *, const char *expected);

#endif
