/*
 * explain: what is wrong is named, whatever was posted; tests/replay has the
 * calls that fail, and holds it against the page.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "lexicon.h"
#include "story.h"

struct row {
	const char *from, *to, *type, *body;
	int64_t at; /* ms since the one before */
};

static void
take(struct explain *e, const struct row *row, int64_t seq, int64_t at)
{
	struct message m = { .seq = seq, .at = at };

	m.from = slice_of(row->from);
	m.to = slice_of(row->to);
	m.type = slice_of(row->type);
	m.body = slice_of(row->body);
	explain_take(e, &m);
}

/* The rules that are named, in their order, each with a space behind it. */
static void
names(const struct row *rows, size_t count, const char *expected)
{
	struct explain_finding finding;
	struct explain *e;
	struct buf found;
	size_t i, findings;
	int64_t at = 1000;

	assert_int_equal(explain_open(&e), LB_OK);
	buf_init(&found, 4096);
	for (i = 0; i < count; i++) {
		at += rows[i].at;
		take(e, &rows[i], (int64_t)i + 1, at);
	}
	assert_int_equal(explain_end(e, &findings), LB_OK);
	for (i = 0; i < findings; i++) {
		explain_finding(e, i, &finding);
		buf_slice(&found, finding.rule);
		buf_char(&found, ' ');
		assert_true(finding.seqs > 0);
		assert_true(finding.words.n > 10 && finding.cure.n > 10);
		assert_null(memchr(finding.words.p, '{', finding.words.n));
	}
	buf_char(&found, '\0');
	assert_string_equal(found.p, expected);
	buf_reset(&found);
	explain_close(e);
}

#define NAMES(rows, expected) names(rows, COUNT(rows), expected)
#define SDP                                                      \
	"v=0\\r\\no=- 1 2 IN IP4 0.0.0.0\\r\\n"                  \
	"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\\r\\n" \
	"a=mid:0\\r\\na=fingerprint:sha-256 00\\r\\na=ice-ufrag:abcd\\r\\n"
#define OFFER "{\"type\":\"offer\",\"sdp\":\"" SDP "a=setup:actpass\\r\\n\"}"
#define ANSWER(role) \
	"{\"type\":\"answer\",\"sdp\":\"" SDP "a=setup:" role "\\r\\n\"}"
#define WAY "{\"candidate\":\"candidate:1 1 udp 1 192.0.2.1 9 typ host\"}"
#define JOINED                               \
	{ "a", NULL, "joined", "{}", 0 },    \
	{                                    \
		"b", NULL, "joined", "{}", 9 \
	}

static void
a_good_call_has_no_finding(void **state)
{
	static const struct row rows[] = { JOINED,
		{ "a", "b", "description", OFFER, 5 },
		{ "a", "b", "candidate", WAY, 5 },
		{ "b", "a", "description", ANSWER("active"), 5 },
		{ "b", "a", "candidate", WAY, 5 },
		{ "b", NULL, "left", "{\"reason\":\"leave\"}", 60000 } };

	(void)state;
	NAMES(rows, "");
	names(rows, 0, "");
}

static void
what_is_wrong_is_named(void **state)
{
	static const struct row missing[] = { JOINED,
		{ "a", "b", "description", OFFER, 5 } };
	static const struct row role[] = { JOINED,
		{ "a", "b", "description", OFFER, 5 },
		{ "a", "b", "candidate", WAY, 5 },
		{ "b", "a", "description", ANSWER("actpass"), 5 },
		{ "b", "a", "candidate", WAY, 5 } };
	static const struct row glare[] = { JOINED,
		{ "a", "b", "description", OFFER, 5 },
		{ "b", "a", "description", OFFER, 5 } };
	static const struct row early[] = { JOINED,
		{ "a", "b", "candidate", WAY, 5 },
		{ "a", "b", "description", OFFER, 5 },
		{ "b", "a", "description", ANSWER("active"), 11000 } };
	static const struct row gone[] = { JOINED,
		{ "a", "b", "description", OFFER, 5 },
		{ "b", NULL, "left", "{\"reason\":\"lease\"}", 35000 } };
	static const struct row clock[] = { JOINED,
		{ "a", NULL, "chat", "\"Hello\"", -5000 } };
	static const struct row told[] = { JOINED,
		{ "a", NULL, "error", "{\"code\":\"gap\",\"text\":\"\"}", 5 },
		{ "b", NULL, "error", "{\"code\":\"other\",\"text\":\"\"}",
		    5 } };

	(void)state;
	NAMES(missing, "answer-missing ");
	NAMES(role, "dtls-role ");
	NAMES(glare, "glare ");
	NAMES(early, "candidate-early no-candidates slow-answer ");
	NAMES(gone, "peer-vanished ");
	NAMES(clock, "clock-jump ");
	NAMES(told, "poll-gap ");
}

/* Any type with any body, between any two. */
static void
whatever_is_posted_is_borne(void **state)
{
	static const char *const bodies[] = { "null", "0", "\"\"", "[]", "{}",
		"{\"type\":\"offer\"}", "{\"type\":5}", OFFER, ANSWER("active"),
		ANSWER("holdconn"), WAY, "{\"candidate\":\"candidate:\"}",
		"{\"candidate\":[]}", "{\"reason\":{}}", "{\"re\":1e300}",
		"{\"type\":\"rollback\",\"re\":-1}", "{\"session\":\"s\"}",
		"{\"type\":\"offer\",\"sdp\":\"v=0\\r\\nm=\\r\\nm=\\r\\n\"}",
		"{\"type\":\"answer\",\"session\":\"s\",\"sdp\":\"v=0\\r\\n\"}",
		"{\"code\":\"room-full\",\"re\":1}" };
	static const char *const types[] = { "description", "candidate", "bye",
		"joined", "left", "error", "room-full", "room-knock", "chat" };
	static const char *const ids[] = { "a", "b", "c", NULL };
	uint32_t random = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct explain *e;
		struct buf out;
		size_t count;

		assert_int_equal(explain_open(&e), LB_OK);
		for (int64_t seq = 1; seq < 60; seq++) {
			struct row row;

			random = random * 1103515245u + 12345u;
			row.from = ids[(random >> 8) % 3];
			row.to = ids[(random >> 12) % 4];
			row.type = types[(random >> 16) % COUNT(types)];
			row.body = bodies[(random >> 20) % COUNT(bodies)];
			take(e, &row, seq, seq * 900 + (random >> 28) * 1000);
		}
		assert_int_equal(explain_end(e, &count), LB_OK);
		assert_true(count <= EXPLAIN_FINDINGS);
		buf_init(&out, 1 << 20);
		explain_print(e, SLICE("rooms"), SLICE("r"), &out);
		assert_false(out.failed);
		buf_reset(&out);
		explain_close(e);
	}
	explain_close(NULL);
}

static void
words_are_numbers_without_gaps(void **state)
{
	struct lexicon l;
	char word[16];

	(void)state;
	lexicon_init(&l);
	assert_int_equal(lexicon_add(&l, SLICE("")), 0);
	for (int i = 1; i <= 1000; i++) {
		snprintf(word, sizeof(word), "w%d", i);
		assert_int_equal(lexicon_find(&l, slice_of(word)), 0);
		assert_int_equal(lexicon_add(&l, slice_of(word)), i);
	}
	assert_int_equal(lexicon_add(&l, SLICE("w7")), 7);
	assert_int_equal(lexicon_find(&l, SLICE("w1000")), 1000);
	assert_true(slice_is(lexicon_text(&l, 1000), "w1000"));
	assert_true(slice_is(lexicon_text(&l, 1001), ""));
	lexicon_reset(&l);
	assert_int_equal(lexicon_add(&l, SLICE("again")), 1);
	lexicon_reset(&l);
}

static void
what_is_said_to_everybody_reaches_who_is_there(void **state)
{
	struct message m = { .type = SLICE("description"),
		.body = SLICE(OFFER),
		.from = SLICE("a"),
		.seq = 1 };
	struct lexicon l;
	struct story s;

	(void)state;
	lexicon_init(&l);
	story_init(&s, &l);
	assert_int_equal(story_take(&s, &m, NULL, NULL), STORY_NOBODY);
	m.from = SLICE("b");
	m.type = SLICE("joined");
	assert_int_equal(story_take(&s, &m, NULL, NULL), STORY_PLAIN);
	m.from = SLICE("a");
	m.type = SLICE("description");
	m.seq = 3;
	assert_int_equal(story_take(&s, &m, NULL, NULL), STORY_PLAIN);
	assert_int_equal(s.pair_count, 1);
	assert_int_equal(s.pairs[0].side[1].asked, 3);
	m.to = SLICE("c");
	assert_int_equal(story_take(&s, &m, NULL, NULL), STORY_ABSENT);
	assert_int_equal(story_person(&s, SLICE("c")), 2);
	assert_int_equal(story_person(&s, SLICE("d")), -1);
	story_reset(&s);
	lexicon_reset(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_call_has_no_finding),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(whatever_is_posted_is_borne),
		cmocka_unit_test(words_are_numbers_without_gaps),
		cmocka_unit_test(
		    what_is_said_to_everybody_reaches_who_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
