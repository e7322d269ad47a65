/*
 * story_pair: two peers and the connection between them, as their
 * descriptions, candidates and byes have it (RFC 9429, section 4.1).
 *
 * Messages of our client name the `session` they are of and the one they are
 * `for`; with these a reload is a new connection and old mail is stale.  An
 * application without sessions has one connection a side.
 */
#include <string.h>

#include "json.h"
#include "sdp.h"
#include "story_parts.h"

static int
has_word(const int *words, size_t count, int word)
{
	for (size_t i = 0; i < count; i++)
		if (words[i] == word)
			return 1;
	return 0;
}

/* Another connection. */
static void
begin_anew(struct story_side *side, int session)
{
	struct story_side old = *side;

	memset(side, 0, sizeof(*side));
	memcpy(side->past, old.past, sizeof(side->past));
	side->past_count = old.past_count;
	side->session = session;
	if (old.session == 0)
		return;
	if (side->past_count == STORY_PAST) {
		side->past_count--;
		memmove(side->past, side->past + 1,
		    side->past_count * sizeof(side->past[0]));
	}
	side->past[side->past_count++] = old.session;
}

static int
is_stale(const struct story_side *side, int meant)
{
	return meant != 0 &&
	    ((side->session != 0 && side->session != meant) ||
		has_word(side->past, side->past_count, meant));
}

/* The ufrags of a description, each once (RFC 8839, section 5.4). */
static void
read_ufrags(struct story *s, struct story_side *side, struct slice body)
{
	struct slice text = story_text(s, body, "sdp"), word;
	struct sdp_line line;
	size_t at = 0;

	side->ufrag_count = 0;
	while (side->ufrag_count < STORY_UFRAGS && text.p != NULL &&
	    sdp_next(text, &at, &line)) {
		if (!slice_is(line.name, "ice-ufrag") || line.word.p == NULL)
			continue;
		word = sdp_word(&line.word);
		if (word.p == NULL)
			continue;
		int ufrag = lexicon_add(s->lexicon, word);

		if (!has_word(side->ufrags, side->ufrag_count, ufrag))
			side->ufrags[side->ufrag_count++] = ufrag;
	}
}

static enum story_remark
take_offer(struct story_side *mine, struct story_side *theirs, int64_t seq,
    int stale, int gives_way)
{
	int touched = theirs->local != 0 || theirs->theirs != 0 ||
	    theirs->asked != 0;

	mine->signaling = STORY_LOCAL_OFFER;
	mine->offered = seq;
	mine->asked = 0;
	if (stale)
		return STORY_STALE;
	/* A page that came anew finds the other side bound to what is gone. */
	if (theirs->signaling == STORY_CLOSED ||
	    (touched && mine->session != 0 && theirs->remote != mine->session))
		begin_anew(theirs, 0);
	if (theirs->signaling != STORY_LOCAL_OFFER) {
		theirs->signaling = STORY_REMOTE_OFFER;
		theirs->offered = 0;
		theirs->asked = seq;
		theirs->remote = mine->session;
		return STORY_PLAIN;
	}
	/* Each offer is kept until one of them is answered. */
	mine->asked = theirs->offered;
	theirs->asked = seq;
	if (gives_way) {
		mine->signaling = STORY_REMOTE_OFFER;
	} else {
		theirs->signaling = STORY_REMOTE_OFFER;
		theirs->remote = mine->session;
	}
	return STORY_GLARE;
}

static enum story_remark
take_answer(struct story_side *mine, struct story_side *theirs,
    const struct message *m, int stale, int final)
{
	int unasked = mine->asked == 0;
	int64_t re = story_re(m->body), offered = theirs->offered;

	mine->remote = theirs->session;
	mine->local = m->seq;
	if (mine->asked != 0)
		mine->theirs = mine->asked;
	mine->offered = 0;
	if (final)
		mine->asked = 0;
	mine->signaling = final ? STORY_STABLE : STORY_LOCAL_PRANSWER;
	if (stale)
		return STORY_STALE;
	if (offered == 0)
		return STORY_UNASKED;
	theirs->remote = mine->session;
	theirs->local = offered;
	theirs->theirs = m->seq;
	theirs->asked = 0;
	if (final)
		theirs->offered = 0;
	theirs->signaling = final ? STORY_STABLE : STORY_REMOTE_PRANSWER;
	if (re != 0 && re != offered)
		return STORY_LATE;
	return unasked ? STORY_UNASKED : STORY_PLAIN;
}

static void
roll_back(struct story_side *side)
{
	side->signaling = STORY_STABLE;
	side->offered = side->asked = 0;
}

enum story_remark
story_pair_describe(struct story *s, struct story_pair *pair, int me,
    const struct message *m)
{
	struct story_side *mine = &pair->side[me], *theirs = &pair->side[!me];
	int session = story_word(s, m->body, "session");
	int meant = story_word(s, m->body, "for");
	struct slice type = story_text(s, m->body, "type");
	int offer = slice_is(type, "offer"), answer = slice_is(type, "answer");
	int pranswer = slice_is(type, "pranswer");
	int rollback = slice_is(type, "rollback");
	int stale;

	if (mine->signaling == STORY_CLOSED ||
	    (session != 0 && session != mine->session)) {
		/* Who answers with a new connection was asked all the same. */
		int64_t asked = mine->asked != 0 ? mine->asked :
						   theirs->offered;

		begin_anew(mine, session);
		mine->asked = offer ? 0 : asked;
	}
	read_ufrags(s, mine, m->body);
	mine->said = m->seq;
	stale = is_stale(theirs, meant);
	if (offer) {
		if (meant != 0)
			mine->remote = meant;
		/* The side with the lower id gives way. */
		return take_offer(mine, theirs, m->seq, stale, me == 0);
	}
	if (answer || pranswer)
		return take_answer(mine, theirs, m, stale, answer);
	if (!rollback)
		return STORY_ODD;
	roll_back(mine);
	roll_back(theirs);
	return STORY_PLAIN;
}

enum story_remark
story_pair_candidate(struct story *s, struct story_pair *pair, int me,
    const struct message *m)
{
	const struct story_side *mine = &pair->side[me];
	int session = story_word(s, m->body, "session");
	int meant = story_word(s, m->body, "for");
	int ufrag = story_word(s, m->body, "usernameFragment");
	struct slice line = story_text(s, m->body, "candidate");
	struct sdp_candidate found;

	if (is_stale(&pair->side[!me], meant))
		return STORY_STALE;
	if (session != 0 && has_word(mine->past, mine->past_count, session))
		return STORY_PAST_OF;
	if (mine->said == 0 || (session != 0 && session != mine->session))
		return STORY_EARLY;
	if (line.n == 0)
		return STORY_PLAIN;
	if (!sdp_read_candidate(line, &found))
		return STORY_ODD;
	return ufrag != 0 && mine->ufrag_count > 0 &&
		!has_word(mine->ufrags, mine->ufrag_count, ufrag) ?
	    STORY_STRAY :
	    STORY_PLAIN;
}

enum story_remark
story_pair_bye(struct story *s, struct story_pair *pair, int me,
    const struct message *m)
{
	if (is_stale(&pair->side[!me], story_word(s, m->body, "for")))
		return STORY_STALE;
	story_pair_close(pair);
	return STORY_PLAIN;
}

void
story_pair_close(struct story_pair *pair)
{
	for (int i = 0; i < 2; i++) {
		begin_anew(&pair->side[i], 0);
		pair->side[i].signaling = STORY_CLOSED;
	}
}
