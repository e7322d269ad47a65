/*
 * dialect_channel: see dialect_channel.h.
 */
#include "dialect_channel.h"

#include "dialect_channel_parts.h"
#include "dialect_origin.h"

/* clang-format off */
static const struct endpoint {
	const char *path;
	channel_endpoint *run;
	enum http_method method;
	int alone; /* needs nothing of the store */
} endpoints[] = {
	{ "/channel/create", channel_create, HTTP_POST, 0 },
	{ "/channel/send", channel_send, HTTP_POST, 0 },
	{ "/channel/presence", channel_presence, HTTP_POST, 0 },
	{ "/_ah/channel/jsapi", channel_jsapi, HTTP_GET, 1 },
	{ "/_ah/channel/open", channel_open, HTTP_POST, 0 },
	{ "/_ah/channel/mail", channel_mail, HTTP_GET, 0 },
	{ "/_ah/channel/close", channel_close, HTTP_POST, 0 },
	{ "/_ah/channel/away", channel_away, HTTP_POST, 0 },
	{ "/_ah/channel/receive", channel_receive, HTTP_POST, 1 },
	{ "/_ah/channel/dev", channel_dev, HTTP_GET, 0 },
};
/* clang-format on */

/* ---- dispatch ---- */

static const struct endpoint *
find(struct slice path)
{
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (slice_is(path, endpoints[i].path))
			return &endpoints[i];
	return NULL;
}

/* In the form of the rooms' endpoints; there is no room in a path of ours. */
static void
run(struct rooms_mount *m, struct exchange *ex, const struct route_match *match)
{
	(void)match;
	find(ex->request->path)->run(m, ex);
}

/* LB_OK; LB_METHOD with fault->allow; or what else is wrong with it. */
static enum lb_err
check(struct rooms_mount *m, struct exchange *ex, const struct endpoint *e,
    struct rooms_fault *fault)
{
	const struct http_request *r = ex->request;
	enum http_method method = r->method == HTTP_HEAD ? HTTP_GET : r->method;
	enum lb_err err = r->refused;

	if (err != LB_OK && err != LB_TOO_LARGE)
		return err;
	err = origin_check(ex, m->origins, m->origin_count);
	if (err != LB_OK)
		return err;
	if (e == NULL)
		return LB_NOT_FOUND;
	if (method != e->method) {
		fault->allow = 1u << e->method;
		if (e->method == HTTP_GET)
			fault->allow |= 1u << HTTP_HEAD;
		return LB_METHOD;
	}
	if (r->refused == LB_TOO_LARGE || r->body.n > CHANNEL_BODY_MAX) {
		fault->limit = CHANNEL_BODY_MAX;
		return LB_TOO_LARGE;
	}
	return LB_OK;
}

static void
handle(void *mount, struct exchange *ex)
{
	struct rooms_mount *m = mount;
	const struct endpoint *e = find(ex->request->path);
	struct rooms_fault fault = ROOMS_NO_FAULT;
	enum lb_err err;

	postoffice_meet(m->po, ex->request->server_software);
	err = check(m, ex, e, &fault);
	if (err == LB_OK && e->alone)
		e->run(m, ex);
	else if (err == LB_OK)
		rooms_enter(m, ex, run, &(struct route_match){ 0 });
	else if (err != LB_METHOD || ex->request->method != HTTP_OPTIONS ||
	    !origin_preflight(ex))
		rooms_refuse(ex, err, &fault);
}

const struct dialect dialect_channel = { "channel", handle, rooms_finish };
