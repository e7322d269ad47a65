/*
 * cli_show: `letterbox show`: one message, laid out.
 */
#ifndef LETTERBOX_CLI_SHOW_H
#define LETTERBOX_CLI_SHOW_H

#include "verb.h"

/* Exit codes of verb.h. */
int cli_show(const struct verb_call *);

#endif
