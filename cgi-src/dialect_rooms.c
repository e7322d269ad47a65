/*
 * dialect_rooms: dispatch.
 */
#include "dialect_rooms.h"

#include "dialect_origin.h"
#include "dialect_rooms_parts.h"

/* clang-format off */
static rooms_endpoint *const endpoints[ROUTE__MAX] = {
	[ROUTE_JOIN] = rooms_join,
	[ROUTE_POLL] = rooms_poll,
	[ROUTE_POST] = rooms_post,
	[ROUTE_AWAY] = rooms_away,
	[ROUTE_LEAVE] = rooms_leave,
	[ROUTE_REMOVE] = rooms_remove,
	[ROUTE_RULES] = rooms_set_rules,
	[ROUTE_ROOM] = rooms_look,
	[ROUTE_LOG] = rooms_log,
	[ROUTE_REPORT] = rooms_report,
	[ROUTE_ICE] = rooms_ice,
	[ROUTE_HEALTHZ] = rooms_healthz,
	[ROUTE_READYZ] = rooms_readyz,
	[ROUTE_METRICS] = rooms_metrics,
	[ROUTE_OPENAPI] = rooms_openapi,
	[ROUTE_SOCKET] = rooms_websocket,
	[ROUTE_DOCTOR] = rooms_doctor,
	[ROUTE_DOCTOR_JSON] = rooms_doctor_json,
	[ROUTE_KEYS] = rooms_keys,
};
/* clang-format on */

static void
reply_preflight(struct exchange *ex, const struct route_match *match)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;

	if (origin_preflight(ex))
		return;
	fault.allow = match->allow;
	rooms_refuse(ex, LB_METHOD, &fault);
}

/* ---- reading ---- */

/* These read before they reply or park, if they do more than that at all. */
static const int reads[ROUTE__MAX] = {
	[ROUTE_POLL] = 1,
	[ROUTE_AWAY] = 1,
	[ROUTE_ROOM] = 1,
	[ROUTE_LOG] = 1,
	[ROUTE_REPORT] = 1,
	[ROUTE_ICE] = 1,
	[ROUTE_KEYS] = 1,
};

/* ---- dispatch ---- */

static void
handle(void *mount, struct exchange *ex)
{
	struct rooms_mount *m = mount;
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct route_match match = { 0 };
	enum lb_err err = ex->request->refused;

	postoffice_meet(m->po, ex->request->server_software);
	if (err == LB_OK || err == LB_TOO_LARGE) {
		enum lb_err origin = origin_check(ex, m->origins,
		    m->origin_count);

		if (origin != LB_OK)
			err = origin;
	}
	if (err == LB_OK || err == LB_TOO_LARGE) {
		enum lb_err found = route_find(ex->request->method,
		    ex->request->path, &match);

		if (found != LB_OK)
			err = found;
	}
	if (err == LB_METHOD && ex->request->method == HTTP_OPTIONS) {
		reply_preflight(ex, &match);
		return;
	}
	if (err == LB_OK && (int64_t)ex->request->body.n > m->body_max)
		err = LB_TOO_LARGE;
	if (err == LB_OK) {
		if (reads[match.route])
			rooms_enter(m, ex, endpoints[match.route], &match);
		else
			endpoints[match.route](m, ex, &match);
		return;
	}
	if (err == LB_METHOD)
		fault.allow = match.allow;
	if (err == LB_TOO_LARGE)
		fault.limit = m->body_max;
	rooms_refuse(ex, err, &fault);
}

const struct dialect dialect_rooms = { "rooms", handle, rooms_finish };
