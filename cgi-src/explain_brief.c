/*
 * explain_brief: of a session description what the rules ask for.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "explain_parts.h"
#include "list.h"
#include "sdp.h"
#include "story_parts.h"

#define CODECS_MAX 256 /* of an m-line */
#define HEAD_MAX 1024  /* where the o= line is looked for */

/* They repair or protect others and say nothing of their own. */
static const char *const helpers[] = { "rtx", "red", "ulpfec", "flexfec-03",
	"cn", "telephone-event" };

/* Payload types with a meaning of their own (RFC 3551, section 6). */
static const struct {
	const char *payload, *name;
} statics[] = { { "0", "pcmu/" }, { "8", "pcma/" }, { "9", "g722/" },
	{ "13", "cn/" } };

static int
ends_with(struct slice text, const char *end)
{
	size_t n = strlen(end), i;

	if (text.n < n)
		return 0;
	for (i = 0; i < n; i++)
		if (tolower((unsigned char)text.p[text.n - n + i]) != end[i])
			return 0;
	return 1;
}

enum explain_way
explain_way(struct slice text)
{
	struct sdp_candidate c;

	if (!sdp_read_candidate(text, &c))
		return EXPLAIN_OTHER;
	if (slice_is(c.type, "srflx"))
		return EXPLAIN_SRFLX;
	if (slice_is(c.type, "prflx"))
		return EXPLAIN_PRFLX;
	if (slice_is(c.type, "relay"))
		return EXPLAIN_RELAY;
	if (!slice_is(c.type, "host"))
		return EXPLAIN_OTHER;
	return ends_with(c.address, ".local") ||
		ends_with(c.address, ".local.") ?
	    EXPLAIN_MDNS :
	    EXPLAIN_HOST;
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
		if (slice_is(name, helpers[i]))
			return 1;
	return 0;
}

static void
add_lower(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		buf_char(out, (char)tolower((unsigned char)text.p[i]));
}

/* The word "name/rate" or "name/rate/channels"; 0: none that counts. */
static int
codec_word(struct explain *e, const struct sdp_media *m, struct slice format)
{
	struct slice rest = sdp_codec(m, format), name, rate, channels;
	struct buf word;
	int number = 0;

	if (rest.p == NULL) {
		for (size_t i = 0; i < sizeof(statics) / sizeof(statics[0]);
		     i++)
			if (slice_is(format, statics[i].payload) &&
			    strcmp(statics[i].name, "cn/") != 0)
				return lexicon_add(&e->lexicon,
				    slice_of(statics[i].name));
		return 0;
	}
	name = cut(&rest);
	rate = cut(&rest);
	channels = cut(&rest);
	buf_init(&word, 4096);
	add_lower(&word, name);
	if (word.n > 0 && !is_helper(buf_as_slice(&word))) {
		buf_char(&word, '/');
		add_lower(&word, rate);
		if (channels.n > 0)
			buf_char(&word, '/');
		add_lower(&word, channels);
		number = lexicon_add(&e->lexicon, buf_as_slice(&word));
	}
	buf_reset(&word);
	return number;
}

static void
read_codecs(struct explain *e, const struct sdp_media *m,
    struct explain_line *line)
{
	struct slice formats = m->formats, format;
	size_t i, room = 0;
	int word, *codecs;

	for (i = 0; i < CODECS_MAX; i++) {
		if ((format = sdp_word(&formats)).p == NULL)
			return;
		if ((word = codec_word(e, m, format)) == 0)
			continue;
		codecs = list_grow(line->codecs, &room, line->codec_count,
		    sizeof(*codecs));
		if (codecs == NULL) {
			e->failed = 1;
			return;
		}
		line->codecs = codecs;
		codecs[line->codec_count++] = word;
	}
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

/* Port 0 with a mid of the group is a line that lives in another's port. */
static int
is_bundled(struct slice group, struct slice mid)
{
	struct slice word;

	if (!slice_is(sdp_word(&group), "BUNDLE"))
		return 0;
	while ((word = sdp_word(&group)).p != NULL)
		if (slice_equal(word, mid))
			return 1;
	return 0;
}

static int
word_of(struct explain *e, struct slice text)
{
	return text.p != NULL ? lexicon_add(&e->lexicon, text) : 0;
}

static void
read_line(struct explain *e, const struct sdp *sdp, const struct sdp_media *m,
    struct explain_brief *out)
{
	struct explain_line *line = &out->lines[out->line_count++];
	struct slice mid = sdp_find(m->lines, "mid");
	struct sdp_line each;
	size_t at = 0;

	memset(line, 0, sizeof(*line));
	line->kind = word_of(e, m->kind);
	line->mid = word_of(e, mid);
	line->setup = word_of(e, sdp_inherit(sdp, m, "setup"));
	line->fingerprint = sdp_inherit(sdp, m, "fingerprint").n > 0;
	line->is_tls = has(m->proto, "TLS");
	line->rejected = is_zero(m->port) &&
	    !is_bundled(sdp_find(sdp->session, "group"), mid);
	if (has(m->proto, "RTP"))
		read_codecs(e, m, line);
	while (sdp_next(m->lines, &at, &each)) {
		struct sdp_candidate candidate;

		if (!slice_is(each.name, "candidate") ||
		    !sdp_read_candidate(each.value, &candidate))
			continue;
		out->ways[explain_way(each.value)]++;
	}
}

/* ---- the whole ---- */

/* Browsers give each connection an id there (RFC 8866, section 5.2). */
static int
origin(struct explain *e, struct slice text)
{
	struct sdp_line line;
	size_t at = 0;

	if (text.n > HEAD_MAX)
		text.n = HEAD_MAX;
	while (sdp_next(text, &at, &line)) {
		if (line.kind != 'o')
			continue;
		sdp_word(&line.value);
		return word_of(e, sdp_word(&line.value));
	}
	return 0;
}

static enum explain_kind
kind_of(struct explain *e, struct slice body)
{
	struct slice type = story_text(&e->story, body, "type");

	return slice_is(type, "offer") ? EXPLAIN_OFFER :
	    slice_is(type, "answer")   ? EXPLAIN_ANSWER :
	    slice_is(type, "pranswer") ? EXPLAIN_PRANSWER :
	    slice_is(type, "rollback") ? EXPLAIN_ROLLBACK :
					 EXPLAIN_ODD;
}

void
explain_brief(struct explain *e, struct slice body, struct explain_brief *out)
{
	struct slice text;
	struct sdp sdp;
	size_t i;

	memset(out, 0, sizeof(*out));
	out->kind = kind_of(e, body);
	out->connection = story_word(&e->story, body, "session");
	text = story_text(&e->story, body, "sdp");
	if (out->connection == 0)
		out->connection = origin(e, text);
	if (out->kind != EXPLAIN_ROLLBACK && !slice_starts(text, "v=0"))
		out->kind = EXPLAIN_ODD;
	if (out->kind == EXPLAIN_ODD)
		return;
	sdp_parse(text, &sdp);
	if (sdp.count > 0 &&
	    (out->lines = calloc(sdp.count, sizeof(*out->lines))) == NULL) {
		e->failed = 1;
		return;
	}
	for (i = 0; i < sdp.count; i++)
		read_line(e, &sdp, &sdp.media[i], out);
	out->ufrag = word_of(e,
	    sdp.count > 0 ? sdp_inherit(&sdp, &sdp.media[0], "ice-ufrag") :
			    sdp_find(sdp.session, "ice-ufrag"));
}

void
explain_brief_reset(struct explain_brief *brief)
{
	for (size_t i = 0; i < brief->line_count; i++)
		free(brief->lines[i].codecs);
	free(brief->lines);
}
