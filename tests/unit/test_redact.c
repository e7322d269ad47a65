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
		{ "fe80::1%eth0 x", "ip6-1 x" },
		{ "::ffff:192.0.2.7", "ip6-1" },
		{ "192.0.2.7:e80::1%eth0", "ip4-1:ip6-1" },
		{ "3A1B-x.local:5000", "mdns-1:5000" },
		{ "A.Local a.local", "mdns-1 mdns-1" },
		{ "IN IP4 box.example", "IN IP4 host-1" },
		{ "c=IN IP6 2001:db8::1", "c=IN IP6 ip6-1" },
		{ "candidate:1 1 udp 2 192.0.2.7 5 typ host",
		    "candidate:1 1 udp 2 ip4-1 5 typ host" },
		{ "a=candidate:1 1 udp 2 odd_name 5 typ srflx raddr 10.1.2.3 "
		  "rport 9",
		    "a=candidate:1 1 udp 2 host-1 5 typ srflx raddr ip4-1 "
		    "rport 9" },
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
	struct redact r;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		redact_init(&r, ALL);
		assert_text(&r, rows[i][0], rows[i][1]);
		redact_reset(&r);
	}
}

static void
secrets_are_known_by_what_stands_before_them(void **state)
{
	struct redact r;

	(void)state;
	redact_init(&r, ALL);
	assert_text(&r, "a=ice-ufrag:abcd\r\na=ice-pwd:s3cr3t+/x\r\na=x",
	    "a=ice-ufrag:abcd\r\na=ice-pwd:pwd-1\r\na=x");
	assert_text(&r, "https://x.example/?token=abc&a=1",
	    "https://x.example/?token=secret-1&a=1");
	assert_text(&r, "Authorization: Bearer abc",
	    "Authorization: Bearer secret-1");
	assert_text(&r, "a=crypto:1 AES inline:xyz|2^20",
	    "a=crypto:1 AES inline:secret-2|2^20");
	assert_text(&r, "monkey=abc", "monkey=abc");
	redact_reset(&r);
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
		{ "{ \"token\" : \"abc\", \"b\": \"abc\" }",
		    "{ \"token\" : \"secret-1\", \"b\": \"abc\" }" },
		{ "{\"to\\u006ben\":\"abc\"}",
		    "{\"to\\u006ben\":\"secret-1\"}" },
		{ "{\"name\":\"Ann\",\"key\":[\"k\"]}",
		    "{\"name\":\"name-1\",\"key\":[\"k\"]}" },
		{ "{\"pwd\":\"\"}", "{\"pwd\":\"\"}" },
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
	assert_int_equal(r.total, REDACT_MOST);
	assert_buf(&out, "ip4-more");
	buf_reset(&out);
	assert_text(&r, "10.0.0.1", "ip4-2");
	redact_reset(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_found_wherever_they_stand),
		cmocka_unit_test(secrets_are_known_by_what_stands_before_them),
		cmocka_unit_test(the_same_is_the_same_within_one_output),
		cmocka_unit_test(what_may_be_shown_is_shown),
		cmocka_unit_test(
		    strings_of_json_are_looked_into_however_escaped),
		cmocka_unit_test(what_is_cut_is_harmless),
		cmocka_unit_test(memory_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
