/*
 * route: the table, and a matcher that reads the templates as they stand.
 */
#include "route.h"

#include <string.h>

#include "name.h"

/* clang-format off */
static const struct {
	enum http_method method;
	const char *template;
} table[ROUTE__MAX] = {
	[ROUTE_JOIN] =        { HTTP_POST,   "/rooms/{room}/peers" },
	[ROUTE_POLL] =        { HTTP_GET,    "/rooms/{room}/messages" },
	[ROUTE_POST] =        { HTTP_POST,   "/rooms/{room}/messages" },
	[ROUTE_AWAY] =        { HTTP_POST,   "/rooms/{room}/away" },
	[ROUTE_LEAVE] =       { HTTP_POST,   "/rooms/{room}/leave" },
	[ROUTE_REMOVE] =      { HTTP_DELETE, "/rooms/{room}/peers/{peer}" },
	[ROUTE_RULES] =       { HTTP_POST,   "/rooms/{room}/rules" },
	[ROUTE_ROOM] =        { HTTP_GET,    "/rooms/{room}" },
	[ROUTE_LOG] =         { HTTP_GET,    "/rooms/{room}/log" },
	[ROUTE_REPORT] =      { HTTP_GET,    "/rooms/{room}/report" },
	[ROUTE_ICE] =         { HTTP_GET,    "/ice" },
	[ROUTE_HEALTHZ] =     { HTTP_GET,    "/healthz" },
	[ROUTE_READYZ] =      { HTTP_GET,    "/readyz" },
	[ROUTE_METRICS] =     { HTTP_GET,    "/metrics" },
	[ROUTE_OPENAPI] =     { HTTP_GET,    "/openapi.json" },
	[ROUTE_SOCKET] =      { HTTP_GET,    "/websocket.js" },
	[ROUTE_DOCTOR] =      { HTTP_GET,    "/doctor" },
	[ROUTE_DOCTOR_JSON] = { HTTP_POST,   "/doctor.json" },
	[ROUTE_KEYS] =        { HTTP_POST,   "/doctor/keys.json" },
};
/* clang-format on */

/* 1 when `path` is of the form of `template`; the segments in braces, not
 * decoded, go to out->room and out->peer. */
static int
match(const char *template, struct slice path, struct route_match *out)
{
	struct slice *segment = &out->room;
	const char *p = path.p, *end = p + path.n;

	while (*template != '\0' && p < end) {
		if (*template != '{') {
			if (*template ++ != *p++)
				return 0;
			continue;
		}
		segment->p = p;
		while (p < end && *p != '/')
			p++;
		segment->n = (size_t)(p - segment->p);
		if (segment->n == 0)
			return 0;
		segment = &out->peer;
		template = strchr(template, '}') + 1;
	}
	return *template == '\0' && p == end;
}

static unsigned
allowed(enum http_method method)
{
	const unsigned head = method == HTTP_GET ? 1U << HTTP_HEAD : 0;

	return 1U << method | head;
}

/* Decodes and checks a segment; an absent one is right. */
static int
settle(struct slice *segment)
{
	return segment->p == NULL ||
	    (http_decode(segment, 0) == LB_OK && name_valid(*segment));
}

enum lb_err
route_find(enum http_method method, struct slice path, struct route_match *out)
{
	struct route_match one;
	unsigned i;
	int found = 0;

	memset(out, 0, sizeof(*out));
	out->route = ROUTE__MAX;
	if (path.n == 0)
		return LB_NOT_FOUND;
	if (method == HTTP_HEAD)
		method = HTTP_GET;
	for (i = 0; i < ROUTE__MAX; i++) {
		memset(&one, 0, sizeof(one));
		if (!match(table[i].template, path, &one))
			continue;
		one.allow = out->allow | allowed(table[i].method);
		one.route = out->route;
		*out = one;
		if (table[i].method == method) {
			out->route = (enum route)i;
			found = 1;
		}
	}
	if (!found)
		return out->allow == 0 ? LB_NOT_FOUND : LB_METHOD;
	if (!settle(&out->room) || !settle(&out->peer))
		return LB_BAD_NAME;
	return LB_OK;
}

const char *
route_template(enum route route)
{
	return (unsigned)route < ROUTE__MAX ? table[route].template : "";
}

enum http_method
route_method(enum route route)
{
	return (unsigned)route < ROUTE__MAX ? table[route].method : HTTP_OTHER;
}
