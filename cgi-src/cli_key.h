/*
 * cli_key: `letterbox key`: adds, lists and removes keys of applications.
 */
#ifndef LETTERBOX_CLI_KEY_H
#define LETTERBOX_CLI_KEY_H

#include "verb.h"

/* Exit codes of verb.h. */
int cli_key_add(const struct verb_call *);
int cli_key_list(const struct verb_call *);
int cli_key_remove(const struct verb_call *);

#endif
