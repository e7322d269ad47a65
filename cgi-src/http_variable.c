/*
 * http_variable: from CGI variables to a request.
 */
#include <string.h>

#include "http.h"

#define LENGTH_DIGITS 18 /* fit an int64_t */

/* clang-format off */
static const struct {
	struct slice name;
	size_t offset;		/* of the slice in struct http_request */
} variables[] = {
#define ROW(name, member) \
	{ { name, sizeof(name) - 1 }, offsetof(struct http_request, member) }
	ROW("PATH_INFO", path),
	ROW("QUERY_STRING", query),
	ROW("CONTENT_TYPE", content_type),
	ROW("HTTP_AUTHORIZATION", authorization),
	/* Where Apache puts it when a rewriting rule let it through. */
	ROW("REDIRECT_HTTP_AUTHORIZATION", authorization),
	ROW("HTTP_X_LETTERBOX_TOKEN", x_token),
	ROW("HTTP_X_LETTERBOX_KEY", x_key),
	ROW("HTTP_X_LETTERBOX_KEY_NAME", x_key_name),
	ROW("HTTP_X_LETTERBOX_DATE", x_date),
	ROW("HTTP_X_LETTERBOX_SIGNATURE", x_signature),
	ROW("HTTP_PREFER", prefer),
	ROW("HTTP_ACCEPT", accept),
	ROW("HTTP_IF_NONE_MATCH", if_none_match),
	ROW("HTTP_ORIGIN", origin),
	ROW("HTTP_HOST", host),
	ROW("HTTP_X_FORWARDED_FOR", forwarded),
	ROW("HTTP_COOKIE", cookie),
	ROW("REQUEST_SCHEME", scheme),
	ROW("HTTPS", https),
	ROW("HTTP_LAST_EVENT_ID", last_event_id),
	ROW("REMOTE_ADDR", remote),
	ROW("SERVER_SOFTWARE", server_software),
	ROW("SCRIPT_NAME", script_name),
	ROW("SCRIPT_FILENAME", script_filename),
	ROW("DOCUMENT_ROOT", document_root),
};
/* clang-format on */

enum http_method
http_method(struct slice word)
{
	static const char *const words[] = {
		[HTTP_GET] = "GET",
		[HTTP_HEAD] = "HEAD",
		[HTTP_POST] = "POST",
		[HTTP_DELETE] = "DELETE",
		[HTTP_OPTIONS] = "OPTIONS",
	};
	unsigned i;

	for (i = HTTP_GET; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_is(word, words[i]))
			return (enum http_method)i;
	return HTTP_OTHER;
}

void
http_variable(struct http_request *r, struct slice name, struct slice value)
{
	struct slice *place;
	size_t i;

	if (slice_is(name, "REQUEST_METHOD")) {
		r->method = http_method(value);
		return;
	}
	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		/* A request has thirty variables: nearly all are told apart
		 * by their lengths, without a call. */
		if (name.n == variables[i].name.n &&
		    slice_equal(name, variables[i].name))
			break;
	if (i == sizeof(variables) / sizeof(variables[0]))
		return;
	place = (struct slice *)(void *)((char *)r + variables[i].offset);
	if (value.n > 0 || place->p == NULL)
		*place = value;
}

enum lb_err
http_length(struct slice value, int64_t *out)
{
	int64_t n = 0;

	*out = -1;
	if (value.n == 0)
		return LB_OK;
	if (value.n > LENGTH_DIGITS)
		return LB_BAD_REQUEST;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return LB_BAD_REQUEST;
		n = n * 10 + (value.p[i] - '0');
	}
	*out = n;
	return LB_OK;
}
