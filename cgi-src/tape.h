/*
 * tape: all messages of a recording, in memory.
 */
#ifndef LETTERBOX_TAPE_H
#define LETTERBOX_TAPE_H

#include "message.h"

#define TAPE_MAX (256 << 20) /* bytes that are held, at most */

struct tape {
	struct message *messages; /* `count` of them, in the log's order */
	size_t count;
	size_t room, bytes;
	int failed; /* too much, or no memory: the rest is missing */
};

void tape_init(struct tape *);
void tape_reset(struct tape *);
/* Copies a message with all that it points at; `from` and `type` are
 * there, `to` may be absent. */
void tape_add(struct tape *, const struct message *);

#endif
