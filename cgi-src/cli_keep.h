/*
 * cli_keep: `letterbox keep` and `letterbox expire`: what stays and what goes.
 */
#ifndef LETTERBOX_CLI_KEEP_H
#define LETTERBOX_CLI_KEEP_H

#include "verb.h"

/* Exit codes of verb.h. */
int cli_keep(const struct verb_call *);
int cli_expire(const struct verb_call *);

#endif
