/*
 * format: a recording for other people's programs.
 *
 * One table, format_table; each format appends what stands before the
 * messages, each of them, and what stands behind.  None of them can be
 * imported again: `lost` says what they leave out.
 */
#ifndef LETTERBOX_FORMAT_H
#define LETTERBOX_FORMAT_H

#include "lexicon.h"
#include "redact.h"
#include "tape.h"

struct format_work {
	struct buf *out;
	struct redact *redact;
	const struct tape *tape;
	struct slice room;    /* as it may be shown */
	struct lexicon peers; /* all of them, in the order of the log */
	struct lexicon pairs; /* seen so far, of rtcstats */
	struct buf text;      /* the message, as it may be shown */
	struct buf gist;      /* its body, in a line */
	size_t entries;       /* so far, of HAR */
	int64_t at;           /* ms: of the line before, of rtcstats */
};

struct format {
	const char *name;
	int is_picture; /* for `diagram`; a text else */
	void (*begin)(struct format_work *);
	void (*add)(struct format_work *, const struct message *);
	void (*end)(struct format_work *);
	const char *lost; /* a sentence */
};

extern const struct format format_table[]; /* ends with name == NULL */

/* NULL: there is none. */
const struct format *format_find(const char *name);

/* Strings, redact and tape are the caller's.  LB_NO_MEMORY is told by
 * peers.failed. */
void format_begin(struct format_work *, const struct format *);
/* Appends a message; what may be shown and the gist are made here. */
void format_add(struct format_work *, const struct format *,
    const struct message *);
void format_end(struct format_work *, const struct format *);

/* ---- the formats ---- */
void format_mermaid_begin(struct format_work *);
void format_mermaid_add(struct format_work *, const struct message *);
void format_plantuml_begin(struct format_work *);
void format_plantuml_add(struct format_work *, const struct message *);
void format_plantuml_end(struct format_work *);
void format_text_begin(struct format_work *);
void format_text_add(struct format_work *, const struct message *);
void format_har_begin(struct format_work *);
void format_har_add(struct format_work *, const struct message *);
void format_har_end(struct format_work *);
void format_rtcstats_begin(struct format_work *);
void format_rtcstats_add(struct format_work *, const struct message *);

#endif
