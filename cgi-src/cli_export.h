/*
 * cli_export: `letterbox export`, `import` and `report`: a room as a file.
 */
#ifndef LETTERBOX_CLI_EXPORT_H
#define LETTERBOX_CLI_EXPORT_H

#include "verb.h"

/* Exit codes of verb.h. */
int cli_export(const struct verb_call *);
int cli_import(const struct verb_call *);
/* The page that shows recordings, with this one in it. */
int cli_report(const struct verb_call *);

#endif
