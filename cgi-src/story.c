/*
 * story: see story.h.  Here is the room; story_pair.c has the connections.
 */
#include "story.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(key) ((key)->failed = 1)
#include <uthash.h>

#include "json.h"
#include "list.h"
#include "story_parts.h"

#define TEXT_MAX (16 << 20) /* of a string: bodies are smaller */

/* Which pair two people are. */
struct story_key {
	UT_hash_handle hh;
	int person[2];
	size_t pair;
	int failed;
};

static const char *const remark_words[] = {
	[STORY_PLAIN] = "",
	[STORY_STALE] = "It is for a connection that was gone by then. The "
			"other side drops it.",
	[STORY_PAST_OF] = "It is of a connection that was given up before.",
	[STORY_EARLY] = "A candidate before the description it belongs to.",
	[STORY_STRAY] = "The candidate is of another generation than the "
			"newest description.",
	[STORY_GLARE] = "The offers of both sides met. The peer with the lower "
			"id gives way.",
	[STORY_UNASKED] = "An answer where no offer waits for one.",
	[STORY_LATE] = "It answers another offer than the newest.",
	[STORY_ABSENT] = "Whom it is for is not in the room. It waits.",
	[STORY_NOBODY] = "Nobody else is in the room to read it.",
	[STORY_ODD] = "It cannot be read.",
};

const char *
story_remark_words(enum story_remark remark)
{
	return remark_words[remark];
}

void
story_init(struct story *s, struct lexicon *lexicon)
{
	memset(s, 0, sizeof(*s));
	s->lexicon = lexicon;
	buf_init(&s->text, TEXT_MAX);
}

void
story_reset(struct story *s)
{
	struct story_key *key = s->keys, *next;

	/* They stay linked. */
	HASH_CLEAR(hh, s->keys);
	for (; key != NULL; key = next) {
		next = key->hh.next;
		free(key);
	}
	free(s->people);
	free(s->person_of);
	free(s->pairs);
	buf_reset(&s->text);
	story_init(s, s->lexicon);
}

/* ---- bodies ---- */

struct slice
story_text(struct story *s, struct slice body, const char *member)
{
	struct slice value = json_get(body, member);

	s->text.n = 0;
	if (value.p == NULL || json_kind(value) != JSON_STRING)
		return (struct slice){ NULL, 0 };
	if (json_string(value, &s->text) != LB_OK)
		s->failed = 1;
	return s->text.n > 0 ? buf_as_slice(&s->text) : slice_of("");
}

int
story_word(struct story *s, struct slice body, const char *member)
{
	return lexicon_add(s->lexicon, story_text(s, body, member));
}

int64_t
story_re(struct slice body)
{
	struct slice value = json_get(body, "re");
	int64_t re;

	if (value.p == NULL || json_kind(value) != JSON_NUMBER ||
	    json_int(value, 1, INT64_C(9007199254740991), &re) != LB_OK)
		return 0;
	return re;
}

/* ---- people ---- */

int
story_person(const struct story *s, struct slice id)
{
	int word = lexicon_find(s->lexicon, id);

	return word > 0 && (size_t)word < s->words ? s->person_of[word] : -1;
}

/* Makes person_of reach to that word; 0: no memory. */
static int
index_words(struct story *s, size_t word)
{
	size_t before = s->words;
	int *index;

	while (s->words <= word) {
		index = list_grow(s->person_of, &s->words, s->words,
		    sizeof(*index));
		if (index == NULL)
			return 0;
		s->person_of = index;
		while (before < s->words)
			index[before++] = -1;
	}
	return 1;
}

/* Makes it known; -1: no memory. */
static int
meet(struct story *s, struct slice id)
{
	int word = lexicon_add(s->lexicon, id);
	struct story_person *people;

	if (word <= 0 || !index_words(s, (size_t)word)) {
		s->failed = 1;
		return -1;
	}
	if (s->person_of[word] >= 0)
		return s->person_of[word];
	people = list_grow(s->people, &s->people_room, s->people_count,
	    sizeof(*people));
	if (people == NULL) {
		s->failed = 1;
		return -1;
	}
	s->people = people;
	people[s->people_count] = (struct story_person){ word, STORY_UNKNOWN };
	s->person_of[word] = (int)s->people_count++;
	return s->person_of[word];
}

/* ---- pairs ---- */

static int
is_before(const struct story *s, int a, int b)
{
	struct slice one = lexicon_text(s->lexicon, s->people[a].id);
	struct slice two = lexicon_text(s->lexicon, s->people[b].id);
	int order = memcmp(one.p, two.p, one.n < two.n ? one.n : two.n);

	return order != 0 ? order < 0 : one.n < two.n;
}

static struct story_pair *
pair_of(struct story *s, int a, int b)
{
	struct story_key *key, wanted;
	struct story_pair *pairs;
	int swap = !is_before(s, a, b);

	memset(&wanted, 0, sizeof(wanted));
	wanted.person[0] = swap ? b : a;
	wanted.person[1] = swap ? a : b;
	HASH_FIND(hh, s->keys, wanted.person, sizeof(wanted.person), key);
	if (key != NULL)
		return &s->pairs[key->pair];
	pairs = list_grow(s->pairs, &s->pair_room, s->pair_count,
	    sizeof(*pairs));
	if (pairs == NULL)
		return NULL;
	s->pairs = pairs;
	if ((key = calloc(1, sizeof(*key))) == NULL)
		return NULL;
	memcpy(key->person, wanted.person, sizeof(key->person));
	key->pair = s->pair_count;
	HASH_ADD(hh, s->keys, person, sizeof(key->person), key);
	if (key->failed) {
		free(key);
		return NULL;
	}
	pairs += s->pair_count++;
	memset(pairs, 0, sizeof(*pairs));
	memcpy(pairs->person, key->person, sizeof(key->person));
	return pairs;
}

/* ---- messages ---- */

struct telling {
	const struct message *m;
	int from;
	int absent;
	void (*seen)(void *, const struct story_deed *);
	void *arg;
};

/* What it does between its sender and one reader. */
static enum story_remark
reach(struct story *s, const struct telling *t, int reader)
{
	struct story_pair *pair = pair_of(s, t->from, reader);
	struct story_deed deed = { .from = t->from,
		.to = reader,
		.absent = t->absent };

	if (pair == NULL) {
		s->failed = 1;
		return STORY_PLAIN;
	}
	deed.mine = pair->person[0] == t->from ? 0 : 1;
	deed.pair = (size_t)(pair - s->pairs);
	deed.offered = pair->side[!deed.mine].offered;
	deed.signaling = pair->side[deed.mine].signaling;
	if (slice_is(t->m->type, "description"))
		deed.remark = story_pair_describe(s, pair, deed.mine, t->m);
	else if (slice_is(t->m->type, "candidate"))
		deed.remark = story_pair_candidate(s, pair, deed.mine, t->m);
	else
		deed.remark = story_pair_bye(s, pair, deed.mine, t->m);
	deed.after = pair;
	if (t->seen != NULL)
		t->seen(t->arg, &deed);
	return deed.remark;
}

/* What is said to everybody. */
static enum story_remark
spread(struct story *s, const struct telling *t)
{
	enum story_remark remark = STORY_NOBODY, one;
	size_t i, readers = 0, count = s->people_count;

	for (i = 0; i < count && readers < STORY_READERS; i++) {
		if ((int)i == t->from || s->people[i].presence != STORY_PRESENT)
			continue;
		one = reach(s, t, (int)i);
		if (readers++ == 0 || one != STORY_PLAIN)
			remark = one;
	}
	return remark;
}

static enum story_remark
negotiate(struct story *s, struct telling *t, int to)
{
	const struct message *m = t->m;
	enum story_remark remark;

	/* The log may begin in the middle; who speaks is there. */
	if (s->people[t->from].presence == STORY_UNKNOWN)
		s->people[t->from].presence = STORY_PRESENT;
	t->absent = to >= 0 && s->people[to].presence != STORY_PRESENT;
	if (!slice_is(m->type, "description") &&
	    !slice_is(m->type, "candidate") && !slice_is(m->type, "bye"))
		return t->absent ? STORY_ABSENT : STORY_PLAIN;
	if (to < 0)
		return spread(s, t);
	remark = to == t->from ? STORY_PLAIN : reach(s, t, to);
	return remark == STORY_PLAIN && t->absent ? STORY_ABSENT : remark;
}

static void
leave(struct story *s, int who, struct slice body)
{
	s->people[who].presence = STORY_LEFT;
	/* Out of reach of the server is not out of reach of the others. */
	if (slice_is(story_text(s, body, "reason"), "lease"))
		return;
	for (size_t i = 0; i < s->pair_count; i++)
		if (s->pairs[i].person[0] == who ||
		    s->pairs[i].person[1] == who)
			story_pair_close(&s->pairs[i]);
}

enum story_remark
story_take(struct story *s, const struct message *m,
    void (*seen)(void *, const struct story_deed *), void *arg)
{
	struct telling telling = { .m = m, .seen = seen, .arg = arg };
	int who = meet(s, m->from);
	int to = m->to.p != NULL ? meet(s, m->to) : -1;

	if (who < 0 || (m->to.p != NULL && to < 0))
		return STORY_PLAIN;
	telling.from = who;
	if (slice_is(m->type, "joined"))
		s->people[who].presence = STORY_PRESENT;
	else if (slice_is(m->type, "left"))
		leave(s, who, m->body);
	else if (slice_is(m->type, "room-knock")) {
		if (s->people[who].presence != STORY_PRESENT)
			s->people[who].presence = STORY_KNOCKING;
	} else if (!slice_is(m->type, "room-rules") &&
	    !slice_is(m->type, "room-full") && !slice_is(m->type, "room-ended"))
		return negotiate(s, &telling, to);
	return STORY_PLAIN;
}
