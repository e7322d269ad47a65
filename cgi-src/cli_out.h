/*
 * cli_out: how what was found looks on a terminal, and how it gets there.
 */
#ifndef LETTERBOX_CLI_OUT_H
#define LETTERBOX_CLI_OUT_H

#include "buf.h"

/* Before anything is printed: a closed pipe is an error of writing from now
 * on, and no signal. */
void cli_out_begin(void);
/* Writes a buf to standard output and empties it.  -1: go on; else the exit
 * code: 0 when nobody reads any more, 1 (and it is said) when it cannot be
 * written. */
int cli_out_write(struct buf *);
/* Columns of the terminal; 0 when it is none, and nothing need be cut. */
size_t cli_out_width(void);
/* 1 when colours may be used. */
int cli_out_coloured(void);

/* ---- figures for people ---- */
/* "812", "31.2k", "4.0M": at most five columns. */
void cli_out_bytes(struct buf *, int64_t bytes);
/* "2026-11-20 19:02:11", as the time zone of this account has it; "-" for 0. */
void cli_out_time(struct buf *, int64_t ms);
/* "+0", "+12ms", "+1.204s", "+3m12s", "+2h05m", "+4d": the time between. */
void cli_out_delay(struct buf *, int64_t ms);

/* ---- progress ---- */
/* "COUNT of ALL WHAT" on a line of its own that is written over, at most four
 * times a second, and only when standard error is a terminal.  `all` 0: not
 * known.  With `what` NULL the line goes. */
void cli_out_progress(int64_t count, int64_t all, const char *what);

#endif
