/*
 * transport_cgi: one request by CGI/1.1 (RFC 3875): variables from the
 * environment, the body from a descriptor, the reply to another.
 *
 * The request is read whole before anything else is opened: one that is slow
 * to come holds nothing but its own process.
 */
#ifndef LETTERBOX_TRANSPORT_CGI_H
#define LETTERBOX_TRANSPORT_CGI_H

#include "exchange.h"
#include "loop.h"

/* A zero takes the default. */
struct cgi_options {
	int in, out;           /* descriptors; they stay the caller's */
	size_t params_max;     /* bytes of all variables; 65536; above: 431 */
	size_t body_max;       /* bytes; 98304; above: 413 */
	int64_t read_timeout;  /* ms for the whole body; 10000; then 408 */
	int64_t write_timeout; /* ms without progress; 30000 */
};

/* The fields belong to transport_cgi.c. */
struct transport_cgi {
	struct cgi_options options;
	struct exchange exchange;
	struct http_request request;
	struct buf body;
	struct buf out; /* what the web server has not taken yet */
	int last;       /* nothing will follow it */
	int broken;     /* the web server takes no more */
	struct loop *loop;
	struct loop_io io;
	struct loop_timer patience, look;
	struct loop_task begun, failed;
};

/*
 * Reads the request; `variables` is an environ(7), whose strings must outlive
 * the exchange and may be written to.  Always takes in what the web server
 * offers, up to 8 MiB, since some hang on a program that does not.  What is
 * wrong with the request is told in the reply.
 */
void transport_cgi_read(struct transport_cgi *, const struct cgi_options *,
    char **variables);
/* Hands the request to the dialect and stops the loop when the reply is
 * written or nobody takes it.  LB_OK, LB_IO: it was not taken. */
enum lb_err transport_cgi_serve(struct transport_cgi *, struct loop *,
    const struct dialect *, void *mount);
/* Ends an exchange that is still under way, and frees. */
void transport_cgi_close(struct transport_cgi *);

#endif
