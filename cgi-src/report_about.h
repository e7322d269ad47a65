/*
 * report_about: under what circumstances a report was made, in words.  No path,
 * no address, no name of a machine.
 */
#ifndef LETTERBOX_REPORT_ABOUT_H
#define LETTERBOX_REPORT_ABOUT_H

#include "buf.h"
#include "front.h"

struct report_about {
	const char *sqlite;       /* its version */
	enum front front;         /* FRONT_AUTO: not known */
	struct slice software;    /* SERVER_SOFTWARE, or absent */
	int has_limits;           /* the configuration is known: */
	int64_t lease, hold, ttl; /* seconds */
	int has_turn;
};

/* Appends a <footer> of HTML; of the software no more than its product and the
 * version. */
void report_about_print(struct buf *out, const struct report_about *);

#endif
