/*
 * problem: a problem document (RFC 9457), as far as all dialects say it.
 */
#ifndef LETTERBOX_PROBLEM_H
#define LETTERBOX_PROBLEM_H

#include "buf.h"
#include "err.h"

#define PROBLEM_TYPE "application/problem+json"

/* {"type":...,"title":...,"status":...,"code":...,"detail":...,"retryable":...
 * without the closing brace: members of one's own may follow. */
void problem_begin(struct buf *out, const struct err_words *,
    struct slice detail);

#endif
