/*
 * cli_lines: a file of an exported room (recording.h), line by line; or a page
 * with one in it (report.h), of which the rest is passed by.
 */
#ifndef LETTERBOX_CLI_LINES_H
#define LETTERBOX_CLI_LINES_H

#include <stdio.h>

#include "recording.h"

struct cli_lines {
	const char *name; /* the caller's bytes */
	FILE *file;
	struct buf line, text, why;
	int64_t number; /* of the line */
	int64_t seq;    /* of the last message */
	int is_page;
};

/* "-" is standard input.  1; or 0, which was said, and is not closed. */
int cli_lines_open(struct cli_lines *, const char *name);
void cli_lines_close(struct cli_lines *);
/*
 * The first line; then one message after the other, until LB_NOT_FOUND.  Slices
 * are valid until the next call.  Other errors leave words in `why`, or none
 * when the error says it all.
 */
enum lb_err cli_lines_header(struct cli_lines *, struct recording_header *);
enum lb_err cli_lines_message(struct cli_lines *, struct message *);
/* Says what is wrong in which line, and `then`, what came of it, or "".
 * Returns EXIT_FAILED. */
int cli_lines_blame(struct cli_lines *, enum lb_err, const char *then);

#endif
