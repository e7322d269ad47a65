/*
 * renew: see renew.h.
 */
#include "renew.h"

#include <string.h>

#include "json.h"
#include "token.h"

#define SESSION_TEXT 12 /* characters, as those of browsers have */

void
renew_hear(struct renew *r, struct slice type, struct slice body, int64_t seq)
{
	struct slice session, kind;
	struct buf text;

	if (json_kind(body) != JSON_OBJECT)
		return;
	if (slice_is(type, "description")) {
		r->descriptions++;
		kind = json_get(body, "type");
		if (kind.p != NULL && slice_is(kind, "\"offer\""))
			r->offer = seq;
	}
	session = json_get(body, "session");
	if (session.p == NULL || json_kind(session) != JSON_STRING)
		return;
	buf_init(&text, RENEW_SESSION);
	if (json_string(session, &text) == LB_OK && text.n > 0) {
		memcpy(r->session, text.p, text.n);
		r->session_n = text.n;
	}
	buf_reset(&text);
}

static void
add_session(struct slice salt, struct slice session, struct buf *out)
{
	struct token_digest digest;
	struct buf text;

	buf_init(&text, 64);
	token_hmac(&digest, salt, session);
	token_encode(&text, digest.b, TOKEN_DIGEST);
	buf_json(out,
	    (struct slice){ text.p,
		text.n < SESSION_TEXT ? text.n : SESSION_TEXT });
	buf_reset(&text);
}

/* 0: the member is left out. */
static int
add_value(const struct renew *r, struct slice salt, struct slice name,
    struct slice value, struct buf *out)
{
	const struct slice session = { r->session, r->session_n };
	struct buf text;

	buf_init(&text, 128);
	if (slice_is(name, "\"re\"")) {
		buf_int(&text, r->offer);
		value = r->offer == 0 ? slice_of(NULL) : buf_as_slice(&text);
	} else if (salt.p != NULL && slice_is(name, "\"for\"")) {
		buf_json(&text, session);
		value = session.n == 0 ? slice_of(NULL) : buf_as_slice(&text);
	} else if (salt.p != NULL && slice_is(name, "\"session\"")) {
		add_session(salt, value, &text);
		value = buf_as_slice(&text);
	}
	if (value.p != NULL) {
		buf_slice(out, name);
		buf_char(out, ':');
		buf_slice(out, value);
	}
	buf_reset(&text);
	return value.p != NULL;
}

void
renew_body(const struct renew *r, struct slice salt, struct slice body,
    struct buf *out)
{
	struct slice name, value;
	size_t at = 0, end;

	if (json_kind(body) != JSON_OBJECT) {
		buf_slice(out, body);
		return;
	}
	buf_char(out, '{');
	while (json_pair(body, &at, &name, &value)) {
		end = out->n;
		if (out->p != NULL && out->p[out->n - 1] != '{')
			buf_char(out, ',');
		if (!add_value(r, salt, name, value, out))
			out->n = end;
	}
	buf_char(out, '}');
}
