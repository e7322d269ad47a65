/*
 * cli_since: a place in a log, as a person says it.
 */
#ifndef LETTERBOX_CLI_SINCE_H
#define LETTERBOX_CLI_SINCE_H

#include <stdint.h>

struct cli_since {
	int64_t seq; /* from this one on; 0: by time */
	int64_t at;  /* ms of Unix time */
};

/*
 * Reads "120" (a seq), "90s", "10m", "2h", "3d" or "500ms" (before `now`, ms
 * of Unix time), "19:02", "19:02:11" (the last time it was that), or
 * "2026-11-20", perhaps with "T19:02:11" or " 19:02" and with a "Z" for UTC;
 * without it in this account's time zone.  0 when it is none of these.
 */
int cli_since_read(const char *text, int64_t now, struct cli_since *out);

#endif
