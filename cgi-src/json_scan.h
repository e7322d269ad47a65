/*
 * json_scan: the strict pass over a document; json.h has the rules.
 */
#ifndef LETTERBOX_JSON_SCAN_H
#define LETTERBOX_JSON_SCAN_H

#include "buf.h"
#include "err.h"

/* LB_OK, or LB_BAD_JSON with the offset of the first wrong byte in `*at` and
 * static words in `*why`.  Arrays and objects may be nested `depth` deep, 64
 * at most.  Costs one look at each byte, one per eight in plain strings. */
enum lb_err json_scan(struct slice text, unsigned depth, size_t *at,
    const char **why);

/* Behind the white space at `p`, at most `end`. */
const unsigned char *json_skip_space(const unsigned char *p,
    const unsigned char *end);
/* Behind the bytes at `p` that mean nothing inside a string: ASCII, but no
 * quote, backslash or control character. */
const unsigned char *json_skip_plain(const unsigned char *p,
    const unsigned char *end);

#endif
