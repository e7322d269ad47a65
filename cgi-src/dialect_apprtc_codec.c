/*
 * dialect_apprtc_codec: see dialect_apprtc_codec.h.
 */
#include "dialect_apprtc_codec.h"

#include <string.h>

#include "json.h"

#define BYE "{\"type\":\"bye\"}"

enum { TYPE, SDP, LABEL, ID, CANDIDATE, SESSION, MEMBERS };

/* clang-format off */
static const struct json_member apprtc_members[] = {
	[TYPE] = { "type", JSON_ANY, 0 },
	[SDP] = { "sdp", JSON_ANY, 0 },
	[LABEL] = { "label", JSON_ANY, 0 },
	[ID] = { "id", JSON_ANY, 0 },
	[CANDIDATE] = { "candidate", JSON_ANY, 0 },
	[SESSION] = { "session", JSON_ANY, 0 },
	{ NULL, JSON_ANY, 0 },
};

static const struct json_member native_members[] = {
	[TYPE] = { "type", JSON_ANY, 0 },
	[SDP] = { "sdp", JSON_ANY, 0 },
	[LABEL] = { "sdpMLineIndex", JSON_ANY, 0 },
	[ID] = { "sdpMid", JSON_ANY, 0 },
	[CANDIDATE] = { "candidate", JSON_ANY, 0 },
	[SESSION] = { "session", JSON_ANY, 0 },
	{ NULL, JSON_ANY, 0 },
};
/* clang-format on */

static int
is_string(struct slice value)
{
	return value.p != NULL && json_kind(value) == JSON_STRING;
}

/* A string without escapes, as all of these words are written. */
static int
is_word(struct slice value, const char *word)
{
	return is_string(value) &&
	    slice_is((struct slice){ value.p + 1, value.n - 2 }, word);
}

static int
is_description(const struct slice *v)
{
	return (is_word(v[TYPE], "offer") || is_word(v[TYPE], "answer")) &&
	    is_string(v[SDP]);
}

/* 1 when `v` is one that a browser can apply. */
static int
is_candidate(const struct slice *v)
{
	int64_t line;
	int has_line = v[LABEL].p != NULL &&
	    json_int(v[LABEL], 0, 65535, &line) == LB_OK;
	int has_id = is_string(v[ID]);

	if (!is_string(v[CANDIDATE]) || (!has_line && !has_id))
		return 0;
	return (has_line || v[LABEL].p == NULL ||
		   json_kind(v[LABEL]) == JSON_NULL) &&
	    (has_id || v[ID].p == NULL || json_kind(v[ID]) == JSON_NULL);
}

static void
print_member(struct buf *out, const char *name, struct slice value)
{
	if (value.p == NULL)
		return;
	buf_printf(out, "%s\"%s\":", out->p[out->n - 1] == '{' ? "" : ",",
	    name);
	buf_slice(out, value);
}

/* ---- in ---- */

/* `text` without each `part` behind `from`. */
static void
remove_all(struct buf *text, size_t from, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = from; i + n <= text->n;) {
		if (memcmp(text->p + i, part, n) != 0) {
			i++;
			continue;
		}
		memmove(text->p + i, text->p + i + n, text->n - i - n);
		text->n -= n;
	}
}

/* The offer comes back as its own answer, for a call with oneself. */
static void
mirror(struct slice json, struct slice type, struct apprtc_text *out)
{
	size_t before = (size_t)(type.p - json.p);

	buf_add(&out->text, json.p, before);
	buf_str(&out->text, "\"answer\"");
	buf_add(&out->text, type.p + type.n, json.n - before - type.n);
	if (!out->text.failed)
		remove_all(&out->text, 0, "a=ice-options:google-ice\\r\\n");
	out->mirror = buf_as_slice(&out->text);
}

static void
read_candidate(const struct slice *v, struct apprtc_text *out)
{
	struct buf *text = &out->text;

	buf_char(text, '{');
	if (!text->failed) {
		print_member(text, "candidate", v[CANDIDATE]);
		print_member(text, "sdpMid", v[ID]);
		print_member(text, "sdpMLineIndex", v[LABEL]);
	}
	buf_char(text, '}');
	out->type = SLICE("candidate");
	out->body = buf_as_slice(text);
}

enum lb_err
apprtc_read(struct slice json, struct apprtc_text *out)
{
	struct json_fault fault;
	struct slice v[MEMBERS];
	enum lb_err err;

	memset(out, 0, sizeof(*out));
	buf_init(&out->text, json.n + 64);
	if ((err = json_check(json, APPRTC_DEPTH, &fault)) != LB_OK)
		return err;
	out->type = SLICE("apprtc");
	out->body = json;
	err = json_pick(json, apprtc_members, v, &fault);
	if (err == LB_BAD_REQUEST) /* no object, or one with doubles */
		return LB_OK;
	if (err != LB_OK)
		return err;
	if (is_word(v[TYPE], "bye")) {
		out->act = APPRTC_LEAVE;
		out->type = out->body = slice_of(NULL);
	} else if (is_description(v)) {
		out->type = SLICE("description");
		if (is_word(v[TYPE], "offer"))
			mirror(json, v[TYPE], out);
	} else if (is_word(v[TYPE], "candidate") && is_candidate(v)) {
		read_candidate(v, out);
	}
	return out->text.failed ? LB_NO_MEMORY : LB_OK;
}

/* ---- out ---- */

/* What a native peer adds is for native peers. */
static void
write_description(struct buf *out, struct slice body, const struct slice *v)
{
	if (!is_description(v))
		return;
	if (v[SESSION].p == NULL) {
		buf_slice(out, body);
		return;
	}
	buf_str(out, "{\"type\":");
	buf_slice(out, v[TYPE]);
	buf_str(out, ",\"sdp\":");
	buf_slice(out, v[SDP]);
	buf_char(out, '}');
}

/* Without its end, an empty one, which old browsers do not know. */
static void
write_candidate(struct buf *out, const struct slice *v)
{
	if (!is_candidate(v) || v[CANDIDATE].n == 2)
		return;
	buf_str(out, "{\"type\":\"candidate\"");
	if (out->failed)
		return;
	print_member(out, "label", v[LABEL]);
	print_member(out, "id", v[ID]);
	print_member(out, "candidate", v[CANDIDATE]);
	buf_char(out, '}');
}

void
apprtc_write(struct buf *out, const struct message *m)
{
	struct json_fault fault;
	struct slice v[MEMBERS];

	if (slice_is(m->type, "left") || slice_is(m->type, "bye"))
		buf_str(out, BYE);
	else if (slice_is(m->type, "apprtc"))
		buf_slice(out, m->body);
	else if (json_pick(m->body, native_members, v, &fault) != LB_OK)
		return;
	else if (slice_is(m->type, "description"))
		write_description(out, m->body, v);
	else if (slice_is(m->type, "candidate"))
		write_candidate(out, v);
}
