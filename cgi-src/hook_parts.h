/*
 * hook_parts: what the files of a hook share, and nobody else.
 */
#ifndef LETTERBOX_HOOK_PARTS_H
#define LETTERBOX_HOOK_PARTS_H

#include "appkey.h"
#include "courier.h"
#include "loop.h"
#include "meeting.h"
#include "outbox.h"
#include "room.h"

#define HOOK_BATCH 128  /* notices, and drops, in one transaction */
#define HOOK_CLIENT 256 /* bytes of a client id */

struct hook {
	const struct conf *conf;
	struct loop *loop;
	struct store *store;
	struct meeting meeting;
	struct wake *wake; /* NULL: no socket could be had */
	struct courier *courier;
	struct hook_key *keys;
	struct loop_timer look, farewell;
	struct loop_signal terminated, interrupted;
	struct loop_io leash;
	char epoch[CURSOR_EPOCH + 1]; /* of the log when it began */
	int leaving;
	enum lb_err failed; /* why it ends */
};

enum hook_state {
	HOOK_NEW,   /* its herald room is to be held */
	HOOK_ASKED, /* that is queued */
	HOOK_HELD,  /* its outbox is to be loaded */
	HOOK_WORKS,
	HOOK_GONE /* removed; freed when nothing comes back any more */
};

/* A key with a hook. */
struct hook_key {
	struct hook *hook;
	struct store_key key;
	char generation[APPKEY_GENERATION + 1];
	struct appkey_guard guard; /* it is still this key */
	enum hook_state state;
	int seen;      /* in the list of keys, just now */
	int64_t again; /* ms, monotonic: what failed is not tried before */
	struct room_announce hold;
	int64_t held_until; /* ms of Unix time */
	int holding;        /* `hold` is queued */
	struct store_sub sub;
	int64_t taken; /* seq up to which batches have taken */
	struct outbox *outbox;
	struct hook_batch *open;   /* collects, or NULL */
	struct hook_batch *queued; /* at the store, or waits for `again` */
	struct hook_flight *flights;
	int pending;      /* operations and posts that will come back */
	int64_t failures; /* since the last line of the log */
	int64_t said;     /* ms, monotonic, of that line; 0: all is well */
	struct hook_key *prev, *next;
};

/* ---- hook_key.c ---- */
/* LB_NO_MEMORY. */
enum lb_err hook_key_add(struct hook *, const struct store_key *);
/* From now on nothing is taken or sent; frees it, perhaps later. */
void hook_key_drop(struct hook_key *);
/* Something has come back: `pending` is one less. */
void hook_key_release(struct hook_key *);
/* Does what there is to do.  The ms until there is more, or -1. */
int64_t hook_key_turn(struct hook_key *, const struct clock *);
/* 1 when nothing is under way or to be noted. */
int hook_key_rests(const struct hook_key *);
/* At the end: neither store nor courier is there any more. */
void hook_key_free(struct hook_key *);

/* ---- hook_batch.c: what goes into the database together ---- */
/* 1 when the message is in the open batch; 0: there is no room. */
int hook_batch_take(struct hook_key *, const struct message *);
/* 1 when another letter that is sent now can be noted. */
int hook_batch_has_room(const struct hook_key *);
/* A letter was told. */
void hook_batch_told(struct hook_key *, struct outbox_letter *);
/* Drops the oldest of what is too much. */
void hook_batch_trim(struct hook_key *);
/* Queues what is collected, or what has failed, when it is time.  1 when
 * something was queued. */
int hook_batch_send(struct hook_key *, const struct clock *);
void hook_batch_free(struct hook_batch *);

/* ---- hook_flight.c: posts under way ---- */
void hook_flight_start(struct hook_key *, struct outbox_letter *,
    const struct clock *);
int hook_flight_count(const struct hook_key *);
/* Gives them up; their courier must be closed. */
void hook_flight_free(struct hook_key *);

#endif
