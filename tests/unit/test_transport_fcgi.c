/*
 * transport_fcgi: requests in all the pieces they may come in, replies, kept
 * connections, and what FastCGI asks a server to answer.
 */
#include <sys/ioctl.h>

#include "stage.h"

static void
start(struct stage *s, struct webside *f, struct buf *b)
{
	buf_init(b, 64u << 20);
	webside_open(f, s->loop, s->path);
}

/* The reply to request `id` has that status and that body. */
static void
expect(struct stage *s, struct webside *f, uint16_t id, int status,
    const char *body)
{
	struct webside_reply r;

	stage_reply(s, f, id, &r);
	assert_int_equal(r.protocol, FCGI_REQUEST_COMPLETE);
	assert_int_equal(r.status, status);
	if (body != NULL)
		assert_slice(r.body, body);
	webside_reply_reset(&r);
}

/* It ended, without a reply, for that reason. */
static void
expect_end(struct stage *s, struct webside *f, uint16_t id, uint8_t protocol)
{
	struct webside_reply r;

	stage_reply(s, f, id, &r);
	assert_int_equal(r.protocol, protocol);
	assert_int_equal(r.status, 0);
	webside_reply_reset(&r);
}

static void
a_request_is_answered_and_the_connection_closed(void **state)
{
	struct stage *s = *state;
	struct webside f;
	struct buf b;

	start(s, &f, &b);
	webside_request(&b, 1, 0, "/echo", SLICE("hello"));
	webside_send(&f, &b);
	expect(s, &f, 1, 200, "POST /echo hello");
	stage_closed(s, &f);
	assert_int_equal(s->finished, 1);
	webside_close(&f);
}

/* The server has read what was sent. */
static int
is_read(void *arg)
{
	int left = 0;

	assert_int_equal(ioctl(((struct webside *)arg)->fd, TIOCOUTQ, &left),
	    0);
	return left == 0;
}

static void
a_request_in_single_bytes_is_a_request(void **state)
{
	struct stage *s = *state;
	struct buf b, one;
	struct webside f;
	size_t i;

	s->options.read_timeout = 10000;
	stage_reopen(s);
	start(s, &f, &b);
	buf_init(&one, 1);
	webside_request(&b, 1, 0, "/echo", SLICE("x"));
	for (i = 0; i < b.n; i++) {
		buf_add(&one, b.p + i, 1);
		webside_send(&f, &one);
		stage_until(s, is_read, &f);
		assert_int_equal(s->handled, i + 1 == b.n);
	}
	buf_reset(&b);
	expect(s, &f, 1, 200, "POST /echo x");
	webside_close(&f);
}

static void
variables_and_body_come_in_any_records(void **state)
{
	const struct webside_how how = { .id = 7, .padding = 13 };
	struct stage *s = *state;
	struct buf b, pairs;
	struct webside f;
	size_t i;

	start(s, &f, &b);
	buf_init(&pairs, 4096);
	webside_pair(&pairs, "REQUEST_METHOD", slice_of("POST"));
	webside_pair(&pairs, "PATH_INFO", slice_of("/echo"));
	webside_begin(&b, 7, FCGI_RESPONDER, 0);
	for (i = 0; i < pairs.n; i++)
		webside_record(&b, FCGI_PARAMS, how, pairs.p + i, 1);
	webside_record(&b, FCGI_PARAMS, how, NULL, 0);
	for (i = 0; i < 3; i++)
		webside_record(&b, FCGI_STDIN, how, "abc" + i, 1);
	webside_record(&b, FCGI_STDIN, how, NULL, 0);
	buf_reset(&pairs);
	webside_send(&f, &b);
	expect(s, &f, 7, 200, "POST /echo abc");
	webside_close(&f);
}

static void
a_kept_connection_carries_one_after_the_other(void **state)
{
	static const uint16_t ids[] = { 1, 1, 2, 300, 65535 };
	struct stage *s = *state;
	struct webside f;
	struct buf b;
	size_t i;

	start(s, &f, &b);
	for (i = 0; i < COUNT(ids); i++) {
		webside_request(&b, ids[i], 1, i % 2 ? "/commit" : "/echo",
		    SLICE("x"));
		webside_send(&f, &b);
		expect(s, &f, ids[i], i % 2 ? 201 : 200, NULL);
		f.got.n = 0;
	}
	assert_false(f.closed);
	assert_int_equal(s->finished, COUNT(ids));
	webside_close(&f);
}

static void
requests_sent_in_one_go_wait_for_each_other(void **state)
{
	struct stage *s = *state;
	struct webside f;
	struct buf b;
	uint16_t id;

	start(s, &f, &b);
	for (id = 1; id <= 5; id++)
		webside_request(&b, id, 1, "/commit", SLICE("x"));
	webside_request(&b, 6, 0, "/echo", SLICE("last"));
	s->hold = 1;
	webside_send(&f, &b);
	stage_waiting(s, 1);
	assert_int_equal(s->handled, 1);
	s->hold = 0;
	for (id = 1; id <= 5; id++)
		expect(s, &f, id, 201, "committed");
	expect(s, &f, 6, 200, "POST /echo last");
	stage_closed(s, &f);
	webside_close(&f);
}

static void
a_request_beside_a_parked_one_is_refused(void **state)
{
	struct stage *s = *state;
	struct webside f;
	struct buf b;

	start(s, &f, &b);
	webside_request(&b, 1, 1, "/park", slice_of(""));
	webside_send(&f, &b);
	stage_waiting(s, 1);
	webside_request(&b, 2, 1, "/echo", SLICE("x"));
	webside_send(&f, &b);
	expect_end(s, &f, 2, FCGI_CANT_MPX_CONN);
	stage_answer(s, "mail");
	expect(s, &f, 1, 200, "mail");
	assert_int_equal(s->handled, 1);
	f.got.n = 0;
	webside_request(&b, 2, 1, "/echo", SLICE("x"));
	webside_send(&f, &b);
	expect(s, &f, 2, 200, "POST /echo x");
	webside_close(&f);
}

static void
a_request_held_behind_a_commit_is_refused_when_that_parks(void **state)
{
	struct stage *s = *state;
	struct webside f;
	struct buf b;

	start(s, &f, &b);
	s->hold = 1;
	webside_request(&b, 1, 1, "/collect", SLICE("x"));
	webside_request(&b, 2, 1, "/echo", SLICE("x"));
	webside_send(&f, &b);
	stage_waiting(s, 1);
	s->hold = 0;
	expect_end(s, &f, 2, FCGI_CANT_MPX_CONN);
	stage_answer(s, "mail");
	expect(s, &f, 1, 200, "mail");
	webside_close(&f);
}

static void
other_roles_are_unknown(void **state)
{
	struct stage *s = *state;
	struct webside f;
	struct buf b;

	start(s, &f, &b);
	webside_begin(&b, 1, FCGI_AUTHORIZER, FCGI_KEEP_CONN);
	webside_record(&b, FCGI_PARAMS, (struct webside_how){ .id = 1 }, NULL,
	    0);
	webside_request(&b, 2, 1, "/echo", SLICE("x"));
	webside_begin(&b, 3, FCGI_FILTER, 0);
	webside_send(&f, &b);
	expect_end(s, &f, 1, FCGI_UNKNOWN_ROLE);
	expect(s, &f, 2, 200, "POST /echo x");
	expect_end(s, &f, 3, FCGI_UNKNOWN_ROLE);
	stage_closed(s, &f);
	webside_close(&f);
}

static int
was_told(void *arg)
{
	return webside_find(arg, FCGI_UNKNOWN_TYPE, 0).p != NULL;
}

static void
values_are_told_and_unknown_types_named(void **state)
{
	const struct webside_how how = { .id = 0 };
	struct stage *s = *state;
	struct slice told, name, value;
	struct webside f;
	struct buf b, pairs;

	s->options.connections_max = 9;
	stage_reopen(s);
	start(s, &f, &b);
	buf_init(&pairs, 256);
	webside_pair(&pairs, FCGI_MAX_CONNS, slice_of(""));
	webside_pair(&pairs, "FCGI_NONE", slice_of(""));
	webside_pair(&pairs, FCGI_MPXS_CONNS, slice_of(""));
	webside_record(&b, FCGI_GET_VALUES, how, pairs.p, pairs.n);
	webside_record(&b, 99, how, "x", 1);
	buf_reset(&pairs);
	webside_send(&f, &b);
	stage_until(s, was_told, &f);
	assert_int_equal(webside_find(&f, FCGI_UNKNOWN_TYPE, 0).p[0], 99);
	told = webside_find(&f, FCGI_GET_VALUES_RESULT, 0);
	assert_int_equal(record_pair(&told, &name, &value), 1);
	assert_slice(name, FCGI_MAX_CONNS);
	assert_slice(value, "9");
	assert_int_equal(record_pair(&told, &name, &value), 1);
	assert_slice(name, FCGI_MPXS_CONNS);
	assert_slice(value, "0");
	assert_int_equal(record_pair(&told, &name, &value), 0);
	webside_close(&f);
}

static void
a_body_at_the_limit_is_taken_and_one_above_is_told(void **state)
{
	struct stage *s = *state;
	char *body = calloc(1, (1 << 20) + 1);
	struct webside_reply r;
	struct webside f;
	struct buf b;
	int over;

	assert_non_null(body);
	memset(body, 'x', 1 << 20);
	for (over = 0; over < 2; over++) {
		start(s, &f, &b);
		webside_request(&b, 1, 1, "/echo",
		    (struct slice){ body, (1u << 20) + (size_t)over });
		webside_send(&f, &b);
		stage_reply(s, &f, 1, &r);
		assert_int_equal(r.status, over ? 413 : 200);
		if (!over)
			assert_int_equal(r.body.n,
			    strlen("POST /echo ") + (1 << 20));
		webside_reply_reset(&r);
		webside_close(&f);
	}
	free(body);
}

static void
variables_above_the_limit_are_told(void **state)
{
	const struct webside_how how = { .id = 1 };
	static char value[60000];
	struct stage *s = *state;
	struct buf b, pairs;
	struct webside f;

	start(s, &f, &b);
	buf_init(&pairs, 1 << 20);
	memset(value, 'x', sizeof(value));
	webside_pair(&pairs, "HTTP_COOKIE",
	    (struct slice){ value, sizeof(value) });
	webside_begin(&b, 1, FCGI_RESPONDER, 0);
	webside_record(&b, FCGI_PARAMS, how, pairs.p, pairs.n);
	webside_record(&b, FCGI_PARAMS, how, pairs.p, pairs.n);
	webside_record(&b, FCGI_PARAMS, how, NULL, 0);
	webside_record(&b, FCGI_STDIN, how, "abc", 3);
	webside_record(&b, FCGI_STDIN, how, NULL, 0);
	buf_reset(&pairs);
	webside_send(&f, &b);
	expect(s, &f, 1, 431, NULL);
	webside_close(&f);
}

/* Sends variables as they are, and a body of three bytes. */
static void
refuses_variables(struct stage *s, const char *bytes, size_t n, int status)
{
	const struct webside_how how = { .id = 1 };
	struct webside f;
	struct buf b;

	start(s, &f, &b);
	webside_begin(&b, 1, FCGI_RESPONDER, 0);
	webside_record(&b, FCGI_PARAMS, how, bytes, n);
	webside_record(&b, FCGI_PARAMS, how, NULL, 0);
	webside_record(&b, FCGI_STDIN, how, "abc", 3);
	webside_record(&b, FCGI_STDIN, how, NULL, 0);
	webside_send(&f, &b);
	expect(s, &f, 1, status, NULL);
	webside_close(&f);
}

static void
lengths_that_do_not_agree_are_refused(void **state)
{
	struct stage *s = *state;

	refuses_variables(s, "\x0e\1CONTENT_LENGTH3", 17, 200);
	refuses_variables(s, "\x0e\0CONTENT_LENGTH", 16, 200);
	refuses_variables(s, "\x0e\1CONTENT_LENGTH2", 17, 400);
	refuses_variables(s, "\x0e\1CONTENT_LENGTH4", 17, 400);
	refuses_variables(s, "\x0e\2CONTENT_LENGTH-3", 18, 400);
	refuses_variables(s, "\x0e\2CONTENT_LENGTH3x", 18, 400);
	refuses_variables(s,
	    "\x0e\x14"
	    "CONTENT_LENGTH18446744073709551619",
	    36, 400);
	refuses_variables(s, "\5", 1, 400);
	refuses_variables(s, "\5\1abcd", 6, 400);
	refuses_variables(s, "\1\x80\0\0", 4, 400);
	refuses_variables(s, "\xff\xff\xff\xff\1A", 6, 400);
	refuses_variables(s,
	    "\1\xff\xff\xff\xff"
	    "A",
	    6, 400);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_setup, stage_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_request_is_answered_and_the_connection_closed),
		TEST(a_request_in_single_bytes_is_a_request),
		TEST(variables_and_body_come_in_any_records),
		TEST(a_kept_connection_carries_one_after_the_other),
		TEST(requests_sent_in_one_go_wait_for_each_other),
		TEST(a_request_beside_a_parked_one_is_refused),
		TEST(a_request_held_behind_a_commit_is_refused_when_that_parks),
		TEST(other_roles_are_unknown),
		TEST(values_are_told_and_unknown_types_named),
		TEST(a_body_at_the_limit_is_taken_and_one_above_is_told),
		TEST(variables_above_the_limit_are_told),
		TEST(lengths_that_do_not_agree_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
