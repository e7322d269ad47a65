/*
 * dialect_rooms: dispatch, origins and preflights.
 */
#define _POSIX_C_SOURCE 200809L

#include "dialect_rooms.h"

#include <stdlib.h>
#include <strings.h>

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
	[ROUTE_ICE] = rooms_ice,
	[ROUTE_HEALTHZ] = rooms_healthz,
	[ROUTE_READYZ] = rooms_readyz,
	[ROUTE_METRICS] = rooms_metrics,
	[ROUTE_OPENAPI] = rooms_openapi,
	[ROUTE_DOCTOR] = rooms_doctor,
	[ROUTE_REPORT] = rooms_report,
};
/* clang-format on */

/* The origin of our own pages (RFC 6454 section 7): a scheme and then what
 * the browser put into Host. */
static int
is_own(const struct http_request *r)
{
	struct slice host = r->origin;

	if (slice_starts(host, "https://")) {
		host.p += 8;
		host.n -= 8;
	} else if (slice_starts(host, "http://")) {
		host.p += 7;
		host.n -= 7;
	}
	return host.n > 0 && host.n == r->host.n &&
	    strncasecmp(host.p, r->host.p, host.n) == 0;
}

static int
is_listed(const struct rooms_mount *m, struct slice origin)
{
	for (size_t i = 0; i < m->origin_count; i++)
		if (slice_is(origin, m->origins[i]) ||
		    slice_is(SLICE("*"), m->origins[i]))
			return 1;
	return 0;
}

/* Requests without Origin come from no page, or from our own. */
static enum lb_err
check_origin(const struct rooms_mount *m, struct exchange *ex)
{
	struct slice origin = ex->request->origin;

	if (m->origin_count > 0)
		buf_str(&ex->head, "Vary: Origin\r\n");
	if (origin.p == NULL)
		return LB_OK;
	if (!is_listed(m, origin))
		return is_own(ex->request) ? LB_OK : LB_ORIGIN;
	buf_str(&ex->head, "Access-Control-Allow-Origin: ");
	buf_slice(&ex->head, origin);
	buf_str(&ex->head,
	    "\r\nAccess-Control-Expose-Headers: "
	    "Retry-After, Allow\r\n");
	return LB_OK;
}

static void
reply_preflight(struct exchange *ex, const struct route_match *match)
{
	const struct reply reply = { 204, NULL, { NULL, 0 } };
	struct rooms_fault fault = ROOMS_NO_FAULT;

	fault.allow = match->allow;
	if (ex->request->origin.p == NULL) {
		rooms_refuse(ex, LB_METHOD, &fault);
		return;
	}
	buf_str(&ex->head,
	    "Access-Control-Allow-Methods: GET, POST, "
	    "DELETE\r\nAccess-Control-Allow-Headers: Authorization, "
	    "Content-Type, Last-Event-ID, Prefer, X-Letterbox-Token\r\n"
	    "Access-Control-Max-Age: 600\r\n");
	exchange_reply(ex, &reply);
}

/* ---- reading ---- */

/* These read before they reply or park, if they do more than that at all. */
static const int reads[ROUTE__MAX] = {
	[ROUTE_POLL] = 1,
	[ROUTE_AWAY] = 1,
	[ROUTE_ROOM] = 1,
	[ROUTE_ICE] = 1,
};

/* A request that waits until the store can be read. */
struct later {
	struct store_op op;
	struct rooms_mount *mount;
	struct exchange *ex;
	struct route_match match;
};

static enum lb_err
run_later(struct store_op *op, struct store_tx *tx)
{
	(void)op;
	(void)tx;
	return LB_OK;
}

static void
go_on(struct store_op *op, enum lb_err err)
{
	struct later *l = (struct later *)(void *)op;

	if (exchange_committed(l->ex)) {
		if (err == LB_OK)
			endpoints[l->match.route](l->mount, l->ex, &l->match);
		else
			rooms_refuse(l->ex, err, NULL);
	}
	free(l);
}

static void
enter(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct store *store = postoffice_store(m->po);
	struct later *l;

	if (!reads[match->route] || store_enter(store) == LB_OK) {
		endpoints[match->route](m, ex, match);
		return;
	}
	l = calloc(1, sizeof(*l));
	if (l == NULL) {
		rooms_refuse(ex, LB_NO_MEMORY, NULL);
		return;
	}
	l->op.run = run_later;
	l->op.done = go_on;
	l->mount = m;
	l->ex = ex;
	l->match = *match;
	store_append(store, &l->op);
	exchange_commit(ex);
}

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
		enum lb_err origin = check_origin(m, ex);

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
		enter(m, ex, &match);
		return;
	}
	if (err == LB_METHOD)
		fault.allow = match.allow;
	if (err == LB_TOO_LARGE)
		fault.limit = m->body_max;
	rooms_refuse(ex, err, &fault);
}

static void
finish(void *mount, struct exchange *ex)
{
	struct rooms_work *work = ex->work;

	(void)mount;
	if (work != NULL)
		work->finish(work);
}

const struct dialect dialect_rooms = { "rooms", handle, finish };
