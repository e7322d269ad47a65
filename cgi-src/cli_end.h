/*
 * cli_end: Ctrl-C and SIGTERM, as a wish that what is under way ends well.
 */
#ifndef LETTERBOX_CLI_END_H
#define LETTERBOX_CLI_END_H

#include <signal.h>

/* From now on they end nothing by themselves: what is returned is set then,
 * and calls that wait are interrupted. */
volatile sig_atomic_t *cli_end_begin(void);
/* 1 when it is wished. */
int cli_end_is_wished(void);

#endif
