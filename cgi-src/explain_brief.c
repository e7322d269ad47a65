/*
 * explain_brief: of a session description what the rules ask for.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "explain_parts.h"
#include "list.h"
#include "sdp_use.h"
#include "story_parts.h"

#define HEAD_MAX 1024 /* where the o= line is looked for */

/* ---- codecs ---- */

static void
add_lower(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		buf_char(out, (char)tolower((unsigned char)text.p[i]));
}

/* The word "name/rate" or "name/rate/channels". */
static int
codec_word(struct explain *e, const struct sdp_codec_parts *codec)
{
	struct buf word;
	int number;

	buf_init(&word, 4096);
	add_lower(&word, codec->name);
	buf_char(&word, '/');
	add_lower(&word, codec->rate);
	if (codec->channels.n > 0)
		buf_char(&word, '/');
	add_lower(&word, codec->channels);
	number = lexicon_add(&e->lexicon, buf_as_slice(&word));
	buf_reset(&word);
	return number;
}

static void
read_codecs(struct explain *e, const struct sdp_media *m,
    struct explain_line *line)
{
	struct slice formats = m->formats;
	struct sdp_codec_parts codec;
	size_t room = 0;
	int *codecs;

	while (line->codec_count < SDP_CODECS &&
	    sdp_next_codec(m, &formats, &codec)) {
		codecs = list_grow(line->codecs, &room, line->codec_count,
		    sizeof(*codecs));
		if (codecs == NULL) {
			e->failed = 1;
			return;
		}
		line->codecs = codecs;
		codecs[line->codec_count++] = codec_word(e, &codec);
	}
}

/* ---- lines ---- */

static int
is_tls(struct slice protocol)
{
	for (size_t i = 0; i + 3 <= protocol.n; i++)
		if (memcmp(protocol.p + i, "TLS", 3) == 0)
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
	struct sdp_line each;
	size_t at = 0;

	memset(line, 0, sizeof(*line));
	line->kind = word_of(e, m->kind);
	line->mid = word_of(e, sdp_find(m->lines, "mid"));
	line->setup = word_of(e, sdp_inherit(sdp, m, "setup"));
	line->fingerprint = sdp_inherit(sdp, m, "fingerprint").n > 0;
	line->is_tls = is_tls(m->proto);
	line->rejected = sdp_is_refused(sdp, m);
	if (sdp_has_codecs(m))
		read_codecs(e, m, line);
	while (sdp_next(m->lines, &at, &each)) {
		enum sdp_way way = slice_is(each.name, "candidate") ?
		    sdp_way(each.value) :
		    SDP_ODD;

		if (way != SDP_ODD)
			out->ways[way]++;
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
