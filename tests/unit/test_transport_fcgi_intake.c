/*
 * transport_fcgi_intake: what is easier to show without a socket.
 */
#include "webside.h"
#include "transport_fcgi_intake.h"

static const struct intake_limits limits = { 4096, 4096, 8 };

/* Feeds all of `b`, until something comes of it; forgets what is taken. */
static enum intake_event
feed(struct intake *in, enum intake_mode mode, struct buf *b)
{
	enum intake_event event;
	size_t used;

	event = intake_feed(in, mode, 1, b->p, b->n, &used);
	memmove(b->p, b->p + used, b->n - used);
	b->n -= used;
	return event;
}

static void
strings_are_slices_of_what_was_read(void **state)
{
	struct http_request r;
	struct intake in;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	intake_init(&in, &limits);
	webside_request(&b, 1, 1, "/path", SLICE("body"));
	assert_int_equal(feed(&in, INTAKE_FREE, &b), INTAKE_WHOLE);
	intake_request(&in, &r);
	assert_int_equal(r.refused, LB_OK);
	assert_slice(r.path, "/path");
	assert_slice(r.body, "body");
	assert_true(r.path.p > in.bytes.p && r.path.p < r.body.p);
	assert_true(intake_empty(&in));
	intake_reset(&in);
	buf_reset(&b);
}

/* Even when its refusal would have had to wait a moment later. */
static void
an_abort_behind_a_refused_request_is_heard(void **state)
{
	struct intake in;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	intake_init(&in, &limits);
	webside_begin(&b, 2, FCGI_RESPONDER, FCGI_KEEP_CONN);
	assert_int_equal(feed(&in, INTAKE_BUSY, &b), INTAKE_ANSWER);
	webside_record(&b, FCGI_ABORT_REQUEST, (struct webside_how){ .id = 1 },
	    NULL, 0);
	assert_int_equal(feed(&in, INTAKE_SOON, &b), INTAKE_ABORT);
	intake_reset(&in);
	buf_reset(&b);
}

static void
a_body_without_end_is_told_before_it(void **state)
{
	static const char part[60000];
	struct http_request r;
	struct intake in;
	struct buf b;
	size_t fed = 0;

	(void)state;
	buf_init(&b, 1 << 17);
	intake_init(&in, &limits);
	webside_request(&b, 1, 1, "/path", SLICE("body"));
	b.n -= FCGI_HEADER_LEN; /* the end of its body */
	while (feed(&in, INTAKE_FREE, &b) != INTAKE_WHOLE) {
		assert_true(fed <= INTAKE_DROP_MAX + sizeof(part));
		assert_true(in.bytes.cap <= 8192);
		webside_record(&b, FCGI_STDIN, (struct webside_how){ .id = 1 },
		    part, sizeof(part));
		fed += sizeof(part);
	}
	assert_true(fed > INTAKE_DROP_MAX);
	intake_request(&in, &r);
	assert_int_equal(r.refused, LB_TOO_LARGE);
	assert_slice(r.path, "/path");
	assert_null(r.body.p);
	assert_false(in.keep); /* the rest of it is nobody's */
	intake_reset(&in);
	buf_reset(&b);
}

static void
a_request_given_up_has_what_came_of_it(void **state)
{
	struct http_request r;
	struct intake in;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	intake_init(&in, &limits);
	webside_request(&b, 1, 1, "/path", SLICE("body"));
	b.n -= FCGI_HEADER_LEN + 2;
	assert_int_equal(feed(&in, INTAKE_FREE, &b), INTAKE_MORE);
	assert_true(intake_begun(&in));
	intake_give_up(&in, LB_TIMEOUT);
	intake_request(&in, &r);
	assert_int_equal(r.refused, LB_TIMEOUT);
	assert_slice(r.path, "/path");
	assert_null(r.body.p);
	intake_reset(&in);
	buf_reset(&b);
}

/* As lighttpd writes it when the backlog was full. */
static void
a_request_begun_again_is_the_last_one(void **state)
{
	struct http_request r;
	struct intake in;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	intake_init(&in, &limits);
	webside_request(&b, 1, 0, "/first", SLICE(""));
	b.n -= FCGI_HEADER_LEN; /* the end of its body */
	webside_request(&b, 1, 1, "/path", SLICE("body"));
	assert_int_equal(feed(&in, INTAKE_FREE, &b), INTAKE_WHOLE);
	intake_request(&in, &r);
	assert_int_equal(r.refused, LB_OK);
	assert_slice(r.path, "/path");
	assert_slice(r.body, "body");
	assert_true(in.keep);
	intake_reset(&in);
	buf_reset(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_slices_of_what_was_read),
		cmocka_unit_test(an_abort_behind_a_refused_request_is_heard),
		cmocka_unit_test(a_body_without_end_is_told_before_it),
		cmocka_unit_test(a_request_given_up_has_what_came_of_it),
		cmocka_unit_test(a_request_begun_again_is_the_last_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
