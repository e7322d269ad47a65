/*
 * cli_recover: `letterbox recover`: what can be saved of a damaged database.
 */
#ifndef LETTERBOX_CLI_RECOVER_H
#define LETTERBOX_CLI_RECOVER_H

#include "verb.h"

/* Exit codes of verb.h; EXIT_FAILED when something is lost, too. */
int cli_recover(const struct verb_call *);

#endif
