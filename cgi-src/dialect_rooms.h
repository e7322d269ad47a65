/*
 * dialect_rooms: the native API of rooms; schema/openapi.yaml describes it.
 *
 * Routes in, JSON out.  A rule about rooms does not belong here but in the
 * post office.  dialect_rooms.c dispatches; one file for each family of
 * endpoints; dialect_rooms_parts.h is what they share.
 */
#ifndef LETTERBOX_DIALECT_ROOMS_H
#define LETTERBOX_DIALECT_ROOMS_H

#include "dialect.h"
#include "dialect_rooms_mount.h"

/* Its mount is a struct rooms_mount. */
extern const struct dialect dialect_rooms;

#endif
