/*
 * gist: see gist.h.
 */
#include "gist.h"

#include <string.h>

#include "json.h"
#include "plain.h"
#include "sdp.h"

#define TEXT_MAX (1 << 20) /* bytes of an SDP, decoded */
#define CODECS 3           /* so many are named */

static void
add_plain(struct buf *out, struct redact *r, struct slice text)
{
	struct buf shown;

	buf_init(&shown, TEXT_MAX);
	redact_text(r, text, &shown);
	plain_add(out, buf_as_slice(&shown));
	buf_reset(&shown);
}

/* A member that is a string, decoded into `text`; absent when it is none. */
static struct slice
string_of(struct slice object, const char *member, struct buf *text)
{
	struct slice value = json_get(object, member);

	text->n = 0;
	if (value.p == NULL || json_kind(value) != JSON_STRING ||
	    json_string(value, text) != LB_OK)
		return slice_of(NULL);
	return text->n == 0 ? slice_of("") : buf_as_slice(text);
}

/* ---- descriptions ---- */

/* "opus" of "opus/48000/2". */
static struct slice
codec_name(const struct sdp_media *m, struct slice format)
{
	struct slice codec = sdp_codec(m, format);
	const char *slash;

	if (codec.p == NULL)
		return format;
	slash = memchr(codec.p, '/', codec.n);
	if (slash != NULL)
		codec.n = (size_t)(slash - codec.p);
	return codec;
}

static void
add_codecs(struct buf *out, const struct sdp_media *m)
{
	struct slice formats = m->formats, format, named[CODECS];
	size_t count = 0, i;

	if (slice_is(m->kind, "application"))
		return;
	while ((format = sdp_word(&formats)).p != NULL) {
		struct slice name = codec_name(m, format);

		for (i = 0; i < count && !slice_equal(named[i], name); i++)
			continue;
		if (i < count)
			continue;
		if (count == CODECS) {
			buf_str(out, " ...");
			return;
		}
		buf_str(out, count == 0 ? " " : "/");
		plain_add(out, name);
		named[count++] = name;
	}
}

static void
add_media(struct buf *out, const struct sdp *sdp, const struct sdp_media *m)
{
	plain_add(out, m->kind);
	if (sdp_is_rejected(m)) {
		buf_str(out, " rejected");
		return;
	}
	if (!slice_is(m->kind, "application")) {
		buf_char(out, ' ');
		plain_add(out, sdp_direction(sdp, m));
	}
	add_codecs(out, m);
}

static void
add_attribute(struct buf *out, const char *before, struct slice value)
{
	if (value.p == NULL)
		return;
	buf_str(out, before);
	plain_add(out, value);
}

static void
add_ufrag(struct buf *out, struct redact *r, struct slice ufrag)
{
	struct buf shown;

	buf_init(&shown, TEXT_MAX);
	redact_value(r, REDACT_UFRAG, ufrag, &shown);
	add_attribute(out, ", ufrag ", buf_as_slice(&shown));
	buf_reset(&shown);
}

static void
add_sdp(struct buf *out, struct redact *r, struct slice text)
{
	struct sdp sdp;
	struct slice ufrag;
	size_t candidates;

	sdp_parse(text, &sdp);
	for (size_t i = 0; i < sdp.count; i++) {
		buf_str(out, i == 0 ? ": " : "; ");
		add_media(out, &sdp, &sdp.media[i]);
	}
	if (sdp.count == 0) {
		buf_str(out, ": no media");
		return;
	}
	if (sdp.more > 0)
		buf_printf(out, "; %zu more", sdp.more);
	ufrag = sdp_inherit(&sdp, &sdp.media[0], "ice-ufrag");
	if (ufrag.p != NULL)
		add_ufrag(out, r, ufrag);
	add_attribute(out, ", ", sdp_inherit(&sdp, &sdp.media[0], "setup"));
	candidates = sdp_count(text, "candidate");
	buf_printf(out, ", %zu candidate%s", candidates,
	    candidates == 1 ? "" : "s");
}

static int
print_description(struct buf *out, struct redact *r, struct slice body)
{
	struct buf text;
	struct slice value;
	size_t before = out->n;

	buf_init(&text, TEXT_MAX);
	value = string_of(body, "type", &text);
	if (value.p != NULL) {
		plain_add(out, value);
		value = string_of(body, "sdp", &text);
		if (value.p != NULL)
			add_sdp(out, r, value);
	}
	buf_reset(&text);
	return out->n > before;
}

/* ---- candidates ---- */

static void
add_place(struct buf *out, struct redact *r, struct slice address,
    struct slice port)
{
	struct buf shown;

	buf_init(&shown, 1024);
	redact_address(r, address, &shown);
	if (memchr(shown.p != NULL ? shown.p : "", ':', shown.n) != NULL) {
		buf_char(out, '[');
		plain_add(out, buf_as_slice(&shown));
		buf_char(out, ']');
	} else {
		plain_add(out, buf_as_slice(&shown));
	}
	buf_char(out, ':');
	plain_add(out, port);
	buf_reset(&shown);
}

void
gist_candidate(struct buf *out, struct redact *r, struct slice text)
{
	struct sdp_candidate c;

	if (!sdp_read_candidate(text, &c)) {
		add_plain(out, r, text);
		return;
	}
	plain_add(out, c.type);
	buf_char(out, ' ');
	plain_add(out, c.transport);
	buf_char(out, ' ');
	add_place(out, r, c.address, c.port);
	if (c.raddr.p != NULL) {
		buf_str(out, " from ");
		add_place(out, r, c.raddr,
		    c.rport.p != NULL ? c.rport : slice_of("0"));
	}
	if (c.tcptype.p != NULL) {
		buf_char(out, ' ');
		plain_add(out, c.tcptype);
	}
	if (slice_is(c.component, "2"))
		buf_str(out, " rtcp");
}

static int
print_candidate(struct buf *out, struct redact *r, struct slice body)
{
	struct buf text;
	struct slice value;
	int known = 1;

	if (json_kind(body) == JSON_NULL) {
		buf_str(out, "end of candidates");
		return 1;
	}
	buf_init(&text, TEXT_MAX);
	value = string_of(body, "candidate", &text);
	if (value.p == NULL) {
		known = 0;
	} else if (value.n == 0) {
		buf_str(out, "end of candidates");
	} else {
		gist_candidate(out, r, value);
		value = string_of(body, "sdpMid", &text);
		if (value.p != NULL)
			add_attribute(out, ", mid ", value);
	}
	buf_reset(&text);
	return known;
}

/* ---- the rest ---- */

/* The first of these members that is a string; what the server itself says
 * has "name" or "reason". */
static int
print_words(struct buf *out, struct redact *r, struct slice body)
{
	static const char *const members[] = { "reason", "code", "text",
		"name" };
	struct buf text, line;
	struct slice value = slice_of(NULL);

	buf_init(&text, TEXT_MAX);
	if (json_kind(body) == JSON_STRING && json_string(body, &text) == LB_OK)
		value = buf_as_slice(&text);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) &&
	     value.p == NULL && json_kind(body) == JSON_OBJECT;
	     i++)
		value = string_of(body, members[i], &text);
	if (value.p != NULL) {
		buf_init(&line, 8 * TEXT_MAX);
		add_plain(&line, r, value);
		plain_fit(out, buf_as_slice(&line), GIST_WIDTH);
		buf_reset(&line);
	}
	buf_reset(&text);
	return value.p != NULL;
}

static void
print_json(struct buf *out, struct redact *r, struct slice body)
{
	struct buf shown, line;

	if (slice_is(body, "null") || slice_is(body, "{}"))
		return;
	buf_init(&shown, 2 * TEXT_MAX);
	buf_init(&line, 8 * TEXT_MAX);
	redact_json(r, body, &shown);
	plain_add(&line, buf_as_slice(&shown));
	plain_fit(out, buf_as_slice(&line), GIST_WIDTH);
	buf_reset(&shown);
	buf_reset(&line);
}

static const struct {
	const char *type;
	int (*print)(struct buf *, struct redact *, struct slice);
} types[] = {
	{ "description", print_description },
	{ "candidate", print_candidate },
	{ "chat", print_words },
	{ "error", print_words },
	{ "bye", print_words },
	{ "joined", print_words },
	{ "left", print_words },
};

void
gist_print(struct buf *out, struct redact *r, struct slice type,
    struct slice body)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_is(type, types[i].type) &&
		    types[i].print(out, r, body))
			return;
	print_json(out, r, body);
}

int64_t
gist_re(struct slice body)
{
	struct slice re = json_get(body, "re");
	int64_t seq;

	if (re.p == NULL || json_int(re, 1, INT64_MAX, &seq) != LB_OK)
		return 0;
	return seq;
}
