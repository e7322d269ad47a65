/*
 * dialect_channel: the Channel API of App Engine over rooms.
 *
 * A client of an application is a peer of a room of its own: namespace
 * "channel:" and the name of the application's key, room its client id, peer
 * "client".  The room "presence"/KEY hears who comes and goes.  Everything
 * about mail, order and presence is the post office's.
 *
 * dialect_channel.c dispatches; create, send and presence are for applications,
 * the others for browsers: open, mail, close and away for our own script, dev
 * for the one of the development server.
 */
#ifndef LETTERBOX_DIALECT_CHANNEL_H
#define LETTERBOX_DIALECT_CHANNEL_H

#include "dialect.h"

/* Bytes of a body that the transport must let through: the longest message, in
 * the longest spelling that libraries choose. */
#define CHANNEL_BODY_MAX 106496

/* Its mount is the struct rooms_mount of dialect_rooms. */
extern const struct dialect dialect_channel;

#endif
