/*
 * transport_fcgi_intake: one FastCGI request from its first byte until it is
 * whole (FastCGI 1.0, sections 3 to 5).  Bytes come in, in pieces of any
 * size; out comes a struct http_request, or what is to be answered instead.
 * No sockets and no time, so that it can be fuzzed.
 *
 * Why libfcgi does not decode: a request of a browser through lighttpd (1,087
 * bytes, 30 variables) costs 2.1 us more with it, through a memory file: three
 * system calls, a copy of every string and one more copy to keep them.  A
 * post may cost 14 us in all.  The walk over the pairs, which is needed anyway
 * because one wrong length makes libfcgi abort the process, takes 0.1 us and
 * leaves the strings where they are.
 */
#ifndef LETTERBOX_TRANSPORT_FCGI_INTAKE_H
#define LETTERBOX_TRANSPORT_FCGI_INTAKE_H

#include "buf.h"
#include "err.h"
#include "http.h"
#include "transport_fcgi_record.h"

/* What is dropped of a request that is too large, so that the web server has
 * sent it all and reads our refusal; beyond that it gets it at once. */
#define INTAKE_DROP_MAX (16u << 20)
#define INTAKE_REST_MAX (64u << 10)

struct intake_limits {
	size_t params_max;  /* bytes of all variables */
	size_t body_max;    /* bytes */
	size_t connections; /* what FCGI_GET_VALUES is told */
};

/* What may begin on the connection, see intake_feed(). */
enum intake_mode {
	INTAKE_FREE, /* a request, or the rest of one */
	INTAKE_SOON, /* one is being answered: the next has to wait */
	INTAKE_BUSY  /* one is parked: a request besides it is refused */
};

enum intake_event {
	INTAKE_MORE,   /* all bytes are taken, and that was not all */
	INTAKE_WHOLE,  /* the request is whole: intake_request() */
	INTAKE_ABORT,  /* the web server gave up the request under way */
	INTAKE_ANSWER, /* `answer` is to be sent, then go on */
	INTAKE_LAST,   /* `answer` is to be sent, then close */
	INTAKE_HELD,   /* the next request begins: go on when the one under
	                * way has ended */
	INTAKE_BROKEN  /* not FastCGI: close */
};

enum intake_phase {
	INTAKE_IDLE,   /* no request has begun */
	INTAKE_PARAMS, /* its variables are arriving */
	INTAKE_STDIN,  /* its body is arriving */
	INTAKE_READY   /* it is whole */
};

#define INTAKE_SMALL 128 /* bytes of a record that is ours to look at */

struct intake {
	const struct intake_limits *limits;
	/* the record being read */
	unsigned char head[FCGI_HEADER_LEN];
	uint8_t have; /* bytes of head */
	uint8_t held; /* at a BEGIN_REQUEST that has to wait */
	struct record record;
	size_t left;    /* bytes of content to come */
	size_t padding; /* bytes of padding to come */
	size_t small;   /* bytes in `content` */
	unsigned char content[INTAKE_SMALL];
	/* the request */
	enum intake_phase phase;
	uint16_t id;
	int keep; /* FCGI_KEEP_CONN */
	enum lb_err refused;
	struct http_request request; /* for whoever handles it */
	struct buf bytes;            /* the variables, then the body */
	size_t params;               /* bytes of variables */
	size_t dropped;
	struct buf answer;
	/* What was read behind a request that has to wait; the connection's. */
	struct buf rest;
};

/* `limits` must live as long; allocates nothing. */
void intake_init(struct intake *, const struct intake_limits *limits);
/* Frees what it holds, the request's slices with it; begins afresh. */
void intake_reset(struct intake *);
/*
 * Takes from the bytes what belongs together, `*used` of them, and says what
 * came of it; call again with the rest.  `mode` is about the request handed
 * over before, whose id is `active` (ignored in INTAKE_FREE).
 */
enum intake_event intake_feed(struct intake *, enum intake_mode mode,
    uint16_t active, const char *bytes, size_t n, size_t *used);
/* 1 when a request has begun and is not whole. */
int intake_begun(const struct intake *);
/* 1 between two records: nothing is lost by intake_reset(). */
int intake_empty(const struct intake *);
/* Ends a request that has begun before it is whole, refused for `why`. */
void intake_give_up(struct intake *, enum lb_err why);
/* The request, whole or given up; its slices live until intake_request_end()
 * or intake_reset().  `r` is zeroed.  r->refused says what is wrong with it:
 * LB_HEADERS_TOO_LARGE, LB_TOO_LARGE, LB_BAD_REQUEST, LB_NO_MEMORY. */
void intake_request(struct intake *, struct http_request *r);
/* Frees the request; what of the next record is read already stays. */
void intake_request_end(struct intake *);

#endif
