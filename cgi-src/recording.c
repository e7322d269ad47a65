/*
 * recording: see recording.h.
 */
#include "recording.h"

#include <string.h>

#include "json.h"

enum { VERSION, EPOCH, NAMESPACE, ROOM, REDACTED, HEADER__MAX };

static const struct json_member header[] = {
	[VERSION] = { "letterbox", JSON_NUMBER, 1 },
	[EPOCH] = { "epoch", JSON_STRING, 1 },
	[NAMESPACE] = { "namespace", JSON_STRING, 1 },
	[ROOM] = { "room", JSON_STRING, 1 },
	[REDACTED] = { "redacted", JSON_BOOL, 1 },
	[HEADER__MAX] = { NULL, JSON_NULL, 0 },
};

enum { SEQ, AT, FROM, TO, TYPE, BODY, MESSAGE__MAX };

static const struct json_member members[] = {
	[SEQ] = { "seq", JSON_NUMBER, 1 },
	[AT] = { "at", JSON_NUMBER, 1 },
	[FROM] = { "from", JSON_STRING, 1 },
	[TO] = { "to", JSON_STRING, 0 },
	[TYPE] = { "type", JSON_STRING, 1 },
	[BODY] = { "body", JSON_ANY, 1 },
	[MESSAGE__MAX] = { NULL, JSON_NULL, 0 },
};

/* ---- writing ---- */

static void
add_string(struct buf *out, const char *before, struct slice value)
{
	buf_str(out, before);
	buf_json(out, value);
}

void
recording_print_header(struct buf *out, const struct recording_header *h)
{
	buf_printf(out, "{\"letterbox\":%d", RECORDING_VERSION);
	add_string(out, ",\"epoch\":", h->epoch);
	add_string(out, ",\"namespace\":", h->namespace);
	add_string(out, ",\"room\":", h->room);
	buf_printf(out, ",\"redacted\":%s}\n", h->redacted ? "true" : "false");
}

/* JSON may have line ends between its tokens, and takes a space there too. */
static void
add_body(struct buf *out, struct slice body)
{
	const size_t start = out->n;

	buf_slice(out, body);
	for (size_t i = start; i < out->n; i++)
		if (out->p[i] == '\n' || out->p[i] == '\r')
			out->p[i] = ' ';
}

void
recording_print(struct buf *out, const struct message *m, struct slice body)
{
	buf_str(out, "{\"seq\":");
	buf_int(out, m->seq);
	buf_str(out, ",\"at\":");
	buf_int(out, m->at);
	add_string(out, ",\"from\":", m->from.p != NULL ? m->from : SLICE("?"));
	if (m->to.p != NULL)
		add_string(out, ",\"to\":", m->to);
	add_string(out, ",\"type\":", m->type);
	buf_str(out, ",\"body\":");
	add_body(out, body);
	buf_str(out, "}\n");
}

/* ---- hiding ---- */

void
recording_hide_header(struct redact *r, struct recording_header *h,
    struct buf *text)
{
	text->n = 0;
	h->redacted = r->what != 0;
	redact_value(r, REDACT_ROOM, h->room, text);
	h->room = buf_as_slice(text);
}

struct message
recording_hide(struct redact *r, const struct message *m, struct buf *text)
{
	struct message shown = *m;
	struct slice *const all[] = { &shown.from, &shown.to, &shown.type,
		&shown.body };
	size_t ends[sizeof(all) / sizeof(all[0])], at = 0;

	text->n = 0;
	redact_text(r, m->from, text);
	ends[0] = text->n;
	redact_text(r, m->to, text);
	ends[1] = text->n;
	redact_type(r, m->type, text);
	ends[2] = text->n;
	redact_json(r, m->body, text);
	ends[3] = text->n;
	/* What is absent stays so. */
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); at = ends[i++])
		if (ends[i] > at)
			*all[i] = (struct slice){ text->p + at, ends[i] - at };
	return shown;
}

/* ---- reading ---- */

static enum lb_err
refuse(struct buf *why, const char *words)
{
	buf_str(why, words);
	return LB_BAD_REQUEST;
}

/* One object of these members; makes room for all of its strings. */
static enum lb_err
read_object(struct slice line, const struct json_member *table,
    struct slice *values, struct buf *text, struct buf *why)
{
	struct json_fault fault = { 0, NULL, { NULL, 0 } };
	enum lb_err err;

	text->n = 0;
	text->failed = 0;
	if (buf_reserve(text, line.n + 1) == NULL)
		return LB_NO_MEMORY;
	if (json_check(line, JSON_DEPTH + 1, &fault) != LB_OK) {
		buf_printf(why, "it is not JSON: %s at byte %zu", fault.why,
		    fault.at + 1);
		return LB_BAD_JSON;
	}
	err = json_envelope(line, table, values, &fault);
	if (err == LB_BAD_REQUEST) {
		if (fault.member.p != NULL)
			buf_printf(why, "\"%.*s\" ",
			    (int)(fault.member.n < 64 ? fault.member.n : 64),
			    fault.member.p);
		else
			buf_str(why, "it ");
		buf_str(why, fault.why);
	}
	return err;
}

/* A string of 1 to `most` bytes, decoded. */
static enum lb_err
read_string(struct slice value, size_t most, const char *name, struct buf *text,
    struct slice *out, struct buf *why)
{
	const size_t at = text->n;
	enum lb_err err = json_string(value, text);

	if (err != LB_OK)
		return err;
	*out = (struct slice){ text->p + at, text->n - at };
	if (out->n > 0 && out->n <= most &&
	    memchr(out->p, '\0', out->n) == NULL)
		return LB_OK;
	buf_printf(why, "\"%s\" is not of 1 to %zu bytes", name, most);
	return LB_BAD_REQUEST;
}

enum lb_err
recording_read_header(struct slice line, struct buf *text,
    struct recording_header *out, struct buf *why)
{
	struct slice values[HEADER__MAX];
	int64_t version;
	enum lb_err err = read_object(line, header, values, text, why);

	if (err != LB_OK)
		return err;
	if (json_int(values[VERSION], RECORDING_VERSION, RECORDING_VERSION,
		&version) != LB_OK) {
		buf_printf(why, "it is of version %.*s, and only %d is known",
		    (int)(values[VERSION].n < 20 ? values[VERSION].n : 20),
		    values[VERSION].p, RECORDING_VERSION);
		return LB_BAD_REQUEST;
	}
	err = read_string(values[EPOCH], 64, "epoch", text, &out->epoch, why);
	if (err == LB_OK)
		err = read_string(values[NAMESPACE], RECORDING_ID, "namespace",
		    text, &out->namespace, why);
	if (err == LB_OK)
		err = read_string(values[ROOM], RECORDING_ID, "room", text,
		    &out->room, why);
	out->redacted = json_true(values[REDACTED]);
	return err;
}

enum lb_err
recording_read(struct slice line, int64_t after, struct buf *text,
    struct message *out, struct buf *why)
{
	struct slice v[MESSAGE__MAX];
	enum lb_err err = read_object(line, members, v, text, why);

	memset(out, 0, sizeof(*out));
	if (err != LB_OK)
		return err;
	if (json_int(v[SEQ], 1, RECORDING_SEQ_MAX, &out->seq) != LB_OK)
		return refuse(why, "\"seq\" is not a seq");
	if (out->seq <= after) {
		buf_printf(why, "seq %lld comes after %lld",
		    (long long)out->seq, (long long)after);
		return LB_BAD_REQUEST;
	}
	if (json_int(v[AT], -RECORDING_SEQ_MAX, RECORDING_SEQ_MAX, &out->at) !=
	    LB_OK)
		return refuse(why, "\"at\" is not a time");
	err = read_string(v[FROM], RECORDING_ID, "from", text, &out->from, why);
	if (err == LB_OK && v[TO].p != NULL)
		err = read_string(v[TO], RECORDING_ID, "to", text, &out->to,
		    why);
	if (err == LB_OK)
		err = read_string(v[TYPE], RECORDING_ID, "type", text,
		    &out->type, why);
	out->body = v[BODY];
	return err;
}
