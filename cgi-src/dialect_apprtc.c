/*
 * dialect_apprtc: see dialect_apprtc.h.
 */
#include "dialect_apprtc.h"

#include <string.h>

#include "dialect_apprtc_parts.h"
#include "dialect_origin.h"
#include "dialect_page.h"

/* clang-format off */
static const struct endpoint {
	const char *path; /* ends in '/': and all below it */
	apprtc_endpoint *run;
	enum http_method method;
} endpoints[] = {
	{ "/", apprtc_page, HTTP_GET },
	{ "/message", apprtc_message, HTTP_POST },
};
/* clang-format on */

static int
leads_to(const struct endpoint *e, struct slice path)
{
	size_t n = strlen(e->path);

	if (n > 1 && e->path[n - 1] == '/')
		return path.n > n && slice_starts(path, e->path);
	return slice_is(path, e->path);
}

/* NULL: the path is none of AppRTC's. */
static const struct endpoint *
find(const struct http_request *r)
{
	struct slice path = r->path.n == 0 ? SLICE("/") : r->path;

	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (leads_to(&endpoints[i], path))
			return &endpoints[i];
	return NULL;
}

static void
refuse_method(struct exchange *ex, const struct endpoint *e)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;

	fault.allow = 1u << e->method;
	if (e->method == HTTP_GET)
		fault.allow |= 1u << HTTP_HEAD;
	rooms_refuse(ex, LB_METHOD, &fault);
}

static int
takes(const struct endpoint *e, enum http_method method)
{
	return method == e->method ||
	    (method == HTTP_HEAD && e->method == HTTP_GET);
}

static void
handle(void *mount, struct exchange *ex)
{
	struct rooms_mount *m = mount;
	const struct endpoint *e = find(ex->request);
	enum lb_err err = ex->request->refused;

	if (e == NULL) {
		exchange_pass(ex, &dialect_page, m);
		return;
	}
	postoffice_meet(m->po, ex->request->server_software);
	if (err == LB_OK || err == LB_TOO_LARGE)
		err = origin_check(ex, m->origins, m->origin_count);
	if (err != LB_OK)
		rooms_refuse(ex, err, NULL);
	else if (takes(e, ex->request->method))
		e->run(m, ex);
	else if (ex->request->method != HTTP_OPTIONS || !origin_preflight(ex))
		refuse_method(ex, e);
}

const struct dialect dialect_apprtc = { "apprtc", handle, rooms_finish };
