/*
 * redact_json: in the strings of a JSON text, and by the names of members.
 */
#include <string.h>
#include <strings.h>

#include "json.h"
#include "redact.h"

#define VALUE_MAX (1 << 20) /* bytes of a string, decoded or replaced */

/* Members that are called like what they hold. */
static const struct {
	const char *name;
	enum redact_kind kind;
} members[] = {
	{ "token", REDACT_SECRET },
	{ "secret", REDACT_SECRET },
	{ "password", REDACT_SECRET },
	{ "pwd", REDACT_PASSWORD },
	{ "icepwd", REDACT_PASSWORD },
	{ "credential", REDACT_SECRET },
	{ "key", REDACT_SECRET },
	{ "authorization", REDACT_SECRET },
	{ "ticket", REDACT_SECRET },
	{ "name", REDACT_NAME },
	{ "displayname", REDACT_NAME },
};

/* Behind the string that opens at `at`. */
static size_t
skip(struct slice json, size_t at)
{
	for (at++; at < json.n; at++) {
		if (json.p[at] == '"')
			return at + 1;
		if (json.p[at] == '\\')
			at++;
	}
	return json.n;
}

/* What a member of that name holds; REDACT__MAX: nothing of ours. */
static enum redact_kind
kind_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (name.n == strlen(members[i].name) &&
		    strncasecmp(name.p, members[i].name, name.n) == 0)
			return members[i].kind;
	return REDACT__MAX;
}

/* 1 when the string that ends at `at` is the name of a member. */
static int
is_name(struct slice json, size_t at)
{
	while (at < json.n && strchr(" \t\r\n", json.p[at]) != NULL)
		at++;
	return at < json.n && json.p[at] == ':';
}

struct scratch {
	struct buf text, shown;
};

/* One string, as the value of a member of the kind, or of none. */
static void
add_string(struct redact *r, struct slice string, enum redact_kind kind,
    struct scratch *s, struct buf *out)
{
	s->text.n = s->shown.n = 0;
	s->text.failed = s->shown.failed = 0;
	if (json_string(string, &s->text) != LB_OK) {
		buf_str(out, "\"\"");
		return;
	}
	if (kind != REDACT__MAX && s->text.n > 0)
		redact_value(r, kind, buf_as_slice(&s->text), &s->shown);
	else
		redact_text(r, buf_as_slice(&s->text), &s->shown);
	if (!s->shown.failed &&
	    slice_equal(buf_as_slice(&s->text), buf_as_slice(&s->shown)))
		buf_slice(out, string);
	else
		buf_json(out, buf_as_slice(&s->shown));
}

void
redact_json(struct redact *r, struct slice json, struct buf *out)
{
	enum redact_kind kind = REDACT__MAX;
	struct scratch s;
	size_t at = 0, from = 0, end;

	if (r->what == 0) {
		buf_slice(out, json);
		return;
	}
	buf_init(&s.text, VALUE_MAX);
	buf_init(&s.shown, VALUE_MAX);
	while (at < json.n) {
		if (json.p[at] != '"') {
			/* A value of another kind ends the member. */
			if (strchr(" \t\r\n:", json.p[at]) == NULL)
				kind = REDACT__MAX;
			at++;
			continue;
		}
		buf_add(out, json.p + from, at - from);
		end = skip(json, at);
		add_string(r, (struct slice){ json.p + at, end - at }, kind, &s,
		    out);
		kind = REDACT__MAX;
		if (is_name(json, end) && !s.text.failed)
			kind = kind_of(buf_as_slice(&s.text));
		at = from = end;
	}
	if (json.n > from)
		buf_add(out, json.p + from, json.n - from);
	buf_reset(&s.text);
	buf_reset(&s.shown);
}
