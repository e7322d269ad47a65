/*
 * store_outbox: comings and goings that an application is yet to be told of by
 * its hook.  They are taken over from the log, whose messages expire, and stay
 * until the application has acknowledged them or its key is removed.
 */
#ifndef LETTERBOX_STORE_OUTBOX_H
#define LETTERBOX_STORE_OUTBOX_H

#include "store_key.h"

struct store_notice {
	char key[STORE_KEY_NAME + 1];
	int64_t seq;                  /* of the message in the log */
	char epoch[CURSOR_EPOCH + 1]; /* of the log at that time */
	int connected;                /* 1: it came; 0: it went */
	struct slice client;          /* 1 to 256 bytes of UTF-8 */
	int64_t at;                   /* ms of Unix time */
};

/* The plug of an engine; see the functions below. */
struct store_outbox_engine {
	enum lb_err (*list)(struct store *, struct slice,
	    void (*)(void *, const struct store_notice *), void *);
	enum lb_err (*add)(struct store_tx *, const struct store_notice *);
	enum lb_err (*drop)(struct store_tx *, struct slice, int64_t);
	enum lb_err (*taken)(struct store_tx *, struct slice, int64_t);
};

/* Calls `each` for all of a key, in the order of seq.  LB_OK, LB_BUSY,
 * LB_IO. */
enum lb_err store_outbox(struct store *, struct slice key,
    void (*each)(void *arg, const struct store_notice *), void *arg);

/* For operations.  The key must be there; the same seq again replaces. */
enum lb_err store_outbox_add(struct store_tx *, const struct store_notice *);
/* LB_OK, also when there is none. */
enum lb_err store_outbox_drop(struct store_tx *, struct slice key, int64_t seq);
/* Raises the key's `hooked` to `seq`. */
enum lb_err store_outbox_taken(struct store_tx *, struct slice key,
    int64_t seq);

#endif
