/*
 * transport_fcgi_out: what goes to a web server, in records, without blocking.
 *
 * A reply is written by one system call when the socket takes it, which it
 * nearly always does.  What it does not take is copied and waits here.
 */
#ifndef LETTERBOX_TRANSPORT_FCGI_OUT_H
#define LETTERBOX_TRANSPORT_FCGI_OUT_H

#include <stdint.h>

#include "buf.h"

/* A reader so many bytes behind gets no more and is given up; what is said to
 * it at once may be longer, to the second bound. */
#define OUT_BEHIND (1u << 20)
#define OUT_MAX (32u << 20)

/* What waits for a socket.  A NULL pointer to it: nothing waits. */
struct out;

/* All of these: 1; 0 when the socket is broken, its reader too slow or memory
 * short, and nothing more can be written. */

/* Raw records. */
int out_bytes(struct out **, int fd, const void *bytes, size_t n);
/* The parts as STDOUT records of request `id`; `last` ends the request. */
int out_reply(struct out **, int fd, uint16_t id, const struct slice *parts,
    size_t count, int last);
/* What waits, as far as the socket takes it; `*out` is NULL after the last
 * byte.  `*moved` is 1 when it took any. */
int out_flush(struct out **, int fd, int *moved);

void out_free(struct out **);

#endif
