/*
 * transport_fcgi: FastCGI 1.0 on a listening socket.
 *
 * Nobody is waited for: not for the rest of a request, not for a slow
 * reader.  A parked request costs a descriptor and a struct conn; its text is
 * gone.  Requests are not multiplexed (FCGI_MPXS_CONNS is 0): a connection
 * carries one at a time, one after the other when the web server keeps it.
 * When descriptors run out the listener rests for a second or until one is
 * free again.
 */
#ifndef LETTERBOX_TRANSPORT_FCGI_H
#define LETTERBOX_TRANSPORT_FCGI_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct dialect;
struct loop;
struct transport_fcgi;

/* A zero takes the default. */
struct fcgi_options {
	const struct dialect *dialect;
	void *mount;
	size_t params_max;      /* bytes of all variables; 65536; above: 431 */
	size_t body_max;        /* bytes; 98304; above: 413 */
	int64_t read_timeout;   /* ms from the first byte; 10000; then 408 */
	int64_t write_timeout;  /* ms without progress; 30000 */
	size_t connections_max; /* above it requests get 503 `busy` and their
				 * connection is closed; 0, or more than the
				 * descriptors allow: what these allow */
};

struct fcgi_stats {
	uint64_t accepted;  /* connections */
	uint64_t requests;  /* handed to the dialect */
	uint64_t refused;   /* of them, by the transport */
	uint64_t expired;   /* connections that took too long */
	uint64_t broken;    /* connections that did not speak FastCGI */
	uint64_t hung_up;   /* requests whose other side went away */
	uint64_t starved;   /* times that descriptors ran out */
	size_t connections; /* now */
};

/*
 * Serves `listen_fd`, a listening stream socket, which stays the caller's; it
 * is made non-blocking.  The soft limit of descriptors is raised to the hard
 * one; a few are left to the rest of the program.  LB_NO_MEMORY or LB_IO.
 */
enum lb_err transport_fcgi_open(struct transport_fcgi **, struct loop *,
    int listen_fd, const struct fcgi_options *);
/* How many polls may be parked: `wanted`, but at most three quarters of the
 * connections there can be, so that posts get through when all are. */
int64_t transport_fcgi_seats(const struct transport_fcgi *, int64_t wanted);
/* Takes no more connections, closes idle ones on which nothing has arrived, and
 * each of the others after its reply.  Finished when stats.connections is 0. */
void transport_fcgi_stop_accepting(struct transport_fcgi *);
/* Hangs up whatever there is; NULL is allowed.  Operations under way may still
 * call back, the loop must live until then. */
void transport_fcgi_close(struct transport_fcgi *);
void transport_fcgi_stats(const struct transport_fcgi *, struct fcgi_stats *);

#endif
