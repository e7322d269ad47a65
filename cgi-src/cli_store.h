/*
 * cli_store: a database that is to be changed by hand, beside the servers that
 * work on it.
 */
#ifndef LETTERBOX_CLI_STORE_H
#define LETTERBOX_CLI_STORE_H

#include "conf.h"
#include "store.h"

/* As a server opens it; makes the folder.  With an error `words` says why. */
enum lb_err cli_store_open(struct store **, const struct conf *,
    struct buf *words);
/* Turns until the operation is done; what it came to. */
enum lb_err cli_store_run(struct store *, struct store_op *op);
/* Says what `err` is; EXIT_FAILED. */
int cli_store_fail(enum lb_err err);

#endif
