/*
 * cli_explain: `letterbox explain`: why a call failed, in words.
 */
#ifndef LETTERBOX_CLI_EXPLAIN_H
#define LETTERBOX_CLI_EXPLAIN_H

#include "verb.h"

/* Exit codes of verb.h. */
int cli_explain(const struct verb_call *);

#endif
