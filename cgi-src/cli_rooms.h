/*
 * cli_rooms: `letterbox rooms` and `letterbox peers`: what is there.
 */
#ifndef LETTERBOX_CLI_ROOMS_H
#define LETTERBOX_CLI_ROOMS_H

#include "verb.h"

/* Exit codes of verb.h. */
int cli_rooms(const struct verb_call *);
int cli_peers(const struct verb_call *);

#endif
