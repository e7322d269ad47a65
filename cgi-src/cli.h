/*
 * cli: what the faces of the program that people start have in common.
 */
#ifndef LETTERBOX_CLI_H
#define LETTERBOX_CLI_H

#include "buf.h"
#include "conf.h"
#include "err.h"
#include "verb.h"

/* Each line to standard error, under the program's name: they go into the log
 * of a server. */
void cli_say(const struct buf *words);
/* The configuration of `path`, or (NULL) of what is found where one looks for
 * it when the program was called `program`.  conf_reset() is due in any case.
 * With an error `words` says what is wrong. */
enum lb_err cli_load(struct conf *, const char *path, const char *program,
    struct buf *words);

#endif
