/*
 * cli_log: `letterbox log`: what was said in a room, as it happened.
 */
#ifndef LETTERBOX_CLI_LOG_H
#define LETTERBOX_CLI_LOG_H

#include "message.h"
#include "redact.h"
#include "verb.h"

/* Exit codes of verb.h. */
int cli_log(const struct verb_call *);

/* Appends a message as one line of JSON, schema/cli/message.json; `before` is
 * the time of the one before, 0: there is none. */
void cli_log_json(struct buf *out, struct redact *, const struct message *,
    int64_t before);

#endif
