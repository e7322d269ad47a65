/*
 * plain: what peers wrote, made harmless for a terminal.
 *
 * A terminal obeys control characters, and bidirectional ones make it show
 * something else than is there.  Both are written out, as is what is not
 * UTF-8; all else passes.  Backslashes pass too: the output is for eyes and
 * is not read back.
 */
#ifndef LETTERBOX_PLAIN_H
#define LETTERBOX_PLAIN_H

#include "buf.h"

/* Appends `text` on one line: "\n", "\t" and "\r", "\x1b" for other control
 * characters and for bytes that are not UTF-8, "\u{202e}" for characters that
 * are not seen or turn the direction. */
void plain_add(struct buf *out, struct slice text);

/* Appends JSON with such characters as escapes of JSON: it is of the same
 * value, on one line, and can be shown. */
void plain_json(struct buf *out, struct slice json);

/* Columns that plain text takes: none for combining marks, two for wide
 * characters. */
size_t plain_width(struct slice plain);

/* Appends as much of plain text as fits `columns`, with an ellipsis in the
 * last one when it was cut; returns the columns taken. */
size_t plain_fit(struct buf *out, struct slice plain, size_t columns);

/* The same, filled up with spaces. */
void plain_column(struct buf *out, struct slice plain, size_t columns);

#endif
