/*
 * courier: carries posts to an application by HTTP.
 *
 * A program is built with one of two: courier_curl, which owns libcurl, or
 * courier_none, which carries nothing (COURIER in the Makefile; the upload has
 * that one).
 *
 * Only http and https, only the address that is given: redirects are not
 * followed, no proxy, no cookies, no passwords from files; certificates are
 * verified.  What the application says beside its status is thrown away.
 */
#ifndef LETTERBOX_COURIER_H
#define LETTERBOX_COURIER_H

#include "buf.h"
#include "err.h"

#define COURIER_CONNECT_MS 10000 /* until there is a connection */
#define COURIER_TOTAL_MS 30000   /* until there is a status */
#define COURIER_HEADERS 8

struct loop;
struct courier;

struct courier_result {
	int status;          /* of HTTP; 0: there was none, and ... */
	const char *why;     /* ... this is the reason: a tag of [a-z-] */
	int unreachable;     /* nothing of the post left here */
	int64_t retry_after; /* ms that the application asked for, or 0 */
};

struct courier_post {
	const char *url;
	struct slice body;                    /* a form */
	const char *headers[COURIER_HEADERS]; /* "Name: value"; NULL: no more */
	/* Called once, never from within courier_send(); the post is the
	 * caller's again and may be freed. */
	void (*done)(struct courier_post *, const struct courier_result *);
};

/* 1 when this program has one. */
int courier_is_there(void);
/* LB_NOT_FOUND without one, LB_NO_MEMORY. */
enum lb_err courier_open(struct courier **, struct loop *);
/* NULL is allowed.  What is under way is given up; done() is not called. */
void courier_close(struct courier *);
/* All of it is copied but the post itself.  LB_OK: done() will be called;
 * LB_NO_MEMORY. */
enum lb_err courier_send(struct courier *, struct courier_post *);

#endif
