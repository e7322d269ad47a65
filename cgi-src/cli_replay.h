/*
 * cli_replay: `letterbox replay`: a recording happens again.
 */
#ifndef LETTERBOX_CLI_REPLAY_H
#define LETTERBOX_CLI_REPLAY_H

#include "verb.h"

/* Exit codes of verb.h. */
int cli_replay(const struct verb_call *);

#endif
