/*
 * cursor: a place in the log, "epoch.seq" on the wire, opaque to clients.
 *
 * The epoch is random and is renewed when the database is not the one last
 * written, so a cursor of a restored backup's future is recognized.
 */
#ifndef LETTERBOX_CURSOR_H
#define LETTERBOX_CURSOR_H

#include "buf.h"
#include "err.h"

#define CURSOR_EPOCH 8 /* characters of [a-z0-9] */

struct cursor {
	char epoch[CURSOR_EPOCH + 1];
	int64_t seq; /* 0..2^63-1; everything after it is wanted */
};

/* LB_BAD_REQUEST when not of the form; leading zeros are refused. */
enum lb_err cursor_parse(struct slice text, struct cursor *out);
void cursor_print(struct buf *out, const char *epoch, int64_t seq);

#endif
