/*
 * meaning: see meaning.h.  Here a call becomes steps.
 */
#include "meaning.h"

#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "sdp_use.h"
#include "story_parts.h"

#define VALUE_MAX (1 << 20)

void
meaning_init(struct meaning *m, struct lexicon *lexicon)
{
	memset(m, 0, sizeof(*m));
	m->lexicon = lexicon;
	story_init(&m->story, lexicon);
}

void
meaning_reset(struct meaning *m)
{
	for (size_t i = 0; i < m->count; i++)
		free(m->steps[i].facts);
	free(m->steps);
	free(m->open);
	story_reset(&m->story);
	meaning_init(m, m->lexicon);
}

/* ---- facts ---- */

static void
set_fact(struct meaning *m, struct meaning_step *step, int name, int value)
{
	struct meaning_fact *facts;

	for (size_t i = 0; i < step->count; i++) {
		if (step->facts[i].name == name) {
			step->facts[i].value = value;
			return;
		}
	}
	facts = list_grow(step->facts, &step->room, step->count,
	    sizeof(*facts));
	if (facts == NULL) {
		m->failed = 1;
		return;
	}
	step->facts = facts;
	facts[step->count++] = (struct meaning_fact){ name, value };
}

static void
set_text(struct meaning *m, struct meaning_step *step, const char *name,
    struct slice value)
{
	set_fact(m, step, lexicon_add(m->lexicon, slice_of(name)),
	    lexicon_add(m->lexicon, value));
}

/* "direction of 0 audio" */
static void
set_of(struct meaning *m, struct meaning_step *step, const char *what,
    struct slice line, struct slice value)
{
	struct buf name;

	buf_init(&name, VALUE_MAX);
	buf_str(&name, what);
	buf_str(&name, " of ");
	buf_slice(&name, line);
	set_fact(m, step, lexicon_add(m->lexicon, buf_as_slice(&name)),
	    lexicon_add(m->lexicon, value));
	buf_reset(&name);
}

/* The kinds of candidates, in the order of the alphabet. */
static void
set_ways(struct meaning *m, struct meaning_step *step)
{
	struct buf words;

	if (step->ways == 0)
		return;
	buf_init(&words, 1024);
	for (int way = 0; way < SDP__WAYS; way++) {
		if ((step->ways & 1u << way) == 0)
			continue;
		buf_str(&words, words.n > 0 ? ", " : "");
		buf_str(&words, sdp_way_words((enum sdp_way)way));
	}
	set_text(m, step, "candidates", buf_as_slice(&words));
	buf_reset(&words);
}

/* ---- descriptions ---- */

/* Each name once, in the order of preference. */
static void
add_codecs(const struct sdp_media *media, struct buf *out)
{
	struct slice seen[SDP_CODECS], formats = media->formats;
	struct sdp_codec_parts codec;
	size_t count = 0, i;

	while (count < SDP_CODECS && sdp_next_codec(media, &formats, &codec)) {
		for (i = 0; i < count; i++)
			if (slice_equal(seen[i], codec.name))
				break;
		if (i < count)
			continue;
		buf_str(out, count > 0 ? ", " : "");
		buf_slice(out, codec.name);
		seen[count++] = codec.name;
	}
}

static void
set_line(struct meaning *m, struct meaning_step *step, const struct sdp *sdp,
    size_t i)
{
	const struct sdp_media *media = &sdp->media[i];
	struct slice mid = sdp_find(media->lines, "mid");
	struct slice setup = sdp_inherit(sdp, media, "setup");
	struct sdp_line line;
	struct buf name, codecs;
	size_t at = 0;

	buf_init(&name, VALUE_MAX);
	buf_init(&codecs, VALUE_MAX);
	if (mid.n > 0)
		buf_slice(&name, mid);
	else
		buf_int(&name, (int64_t)i);
	buf_char(&name, ' ');
	buf_slice(&name, media->kind);
	if (sdp_has_codecs(media)) {
		set_of(m, step, "direction", buf_as_slice(&name),
		    sdp_direction(sdp, media));
		add_codecs(media, &codecs);
	}
	if (codecs.n > 0)
		set_of(m, step, "codecs", buf_as_slice(&name),
		    buf_as_slice(&codecs));
	if (setup.n > 0)
		set_of(m, step, "role", buf_as_slice(&name), setup);
	while (sdp_next(media->lines, &at, &line)) {
		enum sdp_way way = slice_is(line.name, "candidate") ?
		    sdp_way(line.value) :
		    SDP_ODD;

		if (way != SDP_ODD)
			step->ways |= 1u << way;
	}
	buf_reset(&name);
	buf_reset(&codecs);
}

/* The mids of the first bundle, with one space between. */
static void
set_bundle(struct meaning *m, struct meaning_step *step, const struct sdp *sdp)
{
	struct slice group = sdp_find(sdp->session, "group"), word;
	struct buf mids;

	buf_init(&mids, VALUE_MAX);
	if (slice_is(sdp_word(&group), "BUNDLE"))
		while ((word = sdp_word(&group)).p != NULL) {
			buf_str(&mids, mids.n > 0 ? " " : "");
			buf_slice(&mids, word);
		}
	set_text(m, step, "bundle", buf_as_slice(&mids));
	buf_reset(&mids);
}

static void
describe(struct meaning *m, struct meaning_step *step, struct slice body)
{
	struct sdp sdp;
	struct buf lines;
	size_t i;

	sdp_parse(story_text(&m->story, body, "sdp"), &sdp);
	buf_init(&lines, VALUE_MAX);
	for (i = 0; i < sdp.count; i++) {
		buf_str(&lines, i > 0 ? ", " : "");
		buf_slice(&lines, sdp.media[i].kind);
		if (sdp_is_refused(&sdp, &sdp.media[i]))
			buf_str(&lines, " refused");
	}
	set_text(m, step, "lines", buf_as_slice(&lines));
	buf_reset(&lines);
	for (i = 0; i < sdp.count; i++)
		set_line(m, step, &sdp, i);
	set_bundle(m, step, &sdp);
	set_ways(m, step);
}

/* ---- steps ---- */

/* Peers by their order, so that ids do not matter. */
static void
add_letter(struct buf *out, int person)
{
	if (person < 26)
		buf_char(out, (char)('A' + person));
	else
		buf_printf(out, "peer %d", person + 1);
}

/* "A" or "A→B", as a word. */
static int
way_of(struct meaning *m, const struct message *message)
{
	struct buf way;
	int word;

	buf_init(&way, 256);
	add_letter(&way, story_person(&m->story, message->from));
	if (message->to.p != NULL) {
		buf_str(&way, "\xe2\x86\x92");
		add_letter(&way, story_person(&m->story, message->to));
	}
	word = lexicon_add(m->lexicon, buf_as_slice(&way));
	buf_reset(&way);
	return word;
}

/* The newest description of a way, -1: none; `step` >= 0 is that from now
 * on. */
static int
opened(struct meaning *m, int way, int step)
{
	size_t before = m->opened;
	int *open;

	while (m->opened <= (size_t)way) {
		open = list_grow(m->open, &m->opened, m->opened, sizeof(*open));
		if (open == NULL) {
			m->failed = 1;
			return -1;
		}
		m->open = open;
		while (before < m->opened)
			open[before++] = -1;
	}
	if (step >= 0)
		m->open[way] = step;
	return m->open[way];
}

static void
add_candidate(struct meaning *m, struct meaning_step *step,
    const struct message *message, enum story_remark remark)
{
	struct slice line = story_text(&m->story, message->body, "candidate");

	if (line.n > 0) {
		step->ways |= 1u << sdp_way(line);
		set_ways(m, step);
	}
	if (remark != STORY_PLAIN)
		set_text(m, step, "of candidates",
		    slice_of(story_remark_words(remark)));
}

static int
key_of(struct meaning *m, const struct message *message, int way)
{
	static const char *const types[] = { "offer", "answer", "pranswer",
		"rollback" };
	struct slice kind = message->type, type;
	struct buf key;
	int word;

	if (slice_is(kind, "description")) {
		type = story_text(&m->story, message->body, "type");
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			if (slice_is(type, types[i]))
				kind = slice_of(types[i]);
	} else if (slice_is(kind, "candidate")) {
		kind = SLICE("candidates without a description");
	}
	buf_init(&key, 4096);
	buf_slice(&key, lexicon_text(m->lexicon, way));
	buf_char(&key, ' ');
	buf_slice(&key, kind);
	word = lexicon_add(m->lexicon, buf_as_slice(&key));
	buf_reset(&key);
	return word;
}

static void
fill(struct meaning *m, struct meaning_step *step,
    const struct message *message, enum story_remark remark)
{
	if (slice_is(message->type, "left"))
		set_text(m, step, "reason",
		    story_text(&m->story, message->body, "reason"));
	else if (slice_is(message->type, "error"))
		set_text(m, step, "code",
		    story_text(&m->story, message->body, "code"));
	else if (slice_is(message->type, "description"))
		describe(m, step, message->body);
	if (remark != STORY_PLAIN)
		set_text(m, step, "remark",
		    slice_of(story_remark_words(remark)));
	if (slice_is(message->type, "candidate"))
		add_candidate(m, step, message, remark);
}

void
meaning_take(struct meaning *m, const struct message *message)
{
	enum story_remark remark = story_take(&m->story, message, NULL, NULL);
	int is_candidate = slice_is(message->type, "candidate"), way, open;
	struct meaning_step *step;

	if (!m->has_last)
		m->last = message->at;
	m->has_last = 1;
	way = way_of(m, message);
	open = opened(m, way, -1);
	if (is_candidate && open >= 0) {
		add_candidate(m, &m->steps[open], message, remark);
		return;
	}
	step = list_grow(m->steps, &m->room, m->count, sizeof(*step));
	if (step == NULL) {
		m->failed = 1;
		return;
	}
	m->steps = step;
	step += m->count;
	memset(step, 0, sizeof(*step));
	step->key = key_of(m, message, way);
	step->seq = message->seq;
	step->since = message->at > m->last ? message->at - m->last : 0;
	m->last = message->at;
	if (is_candidate || slice_is(message->type, "description"))
		opened(m, way, (int)m->count);
	m->count++;
	fill(m, step, message, remark);
}
