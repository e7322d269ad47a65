/*
 * The translator of AppRTC's messages, both ways, and hostile ones.
 */
#include "unit.h"

#include "dialect_apprtc_codec.h"

/* What becomes of a posted message: its type, body and mirror. */
static const struct {
	const char *json, *type, *body, *mirror;
} posted[] = {
	{ "{\"type\":\"offer\",\"sdp\":\"o\"}", "description",
	    "{\"type\":\"offer\",\"sdp\":\"o\"}",
	    "{\"type\":\"answer\",\"sdp\":\"o\"}" },
	{ "{\"sdp\":\"a=ice-options:google-ice\\r\\nx\", \"type\" : \"offer\"}",
	    "description",
	    "{\"sdp\":\"a=ice-options:google-ice\\r\\nx\", "
	    "\"type\" : \"offer\"}",
	    "{\"sdp\":\"x\", \"type\" : \"answer\"}" },
	{ "{\"type\":\"answer\",\"sdp\":\"\"}", "description",
	    "{\"type\":\"answer\",\"sdp\":\"\"}", NULL },
	{ "{\"type\":\"candidate\",\"label\":0,\"id\":\"a\","
	  "\"candidate\":\"c\"}",
	    "candidate",
	    "{\"candidate\":\"c\",\"sdpMid\":\"a\",\"sdpMLineIndex\":0}",
	    NULL },
	{ "{\"type\":\"candidate\",\"label\":1,\"candidate\":\"c\"}",
	    "candidate", "{\"candidate\":\"c\",\"sdpMLineIndex\":1}", NULL },
	{ "{\"candidate\":\"c\",\"id\":\"\",\"type\":\"candidate\"}",
	    "candidate", "{\"candidate\":\"c\",\"sdpMid\":\"\"}", NULL },
	{ "{\"type\":\"candidate\",\"label\":null,\"id\":\"0\","
	  "\"candidate\":\"\"}",
	    "candidate",
	    "{\"candidate\":\"\",\"sdpMid\":\"0\",\"sdpMLineIndex\":null}",
	    NULL },
};

/* What is none of its messages passes as it is. */
static const char *const passed[] = {
	"{}",
	"[]",
	"null",
	"true",
	" 7 ",
	"\"offer\"",
	"{\"type\":\"offer\"}",
	"{\"type\":\"offer\",\"sdp\":null}",
	"{\"type\":\"Offer\",\"sdp\":\"\"}",
	"{\"type\":\"pranswer\",\"sdp\":\"\"}",
	"{\"type\":[\"bye\"]}",
	"{\"type\":\"\"}",
	"{\"type\":\"by\"}",
	"{\"type\":\"byee\"}",
	"{\"type\":\"bye\",\"type\":\"bye\"}",
	"{\"Type\":\"bye\"}",
	"{\"type\":\"candidate\"}",
	"{\"type\":\"candidate\",\"candidate\":\"c\"}",
	"{\"type\":\"candidate\",\"candidate\":7,\"label\":0}",
	"{\"type\":\"candidate\",\"candidate\":\"c\",\"label\":-1}",
	"{\"type\":\"candidate\",\"candidate\":\"c\",\"label\":65536}",
	"{\"type\":\"candidate\",\"candidate\":\"c\",\"label\":1.5}",
	"{\"type\":\"candidate\",\"candidate\":\"c\",\"label\":\"0\"}",
	"{\"type\":\"candidate\",\"candidate\":\"c\",\"label\":0,\"id\":1}",
	"{\"type\":\"candidate\",\"candidate\":\"c\","
	"\"label\":99999999999999999999999999999999}",
};

static const char *const refused[] = {
	"",
	" ",
	"{",
	"offer",
	"{\"type\":\"offer\"",
	"{\"type\":\"offer\"} {}",
	"{'type':'bye'}",
	"{\"type\":\"bye\",}",
	"{\"a\":NaN}",
	"{\"a\":\"\\ud800\"}",
	"{\"a\":\"\xff\"}",
	"{\"a\":\"\x01\"}",
	"\xef\xbb\xbf{}",
};

/* In memory of its very length, so that a byte beyond it is seen. */
static enum lb_err
read_exactly(struct slice json, struct apprtc_text *out, char **copy)
{
	*copy = malloc(json.n > 0 ? json.n : 1);
	assert_non_null(*copy);
	memcpy(*copy, json.p, json.n);
	return apprtc_read((struct slice){ *copy, json.n }, out);
}

static void
what_is_posted_becomes_native(void **state)
{
	struct apprtc_text text;
	char *copy;

	(void)state;
	for (size_t i = 0; i < COUNT(posted); i++) {
		assert_row(read_exactly(slice_of(posted[i].json), &text,
			       &copy) == LB_OK,
		    posted[i].json);
		assert_int_equal(text.act, APPRTC_SAY);
		assert_slice(text.type, posted[i].type);
		assert_slice(text.body, posted[i].body);
		if (posted[i].mirror != NULL)
			assert_slice(text.mirror, posted[i].mirror);
		else
			assert_null(text.mirror.p);
		buf_reset(&text.text);
		free(copy);
	}
}

static void
bye_is_no_message(void **state)
{
	static const char *const all[] = { "{\"type\":\"bye\"}",
		" { \"x\" : [1,{}], \"type\" : \"bye\" } " };
	struct apprtc_text text;
	char *copy;

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		assert_row(read_exactly(slice_of(all[i]), &text, &copy) ==
			LB_OK,
		    all[i]);
		assert_int_equal(text.act, APPRTC_LEAVE);
		assert_null(text.body.p);
		buf_reset(&text.text);
		free(copy);
	}
}

static void
the_rest_passes_as_it_is(void **state)
{
	struct apprtc_text text;
	char *copy;

	(void)state;
	for (size_t i = 0; i < COUNT(passed); i++) {
		assert_row(read_exactly(slice_of(passed[i]), &text, &copy) ==
			LB_OK,
		    passed[i]);
		assert_int_equal(text.act, APPRTC_SAY);
		assert_row(slice_is(text.type, "apprtc"), passed[i]);
		assert_slice(text.body, passed[i]);
		buf_reset(&text.text);
		free(copy);
	}
}

static void
what_is_no_json_is_refused(void **state)
{
	struct apprtc_text text;
	struct buf deep;
	char *copy;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		assert_row(read_exactly(slice_of(refused[i]), &text, &copy) ==
			LB_BAD_JSON,
		    refused[i]);
		buf_reset(&text.text);
		free(copy);
	}
	assert_int_equal(read_exactly((struct slice){ "\"\0\"", 3 }, &text,
			     &copy),
	    LB_BAD_JSON);
	buf_reset(&text.text);
	free(copy);
	buf_init(&deep, 1024);
	for (int i = 0; i < APPRTC_DEPTH; i++)
		buf_char(&deep, '[');
	for (int i = 0; i < APPRTC_DEPTH; i++)
		buf_char(&deep, ']');
	assert_int_equal(apprtc_read(buf_as_slice(&deep), &text), LB_OK);
	buf_reset(&text.text);
	deep.n = 0;
	for (int i = 0; i <= APPRTC_DEPTH; i++)
		buf_char(&deep, '[');
	for (int i = 0; i <= APPRTC_DEPTH; i++)
		buf_char(&deep, ']');
	assert_int_equal(apprtc_read(buf_as_slice(&deep), &text), LB_BAD_JSON);
	buf_reset(&text.text);
	buf_reset(&deep);
}

/* ---- what is heard ---- */

static const struct {
	const char *type, *body, *heard; /* "": nothing */
} heard[] = {
	{ "description", "{\"type\":\"offer\",\"sdp\":\"o\",\"x\":1}",
	    "{\"type\":\"offer\",\"sdp\":\"o\",\"x\":1}" },
	{ "description",
	    "{\"session\":\"s\",\"sdp\":\"a\",\"re\":7,\"type\":\"answer\"}",
	    "{\"type\":\"answer\",\"sdp\":\"a\"}" },
	{ "description", "{\"type\":\"rollback\",\"sdp\":\"\"}", "" },
	{ "description", "{\"type\":\"offer\"}", "" },
	{ "description", "null", "" },
	{ "description", "[]", "" },
	{ "description", "{\"type\":\"offer\",\"type\":\"offer\"}", "" },
	{ "candidate",
	    "{\"candidate\":\"c\",\"sdpMid\":\"0\",\"sdpMLineIndex\":1,"
	    "\"usernameFragment\":\"u\",\"session\":\"s\"}",
	    "{\"type\":\"candidate\",\"label\":1,\"id\":\"0\","
	    "\"candidate\":\"c\"}" },
	{ "candidate", "{\"candidate\":\"\",\"sdpMid\":\"0\"}", "" },
	{ "candidate", "null", "" },
	{ "candidate", "{\"candidate\":\"c\"}", "" },
	{ "candidate", "{\"candidate\":\"c\",\"sdpMLineIndex\":\"1\"}", "" },
	{ "bye", "{}", "{\"type\":\"bye\"}" },
	{ "left", "{\"reason\":\"lease\"}", "{\"type\":\"bye\"}" },
	{ "apprtc", "{\"any\":[1]}", "{\"any\":[1]}" },
	{ "apprtc", "7", "7" },
	{ "joined", "{}", "" },
	{ "chat", "\"hello\"", "" },
	{ "room-rules", "{\"lock\":true,\"capacity\":2}", "" },
	{ "channel", "\"x\"", "" },
	{ "", "{}", "" },
};

static void
what_is_heard_is_of_apprtc(void **state)
{
	struct message m = { .seq = 1 };
	struct buf out;

	(void)state;
	for (size_t i = 0; i < COUNT(heard); i++) {
		m.type = slice_of(heard[i].type);
		m.body = slice_of(heard[i].body);
		buf_init(&out, 1024);
		apprtc_write(&out, &m);
		assert_row(slice_is((struct slice){ out.n > 0 ? out.p : "",
					out.n },
			       heard[i].heard),
		    heard[i].body);
		buf_reset(&out);
	}
}

/* Too little room is told, and no byte is written beyond it. */
static void
a_short_buffer_fails(void **state)
{
	struct message m = { .seq = 1 };
	struct buf out;

	(void)state;
	for (size_t i = 0; i < COUNT(heard); i++)
		for (size_t max = 1; max < strlen(heard[i].heard); max++) {
			m.type = slice_of(heard[i].type);
			m.body = slice_of(heard[i].body);
			buf_init(&out, max);
			apprtc_write(&out, &m);
			assert_true(out.failed);
			buf_reset(&out);
		}
}

/* Each message of ours, cut anywhere, is read without harm. */
static void
cut_messages_do_no_harm(void **state)
{
	struct apprtc_text text;
	char *copy;

	(void)state;
	for (size_t i = 0; i < COUNT(posted); i++)
		for (size_t n = 0; n < strlen(posted[i].json); n++) {
			struct slice cut = { posted[i].json, n };

			assert_row(read_exactly(cut, &text, &copy) ==
				LB_BAD_JSON,
			    posted[i].json);
			buf_reset(&text.text);
			free(copy);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_posted_becomes_native),
		cmocka_unit_test(bye_is_no_message),
		cmocka_unit_test(the_rest_passes_as_it_is),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(what_is_heard_is_of_apprtc),
		cmocka_unit_test(a_short_buffer_fails),
		cmocka_unit_test(cut_messages_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
