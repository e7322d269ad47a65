/*
 * dialect_apprtc_collider: AppRTC of the days of Collider, its WebSocket
 * server.
 *
 *   POST /join/ROOM               who comes; the first one calls
 *   POST /message/ROOM/CLIENT     what it says; kept while it is alone
 *   POST /leave/ROOM/CLIENT       it goes
 *   GET  /r/ROOM, /params         a room's page; what a page is told
 *   POST /v1alpha/iceconfig       ICE servers
 *
 * What a client hears came by Collider.  websocket.js is its WebSocket here:
 * it registers with POST /ws, gets the client's channel token and hears at
 * /_ah/channel.  POST and DELETE /ws/ROOM/CLIENT are Collider's own, to say and
 * to go.
 *
 * A client is a user of dialect_apprtc_parts.h.  Its id is the user's number
 * and a MAC of that, since by it alone a client registers, and hears then:
 * whoever guesses a number does not.  Where AppRTC shares its rooms with native
 * peers the second one calls, as these do.
 */
#ifndef LETTERBOX_DIALECT_APPRTC_COLLIDER_H
#define LETTERBOX_DIALECT_APPRTC_COLLIDER_H

#include "dialect_apprtc_parts.h"

apprtc_endpoint collider_join, collider_message, collider_leave,
    collider_register, collider_wire, collider_ice, collider_params,
    collider_room;

#define COLLIDER_MINUTES 1440 /* of a channel token: a call may be long */
#define COLLIDER_CLIENT 31    /* characters of a client's id */

/* The room of "/PREFIX/ROOM[/CLIENT]", as apprtc_room() makes it, appended to
 * `text`, which must not move, and the client; absent where there is none.
 * LB_OK, LB_BAD_NAME, LB_NO_MEMORY; LB_NOT_FOUND for more of a path. */
enum lb_err collider_place(const struct http_request *, struct buf *text,
    struct slice *room, struct slice *client);

/* Appends a client's id: "12345678-" and a MAC. */
void collider_print_client(struct buf *out, struct rooms_mount *,
    const struct apprtc_seat *);
/* apprtc_seat() of who has that id.  LB_OK, LB_NOT_A_MEMBER, LB_NO_MEMORY. */
enum lb_err collider_find(struct apprtc_seat *, struct rooms_mount *,
    struct slice room, struct slice client);

/* What somebody in a room is told beyond what every page is. */
struct collider_seat {
	const struct apprtc_seat *seat;
	int initiator;
	struct slice messages; /* JSON strings, with commas between */
};

/* Appends the parameters as one JSON object.  `room` may be absent, and
 * `seat` NULL. */
enum lb_err collider_print(struct buf *out, struct rooms_mount *,
    const struct http_request *, struct slice room,
    const struct collider_seat *);

#endif
