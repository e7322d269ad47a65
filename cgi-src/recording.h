/*
 * recording: an exported room, a line at a time; schema/export.json has the
 * format.  The same room is always the same bytes.
 */
#ifndef LETTERBOX_RECORDING_H
#define LETTERBOX_RECORDING_H

#include "err.h"
#include "message.h"
#include "redact.h"

#define RECORDING_VERSION 1
#define RECORDING_LINE (2 << 20)             /* bytes of a line, at most */
#define RECORDING_SEQ_MAX 9007199254740991LL /* what a browser can count to */
#define RECORDING_ID 256                     /* bytes of a name or an id */

struct recording_header {
	struct slice epoch; /* of the database that the seqs are from */
	struct slice namespace;
	struct slice room;
	int redacted;
};

/* Append a line with its end. */
void recording_print_header(struct buf *, const struct recording_header *);
/* `body` in place of the message's own; its line ends become spaces. */
void recording_print(struct buf *, const struct message *, struct slice body);

/* Changes a header to what may be shown: the name of a room opens it where it
 * has no secret.  It stands in `text`, which is emptied first. */
void recording_hide_header(struct redact *, struct recording_header *,
    struct buf *text);
/*
 * A message as it may be shown, all but its numbers: who the peers are and what
 * types are called is up to the application.  Strings and body stand in `text`,
 * which is emptied first; if that failed they are cut short.
 */
struct message recording_hide(struct redact *, const struct message *,
    struct buf *text);

/*
 * Read a line without its end.  Strings stand in `text`, which is emptied
 * first and holds them until the next call; the body is a slice of the line.
 * LB_BAD_REQUEST, LB_BAD_JSON: `why` is a buf for a sentence without its first
 * word; LB_NO_MEMORY.
 */
enum lb_err recording_read_header(struct slice line, struct buf *text,
    struct recording_header *out, struct buf *why);
/* `after`: the seq of the line before, which must be smaller. */
enum lb_err recording_read(struct slice line, int64_t after, struct buf *text,
    struct message *out, struct buf *why);

#endif
