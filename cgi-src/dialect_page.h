/*
 * dialect_page: the call page, under the program's own address.
 *
 * Whoever opens that address in a browser gets the start page, and with
 * `?room=` the page of a room: one file each, from within the program, so
 * that uploading the program alone is enough.  All other requests are those
 * of dialect_rooms, whose mount it has too.
 */
#ifndef LETTERBOX_DIALECT_PAGE_H
#define LETTERBOX_DIALECT_PAGE_H

#include "exchange.h"

extern const struct dialect dialect_page;

/* Appends to the head what browsers are told of a page of ours, whose own
 * policy is `policy`. */
void dialect_page_guard(struct exchange *, const char *policy);

#endif
