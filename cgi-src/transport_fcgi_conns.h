/*
 * transport_fcgi_conns: the connections there are, and what each waits for.
 *
 * Every connection stands in one list.  The lists whose members must not wait
 * for ever have one term for all, so that a new member goes to the end, the
 * first one is due first, and one timer does for all connections.
 */
#ifndef LETTERBOX_TRANSPORT_FCGI_CONNS_H
#define LETTERBOX_TRANSPORT_FCGI_CONNS_H

#include "dialect.h"
#include "exchange.h"
#include "loop.h"
#include "transport_fcgi_intake.h"
#include "transport_fcgi_out.h"

enum conns_list {
	CONNS_IDLE,    /* a kept connection between two requests */
	CONNS_READING, /* a request, or the first byte, has to arrive */
	CONNS_ACTIVE,  /* a request is being answered, or is parked */
	CONNS_WRITING, /* the socket has to take what waits */
	CONNS_LATER,   /* see conn_later() */
	CONNS__MAX
};

/*
 * A connection: all that a parked poll costs here, 96 bytes on 64 bits besides
 * its exchange.
 */
struct conn {
	struct exchange exchange; /* the first: one is found by the other */
	struct loop_io io;        /* its argument is the struct conns */
	struct conn *prev, *next;
	struct intake *intake; /* NULL between two records */
	struct out *out;
	uint32_t due;  /* ms, the low half of the monotonic clock */
	uint16_t id;   /* of the request under way */
	uint8_t list;  /* enum conns_list */
	uint8_t flags; /* CONN_... of transport_fcgi_conn.c */
};

struct conns_stats {
	uint64_t accepted; /* connections */
	uint64_t requests; /* handed to the dialect */
	uint64_t refused;  /* of them, by the transport */
	uint64_t expired;  /* connections that took too long */
	uint64_t broken;   /* that did not speak FastCGI */
	uint64_t hung_up;  /* requests whose other side went away */
};

struct conns {
	struct loop *loop;
	const struct dialect *dialect;
	void *mount;
	struct intake_limits limits;
	size_t max;               /* above it requests are refused */
	int64_t term[CONNS__MAX]; /* ms, 0: none */
	/* One in READING or WRITING whose term is over; takes it away. */
	void (*expire)(struct conn *);
	/* One in LATER, before the next turn; puts it elsewhere. */
	void (*resume)(struct conn *);
	/* One was closed: there is a descriptor again. */
	void (*closed)(struct conns *);
	struct conn *lists[CONNS__MAX];
	size_t count;
	int stopping; /* no request is begun on a kept connection */
	struct loop_timer timer;
	int64_t look_at; /* ms, monotonic: when the timer is due */
	struct loop_task task;
	struct conns_stats stats;
	char scratch[65536]; /* what is read, until it is looked at */
};

/* `conns` is zeroed but for loop, dialect, mount, limits, max, term and the
 * functions. */
void conns_init(struct conns *);
/* Stops the timer and the task. */
void conns_stop(struct conns *);
void conns_add(struct conns *, struct conn *, enum conns_list);
void conns_remove(struct conns *, struct conn *);
/* To the end of a list, its term begun afresh; to the one it stands in too. */
void conns_move(struct conns *, struct conn *, enum conns_list);

#endif
