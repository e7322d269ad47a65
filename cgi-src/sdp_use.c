/*
 * sdp_use: see sdp_use.h.
 */
#include "sdp_use.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *const way_words[] = {
	[SDP_HOST] = "host",
	[SDP_MDNS] = "mdns",
	[SDP_ODD] = "not to be read",
	[SDP_OTHER] = "other",
	[SDP_PRFLX] = "prflx",
	[SDP_RELAY] = "relay",
	[SDP_SRFLX] = "srflx",
};

/* They repair or protect others and say nothing of their own. */
static const char *const helpers[] = { "rtx", "red", "ulpfec", "flexfec-03",
	"cn", "telephone-event" };

/* Payload types with a meaning of their own (RFC 3551, section 6). */
static const struct {
	const char *payload, *name;
} statics[] = { { "0", "PCMU" }, { "8", "PCMA" }, { "9", "G722" },
	{ "13", "CN" } };

static int
is_word(struct slice text, const char *word)
{
	return text.n == strlen(word) && strncasecmp(text.p, word, text.n) == 0;
}

static int
ends_with(struct slice text, const char *end)
{
	size_t n = strlen(end);

	return text.n >= n && strncasecmp(text.p + text.n - n, end, n) == 0;
}

/* ---- candidates ---- */

enum sdp_way
sdp_way(struct slice candidate)
{
	struct sdp_candidate c;

	if (!sdp_read_candidate(candidate, &c))
		return SDP_ODD;
	if (slice_is(c.type, "srflx"))
		return SDP_SRFLX;
	if (slice_is(c.type, "prflx"))
		return SDP_PRFLX;
	if (slice_is(c.type, "relay"))
		return SDP_RELAY;
	if (!slice_is(c.type, "host"))
		return SDP_OTHER;
	/* The pseudonym of one is "mdns-1". */
	return ends_with(c.address, ".local") ||
		ends_with(c.address, ".local.") ||
		slice_starts(c.address, "mdns-") ?
	    SDP_MDNS :
	    SDP_HOST;
}

const char *
sdp_way_words(enum sdp_way way)
{
	return way_words[way];
}

/* ---- lines ---- */

static int
has(struct slice text, const char *part)
{
	size_t n = strlen(part), i;

	for (i = 0; i + n <= text.n; i++)
		if (memcmp(text.p + i, part, n) == 0)
			return 1;
	return 0;
}

static int
is_zero(struct slice port)
{
	size_t i = 0;

	while (i < port.n && port.p[i] == '0')
		i++;
	return i > 0 && (i == port.n || !isdigit((unsigned char)port.p[i]));
}

int
sdp_is_refused(const struct sdp *sdp, const struct sdp_media *m)
{
	struct slice group = sdp_find(sdp->session, "group"), word;
	struct slice mid = sdp_find(m->lines, "mid");

	if (!is_zero(m->port))
		return 0;
	if (slice_is(sdp_word(&group), "BUNDLE"))
		while ((word = sdp_word(&group)).p != NULL)
			if (slice_equal(word, mid))
				return 0;
	return 1;
}

int
sdp_has_codecs(const struct sdp_media *m)
{
	return has(m->proto, "RTP");
}

/* ---- codecs ---- */

static struct slice
cut(struct slice *rest)
{
	const char *slash = rest->n > 0 ? memchr(rest->p, '/', rest->n) : NULL;
	struct slice part = *rest;

	if (slash == NULL) {
		*rest = slice_of("");
		return part;
	}
	part.n = (size_t)(slash - rest->p);
	rest->p = slash + 1;
	rest->n -= part.n + 1;
	return part;
}

static int
is_helper(struct slice name)
{
	for (size_t i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
		if (is_word(name, helpers[i]))
			return 1;
	return 0;
}

static struct slice
static_name(struct slice format)
{
	for (size_t i = 0; i < sizeof(statics) / sizeof(statics[0]); i++)
		if (slice_is(format, statics[i].payload))
			return slice_of(statics[i].name);
	return slice_of("");
}

int
sdp_next_codec(const struct sdp_media *m, struct slice *formats,
    struct sdp_codec_parts *out)
{
	struct slice format, rest;

	while ((format = sdp_word(formats)).p != NULL) {
		rest = sdp_codec(m, format);
		out->name = rest.p != NULL ? cut(&rest) : static_name(format);
		out->rate = rest.p != NULL ? cut(&rest) : slice_of("");
		out->channels = rest.p != NULL ? cut(&rest) : slice_of("");
		if (out->name.n > 0 && !is_helper(out->name))
			return 1;
	}
	return 0;
}
