/*
 * cli_format: `letterbox diagram`, and what `export --format` prints: a
 * recording for other people's programs.
 */
#ifndef LETTERBOX_CLI_FORMAT_H
#define LETTERBOX_CLI_FORMAT_H

#include "verb.h"

/* Exit codes of verb.h. */
int cli_diagram(const struct verb_call *);
/* Prints call->arg[0], a room or a file, as `format` (format.h). */
int cli_format(const struct verb_call *, const char *format);

#endif
