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

/* 1 when such a value has got a pseudonym; gives it one. */
int redact_knows(struct redact *, enum redact_kind, struct slice value);
void redact_remember(struct redact *, enum redact_kind, struct slice value);
/* The parts of somebody's name are names as well. */
void redact_learn(struct redact *, struct slice name);
/* A value that got a pseudonym before, at the start of `s` where a word
 * begins: appends that; the bytes taken, or 0. */
size_t redact_known(struct redact *, struct slice s, struct buf *out);

/* What is called by its name, at the start of `s`, and what names somebody by
 * its form; `before`: the byte before it.  The bytes taken, or 0. */
size_t redact_said(struct redact *, struct slice s, char before, struct buf *);

/* Append what the text means when %41, \u0041 and \" are read as often as they
 * stand for each other; and what it is the base64 of.  0: nothing of the kind,
 * and `out` is of no use. */
int redact_decode(struct slice text, struct buf *out);
int redact_decode64(struct slice text, struct buf *out);

#endif
