/*
 * cli_help: `letterbox help` and `letterbox completion`: the table of verbs,
 * printed.
 */
#ifndef LETTERBOX_CLI_HELP_H
#define LETTERBOX_CLI_HELP_H

#include "verb.h"

/* Exit codes of verb.h. */
int cli_help(const struct verb_call *);
int cli_completion(const struct verb_call *);

#endif
