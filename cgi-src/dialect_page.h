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

#include "dialect.h"

extern const struct dialect dialect_page;

#endif
