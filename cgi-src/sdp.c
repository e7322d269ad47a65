/*
 * sdp: see sdp.h.
 */
#include "sdp.h"

#include <ctype.h>
#include <string.h>

static const struct slice none;

static struct slice
between(const char *from, const char *to)
{
	return (struct slice){ from, (size_t)(to - from) };
}

static int
is_end(char c)
{
	return c == '\r' || c == '\n';
}

struct slice
sdp_word(struct slice *rest)
{
	struct slice word;
	size_t i = 0;

	while (i < rest->n && rest->p[i] == ' ')
		i++;
	word.p = rest->p + i;
	word.n = 0;
	while (i + word.n < rest->n && word.p[word.n] != ' ')
		word.n++;
	rest->p += i + word.n;
	rest->n -= i + word.n;
	return word.n > 0 ? word : none;
}

int
sdp_next(struct slice lines, size_t *at, struct sdp_line *line)
{
	const char *p = lines.p, *colon;
	size_t i = *at, from;

	while (i < lines.n && is_end(p[i]))
		i++;
	if (i == lines.n)
		return 0;
	for (from = i; i < lines.n && !is_end(p[i]);)
		i++;
	*at = i;
	memset(line, 0, sizeof(*line));
	line->whole = between(p + from, p + i);
	if (i - from < 2 || p[from + 1] != '=' ||
	    !isalpha((unsigned char)p[from]))
		return 1;
	line->kind = p[from];
	line->value = between(p + from + 2, p + i);
	if (line->kind != 'a')
		return 1;
	colon = memchr(line->value.p, ':', line->value.n);
	line->name = line->value;
	if (colon != NULL) {
		line->name = between(line->value.p, colon);
		line->word = between(colon + 1, p + i);
	}
	return 1;
}

static void
read_media(struct slice value, struct sdp_media *m)
{
	m->kind = sdp_word(&value);
	m->port = sdp_word(&value);
	m->proto = sdp_word(&value);
	while (value.n > 0 && *value.p == ' ') {
		value.p++;
		value.n--;
	}
	m->formats = value;
}

void
sdp_parse(struct slice text, struct sdp *out)
{
	struct slice *section = &out->session;
	struct sdp_line line;
	size_t at = 0;

	memset(out, 0, sizeof(*out));
	section->p = text.p;
	while (sdp_next(text, &at, &line)) {
		if (line.kind == 'm' && out->count == SDP_MEDIA) {
			out->more++;
		} else if (line.kind == 'm') {
			struct sdp_media *m = &out->media[out->count++];

			read_media(line.value, m);
			section = &m->lines;
			section->p = line.whole.p;
		}
		if (out->more == 0)
			*section = between(section->p, text.p + at);
	}
}

struct slice
sdp_find(struct slice lines, const char *name)
{
	struct sdp_line line;
	size_t at = 0;

	while (sdp_next(lines, &at, &line)) {
		if (!slice_is(line.name, name))
			continue;
		return line.word.p != NULL ? line.word : slice_of("");
	}
	return none;
}

size_t
sdp_count(struct slice lines, const char *name)
{
	struct sdp_line line;
	size_t at = 0, count = 0;

	while (sdp_next(lines, &at, &line))
		count += (size_t)slice_is(line.name, name);
	return count;
}

static struct slice
find_direction(struct slice lines)
{
	static const char *const words[] = { "sendrecv", "sendonly", "recvonly",
		"inactive" };
	struct sdp_line line;
	size_t at = 0;

	while (sdp_next(lines, &at, &line))
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (slice_is(line.name, words[i]))
				return line.name;
	return none;
}

struct slice
sdp_direction(const struct sdp *sdp, const struct sdp_media *m)
{
	struct slice found = find_direction(m->lines);

	if (found.p == NULL)
		found = find_direction(sdp->session);
	return found.p != NULL ? found : slice_of("sendrecv");
}

struct slice
sdp_inherit(const struct sdp *sdp, const struct sdp_media *m, const char *name)
{
	struct slice found = sdp_find(m->lines, name);

	return found.p != NULL ? found : sdp_find(sdp->session, name);
}

int
sdp_is_rejected(const struct sdp_media *m)
{
	return slice_is(m->port, "0") &&
	    sdp_find(m->lines, "bundle-only").p == NULL;
}

/* What stands behind "NAME:FORMAT ". */
static struct slice
of_format(const struct sdp_media *m, const char *name, struct slice format)
{
	struct sdp_line line;
	size_t at = 0;

	while (sdp_next(m->lines, &at, &line)) {
		struct slice rest = line.word;

		if (!slice_is(line.name, name) || rest.p == NULL ||
		    !slice_equal(sdp_word(&rest), format))
			continue;
		while (rest.n > 0 && *rest.p == ' ') {
			rest.p++;
			rest.n--;
		}
		return rest;
	}
	return none;
}

struct slice
sdp_codec(const struct sdp_media *m, struct slice format)
{
	return of_format(m, "rtpmap", format);
}

struct slice
sdp_parameters(const struct sdp_media *m, struct slice format)
{
	return of_format(m, "fmtp", format);
}

/* ---- candidates ---- */

static int
is_number(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isdigit((unsigned char)s.p[i]))
			return 0;
	return s.n > 0;
}

/* Pairs of a name and a word: raddr, rport, tcptype, then extensions. */
static void
read_extensions(struct slice rest, struct sdp_candidate *out)
{
	struct slice name, at = rest;

	while ((name = sdp_word(&at)).p != NULL) {
		struct slice *place = slice_is(name, "raddr") ? &out->raddr :
		    slice_is(name, "rport")                   ? &out->rport :
		    slice_is(name, "tcptype")                 ? &out->tcptype :
								NULL;

		if (place == NULL)
			break;
		*place = sdp_word(&at);
		rest = at;
	}
	while (rest.n > 0 && *rest.p == ' ') {
		rest.p++;
		rest.n--;
	}
	out->rest = rest;
}

int
sdp_read_candidate(struct slice text, struct sdp_candidate *out)
{
	static const char prefix[] = "candidate:";

	memset(out, 0, sizeof(*out));
	if (slice_starts(text, "a=")) {
		text.p += 2;
		text.n -= 2;
	}
	if (!slice_starts(text, prefix))
		return 0;
	text.p += sizeof(prefix) - 1;
	text.n -= sizeof(prefix) - 1;
	out->foundation = sdp_word(&text);
	out->component = sdp_word(&text);
	out->transport = sdp_word(&text);
	out->priority = sdp_word(&text);
	out->address = sdp_word(&text);
	out->port = sdp_word(&text);
	if (!slice_is(sdp_word(&text), "typ"))
		return 0;
	out->type = sdp_word(&text);
	if (out->type.p == NULL || !is_number(out->component) ||
	    !is_number(out->priority) || !is_number(out->port))
		return 0;
	read_extensions(text, out);
	return 1;
}
