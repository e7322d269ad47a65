/*
 * transport_fcgi_conn: one connection and its exchange: writing, ending, and
 * what the loop is to tell of it.
 *
 * An exchange may end while one of its functions is running, called by us: a
 * dialect that replies at once leads through send() and exchange_sent() to
 * release().  So each such call stands between conn_enter() and conn_leave();
 * in between, release() only leaves a mark, and conn_leave() does what it
 * asks for.
 */
#ifndef LETTERBOX_TRANSPORT_FCGI_CONN_H
#define LETTERBOX_TRANSPORT_FCGI_CONN_H

#include "transport_fcgi_conns.h"

#define CONN_KEEP 1u     /* FCGI_KEEP_CONN of the request under way */
#define CONN_USED 2u     /* carried a request already */
#define CONN_ENTERED 4u  /* between conn_enter() and conn_leave() */
#define CONN_RELEASED 8u /* release() came meanwhile */
#define CONN_BROKEN 16u  /* can be neither read nor written */
#define CONN_CLOSED 32u  /* the descriptor is closed */
#define CONN_DEAF 64u    /* the other side sends no more */

extern const struct transport conn_transport;

struct conns *conn_conns(const struct conn *);
/* 1 when any of the CONN_ flags is set. */
int conn_has(const struct conn *, unsigned flags);
void conn_set(struct conn *, unsigned flags);
void conn_clear(struct conn *, unsigned flags);
/* 1 when bytes of the next request were read while this one is answered. */
int conn_is_held(const struct conn *);
void conn_free_intake(struct conn *);

/* Tells the loop what to wait for. */
void conn_watch(struct conn *);
/* The same and the list it belongs to; between two events. */
void conn_settle(struct conn *);
/* In place of conn_settle() when an exchange may have ended elsewhere than in
 * reading: what is held has its turn later. */
void conn_go_on(struct conn *);

void conn_enter(struct conn *);
/* 0 when the connection is freed; nobody may touch it. */
int conn_leave(struct conn *);

/* Records that are no reply; conn_has(CONN_BROKEN) when they cannot go. */
void conn_say(struct conn *, const void *records, size_t n);
/* Ends a request under way that has no reply yet.  A web server that aborted
 * it, or closed its side, would else log that it was not answered. */
void conn_say_end(struct conn *);
/* Ends the exchange; 0 as conn_leave(). */
int conn_hang_up(struct conn *);
/* Closes the socket and hangs up.  Frees the connection, at once or when the
 * operations under way are committed: nobody may touch it. */
void conn_close(struct conn *);

#endif
