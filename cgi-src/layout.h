/*
 * layout: what a message says, over as many lines as it takes.
 */
#ifndef LETTERBOX_LAYOUT_H
#define LETTERBOX_LAYOUT_H

#include "buf.h"
#include "redact.h"

/* Appends lines, each harmless for a terminal and with addresses and secrets
 * as `r` shows them: a description by its media sections, a candidate by its
 * parts, all else as indented JSON. */
void layout_body(struct buf *out, struct redact *r, struct slice type,
    struct slice body);
/* The parts of it: a description; JSON that was checked. */
void layout_sdp(struct buf *out, struct redact *r, struct slice sdp);
void layout_json(struct buf *out, struct slice json);

#endif
