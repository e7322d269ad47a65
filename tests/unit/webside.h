/*
 * webside: the web server's side of FastCGI: records made by hand, so that they
 * can be wrong, and a connection driven by the loop of the test.
 */
#ifndef LETTERBOX_TESTS_WEBSIDE_H
#define LETTERBOX_TESTS_WEBSIDE_H

#include "loop.h"
#include "transport_fcgi_record.h"
#include "unit.h"

/* How a record is sent. */
struct webside_how {
	uint16_t id; /* 0 is FCGI_NULL_REQUEST_ID */
	uint8_t padding;
	uint8_t version; /* 0: 1 */
};

void webside_record(struct buf *, uint8_t type, struct webside_how,
    const void *p, size_t n);
void webside_begin(struct buf *, uint16_t id, uint8_t role, uint8_t flags);
void webside_pair(struct buf *, const char *name, struct slice value);
/* All records of a request: GET without a body, POST with one. */
void webside_request(struct buf *, uint16_t id, int keep, const char *path,
    struct slice body);

struct webside {
	struct loop *loop;
	struct loop_io io;
	int fd;
	int lazy;   /* does not read */
	int closed; /* the other side has closed */
	struct buf got;
	struct buf out; /* not yet taken by the socket */
	size_t sent;    /* bytes of it */
};

/* Connects to the socket of that path. */
void webside_open(struct webside *, struct loop *, const char *path);
void webside_close(struct webside *);
/* Sends what is in `bytes`, as the socket takes it, and empties it. */
void webside_send(struct webside *, struct buf *bytes);
void webside_lazy(struct webside *, int lazy);

/* What has come back for one request. */
struct webside_reply {
	int ended; /* END_REQUEST has come */
	uint8_t protocol;
	int status;      /* of the Status line, or 0 */
	struct buf text; /* all of STDOUT */
	struct slice body;
	size_t records; /* of STDOUT, the empty one not counted */
};

/* Asserts that all records are well formed; webside_reply_reset() afterwards. */
void webside_reply(const struct webside *, uint16_t id, struct webside_reply *);
void webside_reply_reset(struct webside_reply *);
/* The content of the first record of that type, absent when there is none. */
struct slice webside_find(const struct webside *, uint8_t type, uint16_t id);

#endif
