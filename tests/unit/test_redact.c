/*
 * redact: what is nobody's business is replaced wherever it stands, always by
 * the same word, and nothing else is touched.
 */
#include "unit.h"

#include "json.h"
#include "redact.h"

#define ALL (REDACT_ADDRESSES | REDACT_SECRETS | REDACT_NAMES)

static void
assert_text(struct redact *r, const char *text, const char *shown)
{
	struct buf out;

	buf_init(&out, 10000);
	redact_text(r, slice_of(text), &out);
	buf_char(&out, '\0');
	if (out.failed || strcmp(out.p, shown) != 0)
		fail_msg("%s: %s, not %s", text, out.p, shown);
	buf_reset(&out);
}

/* Each with a redactor of its own: what is given, and what comes of it. */
static void
assert_rows(const char *const (*rows)[2], size_t count)
{
	struct redact r;

	for (size_t i = 0; i < count; i++) {
		redact_init(&r, ALL);
		assert_text(&r, rows[i][0], rows[i][1]);
		redact_reset(&r);
	}
}

static void
addresses_are_found_wherever_they_stand(void **state)
{
	static const char *const rows[][2] = {
		{ "192.0.2.7", "ip4-1" },
		{ "at 192.0.2.7.", "at ip4-1." },
		{ "(192.0.2.7:5000)", "(ip4-1:5000)" },
		{ "turn:192.0.2.7:3478?transport=udp",
		    "turn:ip4-1:3478?transport=udp" },
		{ "2001:db8::1", "ip6-1" },
		{ "[2001:DB8::1]:443", "[ip6-1]:443" },
		{ "raddr:2001:db8:0:0:0:0:0:1", "raddr:ip6-1" },
		{ "2001:db8:0:0:0:0:0:1:5000", "ip6-1:5000" },
		{ "see 2001:db8::1: it", "see ip6-1: it" },
		{ "9::a::::", "ip6-1ip6-2::" },
		{ "fe80::1%eth0 x", "ip6-1 x" },
		{ "fe80::1%eth0.100.", "ip6-1." },
		{ "name-1.0.2.7 names-1.0.2.7", "name-1.0.2.7 names-ip4-1" },
		{ "::ffff:192.0.2.7", "ip6-1" },
		{ "192.0.2.7:e80::1%eth0", "ip4-1:ip6-1" },
		{ "3A1B-x.local:5000", "mdns-1:5000" },
		{ "10.0.0.1-10.0.0.9 --10.0.0.9", "ip4-1-ip4-2 --ip4-2" },
		{ "box-10.0.0.1.", "box-ip4-1." },
		{ "A.Local a.local", "mdns-1 mdns-1" },
		{ "IN IP4 box.example", "IN IP4 host-1" },
		{ "c=IN IP6 2001:db8::1", "c=IN IP6 ip6-1" },
		{ "candidate:1 1 udp 2 192.0.2.7 5 typ host",
		    "candidate:1 1 udp 2 ip4-1 5 typ host" },
		{ "a=candidate:1 1 udp 2 odd_name 5 typ srflx raddr 10.1.2.3 "
		  "rport 9",
		    "a=candidate:1 1 udp 2 host-1 5 typ srflx raddr ip4-1 "
		    "rport 9" },
		{ "candidate:10.0.0.1 1 udp x.local 192.0.2.7 5 typ host",
		    "candidate:ip4-1 1 udp mdns-1 ip4-2 5 typ host" },
		{ "candidate:1 1 192.0.2.7 ", "candidate:1 1 ip4-1 " },
		{ "candidate:0123456789abcdef0123456789ABCDEF 1 udp 2 box 5",
		    "candidate:0123456789abcdef0123456789ABCDEF 1 udp 2 host-1 "
		    "5" },
		{ "10.0.0.1-10.0.0.2--. 10.0.0.3-a.-",
		    "ip4-1-ip4-2--. ip4-3-a.-" },
		/* nobody's */
		{ "0.0.0.0 127.0.0.1 :: ::1", "0.0.0.0 127.0.0.1 :: ::1" },
		{ "IN IP4 0.0.0.0", "IN IP4 0.0.0.0" },
		/* no addresses */
		{ "12:03:04.120", "12:03:04.120" },
		{ "1.2.3 1.2.3.4.5 256.1.1.1 a1.2.3.4",
		    "1.2.3 1.2.3.4.5 256.1.1.1 a1.2.3.4" },
		{ "local .local nonlocal x.localhost",
		    "local .local nonlocal x.localhost" },
		{ "opus/48000/2;x::y", "opus/48000/2;x::y" },
		{ "sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:"
		  "E5:7C:AB",
		    "sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:"
		    "E5:7C:AB" },
		{ "", "" },
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void
secrets_are_known_by_what_stands_before_them(void **state)
{
	struct redact r;

	(void)state;
	redact_init(&r, ALL);
	assert_text(&r, "a=ice-ufrag:abcd\r\na=ice-pwd:s3cr3t+/x\r\na=x",
	    "a=ice-ufrag:ufrag-1\r\na=ice-pwd:pwd-1\r\na=x");
	assert_text(&r, "https://x.example/?token=abc&a=1",
	    "https://x.example/?token=secret-1&a=1");
	assert_text(&r, "Authorization: Bearer abc",
	    "Authorization: Bearer secret-1");
	assert_text(&r, "a=crypto:1 AES inline:xyz|2^20",
	    "a=crypto:1 AES inline:secret-2|2^20");
	assert_text(&r, "monkey=bananas", "monkey=bananas");
	assert_text(&r, "--token=abc X-Letterbox-Token: abc accessToken=abc",
	    "--token=secret-1 X-Letterbox-Token: secret-1 "
	    "accessToken=secret-1");
	assert_text(&r, "see eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.c2lnbmF0dXJl.",
	    "see secret-3.");
	assert_text(&r, "eyJhbGciOiJIUzI1NiJ9 eyJhb.c2ln",
	    "eyJhbGciOiJIUzI1NiJ9 eyJhb.c2ln");
	assert_text(&r, "password: abc, \"pwd\": \"x\"",
	    "password: secret-1, \"pwd\": \"pwd-2\"");
	assert_text(&r, "the key: it is, a name: mine",
	    "the key: it is, a name: mine");
	assert_text(&r, "1 udp 2 0.0.0.0 5 typ host ufrag abcd",
	    "1 udp 2 0.0.0.0 5 typ host ufrag ufrag-1");
	redact_reset(&r);
}

static void
people_are_known_by_the_form_of_their_names(void **state)
{
	static const char *const rows[][2] = {
		{ "to ada@x.example.", "to name-1." },
		{ "https://ada:pw@0.0.0.0/", "https://secret-1/" },
		{ "a@x.example,b@x.example @ a@", "name-1,name-2 @ a@" },
		{ "a@b@x.example", "name-1" },
		{ "at 5 @ home", "at 5 @ home" },
		{ "v=0\r\no=ada 1 1 IN IP4 0.0.0.0\r\ns=Ada calls\r\nt=0 0",
		    "v=0\r\no=name-1 1 1 IN IP4 0.0.0.0\r\ns=name-2\r\n"
		    "t=0 0" },
		{ "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\ns= \r\n",
		    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\ns= \r\n" },
		{ "v=0\no=mozilla...X-99.0 1 1",
		    "v=0\no=mozilla...X-99.0 1 1" },
		{ "a=ssrc:1 cname:ada", "a=ssrc:1 cname:name-1" },
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

/* Decoded as often as it takes; what has nothing to hide stays encoded. */
static void
what_is_written_in_another_way_is_read(void **state)
{
	static const char *const rows[][2] = {
		{ "192%2e0.2.7", "ip4-1" },
		{ "192%252525252e0.2.7", "ip4-1" },
		{ "%31\\u00392.0.2.7", "ip4-1" },
		{ "192\\u002E0.2.7", "ip4-1" },
		{ "{\\\"token\\\":\\\"abc\\\"}", "{\"token\":\"secret-1\"}" },
		{ "\\u%zz \\u00%z \\%1 \\\\%", "\\u%zz \\u00%z \\%1 \\\\%" },
		{ "100%25 %zz %2 \\u00 \\u00e9 %",
		    "100%25 %zz %2 \\u00 "
		    "\\u00e9 %" },
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void
what_was_hidden_is_hidden_where_it_is_said_again(void **state)
{
	struct redact r;
	struct buf out;

	(void)state;
	redact_init(&r, ALL);
	buf_init(&out, 10000);
	redact_json(&r,
	    SLICE("{\"name\":\"Ada Lovelace\",\"token\":\"to-ken/1\","
		  "\"pwd\":\"it's $ 5!\",\"secret\":\"Zo\u00eb\"}"),
	    &out);
	assert_text(&r, "Ada Lovelace, Ada, adamant and to-ken/1.",
	    "name-1, name-2, adamant and secret-1.");
	assert_text(&r, "x=to-ken/1/Ada-/_Lovelace_to-ken/12",
	    "x=secret-1/name-2-/_name-3_to-ken/12");
	assert_text(&r, "(it's $ 5!) Zo\303\253, Zo\303\253s",
	    "(pwd-1) secret-2, Zo\303\253s");
	/* In SDP such a word may be one of the format. */
	assert_text(&r, "v=0\r\na=Ada\r\na=x:to-ken/1",
	    "v=0\r\na=Ada\r\na=x:secret-1");
	out.n = 0;
	redact_json(&r, SLICE("{\"name\":\"hand-up\",\"x\":[\"hand-up\"]}"),
	    &out);
	assert_buf(&out, "{\"name\":\"name-4\",\"x\":[\"name-4\"]}");
	out.n = 0;
	redact_json(&r, SLICE("{\"type\":\"hand-up\",\"hand-up\":1}"), &out);
	assert_buf(&out, "{\"type\":\"hand-up\",\"name-4\":1}");
	buf_reset(&out);
	redact_reset(&r);
}

/* Somebody may be called like what a call is made of. */
static void
words_of_a_call_stay(void **state)
{
	static const char call[] =
	    "{\"type\":\"offer\",\"sdp\":\"video\",\"sdpMid\":\"audio\"}";
	struct redact r;
	struct buf out;

	(void)state;
	redact_init(&r, ALL);
	buf_init(&out, 10000);
	redact_json(&r,
	    SLICE("{\"names\":0,\"name\":[\"offer\",\"sdp\",\"video\"],"
		  "\"token\":[\"audio\",\"sdpMid\",\"name\"],\"pin\":1}"),
	    &out);
	assert_buf(&out,
	    "{\"names\":0,\"name\":[\"name-1\",\"name-2\",\"name-3\"],"
	    "\"token\":[\"secret-1\",\"secret-2\",\"secret-3\"],\"pin\":1}");
	out.n = 0;
	redact_json(&r, slice_of(call), &out);
	assert_buf(&out, call);
	assert_text(&r, "name-1 secret-2", "name-1 secret-2");
	buf_reset(&out);
	redact_reset(&r);
}

/* Of a long value the beginning is looked for; what is but like one stays. */
static void
long_values_are_found_again(void **state)
{
	static const char *const pieces[] = { "a-", "abcdefgh", "+/" };
	struct redact r;
	struct buf value, text, shown;

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		redact_init(&r, ALL);
		buf_init(&value, 10000);
		buf_init(&text, 20000);
		buf_init(&shown, 20000);
		while (value.n < 3000)
			buf_str(&value, pieces[i]);
		buf_char(&value, 'x');
		redact_value(&r, REDACT_SECRET, buf_as_slice(&value), &shown);
		assert_buf(&shown, "secret-1");
		buf_str(&text, "so (");
		buf_slice(&text, buf_as_slice(&value));
		buf_str(&text, " b");
		shown.n = 0;
		redact_text(&r, buf_as_slice(&text), &shown);
		assert_buf(&shown, "so (secret-1 b");
		/* Another one has a number of its own. */
		value.p[value.n - 1] = 'y';
		shown.n = 0;
		redact_value(&r, REDACT_SECRET, buf_as_slice(&value), &shown);
		assert_buf(&shown, "secret-2");
		value.n = 10;
		shown.n = 0;
		redact_text(&r, buf_as_slice(&value), &shown);
		assert_true(
		    slice_equal(buf_as_slice(&value), buf_as_slice(&shown)));
		buf_reset(&value);
		buf_reset(&text);
		buf_reset(&shown);
		redact_reset(&r);
	}
}

/* What is behind a part of these is not read again for each of them. */
static void
what_repeats_is_replaced_all_along(void **state)
{
	static const struct {
		const char *name, *part, *shown;
		unsigned what;
	} rows[] = {
		{ NULL, "1.2.3.4-", "ip4-1-", ALL },
		{ "bob", "bob-", "name-1-", ALL },
		{ "bob", "bob-1.2.3.4-", "name-1-ip4-1-", ALL },
		{ "bob", "bob-x.local--. ", "name-1-mdns-1--. ", ALL },
		{ "---", "---", "name-1", ALL },
		{ "---------------x", "---", "---", ALL },
		{ NULL, "eyJ_", "eyJ_", ALL },
		{ NULL, "eyJaaaaaa_", "eyJaaaaaa_", ALL },
		{ NULL, "eyJaaaaaa.abcdefgh ", "secret-1 ", ALL },
		{ NULL, "eyJaaaaaa.abcdefgh ", "eyJaaaaaa.abcdefgh ",
		    REDACT_NAMES },
		{ NULL, "candidate:", "candidate:", ALL },
		{ NULL, "name=", "name=", REDACT_ADDRESSES | REDACT_SECRETS },
		{ NULL, "cname:", "cname:", REDACT_ADDRESSES },
		{ NULL, "a=key:", "a=key:", REDACT_ADDRESSES },
	};
	struct redact r;
	struct buf text, want, shown;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		redact_init(&r, rows[i].what);
		buf_init(&text, 1 << 20);
		buf_init(&want, 1 << 20);
		buf_init(&shown, 1 << 20);
		if (rows[i].name != NULL)
			redact_value(&r, REDACT_NAME, slice_of(rows[i].name),
			    &shown);
		for (unsigned n = 0; n < 20000; n++) {
			buf_str(&text, rows[i].part);
			buf_str(&want, rows[i].shown);
		}
		shown.n = 0;
		redact_text(&r, buf_as_slice(&text), &shown);
		assert_true(
		    slice_equal(buf_as_slice(&want), buf_as_slice(&shown)));
		buf_reset(&text);
		buf_reset(&want);
		buf_reset(&shown);
		redact_reset(&r);
	}
}

static void
the_same_is_the_same_within_one_output(void **state)
{
	struct redact r;

	(void)state;
	redact_init(&r, ALL);
	assert_text(&r, "192.0.2.7 192.0.2.8 192.0.2.7", "ip4-1 ip4-2 ip4-1");
	assert_text(&r, "fe80::1 192.0.2.8 FE80:0::1", "ip6-1 ip4-2 ip6-1");
	redact_reset(&r);
	assert_text(&r, "192.0.2.8", "ip4-1");
	redact_reset(&r);
}

static void
what_may_be_shown_is_shown(void **state)
{
	static const char text[] = "192.0.2.7 fe80::1%a x.local "
				   "a=ice-pwd:s IN IP4 box";
	struct redact r;

	(void)state;
	redact_init(&r, 0);
	assert_text(&r, text, text);
	redact_reset(&r);
	redact_init(&r, REDACT_SECRETS);
	assert_text(&r, "192.0.2.7 a=ice-pwd:s", "192.0.2.7 a=ice-pwd:pwd-1");
	redact_reset(&r);
	redact_init(&r, REDACT_ADDRESSES);
	assert_text(&r, "192.0.2.7 a=ice-pwd:s", "ip4-1 a=ice-pwd:s");
	/* What may be shown hides nothing that stands in it. */
	assert_text(&r, "a@192.0.2.7 name=192.0.2.7", "a@ip4-1 name=ip4-1");
	redact_reset(&r);
}

static void
strings_of_json_are_looked_into_however_escaped(void **state)
{
	static const char *const rows[][2] = {
		{ "\"192.0.2.7\"", "\"ip4-1\"" },
		{ "\"192\\u002e0.2.7\\n\"", "\"ip4-1\\n\"" },
		{ "{\"a\":[1,\"x\\/y\",null]}", "{\"a\":[1,\"x\\/y\",null]}" },
		{ "{\"192.0.2.7\":1}", "{\"ip4-1\":1}" },
		{ "{ \"token\" : \"abc\", \"b\": \"xyz\" }",
		    "{ \"token\" : \"secret-1\", \"b\": \"xyz\" }" },
		{ "{\"to\\u006ben\":\"abc\"}",
		    "{\"to\\u006ben\":\"secret-1\"}" },
		{ "{\"name\":\"Ann\",\"key\":[\"k\"]}",
		    "{\"name\":\"name-1\",\"key\":[\"secret-1\"]}" },
		{ "{\"pwd\":\"\"}", "{\"pwd\":\"\"}" },
		{ "{\"family_name\":\"L\",\"phoneNumber\":\"+49 30 1\"}",
		    "{\"family_name\":\"name-1\",\"phoneNumber\":\"name-2\"}" },
		{ "{\"a_Token\":17,\"b\":17}",
		    "{\"a_Token\":\"secret-1\","
		    "\"b\":17}" },
		{ "{\"tokens\":[[\"a\"],{\"b\":\"c\"}],\"d\":\"e\"}",
		    "{\"tokens\":[[\"secret-1\"],{\"b\":\"secret-2\"}],"
		    "\"d\":\"e\"}" },
		{ "\"{\\\"token\\\":\\\"a\\\"}\"",
		    "\"{\\\"token\\\":\\\"secret-1\\\"}\"" },
		{ "[\"MTkyLjAuMi43IQ==\",\"aGVsbG8gd29ybGQ=\"]",
		    "[\"secret-1\",\"aGVsbG8gd29ybGQ=\"]" },
		{ "{\"phone\":491761234567,\"roomId\":[123456789]}",
		    "{\"phone\":\"name-1\",\"roomId\":[\"room-1\"]}" },
		{ "{\"user\":{\"id\":-7.5e3},\"user\":true,\"seq\":4}",
		    "{\"user\":{\"id\":\"name-1\"},\"user\":true,\"seq\":4}" },
		{ "{\"name\":null,\"re\":2,\"sdpMLineIndex\":0}",
		    "{\"name\":null,\"re\":2,\"sdpMLineIndex\":0}" },
		{ "17.5", "17.5" },
	};
	struct json_fault fault;
	struct redact r;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		redact_init(&r, ALL);
		buf_init(&out, 10000);
		redact_json(&r, slice_of(rows[i][0]), &out);
		assert_buf(&out, rows[i][1]);
		assert_int_equal(json_check(buf_as_slice(&out), 8, &fault), 0);
		buf_reset(&out);
		redact_reset(&r);
	}
}

/* A name that may be shown hides nothing that stands behind it. */
static void
members_that_may_be_shown_are_looked_into(void **state)
{
	static const char *const rows[][2] = {
		{ "{\"user\":{\"id\":\"7\",\"ip\":\"192.0.2.1\"}}",
		    "{\"user\":{\"id\":\"7\",\"ip\":\"ip4-1\"}}" },
		{ "{\"room\":{\"sdp\":\"a=ice-pwd:xxxxxxxxxxxxxxxxxxxxxxxx"
		  "\\r\\nc=IN IP4 192.0.2.1\"}}",
		    "{\"room\":{\"sdp\":\"a=ice-pwd:pwd-1"
		    "\\r\\nc=IN IP4 ip4-1\"}}" },
		{ "{\"name\":\"{\\\"token\\\":\\\"a\\\"}\"}",
		    "{\"name\":\"{\\\"token\\\":\\\"secret-1\\\"}\"}" },
		{ "{\"token\":{\"name\":\"a\",\"b\":\"c\"},\"name\":\"a\"}",
		    "{\"token\":{\"name\":\"secret-1\",\"b\":\"secret-2\"},"
		    "\"name\":\"a\"}" },
		{ "{\"user\":\"Ada\",\"room\":[\"hall\",17]}",
		    "{\"user\":\"Ada\",\"room\":[\"hall\",17]}" },
	};
	struct redact r;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		redact_init(&r, REDACT_ADDRESSES | REDACT_SECRETS);
		buf_init(&out, 10000);
		redact_json(&r, slice_of(rows[i][0]), &out);
		assert_buf(&out, rows[i][1]);
		buf_reset(&out);
		redact_reset(&r);
	}
}

/* What is no JSON, cut anywhere, is read no further than it goes. */
static void
what_is_cut_is_harmless(void **state)
{
	static const char text[] = "{\"sdp\":\"a=candidate:1 1 udp 2 "
				   "192.0.2.7 5 typ host raddr fe80::1%e\\n"
				   "IN IP4 x.local ice-pwd:\\u0041\"}";
	struct redact r;
	struct buf out;

	(void)state;
	redact_init(&r, ALL);
	for (size_t n = 0; n < sizeof(text); n++) {
		char *copy = malloc(n + 1);

		memcpy(copy, text, n);
		buf_init(&out, 10000);
		redact_json(&r, (struct slice){ copy, n }, &out);
		assert_false(out.failed);
		out.n = 0;
		redact_text(&r, (struct slice){ copy, n }, &out);
		assert_false(out.failed);
		buf_reset(&out);
		free(copy);
	}
	redact_reset(&r);
}

static void
memory_has_a_bound(void **state)
{
	struct redact r;
	struct buf out;
	char text[32];

	(void)state;
	redact_init(&r, ALL);
	buf_init(&out, 1000);
	for (unsigned i = 0; i < REDACT_MOST + 2; i++) {
		out.n = 0;
		snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16,
		    i >> 8 & 255, i & 255);
		redact_text(&r, slice_of(text), &out);
	}
	assert_int_equal(r.count[REDACT_IP4], REDACT_MOST);
	assert_buf(&out, "ip4-more");
	buf_reset(&out);
	assert_text(&r, "10.0.0.1", "ip4-2");
	/* Of another kind there is room. */
	assert_text(&r, "token=abc1", "token=secret-1");
	assert_text(&r, "abc1", "secret-1");
	redact_reset(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_found_wherever_they_stand),
		cmocka_unit_test(secrets_are_known_by_what_stands_before_them),
		cmocka_unit_test(people_are_known_by_the_form_of_their_names),
		cmocka_unit_test(what_is_written_in_another_way_is_read),
		cmocka_unit_test(
		    what_was_hidden_is_hidden_where_it_is_said_again),
		cmocka_unit_test(words_of_a_call_stay),
		cmocka_unit_test(long_values_are_found_again),
		cmocka_unit_test(what_repeats_is_replaced_all_along),
		cmocka_unit_test(the_same_is_the_same_within_one_output),
		cmocka_unit_test(what_may_be_shown_is_shown),
		cmocka_unit_test(
		    strings_of_json_are_looked_into_however_escaped),
		cmocka_unit_test(members_that_may_be_shown_are_looked_into),
		cmocka_unit_test(what_is_cut_is_harmless),
		cmocka_unit_test(memory_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
