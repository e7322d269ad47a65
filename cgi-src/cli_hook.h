/*
 * cli_hook: `letterbox hook`: tells applications who comes and goes.
 */
#ifndef LETTERBOX_CLI_HOOK_H
#define LETTERBOX_CLI_HOOK_H

#include "verb.h"

/* Exit codes of verb.h. */
int cli_hook(const struct verb_call *);

#endif
