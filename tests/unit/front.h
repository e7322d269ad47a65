/*
 * front: the web server's side of FastCGI: records made by hand, so that they
 * can be wrong, and a connection driven by the loop of the test.
 */
#ifndef LETTERBOX_TESTS_FRONT_H
#define LETTERBOX_TESTS_FRONT_H

#include "loop.h"
#include "transport_fcgi_record.h"
#include "unit.h"

/* How a record is sent. */
struct front_how {
	uint16_t id; /* 0 is FCGI_NULL_REQUEST_ID */
	uint8_t padding;
	uint8_t version; /* 0: 1 */
};

void front_record(struct buf *, uint8_t type, struct front_how, const void *p,
    size_t n);
void front_begin(struct buf *, uint16_t id, uint8_t role, uint8_t flags);
void front_pair(struct buf *, const char *name, struct slice value);
/* All records of a request: GET without a body, POST with one. */
void front_request(struct buf *, uint16_t id, int keep, const char *path,
    struct slice body);

struct front {
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
void front_open(struct front *, struct loop *, const char *path);
void front_close(struct front *);
/* Sends what is in `bytes`, as the socket takes it, and empties it. */
void front_send(struct front *, struct buf *bytes);
void front_lazy(struct front *, int lazy);

/* What has come back for one request. */
struct front_reply {
	int ended; /* END_REQUEST has come */
	uint8_t protocol;
	int status;      /* of the Status line, or 0 */
	struct buf text; /* all of STDOUT */
	struct slice body;
	size_t records; /* of STDOUT, the empty one not counted */
};

/* Asserts that all records are well formed; front_reply_reset() afterwards. */
void front_reply(const struct front *, uint16_t id, struct front_reply *);
void front_reply_reset(struct front_reply *);
/* The content of the first record of that type, absent when there is none. */
struct slice front_find(const struct front *, uint8_t type, uint16_t id);

#endif
