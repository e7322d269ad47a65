/*
 * cli_recording: messages for verbs that look at a whole room, be it one of
 * the database or an exported one.
 */
#ifndef LETTERBOX_CLI_RECORDING_H
#define LETTERBOX_CLI_RECORDING_H

#include "message.h"
#include "verb.h"

struct cli_recording {
	struct buf namespace, room; /* what it is called */
	int64_t messages;           /* how many there were */
	int is_redacted;            /* its header says so */
};

/* Buffers of nothing; and frees them. */
void cli_recording_init(struct cli_recording *);
void cli_recording_reset(struct cli_recording *);
/*
 * Hands over each message of `name`, in the order of the log: "-" and what is
 * a file are read as exports, all else is a room (cli_reader_room()).  -1:
 * that was all; else the exit code, and all is said.
 */
int cli_recording_read(struct cli_recording *, const struct verb_call *,
    const char *name, void (*each)(void *, const struct message *), void *arg);

#endif
