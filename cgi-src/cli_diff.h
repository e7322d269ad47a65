/*
 * cli_diff: `letterbox diff`: where two calls part.
 */
#ifndef LETTERBOX_CLI_DIFF_H
#define LETTERBOX_CLI_DIFF_H

#include "verb.h"

/* Exit codes of verb.h; 0 when the same happens in both. */
int cli_diff(const struct verb_call *);

#endif
