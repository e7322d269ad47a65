/*
 * gist: what a message says, in a line for people.
 */
#ifndef LETTERBOX_GIST_H
#define LETTERBOX_GIST_H

#include "buf.h"
#include "redact.h"

/* Of text that nobody knows how to read: columns. */
#define GIST_WIDTH 120

/*
 * Appends one line without an end, harmless for a terminal (plain.h), with
 * addresses and secrets as `r` shows them.  `body` is JSON as it was posted:
 * of a description what it offers, of a candidate where it leads; else its
 * text, or the JSON, cut.
 */
void gist_print(struct buf *out, struct redact *r, struct slice type,
    struct slice body);
/* The seq that a body says it answers ("re"); 0: none. */
int64_t gist_re(struct slice body);
/* Appends a candidate: "host udp ip4-1:50000"; all of it as it is when it
 * cannot be read. */
void gist_candidate(struct buf *out, struct redact *r, struct slice candidate);

#endif
