/*
 * stage: the FastCGI transport on a socket, and a dialect of a few paths that
 * does what dialects do, at the moment a test wants it.
 *
 *   /echo    replies at once: method, path and body
 *   /commit  an operation, replied to in the next turn, like a post
 *   /collect an operation, then parked
 *   /park    waits for stage_answer()
 *   /stream  opens a stream with the body as its first words
 *   /big     replies with 3 MiB
 *   /other   answers what is parked, then itself
 * A refused request is answered with the status of its refusal.
 */
#ifndef LETTERBOX_TESTS_STAGE_H
#define LETTERBOX_TESTS_STAGE_H

#include "dialect.h"
#include "exchange.h"
#include "webside.h"
#include "transport_fcgi.h"

#define STAGE_BIG (3u << 20)

struct stage {
	char folder[32];
	char path[64]; /* of the socket */
	int listener;
	struct loop *loop;
	struct transport_fcgi *transport;
	struct fcgi_options options;
	/* the dialect */
	struct stage_work *works; /* of exchanges that wait */
	int hold;                 /* no commits in the turn */
	size_t handled, finished;
	/* the wait */
	struct loop_timer patience;
	int (*done)(void *arg);
	void *arg;
	int late;
	unsigned turns;
	struct loop_timer nap;
};

/* cmocka's fixtures; *state is a struct stage whose transport is open, with
 * timeouts of 150 ms and a limit of 1 MiB for bodies. */
int stage_setup(void **state);
int stage_teardown(void **state);
/* Opens the transport again with what is in `options`. */
void stage_reopen(struct stage *);

/* Runs the loop until `done`; fails after some seconds. */
void stage_until(struct stage *, int (*done)(void *arg), void *arg);
/* Runs the loop for so long; how many turns it took: few, when nothing
 * happens. */
unsigned stage_nap(struct stage *, int64_t ms);
/* Until the reply of request `id` has ended. */
void stage_reply(struct stage *, const struct webside *, uint16_t id,
    struct webside_reply *);
/* A connection and its request, sent. */
void stage_start(struct stage *, struct webside *, uint16_t id, int keep,
    const char *path, struct slice body);
/* The reply of request `id` ends, complete, with that status (0: with none). */
void stage_expect(struct stage *, const struct webside *, uint16_t id,
    int status);
struct fcgi_stats stage_stats(struct stage *);
/* Until the other side has closed the front's connection. */
void stage_closed(struct stage *, struct webside *);
/* Until so many exchanges wait. */
void stage_waiting(struct stage *, size_t count);
/* Until so many connections are left. */
void stage_connections(struct stage *, size_t count);
/* A request on its own connection: asserts the status of its reply. */
void stage_ask(struct stage *, const char *path, int status);

/* Replies to all that is parked and ends streams, from within a turn. */
void stage_answer(struct stage *, const char *text);
/* The same for streams, which stay open. */
void stage_write(struct stage *, struct slice text);

#endif
