/*
 * http: what a request says, and the few header grammars we need.
 *
 * Transports fill a struct http_request from CGI variables (RFC 3875); the
 * strings are slices of the exchange's buffer.  No sockets, no routes.
 */
#ifndef LETTERBOX_HTTP_H
#define LETTERBOX_HTTP_H

#include <stdint.h>

#include "buf.h"
#include "err.h"

enum http_method {
	HTTP_OTHER, /* or none was named */
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_DELETE,
	HTTP_OPTIONS
};

struct http_request {
	enum http_method method;
	struct slice path;  /* after the mount: PATH_INFO or ?path= */
	struct slice query; /* QUERY_STRING, not decoded */
	struct slice content_type;
	struct slice authorization;
	struct slice x_token; /* X-Letterbox-Token */
	struct slice x_key;   /* X-Letterbox-Key, or instead of it ... */
	struct slice x_key_name, x_date, x_signature; /* ...-Key-Name, ... */
	struct slice prefer;
	struct slice accept;
	struct slice if_none_match;
	struct slice origin;
	struct slice host;      /* Host: what a page of our own is of */
	struct slice forwarded; /* X-Forwarded-For */
	struct slice cookie;    /* Cookie */
	struct slice scheme;    /* REQUEST_SCHEME, and ... */
	struct slice https;     /* HTTPS: "on" with TLS */
	struct slice last_event_id;
	struct slice remote; /* REMOTE_ADDR */
	struct slice server_software;
	struct slice script_name;     /* SCRIPT_NAME: our own address */
	struct slice script_filename; /* SCRIPT_FILENAME: our own file */
	struct slice document_root;   /* DOCUMENT_ROOT: what is shown to all */
	struct slice body;
	/* LB_OK, or why the body was dropped: LB_TOO_LARGE. */
	enum lb_err refused;
};

enum http_method http_method(struct slice word);

/* One CGI variable into its place; unknown ones are ignored, of one that comes
 * twice the last that is not empty counts.  `name` as in RFC 3875
 * ("HTTP_PREFER").  Begin with a zeroed request, end with http_finish(). */
void http_variable(struct http_request *r, struct slice name,
    struct slice value);
/* Settles the path: `?path=` is taken when PATH_INFO is empty, absent or "/".
 * The decoded path is written over the query's own bytes, which must
 * therefore be writable.  LB_BAD_REQUEST for broken percent-encoding or a
 * NUL byte. */
enum lb_err http_finish(struct http_request *r);

/* Percent-decodes in place (RFC 3986 section 2.1), with `plus` '+' as a space
 * too; writes nothing when there is nothing to decode.  LB_BAD_REQUEST, with
 * the bytes spoiled, for broken encoding or a NUL byte. */
enum lb_err http_decode(struct slice *s, int plus);

/* The value of CONTENT_LENGTH (RFC 3875 section 4.1.2) in bytes, -1 when it is
 * absent or empty, which says nothing.  LB_BAD_REQUEST: it is no number, or an
 * absurd one. */
enum lb_err http_length(struct slice value, int64_t *out);

/*
 * The value of a query member, percent- and plus-decoded, appended to `out`.
 * LB_NOT_FOUND when it is not there; LB_BAD_REQUEST when it is there twice, its
 * encoding is broken, it holds a NUL byte or is longer than `out` may become;
 * LB_NO_MEMORY.  `out` is as it was when the answer is not LB_OK.
 */
enum lb_err http_query(struct slice query, const char *name, struct buf *out);

/* The token of the request's headers: Authorization: Bearer (RFC 6750
 * section 2.1, the scheme in any case) or X-Letterbox-Token; else absent. */
struct slice http_token(const struct http_request *r);

/* Seconds of `Prefer: wait=N` (RFC 7240 section 4.3), at most 999999999, or -1
 * when the first `wait` is no number or there is none. */
long http_prefer_wait(struct slice prefer);

/* 1 when the media type (RFC 9110 section 8.3.1), without its parameters and
 * in any case, is `type`. */
int http_media(struct slice content_type, const char *type);

/* 1 when Accept names `type` itself with a q above 0 (wildcards do not
 * count: a stream must be asked for). */
int http_accepts(struct slice accept, const char *type);

/* 1 when If-None-Match (RFC 9110 section 13.1.2) names the entity tag `tag`
 * (without its quotes), or any. */
int http_matches(struct slice if_none_match, const char *tag);

/* The standard phrase of a status we use; "Error" for others. */
const char *http_phrase(int status);

#endif
