/*
 * cli_check: `letterbox stats` and `letterbox check`: the database as a whole.
 */
#ifndef LETTERBOX_CLI_CHECK_H
#define LETTERBOX_CLI_CHECK_H

#include "verb.h"

/* Exit codes of verb.h; of the check EXIT_FAILED when something is wrong. */
int cli_stats(const struct verb_call *);
int cli_check(const struct verb_call *);

#endif
