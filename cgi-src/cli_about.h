/*
 * cli_about: under what circumstances a report was made, in words.  No path,
 * no address, no name of a machine.
 */
#ifndef LETTERBOX_CLI_ABOUT_H
#define LETTERBOX_CLI_ABOUT_H

#include "buf.h"
#include "conf.h"

/* Appends a <footer> of HTML; `conf` is NULL when it is not known. */
void cli_about_add(struct buf *out, const struct conf *conf);

#endif
