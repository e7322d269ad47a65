/*
 * dialect_apprtc: see dialect_apprtc.h.
 */
#include "dialect_apprtc.h"

#include <string.h>

#include "dialect_apprtc_collider.h"
#include "dialect_apprtc_parts.h"
#include "dialect_origin.h"
#include "dialect_page.h"

/* clang-format off */
#define GET	(1u << HTTP_GET | 1u << HTTP_HEAD)
#define POST	(1u << HTTP_POST)
#define DELETE	(1u << HTTP_DELETE)

static const struct endpoint {
	const char *path; /* ends in '/': and all below it */
	apprtc_endpoint *run;
	unsigned methods;  /* 1u << enum http_method */
} endpoints[] = {
	{ "/", apprtc_page, GET },
	{ "/message", apprtc_message, POST },
	{ "/join/", collider_join, POST },
	{ "/message/", collider_message, POST },
	{ "/leave/", collider_leave, POST },
	{ "/ws", collider_register, POST },
	{ "/ws/", collider_wire, POST | DELETE },
	{ "/v1alpha/iceconfig", collider_ice, GET | POST },
	{ "/params", collider_params, GET },
	{ "/r/", collider_room, GET },
};

#undef GET
#undef POST
#undef DELETE
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

	fault.allow = e->methods;
	rooms_refuse(ex, LB_METHOD, &fault);
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
	else if ((e->methods & 1u << ex->request->method) != 0)
		e->run(m, ex);
	else if (ex->request->method != HTTP_OPTIONS || !origin_preflight(ex))
		refuse_method(ex, e);
}

const struct dialect dialect_apprtc = { "apprtc", handle, rooms_finish };
