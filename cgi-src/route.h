/*
 * route: which endpoint a method and a path mean.  One table.
 */
#ifndef LETTERBOX_ROUTE_H
#define LETTERBOX_ROUTE_H

#include "err.h"
#include "http.h"

enum route {
	ROUTE_JOIN,        /* POST   /rooms/{room}/peers */
	ROUTE_POLL,        /* GET    /rooms/{room}/messages */
	ROUTE_POST,        /* POST   /rooms/{room}/messages */
	ROUTE_AWAY,        /* POST   /rooms/{room}/away */
	ROUTE_LEAVE,       /* POST   /rooms/{room}/leave */
	ROUTE_REMOVE,      /* DELETE /rooms/{room}/peers/{peer} */
	ROUTE_RULES,       /* POST   /rooms/{room}/rules */
	ROUTE_ROOM,        /* GET    /rooms/{room} */
	ROUTE_LOG,         /* GET    /rooms/{room}/log */
	ROUTE_REPORT,      /* GET    /rooms/{room}/report */
	ROUTE_ICE,         /* GET    /ice */
	ROUTE_HEALTHZ,     /* GET    /healthz */
	ROUTE_READYZ,      /* GET    /readyz */
	ROUTE_METRICS,     /* GET    /metrics */
	ROUTE_OPENAPI,     /* GET    /openapi.json */
	ROUTE_SOCKET,      /* GET    /websocket.js */
	ROUTE_DOCTOR,      /* GET    /doctor */
	ROUTE_DOCTOR_JSON, /* POST   /doctor.json */
	ROUTE_KEYS,        /* POST   /doctor/keys.json */
	ROUTE__MAX
};

struct route_match {
	enum route route;
	struct slice room; /* percent-decoded in place, checked by name.h */
	struct slice peer;
	/* Bits 1 << enum http_method: the methods of this path, for Allow and
	 * for preflights. */
	unsigned allow;
};

/*
 * LB_OK; LB_NOT_FOUND for a path that is none of ours; LB_METHOD for one of
 * ours with another method (`allow` is set); LB_BAD_NAME for a room or peer
 * against NAME_RULE.  HEAD counts as GET.  A trailing slash is not ours.  The
 * bytes of `path` are written to only where they hold a '%'.
 */
enum lb_err route_find(enum http_method method, struct slice path,
    struct route_match *out);

/* For tests and documents: the template of a route, "/rooms/{room}/peers". */
const char *route_template(enum route route);
enum http_method route_method(enum route route);

#endif
