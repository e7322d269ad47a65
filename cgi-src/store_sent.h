/*
 * store_sent: what a service has posted or announced under marks of its own, so
 * that a repeat is known for one.  Housekeeping forgets them after
 * STORE_SENT_MS.
 */
#ifndef LETTERBOX_STORE_SENT_H
#define LETTERBOX_STORE_SENT_H

#include "store.h"

#define STORE_SENT_MS 3600000

struct store_sent {
	int64_t room; /* row */
	struct slice mark;
	int64_t seq; /* of the message; 0: it was none */
	int64_t at;  /* ms of Unix time */
};

/* The plug of an engine; see the functions below. */
struct store_sent_engine {
	enum lb_err (*find)(struct store_tx *, int64_t room, struct slice mark,
	    struct store_sent *);
	enum lb_err (*put)(struct store_tx *, const struct store_sent *);
};

/* LB_OK with `out` but for its mark, also when it is older than
 * STORE_SENT_MS; LB_NOT_FOUND. */
enum lb_err store_sent_find(struct store_tx *, int64_t room, struct slice mark,
    struct store_sent *out);
/* In place of an older one of the same mark. */
enum lb_err store_sent_put(struct store_tx *, const struct store_sent *);

#endif
