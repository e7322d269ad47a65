/*
 * keyfile: secrets that lie in files: made at the first start, 0600.
 */
#ifndef LETTERBOX_KEYFILE_H
#define LETTERBOX_KEYFILE_H

#include "buf.h"
#include "err.h"

/*
 * Appends the content of `folder`/`name` to `out`; makes it first, of 32
 * random bytes as base64url, when it is not there.  Of several processes that
 * start together all get the same.  LB_EXPOSED when others can read it,
 * LB_READ_ONLY, LB_IO, with a sentence in `words`.
 */
enum lb_err keyfile_get(const char *folder, const char *name, struct buf *out,
    struct buf *words);
/* Appends the content of an existing file without white space around it.
 * LB_CONF when it is not there or holds less than 16 bytes, LB_EXPOSED. */
enum lb_err keyfile_read(const char *path, struct buf *out, struct buf *words);
/* The same of a secret that a person has chosen: one character is enough, and
 * "-" is standard input. */
enum lb_err keyfile_secret(const char *path, struct buf *out,
    struct buf *words);

#endif
