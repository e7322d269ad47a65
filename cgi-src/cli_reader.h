/*
 * cli_reader: what the verbs that look at a database have in common: which
 * database, which room, and how it is said when there is none.
 */
#ifndef LETTERBOX_CLI_READER_H
#define LETTERBOX_CLI_READER_H

#include "store_log.h"
#include "verb.h"

struct cli_room {
	int64_t row;
	struct store_log_room room; /* its texts are in `name` */
	char *name; /* "NAMESPACE/NAME", cli_reader_forget() frees it */
};

/* Opens what --database or the configuration names.  -1, or the exit code, and
 * all is said. */
int cli_reader_open(const struct verb_call *, struct store_log **out);
/* The room that is called `name`; an ambiguous one is an error that lists the
 * choices (EXIT_USAGE), none is EXIT_ABSENT.  -1: it is in `out`. */
int cli_reader_room(struct store_log *, const char *name, struct cli_room *out);
void cli_reader_forget(struct cli_room *);
/* Says why something could not be read; EXIT_FAILED. */
int cli_reader_fail(struct store_log *, enum lb_err);

/* Appends "NAMESPACE/NAME", harmless for a terminal. */
void cli_reader_print(struct buf *out, const struct store_log_room *);

#endif
