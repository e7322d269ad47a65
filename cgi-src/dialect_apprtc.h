/*
 * dialect_apprtc: AppRTC of the Channel API's days over rooms.
 *
 * A user is a peer of a room, its channel token opens its mailbox at
 * /_ah/channel (dialect_channel), and the log holds what the native API would
 * have written: description, candidate, left.  dialect_apprtc_codec.h has
 * both directions.  Everything about seats, mail, order and presence is the
 * post office's.
 *
 * dialect_apprtc.c dispatches; what is none of its paths goes on to
 * dialect_page.  dialect_apprtc_parts.h is what the endpoints share.
 */
#ifndef LETTERBOX_DIALECT_APPRTC_H
#define LETTERBOX_DIALECT_APPRTC_H

#include "dialect.h"

/* Its mount is the struct rooms_mount of dialect_rooms. */
extern const struct dialect dialect_apprtc;

#endif
