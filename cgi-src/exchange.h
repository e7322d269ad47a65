/*
 * exchange: one request and its reply, as a state machine.
 *
 * A transport reads the request and calls exchange_handle(); a dialect
 * decides and replies, at once or later; the transport writes the reply and
 * says exchange_sent().  exchange.c alone writes `state`.
 *
 *   READING -> HANDLING -> COMMITTING | PARKED -> REPLYING -> DONE
 *   COMMITTING -> PARKED too (a post that also collects); any -> DONE on
 *   hang-up.
 */
#ifndef LETTERBOX_EXCHANGE_H
#define LETTERBOX_EXCHANGE_H

#include "buf.h"
#include "dialect.h"
#include "err.h"
#include "http.h"

enum exchange_state {
	EXCHANGE_READING,    /* the request is arriving */
	EXCHANGE_HANDLING,   /* a dialect looks at it */
	EXCHANGE_COMMITTING, /* an operation waits for its commit */
	EXCHANGE_PARKED,     /* a waiter has nothing to say yet, or a stream
				 * is open */
	EXCHANGE_REPLYING,   /* the last byte is not yet written */
	EXCHANGE_DONE,
	EXCHANGE__MAX
};

struct exchange;

/* What a transport does for an exchange. */
struct transport {
	/*
	 * Sends the parts one after the other, without blocking and without
	 * keeping the slices; `last` ends the reply, upon which the transport
	 * calls exchange_sent() once everything is written, perhaps before
	 * this returns.  A failure is told later, from the loop
	 * (exchange_hangup()), never from within send(): its caller goes on
	 * using the exchange unless it was the last.  A peer that does not
	 * read is the transport's to give up.
	 */
	void (*send)(struct exchange *, const struct slice *parts, size_t count,
	    int last);
	/* The request's slices are not needed any more. */
	void (*parked)(struct exchange *);
	/* DONE, and nobody else holds the exchange: free it, or read the next
	 * request of a kept connection into it. */
	void (*release)(struct exchange *);
};

struct exchange {
	enum exchange_state state;
	int committing; /* operations that are to call back still:
				 * keeps the memory after a hang-up */
	const struct transport *transport;
	const struct dialect *dialect;
	void *mount; /* the dialect's own, shared by exchanges */
	const struct http_request *request; /* the transport's; NULL from PARKED
					     * on */
	void *work;         /* the dialect's, of this exchange; freed by
				 * its `finish` */
	struct buf head;    /* extra header lines, each with its \r\n */
	const char *phrase; /* beside the status, in place of the usual one;
				* or NULL */
	const char *cache;  /* Cache-Control, in place of no-store; or NULL */
};

struct reply {
	int status;
	const char *type; /* Content-Type, or NULL without a body */
	struct slice body;
};

/* A fresh exchange in READING; also for the next request of a connection. */
void exchange_init(struct exchange *, const struct transport *,
    const struct dialect *, void *mount);
/* The request is whole (or refused, request.refused says so). */
void exchange_handle(struct exchange *);
/* In HANDLING: another dialect, with its mount, goes on with it. */
void exchange_pass(struct exchange *, const struct dialect *, void *mount);
/* An operation was queued: HANDLING -> COMMITTING.  Each one is ended by
 * exchange_committed(), which returns 0 when the exchange hung up meanwhile
 * and may by then be freed: touch nothing of it. */
void exchange_commit(struct exchange *);
int exchange_committed(struct exchange *);
/* HANDLING or COMMITTING -> PARKED. */
void exchange_park(struct exchange *);
/* Writes status, headers and body: -> REPLYING.  Always with Content-Length
 * (but for 204 and 304) and Cache-Control, and with a policy that lets a
 * browser do nothing with it; one of text/html brings its own in `head`, and a
 * 304 the one of what it stands for, if that had its own. */
void exchange_reply(struct exchange *, const struct reply *);
/* HANDLING or COMMITTING or PARKED -> PARKED: a stream begins (no length). */
void exchange_stream(struct exchange *, const char *type);
/* More of the stream; `last`: -> REPLYING. */
void exchange_write(struct exchange *, struct slice bytes, int last);
/* The transport has written everything: REPLYING -> DONE. */
void exchange_sent(struct exchange *);
/* The other side is gone: any -> DONE.  release() follows, at once or after
 * the commit under way. */
void exchange_hangup(struct exchange *);

#endif
