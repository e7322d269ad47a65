/*
 * dialect_apprtc_query: what the address of a request says.
 */
#include <string.h>
#include <strings.h>

#include "dialect_apprtc_parts.h"

/* Of an address and of a cookie's value. */
#define SAFE                                                             \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" \
	"-._~%+=:@!$()*,;/?"

static int
is_text(struct slice s)
{
	struct json_fault fault;
	struct buf json;
	int is;

	buf_init(&json, 6 * s.n + 64);
	buf_json(&json, s);
	is = !json.failed &&
	    json_check(buf_as_slice(&json), 1, &fault) == LB_OK;
	buf_reset(&json);
	return is;
}

struct slice
apprtc_argument(const struct http_request *r, const char *name, size_t max,
    struct buf *text)
{
	struct slice value = { text->p + text->n, 0 };

	if (http_query(r->query, name, text) != LB_OK)
		return value;
	value.n = text->n - (size_t)(value.p - text->p);
	if (value.n > max || !is_text(value))
		value.n = 0;
	return value;
}

static void
add_safe(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\0' && strchr(SAFE, s.p[i]) != NULL)
			buf_char(out, s.p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)s.p[i]);
	}
}

static int
is_ours(struct slice member)
{
	return slice_is(member, "r") || slice_starts(member, "r=") ||
	    slice_is(member, "path") || slice_starts(member, "path=");
}

void
apprtc_arguments(struct buf *out, const struct http_request *r)
{
	struct slice rest = r->query, member;

	while (rest.n > 0) {
		const char *stop = memchr(rest.p, '&', rest.n);

		member.p = rest.p;
		member.n = stop != NULL ? (size_t)(stop - rest.p) : rest.n;
		rest.p += member.n;
		rest.n -= member.n;
		if (stop != NULL) {
			rest.p++;
			rest.n--;
		}
		if (member.n == 0 || is_ours(member))
			continue;
		buf_char(out, '&');
		add_safe(out, member);
	}
}

int
apprtc_is_secure(const struct http_request *r)
{
	return slice_is(r->scheme, "https") || slice_is(r->https, "1") ||
	    (r->https.n == 2 && strncasecmp(r->https.p, "on", 2) == 0);
}

void
apprtc_path(struct buf *out, const struct http_request *r)
{
	add_safe(out, r->script_name);
	buf_char(out, '/');
}

void
apprtc_base(struct buf *out, const struct http_request *r)
{
	buf_str(out, apprtc_is_secure(r) ? "https://" : "http://");
	add_safe(out, r->host);
	apprtc_path(out, r);
}

struct slice
apprtc_cookie(const struct http_request *r, const char *name)
{
	struct slice rest = r->cookie, one;
	size_t n = strlen(name);

	while (rest.n > 0) {
		const char *stop = memchr(rest.p, ';', rest.n);

		one.p = rest.p;
		one.n = stop != NULL ? (size_t)(stop - rest.p) : rest.n;
		rest.p += one.n + (stop != NULL);
		rest.n -= one.n + (stop != NULL);
		while (one.n > 0 && *one.p == ' ') {
			one.p++;
			one.n--;
		}
		if (one.n > n && slice_starts(one, name) && one.p[n] == '=')
			return (struct slice){ one.p + n + 1, one.n - n - 1 };
	}
	return slice_of(NULL);
}
