/*
 * client: many HTTP/1.1 connections of one load generator on one epoll loop.
 *
 * It speaks just as much HTTP as the measurements need: kept connections,
 * one request at a time on each, replies with a Content-Length.  Whatever
 * else it meets (a connection closed without a word, a chunked reply) ends the
 * program with a message: a figure from a disturbed run is worse than none.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <stddef.h>
#include <stdint.h>

struct conn;

/*
 * A reply, valid during the call it is passed to.  Head and body end with a
 * NUL that does not count in body_len.
 */
struct reply {
	int status;
	const char *head;
	const char *body;
	size_t body_len;
};

typedef void reply_fn(struct conn *, const struct reply *);

struct conn {
	reply_fn *on_reply; /* must be set before conn_send */
	void *arg;          /* the caller's */
	uint64_t sent_at;   /* ns, when the request was handed over */

	/* the rest is client.c's own */
	int fd;
	int busy;
	char *in;
	size_t in_len, in_cap;
	char *out;
	size_t out_len, out_off, out_cap;
};

/* Set the server's address, "127.0.0.1:8080".  Before any other call. */
void client_init(const char *address);

/* Monotonic time in nanoseconds. */
uint64_t client_now(void);

/* Handle what is ready; sleep up to timeout_ms (-1: until something is). */
void client_turn(int timeout_ms);

/* Have on_time called within client_turn at the time `at` (ns). */
void client_alarm(uint64_t at, void (*on_time)(void));

/* CPU time used by this process so far, in seconds. */
double client_cpu(void);

/* A connection, opened with the first request. Never fails. */
void conn_init(struct conn *, reply_fn *, void *arg);
void conn_close(struct conn *);

/* Send one request. The connection must be idle. */
void conn_send(struct conn *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Print the message and end the program with 1. */
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Like realloc(3) of n elements, but never fails. */
void *grow(void *, size_t n, size_t size);

/* Measured values in nanoseconds. */
struct samples {
	uint64_t *v;
	size_t n, cap;
};

void samples_add(struct samples *, uint64_t ns);

/* The q-quantile (0..1) in microseconds; sorts; 0 when there is none. */
double samples_us(struct samples *, double q);

#endif
