/*
 * dialect_origin: see dialect_origin.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "dialect_origin.h"

#include <strings.h>

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
is_listed(struct slice origin, const char *const *origins, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(origin, origins[i]) ||
		    slice_is(SLICE("*"), origins[i]))
			return 1;
	return 0;
}

/* Requests without Origin come from no page, or from our own. */
enum lb_err
origin_check(struct exchange *ex, const char *const *origins, size_t count)
{
	struct slice origin = ex->request->origin;

	if (count > 0)
		buf_str(&ex->head, "Vary: Origin\r\n");
	if (origin.p == NULL)
		return LB_OK;
	if (!is_listed(origin, origins, count))
		return is_own(ex->request) ? LB_OK : LB_ORIGIN;
	buf_str(&ex->head, "Access-Control-Allow-Origin: ");
	buf_slice(&ex->head, origin);
	buf_str(&ex->head,
	    "\r\nAccess-Control-Expose-Headers: "
	    "Retry-After, Allow, X-Letterbox-Error\r\n");
	return LB_OK;
}

int
origin_preflight(struct exchange *ex)
{
	const struct reply reply = { 204, NULL, { NULL, 0 } };

	if (ex->request->origin.p == NULL)
		return 0;
	buf_str(&ex->head,
	    "Access-Control-Allow-Methods: GET, POST, "
	    "DELETE\r\nAccess-Control-Allow-Headers: Authorization, "
	    "Content-Type, Last-Event-ID, Prefer, X-Letterbox-Token\r\n"
	    "Access-Control-Max-Age: 600\r\n");
	exchange_reply(ex, &reply);
	return 1;
}
