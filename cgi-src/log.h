/*
 * log: one line an event on stderr, `event key=value ...`.
 *
 * Values are escaped, so that nobody can forge a line.  Never a body, a token,
 * an SDP or an address: log a length.  Lines below the level cost one compare.
 */
#ifndef LETTERBOX_LOG_H
#define LETTERBOX_LOG_H

#include "buf.h"

enum log_level { LOG_ERROR, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
int log_wants(enum log_level level);
/* `event` is a fixed tag of [a-z-]; `format` the key=value pairs, its strings
 * already safe (numbers, tags, names checked by name.h, log_safe()). */
void log_event(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Copies into `out` (of `size` bytes, NUL-terminated, cut with "...") with
 * space, '=', '"', control and non-ASCII bytes as \xHH.  Returns `out`. */
const char *log_safe(char *out, size_t size, struct slice value);

#endif
