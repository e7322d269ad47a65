/*
 * transport_fcgi_conn: hang-ups at every moment, slow readers, streams.
 */
#include <sys/socket.h>

#include "stage.h"
#include "transport_fcgi_conns.h"

static void
a_connection_costs_96_bytes_besides_its_exchange(void **state)
{
	(void)state;
	print_message("conn %zu, exchange %zu bytes\n", sizeof(struct conn),
	    sizeof(struct exchange));
	assert_true(sizeof(struct conn) - sizeof(struct exchange) <= 96);
}

static void
an_abort_ends_a_parked_request_and_keeps_the_connection(void **state)
{
	struct stage *s = *state;
	struct webside f;
	struct buf b;

	stage_start(s, &f, 3, 1, "/park", slice_of(""));
	stage_waiting(s, 1);
	buf_init(&b, 4096);
	webside_record(&b, FCGI_ABORT_REQUEST, (struct webside_how){ .id = 9 },
	    NULL, 0);
	webside_record(&b, FCGI_ABORT_REQUEST, (struct webside_how){ .id = 3 },
	    NULL, 0);
	webside_request(&b, 4, 1, "/echo", SLICE("x"));
	webside_send(&f, &b);
	stage_expect(s, &f, 3, 0);
	stage_expect(s, &f, 4, 200);
	assert_null(s->works);
	assert_int_equal(s->finished, 2);
	assert_int_equal(stage_stats(s).hung_up, 1);
	webside_close(&f);
}

static void
an_abort_ends_half_a_request(void **state)
{
	struct stage *s = *state;
	struct webside f;
	struct buf b;

	buf_init(&b, 4096);
	webside_open(&f, s->loop, s->path);
	webside_begin(&b, 3, FCGI_RESPONDER, FCGI_KEEP_CONN);
	webside_record(&b, FCGI_ABORT_REQUEST, (struct webside_how){ .id = 3 },
	    NULL, 0);
	webside_request(&b, 3, 0, "/park", slice_of(""));
	webside_record(&b, FCGI_ABORT_REQUEST, (struct webside_how){ .id = 3 },
	    NULL, 0);
	webside_send(&f, &b);
	stage_closed(s, &f);
	assert_int_equal(s->handled, 1);
	assert_int_equal(s->finished, 1);
	webside_close(&f);
}

static void
the_same_id_again_waits_until_the_parked_one_is_answered(void **state)
{
	struct stage *s = *state;
	struct webside f;
	struct buf b;

	stage_start(s, &f, 1, 1, "/park", slice_of(""));
	stage_waiting(s, 1);
	buf_init(&b, 4096);
	webside_request(&b, 1, 0, "/echo", SLICE("x"));
	webside_send(&f, &b);
	stage_nap(s, 20);
	assert_int_equal(s->handled, 1);
	/* What comes behind stays in the socket, and does not keep us busy. */
	webside_request(&b, 2, 0, "/echo", SLICE("x"));
	webside_send(&f, &b);
	assert_in_range(stage_nap(s, 30), 1, 6);
	stage_answer(s, "mail");
	stage_closed(s, &f);
	assert_int_equal(s->handled, 2);
	webside_close(&f);
}

static void
a_closed_browser_frees_its_waiter_and_is_answered(void **state)
{
	struct stage *s = *state;
	struct webside f;

	stage_start(s, &f, 1, 0, "/park", slice_of(""));
	stage_waiting(s, 1);
	/* What lighttpd does with tcp-fin-propagate. */
	assert_int_equal(shutdown(f.fd, SHUT_WR), 0);
	stage_expect(s, &f, 1, 0);
	stage_closed(s, &f);
	assert_null(s->works);
	assert_int_equal(stage_stats(s).connections, 0);
	webside_close(&f);
}

static void
a_closed_connection_frees_its_waiter(void **state)
{
	struct stage *s = *state;
	struct webside f;

	stage_start(s, &f, 1, 0, "/park", slice_of(""));
	stage_waiting(s, 1);
	webside_close(&f);
	stage_connections(s, 0);
	assert_null(s->works);
}

/* A hang-up during a commit waits for it: the memory stays till then. */
static void
a_hangup_during_a_commit_ends_after_it(void **state)
{
	struct stage *s = *state;
	struct webside f;
	struct buf b;

	stage_start(s, &f, 1, 1, "/echo", slice_of("x"));
	stage_expect(s, &f, 1, 200);
	buf_init(&b, 4096);
	webside_request(&b, 2, 1, "/commit", SLICE("x"));
	s->hold = 1;
	webside_send(&f, &b);
	stage_waiting(s, 1);
	webside_close(&f);
	while (stage_stats(s).hung_up == 0)
		stage_ask(s, "/echo", 200);
	assert_int_equal(stage_stats(s).connections, 1);
	s->hold = 0;
	stage_connections(s, 0);
	assert_null(s->works);
}

static void
a_post_whose_sender_is_gone_is_committed(void **state)
{
	struct stage *s = *state;
	struct webside f;

	s->hold = 1;
	stage_start(s, &f, 1, 0, "/commit", SLICE("x"));
	webside_close(&f);
	stage_waiting(s, 1);
	s->hold = 0;
	stage_connections(s, 0);
	assert_int_equal(s->finished, 1);
}

/* The front end has read another 128 KiB. */
static int
has_read_some(void *arg)
{
	static size_t before;
	const struct webside *f = arg;

	if (f->got.n < before)
		before = 0;
	if (f->got.n - before < 1 << 17)
		return 0;
	before = f->got.n;
	return 1;
}

/* Slower in all than the time without progress that is allowed. */
static void
a_slow_reader_gets_all_of_it(void **state)
{
	struct stage *s = *state;
	struct webside_reply r;
	struct webside f;
	size_t i;

	stage_start(s, &f, 1, 1, "/big", slice_of(""));
	for (i = 0; i < 20; i++) {
		webside_lazy(&f, 1);
		stage_nap(s, 20);
		webside_lazy(&f, 0);
		stage_until(s, has_read_some, &f);
	}
	stage_reply(s, &f, 1, &r);
	assert_int_equal(r.body.n, STAGE_BIG);
	for (i = 0; i < STAGE_BIG; i++)
		if (r.body.p[i] != (char)('a' + i % 23))
			fail_msg("byte %zu is wrong", i);
	webside_reply_reset(&r);
	webside_close(&f);
}

static void
a_reader_that_does_not_read_is_given_up(void **state)
{
	struct stage *s = *state;
	struct webside f;

	stage_start(s, &f, 1, 1, "/big", slice_of(""));
	webside_lazy(&f, 1);
	while (stage_stats(s).expired == 0)
		stage_ask(s, "/echo", 200);
	stage_connections(s, 0);
	webside_close(&f);
}

static void
a_stream_is_sent_as_it_is_written(void **state)
{
	struct stage *s = *state;
	struct webside_reply r;
	struct webside f;

	stage_start(s, &f, 1, 1, "/stream", SLICE("x"));
	stage_waiting(s, 1);
	stage_write(s, SLICE(" more"));
	stage_answer(s, " end");
	stage_reply(s, &f, 1, &r);
	assert_slice(r.body, "begun more end");
	assert_int_equal(r.records, 4);
	webside_reply_reset(&r);
	webside_close(&f);
}

/* Its dialect may go on with it: the hang-up comes from the loop. */
static void
a_stream_nobody_reads_hangs_up_later(void **state)
{
	static char much[1 << 19];
	const struct slice slice = { much, sizeof(much) };
	struct stage *s = *state;
	struct webside f;
	int i;

	s->options.write_timeout = 60000;
	stage_reopen(s);
	stage_start(s, &f, 1, 1, "/stream", slice_of(""));
	stage_waiting(s, 1);
	webside_lazy(&f, 1);
	for (i = 0; i < 10; i++)
		stage_write(s, slice);
	assert_non_null(s->works);
	stage_connections(s, 0);
	assert_null(s->works);
	webside_close(&f);

	stage_start(s, &f, 1, 1, "/stream", slice_of(""));
	stage_waiting(s, 1);
	webside_close(&f);
	for (i = 0; i < 3; i++)
		stage_write(s, slice);
	assert_non_null(s->works);
	stage_connections(s, 0);
	assert_null(s->works);
}

static void
one_request_may_answer_others(void **state)
{
	struct stage *s = *state;
	struct webside kept, once, last;

	stage_start(s, &kept, 1, 1, "/park", slice_of(""));
	stage_start(s, &once, 1, 0, "/park", slice_of(""));
	stage_waiting(s, 2);
	stage_start(s, &last, 1, 0, "/other", slice_of(""));
	stage_expect(s, &kept, 1, 200);
	stage_expect(s, &once, 1, 200);
	stage_expect(s, &last, 1, 200);
	stage_closed(s, &once);
	assert_false(kept.closed);
	webside_close(&kept);
	webside_close(&once);
	webside_close(&last);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_setup, stage_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_connection_costs_96_bytes_besides_its_exchange),
		TEST(an_abort_ends_a_parked_request_and_keeps_the_connection),
		TEST(an_abort_ends_half_a_request),
		TEST(the_same_id_again_waits_until_the_parked_one_is_answered),
		TEST(a_closed_browser_frees_its_waiter_and_is_answered),
		TEST(a_closed_connection_frees_its_waiter),
		TEST(a_hangup_during_a_commit_ends_after_it),
		TEST(a_post_whose_sender_is_gone_is_committed),
		TEST(a_slow_reader_gets_all_of_it),
		TEST(a_reader_that_does_not_read_is_given_up),
		TEST(a_stream_is_sent_as_it_is_written),
		TEST(a_stream_nobody_reads_hangs_up_later),
		TEST(one_request_may_answer_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
