/*
 * redact_parts: shared by the files of redact, and by nobody else.
 */
#ifndef LETTERBOX_REDACT_PARTS_H
#define LETTERBOX_REDACT_PARTS_H

#include "redact.h"

/* 1 when the whole is an address of that family (AF_INET, AF_INET6); its
 * bytes, room for 16 of them. */
int redact_read(int family, struct slice s, unsigned char *bytes);
/* Appends an address that was read, as it may be shown; 1: as it is. */
int redact_add(struct redact *, int family, const unsigned char *bytes,
    struct slice text, struct buf *out);
/* 1 for names that end with ".local". */
int redact_is_local(struct slice name);

#endif
