/*
 * dialect_embedded: files that travel inside the program, as replies.
 *
 * They are the same for everybody and may be kept, but a browser asks each time
 * whether there is another version (RFC 9110 section 13.1.2): a new program is
 * seen at once, and the same one costs no more than the question.
 */
#ifndef LETTERBOX_DIALECT_EMBEDDED_H
#define LETTERBOX_DIALECT_EMBEDDED_H

#include "buf.h"

struct exchange;

/* 200 with the text, or 304 for who has this version.  `tag` names it; what
 * ex->head holds is said with both. */
void dialect_embedded(struct exchange *, const char *type, struct slice text,
    const char *tag);

#endif
