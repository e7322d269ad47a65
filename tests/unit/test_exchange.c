/*
 * exchange: its states, what a transport is asked for in each, and that it
 * ends once, with nothing left, however it ends.
 */
#include "exchange.h"
#include "dialect.h"
#include "unit.h"

/* A transport that writes down what it is asked for. */
struct scene {
	struct exchange exchange; /* the first: one is found by the other */
	struct buf sent;
	int lasts, parked, released, finished;
	int at_once; /* everything is written when send() returns */
};

static struct scene *
scene_of(struct exchange *ex)
{
	return (struct scene *)(void *)ex;
}

static void
on_send(struct exchange *ex, const struct slice *parts, size_t count, int last)
{
	struct scene *s = scene_of(ex);
	size_t i;

	assert_int_equal(s->lasts, 0);
	for (i = 0; i < count; i++)
		buf_slice(&s->sent, parts[i]);
	s->lasts += last;
	if (last && s->at_once)
		exchange_sent(ex);
}

static void
on_parked(struct exchange *ex)
{
	assert_int_equal(ex->state, EXCHANGE_PARKED);
	scene_of(ex)->parked++;
}

static void
on_release(struct exchange *ex)
{
	struct scene *s = scene_of(ex);

	assert_int_equal(ex->state, EXCHANGE_DONE);
	assert_int_equal(s->finished, 1); /* before */
	assert_null(ex->work);
	assert_int_equal(ex->head.n, 0);
	s->released++;
}

static void
on_handle(void *mount, struct exchange *ex)
{
	assert_ptr_equal(mount, scene_of(ex));
	assert_int_equal(ex->state, EXCHANGE_HANDLING);
}

static void
on_finish(void *mount, struct exchange *ex)
{
	struct scene *s = mount;

	assert_int_equal(ex->committing, 0);
	s->finished++;
}

static const struct transport transport = { on_send, on_parked, on_release };
static const struct dialect dialect = { "scene", on_handle, on_finish };

static int
setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->at_once = 1;
	buf_init(&s->sent, 1 << 20);
	exchange_init(&s->exchange, &transport, &dialect, s);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;

	assert_int_equal(s->released, 1);
	assert_int_equal(s->finished, 1);
	buf_reset(&s->sent);
	free(s);
	return 0;
}

static void
reply(struct exchange *ex, int status, const char *type, const char *body)
{
	const struct reply r = { status, type, slice_of(body) };

	exchange_reply(ex, &r);
}

static int
says(struct scene *s, const char *text)
{
	buf_char(&s->sent, '\0');
	s->sent.n--;
	return strstr(s->sent.p, text) != NULL;
}

static void
a_reply_has_a_length_and_is_not_stored(void **state)
{
	struct scene *s = *state;

	exchange_handle(&s->exchange);
	buf_str(&s->exchange.head, "Retry-After: 1\r\n");
	reply(&s->exchange, 503, "application/problem+json", "{}");
	assert_true(slice_starts(buf_as_slice(&s->sent),
	    "Status: 503 Service Unavailable\r\n"));
	assert_true(says(s, "\r\nContent-Length: 2\r\n"));
	assert_true(says(s, "\r\nCache-Control: no-store\r\n"));
	assert_true(says(s, "\r\nContent-Type: application/problem+json\r\n"));
	assert_true(says(s, "\r\nRetry-After: 1\r\n"));
	assert_true(says(s, "\r\n\r\n{}"));
}

static void
a_reply_without_content_has_no_length(void **state)
{
	struct scene *s = *state;

	exchange_handle(&s->exchange);
	reply(&s->exchange, 204, NULL, NULL);
	assert_true(says(s, "Status: 204 No Content\r\n"));
	assert_false(says(s, "Content-Length"));
	assert_false(says(s, "\r\nContent-Type:"));
	assert_memory_equal(s->sent.p + s->sent.n - 4, "\r\n\r\n", 4);
}

static void
it_is_replying_until_the_last_byte_is_written(void **state)
{
	struct scene *s = *state;

	s->at_once = 0;
	exchange_handle(&s->exchange);
	reply(&s->exchange, 200, "text/plain", "x");
	assert_int_equal(s->exchange.state, EXCHANGE_REPLYING);
	assert_int_equal(s->released, 0);
	exchange_sent(&s->exchange);
}

static void
a_post_replies_after_its_commit(void **state)
{
	struct scene *s = *state;

	exchange_handle(&s->exchange);
	exchange_commit(&s->exchange);
	assert_int_equal(s->exchange.state, EXCHANGE_COMMITTING);
	assert_int_equal(s->sent.n, 0);
	assert_int_equal(exchange_committed(&s->exchange), 1);
	reply(&s->exchange, 201, "text/plain", "x");
}

static void
parking_forgets_the_request(void **state)
{
	static const struct http_request request;
	struct scene *s = *state;

	s->exchange.request = &request;
	exchange_handle(&s->exchange);
	assert_ptr_equal(s->exchange.request, &request);
	exchange_park(&s->exchange);
	assert_int_equal(s->parked, 1);
	assert_null(s->exchange.request);
	reply(&s->exchange, 200, "text/plain", "x");
}

static void
a_post_may_park_after_its_commit_and_commit_again(void **state)
{
	struct scene *s = *state;

	exchange_handle(&s->exchange);
	exchange_commit(&s->exchange);
	assert_int_equal(exchange_committed(&s->exchange), 1);
	exchange_park(&s->exchange);
	exchange_commit(&s->exchange);
	assert_int_equal(exchange_committed(&s->exchange), 1);
	reply(&s->exchange, 200, "text/plain", "x");
}

static void
a_hangup_ends_it_at_once_where_nothing_is_pending(void **state)
{
	struct scene *s = *state;

	exchange_handle(&s->exchange);
	exchange_park(&s->exchange);
	exchange_hangup(&s->exchange);
	assert_int_equal(s->released, 1);
	assert_int_equal(s->sent.n, 0);
	exchange_hangup(&s->exchange); /* again: nothing */
}

static void
a_hangup_before_the_request_is_whole_ends_it(void **state)
{
	exchange_hangup(&((struct scene *)*state)->exchange);
}

/* The store still holds the exchange: its memory has to stay. */
static void
a_hangup_waits_for_every_operation_under_way(void **state)
{
	struct scene *s = *state;

	exchange_handle(&s->exchange);
	exchange_commit(&s->exchange);
	exchange_commit(&s->exchange);
	exchange_hangup(&s->exchange);
	assert_int_equal(s->exchange.state, EXCHANGE_DONE);
	assert_int_equal(exchange_committed(&s->exchange), 0);
	assert_int_equal(s->finished, 0);
	assert_int_equal(s->released, 0);
	assert_int_equal(exchange_committed(&s->exchange), 0);
}

static void
a_stream_is_parked_and_has_no_length(void **state)
{
	struct scene *s = *state;

	exchange_handle(&s->exchange);
	exchange_stream(&s->exchange, "text/event-stream");
	assert_int_equal(s->exchange.state, EXCHANGE_PARKED);
	exchange_write(&s->exchange, SLICE("data: 1\n\n"), 0);
	exchange_write(&s->exchange, SLICE("data: 2\n\n"), 1);
	assert_true(says(s, "Content-Type: text/event-stream\r\n"));
	assert_true(says(s,
	    "X-Accel-Buffering: no\r\n\r\n"
	    "data: 1\n\ndata: 2\n\n"));
	assert_false(says(s, "Content-Length"));
	assert_int_equal(s->lasts, 1);
}

static void
the_next_request_of_a_connection_begins_afresh(void **state)
{
	struct scene *s = *state;

	exchange_handle(&s->exchange);
	reply(&s->exchange, 200, "text/plain", "x");
	s->released = s->finished = s->lasts = 0;
	exchange_init(&s->exchange, &transport, &dialect, s);
	assert_int_equal(s->exchange.state, EXCHANGE_READING);
	exchange_handle(&s->exchange);
	reply(&s->exchange, 200, "text/plain", "x");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_reply_has_a_length_and_is_not_stored),
		TEST(a_reply_without_content_has_no_length),
		TEST(it_is_replying_until_the_last_byte_is_written),
		TEST(a_post_replies_after_its_commit),
		TEST(parking_forgets_the_request),
		TEST(a_post_may_park_after_its_commit_and_commit_again),
		TEST(a_hangup_ends_it_at_once_where_nothing_is_pending),
		TEST(a_hangup_before_the_request_is_whole_ends_it),
		TEST(a_hangup_waits_for_every_operation_under_way),
		TEST(a_stream_is_parked_and_has_no_length),
		TEST(the_next_request_of_a_connection_begins_afresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
