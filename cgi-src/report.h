/*
 * report: a recording in the page that shows it, as one file of HTML.
 *
 * What is enclosed cannot end its place early: a "<" is never written there.
 */
#ifndef LETTERBOX_REPORT_H
#define LETTERBOX_REPORT_H

#include "recording.h"
#include "redact.h"

/* The line of the page behind which the recording begins, and the one that
 * ends it. */
#define REPORT_BEGIN "<script id=\"recording\" type=\"application/jsonl\">"
#define REPORT_END "</script>"

struct report {
	struct redact redact;
	struct buf text, line; /* of one message */
};

/* `what` of redact.h; a line may have `max` bytes. */
void report_init(struct report *, unsigned what, size_t max);
void report_reset(struct report *);

/* The page as far as the first line of its recording; `about` is HTML of
 * report_about(), or absent. */
void report_begin(struct report *, const struct recording_header *,
    struct slice about, struct buf *out);
/* What is to be hidden of a message is hidden in all that are added from then
 * on, those before it as well: learn all, then add all. */
void report_learn(struct report *, const struct message *);
void report_add(struct report *, const struct message *, struct buf *out);
/* The rest of the page. */
void report_end(struct buf *out);

#endif
