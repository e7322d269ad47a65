/*
 * layout: see layout.h.
 */
#include "layout.h"

#include <string.h>

#include "gist.h"
#include "json.h"
#include "plain.h"
#include "sdp.h"

#define TEXT_MAX (1 << 20) /* bytes of an SDP, decoded */
#define FORMAT_WIDTH 3     /* columns of a payload type */

static void
add_shown(struct buf *out, struct redact *r, struct slice text)
{
	struct buf shown;

	buf_init(&shown, 2 * TEXT_MAX);
	redact_text(r, text, &shown);
	plain_add(out, buf_as_slice(&shown));
	buf_reset(&shown);
}

static void
add_field(struct buf *out, const char *name, struct slice value)
{
	if (value.p == NULL)
		return;
	buf_printf(out, "%s ", name);
	plain_add(out, value);
}

/* ---- a section of media ---- */

/* What is told by lines of its own; the rest follows as it is. */
static const char *const told[] = { "mid", "sendrecv", "sendonly", "recvonly",
	"inactive", "ice-ufrag", "ice-pwd", "ice-options", "fingerprint",
	"setup", "rtpmap", "fmtp", "rtcp-fb", "candidate" };

static int
is_told(struct slice name)
{
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (slice_is(name, told[i]))
			return 1;
	return 0;
}

static void
add_hidden(struct buf *out, struct redact *r, const char *name,
    enum redact_kind kind, struct slice value)
{
	struct buf shown;

	if (value.p == NULL)
		return;
	buf_init(&shown, TEXT_MAX);
	redact_value(r, kind, value, &shown);
	add_field(out, name, buf_as_slice(&shown));
	buf_reset(&shown);
}

static void
add_ice(struct buf *out, struct redact *r, struct slice lines)
{
	struct slice ufrag = sdp_find(lines, "ice-ufrag");
	struct slice pwd = sdp_find(lines, "ice-pwd");

	if (ufrag.p == NULL && pwd.p == NULL)
		return;
	add_hidden(out, r, "    ice   ufrag", REDACT_UFRAG, ufrag);
	add_hidden(out, r, ", pwd", REDACT_PASSWORD, pwd);
	add_field(out, ", options", sdp_find(lines, "ice-options"));
	buf_char(out, '\n');
}

static void
add_dtls(struct buf *out, struct slice lines)
{
	struct slice setup = sdp_find(lines, "setup");
	struct slice print = sdp_find(lines, "fingerprint");

	if (setup.p == NULL && print.p == NULL)
		return;
	buf_str(out, "    dtls  ");
	add_field(out, "setup", setup);
	add_field(out, setup.p != NULL ? ", fingerprint" : "fingerprint",
	    print);
	buf_char(out, '\n');
}

/* "nack pli" and the like, of one format or of all. */
static void
add_feedback(struct buf *out, const struct sdp_media *m, struct slice format)
{
	struct sdp_line line;
	const char *gap = "  (";
	size_t at = 0;

	while (sdp_next(m->lines, &at, &line)) {
		struct slice rest = line.word;

		if (!slice_is(line.name, "rtcp-fb") || rest.p == NULL ||
		    !slice_equal(sdp_word(&rest), format))
			continue;
		buf_str(out, gap);
		if (rest.n > 0) {
			rest.p++;
			rest.n--;
		}
		plain_add(out, rest);
		gap = ", ";
	}
	if (*gap == ',')
		buf_char(out, ')');
}

static void
add_formats(struct buf *out, const struct sdp_media *m)
{
	struct slice formats = m->formats, format;
	const char *title = "codec";
	struct buf plain;

	if (slice_is(m->kind, "application"))
		return;
	buf_init(&plain, TEXT_MAX);
	while ((format = sdp_word(&formats)).p != NULL) {
		struct slice codec = sdp_codec(m, format);

		plain.n = 0;
		plain_add(&plain, format);
		buf_printf(out, "    %-5s ", title);
		title = "";
		plain_column(out, buf_as_slice(&plain), FORMAT_WIDTH);
		buf_char(out, ' ');
		plain_add(out, codec.p != NULL ? codec : slice_of("static"));
		add_field(out, " ", sdp_parameters(m, format));
		add_feedback(out, m, format);
		buf_char(out, '\n');
	}
	buf_reset(&plain);
}

static void
add_candidates(struct buf *out, struct redact *r, struct slice lines)
{
	struct sdp_line line;
	size_t at = 0;

	while (sdp_next(lines, &at, &line)) {
		if (!slice_is(line.name, "candidate"))
			continue;
		buf_str(out, "    cand  ");
		gist_candidate(out, r, line.value);
		buf_char(out, '\n');
	}
}

static void
add_rest(struct buf *out, struct redact *r, struct slice lines)
{
	struct sdp_line line;
	size_t at = 0;

	while (sdp_next(lines, &at, &line)) {
		if (line.kind == 'm' || is_told(line.name))
			continue;
		buf_str(out, "    ");
		add_shown(out, r, line.whole);
		buf_char(out, '\n');
	}
}

static void
add_section(struct buf *out, struct redact *r, const struct sdp *sdp, size_t i)
{
	const struct sdp_media *m = &sdp->media[i];

	buf_printf(out, "  %zu ", i);
	plain_add(out, m->kind);
	add_field(out, ", mid", sdp_find(m->lines, "mid"));
	buf_str(out, ", ");
	if (sdp_is_rejected(m))
		buf_str(out, "rejected");
	else
		plain_add(out, sdp_direction(sdp, m));
	add_field(out, ", port", m->port);
	buf_str(out, ", ");
	plain_add(out, m->proto);
	buf_char(out, '\n');
	add_ice(out, r, m->lines);
	add_dtls(out, m->lines);
	add_formats(out, m);
	add_candidates(out, r, m->lines);
	add_rest(out, r, m->lines);
}

void
layout_sdp(struct buf *out, struct redact *r, struct slice text)
{
	struct sdp sdp;

	sdp_parse(text, &sdp);
	buf_str(out, "  session\n");
	add_ice(out, r, sdp.session);
	add_dtls(out, sdp.session);
	add_rest(out, r, sdp.session);
	for (size_t i = 0; i < sdp.count; i++)
		add_section(out, r, &sdp, i);
	if (sdp.more > 0)
		buf_printf(out, "  and %zu more\n", sdp.more);
}

/* ---- JSON ---- */

static void
add_line(struct buf *out, unsigned depth)
{
	buf_char(out, '\n');
	for (unsigned i = 0; i < depth; i++)
		buf_str(out, "  ");
}

/* Behind the string that opens at `i`. */
static size_t
skip_string(struct slice json, size_t i)
{
	for (i++; i < json.n && json.p[i] != '"'; i++)
		if (json.p[i] == '\\')
			i++;
	return i < json.n ? i + 1 : json.n;
}

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t
skip_space(struct slice json, size_t i)
{
	while (i < json.n && is_space(json.p[i]))
		i++;
	return i;
}

/* One character that is not of a string; where to go on. */
static size_t
add_mark(struct buf *out, struct slice json, size_t i, unsigned *depth)
{
	const char c = json.p[i];
	const size_t next = skip_space(json, i + 1);

	if (c == '{' || c == '[') {
		buf_char(out, c);
		if (next < json.n &&
		    (json.p[next] == '}' || json.p[next] == ']')) {
			buf_char(out, json.p[next]);
			return next + 1;
		}
		add_line(out, ++*depth);
	} else if (c == '}' || c == ']') {
		add_line(out, *depth > 0 ? --*depth : 0);
		buf_char(out, c);
	} else {
		plain_add(out, (struct slice){ json.p + i, 1 });
		if (c == ',')
			add_line(out, *depth);
		else if (c == ':')
			buf_char(out, ' ');
	}
	return next;
}

void
layout_json(struct buf *out, struct slice json)
{
	unsigned depth = 0;
	size_t i = skip_space(json, 0), end;

	while (i < json.n) {
		if (json.p[i] == '"') {
			end = skip_string(json, i);
			plain_add(out, (struct slice){ json.p + i, end - i });
			i = skip_space(json, end);
			continue;
		}
		i = add_mark(out, json, i, &depth);
	}
	buf_char(out, '\n');
}

/* ---- a message ---- */

static int
add_description(struct buf *out, struct redact *r, struct slice body)
{
	struct slice type = json_get(body, "type"), sdp = json_get(body, "sdp");
	struct buf text;
	int done = 0;

	if (type.p == NULL || sdp.p == NULL || json_kind(sdp) != JSON_STRING)
		return 0;
	buf_init(&text, TEXT_MAX);
	if (json_kind(type) == JSON_STRING && json_string(type, &text) == LB_OK)
		plain_add(out, buf_as_slice(&text));
	text.n = 0;
	if (json_string(sdp, &text) == LB_OK) {
		buf_char(out, '\n');
		layout_sdp(out, r, buf_as_slice(&text));
		done = 1;
	}
	buf_reset(&text);
	return done;
}

/* The candidate in words, before it is shown as JSON. */
static void
add_candidate(struct buf *out, struct redact *r, struct slice body)
{
	static const char *const names[] = { "foundation", "component",
		"priority", "and" };
	struct slice value = json_get(body, "candidate");
	struct sdp_candidate c;
	struct buf text;

	if (value.p == NULL || json_kind(value) != JSON_STRING)
		return;
	buf_init(&text, TEXT_MAX);
	if (json_string(value, &text) == LB_OK &&
	    sdp_read_candidate(buf_as_slice(&text), &c)) {
		const struct slice values[] = { c.foundation, c.component,
			c.priority, c.rest };

		gist_candidate(out, r, buf_as_slice(&text));
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			buf_printf(out, "%s%s ", i == 0 ? "\n  " : ", ",
			    names[i]);
			add_shown(out, r, values[i]);
		}
		buf_char(out, '\n');
	}
	buf_reset(&text);
}

void
layout_body(struct buf *out, struct redact *r, struct slice type,
    struct slice body)
{
	struct buf shown;

	if (slice_is(type, "description") && add_description(out, r, body))
		return;
	if (slice_is(type, "candidate"))
		add_candidate(out, r, body);
	buf_init(&shown, 4 * TEXT_MAX);
	redact_json(r, body, &shown);
	layout_json(out, buf_as_slice(&shown));
	buf_reset(&shown);
}
