/*
 * sdp, gist: a description is told in a line, a broken one as far as it goes.
 */
#include "unit.h"

#include "gist.h"
#include "json.h"
#include "sdp.h"

static const char offer[] =
    "v=0\r\n"
    "o=- 4611 2 IN IP4 127.0.0.1\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=group:BUNDLE 0 1 2\r\n"
    "a=setup:actpass\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0 126\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=ice-ufrag:Ab3d\r\n"
    "a=mid:0\r\n"
    "a=sendonly\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=rtpmap:63 red/48000/2\r\n"
    "a=rtpmap:126 telephone-event/8000\r\n"
    "a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host\r\n"
    "m=video 0 UDP/TLS/RTP/SAVPF 96 97\r\n"
    "a=mid:1\r\n"
    "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "a=bundle-only\r\n"
    "a=mid:2\r\n";

static void
sections_and_attributes_are_found(void **state)
{
	struct sdp sdp;

	(void)state;
	sdp_parse(slice_of(offer), &sdp);
	assert_int_equal(sdp.count, 3);
	assert_slice(sdp.media[0].kind, "audio");
	assert_slice(sdp.media[0].proto, "UDP/TLS/RTP/SAVPF");
	assert_slice(sdp.media[0].formats, "111 63 0 126");
	assert_slice(sdp_find(sdp.media[1].lines, "mid"), "1");
	assert_slice(sdp_find(sdp.media[2].lines, "bundle-only"), "");
	assert_null(sdp_find(sdp.media[1].lines, "ice-ufrag").p);
	assert_slice(sdp_inherit(&sdp, &sdp.media[1], "setup"), "actpass");
	assert_slice(sdp_direction(&sdp, &sdp.media[0]), "sendonly");
	assert_slice(sdp_direction(&sdp, &sdp.media[1]), "sendrecv");
	assert_int_equal(sdp_is_rejected(&sdp.media[0]), 0);
	assert_int_equal(sdp_is_rejected(&sdp.media[1]), 1);
	assert_int_equal(sdp_is_rejected(&sdp.media[2]), 0);
	assert_slice(sdp_codec(&sdp.media[0], SLICE("111")), "opus/48000/2");
	assert_slice(sdp_parameters(&sdp.media[0], SLICE("111")),
	    "minptime=10;useinbandfec=1");
	assert_null(sdp_codec(&sdp.media[0], SLICE("0")).p);
	assert_null(sdp_codec(&sdp.media[0], SLICE("11")).p);
	assert_int_equal(sdp_count(slice_of(offer), "candidate"), 1);
}

static void
lines_that_are_none_are_passed_on_whole(void **state)
{
	static const char text[] = "\n\rv=0\nhello\n=x\na=\na=flag\ra=k:\r\n";
	static const struct {
		const char *whole;
		char kind;
	} rows[] = { { "v=0", 'v' }, { "hello", 0 }, { "=x", 0 }, { "a=", 'a' },
		{ "a=flag", 'a' }, { "a=k:", 'a' } };
	struct sdp_line line;
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(sdp_next(slice_of(text), &at, &line), 1);
		assert_slice(line.whole, rows[i].whole);
		assert_int_equal(line.kind, rows[i].kind);
	}
	assert_slice(line.name, "k");
	assert_int_equal(line.word.n, 0);
	assert_int_equal(sdp_next(slice_of(text), &at, &line), 0);
}

static void
what_is_cut_or_endless_is_harmless(void **state)
{
	struct sdp sdp;
	struct buf many;

	(void)state;
	for (size_t n = 0; n < sizeof(offer); n++) {
		char *copy = malloc(n + 1);

		memcpy(copy, offer, n);
		sdp_parse((struct slice){ copy, n }, &sdp);
		for (size_t i = 0; i < sdp.count; i++)
			sdp_direction(&sdp, &sdp.media[i]);
		free(copy);
	}
	buf_init(&many, 1 << 20);
	for (int i = 0; i < SDP_MEDIA + 3; i++)
		buf_str(&many, "m=audio 9 X 0\na=mid:1\n");
	sdp_parse(buf_as_slice(&many), &sdp);
	assert_int_equal(sdp.count, SDP_MEDIA);
	assert_int_equal(sdp.more, 3);
	buf_reset(&many);
}

static void
candidates_are_taken_apart(void **state)
{
	static const char text[] =
	    "candidate:842 1 udp 1677729535 203.0.113.9 61000 typ srflx "
	    "raddr 10.0.0.2 rport 54321 generation 0 ufrag Ab3d";
	static const char *const none[] = { "", "candidate:", "a=mid:0",
		"candidate:1 1 udp 5 h 9", "candidate:1 1 udp 5 h 9 typ",
		"candidate:1 x udp 5 h 9 typ host",
		"candidate:1 1 udp 5 h p typ host" };
	struct sdp_candidate c;

	(void)state;
	assert_int_equal(sdp_read_candidate(slice_of(text), &c), 1);
	assert_slice(c.foundation, "842");
	assert_slice(c.transport, "udp");
	assert_slice(c.address, "203.0.113.9");
	assert_slice(c.port, "61000");
	assert_slice(c.type, "srflx");
	assert_slice(c.raddr, "10.0.0.2");
	assert_slice(c.rport, "54321");
	assert_null(c.tcptype.p);
	assert_slice(c.rest, "generation 0 ufrag Ab3d");
	assert_int_equal(
	    sdp_read_candidate(SLICE("a=candidate:1 1 TCP 5 h 9 typ host "
				     "tcptype active"),
		&c),
	    1);
	assert_slice(c.tcptype, "active");
	assert_int_equal(c.rest.n, 0);
	for (size_t i = 0; i < COUNT(none); i++)
		assert_row(sdp_read_candidate(slice_of(none[i]), &c) == 0,
		    none[i]);
}

/* ---- in a line ---- */

static void
assert_gist(const char *type, const char *body, const char *line)
{
	struct redact r;
	struct buf out;

	redact_init(&r, REDACT_ADDRESSES | REDACT_SECRETS);
	buf_init(&out, 1 << 20);
	gist_print(&out, &r, slice_of(type), slice_of(body));
	buf_char(&out, '\0');
	if (strcmp(out.p, line) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", body, out.p, line);
	buf_reset(&out);
	redact_reset(&r);
}

static void
every_type_has_its_gist(void **state)
{
	static const char *const rows[][3] = {
		{ "candidate", "null", "end of candidates" },
		{ "candidate", "{\"candidate\":\"\",\"sdpMid\":\"0\"}",
		    "end of candidates" },
		{ "candidate",
		    "{\"candidate\":\"candidate:1 1 udp 5 fe80::1 9 typ host\","
		    "\"sdpMid\":\"0\"}",
		    "host udp ip6-1:9, mid 0" },
		{ "candidate",
		    "{\"candidate\":\"candidate:1 2 tcp 5 a.local 9 typ srflx "
		    "raddr 10.0.0.1 rport 7 tcptype active\"}",
		    "srflx tcp mdns-1:9 from ip4-1:7 active rtcp" },
		{ "candidate", "{\"candidate\":\"no 192.0.2.7\"}", "no ip4-1" },
		{ "candidate", "{\"x\":1}", "{\"x\":1}" },
		{ "description", "{\"type\":\"rollback\"}", "rollback" },
		{ "description", "{\"type\":\"offer\",\"sdp\":\"x\"}",
		    "offer: no media" },
		{ "chat", "\"hello \\u202e 192.0.2.7\"",
		    "hello \\u{202e} ip4-1" },
		{ "chat", "{\"text\":\"hi\"}", "hi" },
		{ "left", "{\"reason\":\"lease\"}", "lease" },
		{ "joined", "{}", "" },
		{ "joined", "{\"name\":\"Ann\"}", "Ann" },
		{ "bye", "null", "" },
		{ "ping", "[1,\"\\u001b\"]", "[1,\"\\u001b\"]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_gist(rows[i][0], rows[i][1], rows[i][2]);
}

static void
a_description_is_told_in_a_line(void **state)
{
	struct buf body;

	(void)state;
	buf_init(&body, 1 << 16);
	buf_str(&body, "{\"type\":\"offer\",\"sdp\":");
	buf_json(&body, slice_of(offer));
	buf_str(&body, ",\"re\":12}");
	assert_int_equal(gist_re(buf_as_slice(&body)), 12);
	buf_char(&body, '\0');
	assert_gist("description", body.p,
	    "offer: audio sendonly opus/red/0 ...; video rejected; "
	    "application, ufrag ufrag-1, actpass, 1 candidate");
	buf_reset(&body);
	assert_int_equal(gist_re(SLICE("{\"re\":\"12\"}")), 0);
	assert_int_equal(gist_re(SLICE("null")), 0);
}

static void
a_long_text_is_cut(void **state)
{
	char body[1000], line[GIST_WIDTH + 8];

	(void)state;
	memset(body, 'x', sizeof(body));
	body[0] = body[sizeof(body) - 2] = '"';
	body[sizeof(body) - 1] = '\0';
	memset(line, 'x', sizeof(line));
	strcpy(line + GIST_WIDTH - 1, "\xe2\x80\xa6");
	assert_gist("chat", body, line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_and_attributes_are_found),
		cmocka_unit_test(lines_that_are_none_are_passed_on_whole),
		cmocka_unit_test(what_is_cut_or_endless_is_harmless),
		cmocka_unit_test(candidates_are_taken_apart),
		cmocka_unit_test(every_type_has_its_gist),
		cmocka_unit_test(a_description_is_told_in_a_line),
		cmocka_unit_test(a_long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
