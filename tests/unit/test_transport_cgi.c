/*
 * transport_cgi: one request from the environment and a pipe or a socket, and
 * its reply.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/socket.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "transport_cgi.h"
#include "unit.h"

#define VARIABLES 32

/* A web server: what it says, and what it gets. */
struct scene {
	struct transport_cgi cgi;
	struct loop *loop;
	char *variables[VARIABLES + 1];
	size_t count;
	int in[2], out[2]; /* [0] is read from */
	struct buf reply;
	struct exchange *parked;
	struct loop_timer answer;
	size_t finished;
	ssize_t left; /* of the input */
};

/* ---- a dialect of three paths ---- */

static void
reply(struct exchange *ex, int status, struct slice body)
{
	const struct reply r = { status, "text/plain", body };

	exchange_reply(ex, &r);
}

static void
handle(void *mount, struct exchange *ex)
{
	struct scene *s = mount;
	static char big[1 << 20];
	struct buf text;

	if (ex->request->refused != LB_OK) {
		reply(ex, err_words(ex->request->refused)->status,
		    slice_of(""));
	} else if (slice_is(ex->request->path, "/park")) {
		s->parked = ex;
		exchange_park(ex);
	} else if (slice_is(ex->request->path, "/big")) {
		memset(big, 'x', sizeof(big));
		reply(ex, 200, (struct slice){ big, sizeof(big) });
	} else {
		buf_init(&text, 1 << 20);
		buf_printf(&text, "%d ", (int)ex->request->method);
		buf_slice(&text, ex->request->path);
		buf_char(&text, ' ');
		buf_slice(&text, ex->request->body);
		reply(ex, 200, buf_as_slice(&text));
		buf_reset(&text);
	}
}

static void
finish(void *mount, struct exchange *ex)
{
	struct scene *s = mount;

	(void)ex;
	s->finished++;
}

static const struct dialect dialect = { "scene", handle, finish };

/* ---- the scene ---- */

static int64_t
turn(void *arg, const struct clock *now)
{
	(void)arg;
	(void)now;
	return -1;
}

static int
setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(s->in), 0);
	assert_int_equal(pipe(s->out), 0);
	assert_int_equal(loop_open(&s->loop), LB_OK);
	loop_set_turn(s->loop, turn, s);
	buf_init(&s->reply, 4 << 20);
	*state = s;
	return 0;
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
teardown(void **state)
{
	struct scene *s = *state;

	transport_cgi_close(&s->cgi);
	loop_close(s->loop);
	for (size_t i = 0; i < s->count; i++)
		free(s->variables[i]);
	for (int i = 0; i < 2; i++) {
		shut(&s->in[i]);
		shut(&s->out[i]);
	}
	buf_reset(&s->reply);
	free(s);
	return 0;
}

static void
say(struct scene *s, const char *variable)
{
	assert_true(s->count < VARIABLES);
	s->variables[s->count] = strdup(variable);
	assert_non_null(s->variables[s->count++]);
}

static void
send_body(struct scene *s, const char *text)
{
	assert_int_equal(write(s->in[1], text, strlen(text)), strlen(text));
}

static void
read_request(struct scene *s)
{
	const struct cgi_options options = { .in = s->in[0],
		.out = s->out[1],
		.params_max = 4096,
		.body_max = 4096,
		.read_timeout = 150,
		.write_timeout = 150 };

	transport_cgi_read(&s->cgi, &options, s->variables);
}

static void
serve(struct scene *s)
{
	char bytes[4096];
	ssize_t n;

	transport_cgi_serve(&s->cgi, s->loop, &dialect, s);
	assert_int_equal(s->finished, 1);
	shut(&s->in[1]);
	s->left = read(s->in[0], bytes, sizeof(bytes));
	shut(&s->in[0]); /* perhaps the same socket */
	shut(&s->out[1]);
	while ((n = read(s->out[0], bytes, sizeof(bytes))) > 0)
		buf_add(&s->reply, bytes, (size_t)n);
}

/* The reply begins with that status. */
static void
expect(struct scene *s, int status)
{
	char line[32];

	read_request(s);
	serve(s);
	snprintf(line, sizeof(line), "Status: %d ", status);
	assert_true(slice_starts(buf_as_slice(&s->reply), line));
}

/* What stands behind the head. */
static const char *
body(struct scene *s)
{
	const char *end;

	buf_char(&s->reply, '\0');
	assert_false(s->reply.failed);
	end = strstr(s->reply.p, "\r\n\r\n");
	assert_non_null(end);
	return end + 4;
}

static void
post(struct scene *s, const char *length)
{
	char text[64];

	say(s, "REQUEST_METHOD=POST");
	say(s, "PATH_INFO=/echo");
	if (length != NULL) {
		snprintf(text, sizeof(text), "CONTENT_LENGTH=%s", length);
		say(s, text);
	}
}

/* ---- what comes in ---- */

static void
a_body_of_its_length_is_read_without_an_end(void **state)
{
	struct scene *s = *state;

	post(s, "5");
	send_body(s, "hello"); /* and the pipe stays open */
	expect(s, 200);
	assert_string_equal(body(s), "3 /echo hello");
}

static void
no_more_than_the_length_is_taken(void **state)
{
	struct scene *s = *state;

	post(s, "5");
	send_body(s, "helloMORE");
	expect(s, 200);
	assert_string_equal(body(s), "3 /echo hello");
	assert_int_equal(s->left, 4);
}

static void
a_body_cut_short_is_refused(void **state)
{
	struct scene *s = *state;

	post(s, "9");
	send_body(s, "hello");
	shut(&s->in[1]);
	expect(s, 400);
}

static void
a_body_that_does_not_come_is_refused_in_time(void **state)
{
	struct scene *s = *state;

	post(s, "9");
	send_body(s, "hello");
	expect(s, 408);
}

static void
a_length_that_is_none_is_refused(void **state)
{
	static const char *const lengths[] = { "-5", "5x", " 5", "0x5",
		"99999999999999999999" };

	for (size_t i = 0; i < COUNT(lengths); i++) {
		void *fresh;

		(void)state;
		setup(&fresh);
		post(fresh, lengths[i]);
		send_body(fresh, "hello");
		expect(fresh, 400);
		teardown(&fresh);
	}
}

static void
a_body_without_length_is_refused(void **state)
{
	struct scene *s = *state;

	post(s, NULL);
	send_body(s, "hello");
	expect(s, 400);
}

static void
a_chunked_body_goes_to_its_end(void **state)
{
	struct scene *s = *state;

	post(s, "");
	say(s, "HTTP_TRANSFER_ENCODING=chunked");
	send_body(s, "hello");
	shut(&s->in[1]);
	expect(s, 200);
	assert_string_equal(body(s), "3 /echo hello");
}

static void
a_body_over_the_limit_is_drained_and_refused(void **state)
{
	struct scene *s = *state;
	char big[8192];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	post(s, "8191");
	send_body(s, big);
	shut(&s->in[1]);
	expect(s, 413);
	assert_int_equal(s->left, 0);
}

static void
variables_over_the_limit_are_refused(void **state)
{
	struct scene *s = *state;
	char big[8192];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	memcpy(big, "HTTP_X=", 7);
	say(s, "REQUEST_METHOD=GET");
	say(s, big);
	expect(s, 431);
}

static void
without_variables_nothing_is_taken_for_a_method(void **state)
{
	struct scene *s = *state;

	say(s, "NONSENSE");
	say(s, "=");
	say(s, "CONTENT_LENGTH=");
	expect(s, 200);
	assert_string_equal(body(s), "0  ");
}

static void
a_closed_input_is_an_empty_body(void **state)
{
	struct scene *s = *state;

	say(s, "REQUEST_METHOD=GET");
	say(s, "PATH_INFO=/echo");
	shut(&s->in[0]);
	expect(s, 200);
	assert_string_equal(body(s), "1 /echo ");
}

/* ---- what goes out ---- */

static void
read_all(struct loop_timer *timer)
{
	struct scene *s = LOOP_OWNER(timer, struct scene, answer);
	static char bytes[1 << 20];
	ssize_t n = read(s->out[0], bytes, sizeof(bytes));

	assert_true(n > 0);
	buf_add(&s->reply, bytes, (size_t)n);
	loop_timer_start(s->loop, timer, 1);
}

static void
a_slow_reader_gets_all_of_a_reply(void **state)
{
	struct scene *s = *state;

	say(s, "PATH_INFO=/big");
	read_request(s);
	loop_timer_init(&s->answer, read_all);
	loop_timer_start(s->loop, &s->answer, 5);
	serve(s);
	loop_timer_stop(s->loop, &s->answer);
	assert_true(s->reply.n > 1 << 20);
	assert_int_equal(s->reply.p[s->reply.n - 1], 'x');
}

static void
a_reader_that_does_not_read_is_given_up(void **state)
{
	struct scene *s = *state;

	say(s, "PATH_INFO=/big");
	read_request(s);
	assert_int_equal(transport_cgi_serve(&s->cgi, s->loop, &dialect, s),
	    LB_IO);
	assert_int_equal(s->finished, 1);
}

static void
a_reader_that_is_gone_ends_it(void **state)
{
	struct scene *s = *state;

	say(s, "PATH_INFO=/echo");
	read_request(s);
	shut(&s->out[0]);
	assert_int_equal(transport_cgi_serve(&s->cgi, s->loop, &dialect, s),
	    LB_IO);
	assert_int_equal(s->finished, 1);
}

static void
hang_up(struct loop_timer *timer)
{
	struct scene *s = LOOP_OWNER(timer, struct scene, answer);

	assert_ptr_equal(s->parked, &s->cgi.exchange);
	assert_int_equal(s->parked->state, EXCHANGE_PARKED);
	shut(&s->out[0]);
}

static void
a_hang_up_ends_what_is_parked(void **state)
{
	struct scene *s = *state;

	say(s, "PATH_INFO=/park");
	read_request(s);
	loop_timer_init(&s->answer, hang_up);
	loop_timer_start(s->loop, &s->answer, 5);
	assert_int_equal(transport_cgi_serve(&s->cgi, s->loop, &dialect, s),
	    LB_IO);
	assert_int_equal(s->finished, 1);
}

/* Apache's mod_cgid gives one socket for both, and says the end of the body
 * by closing its half. */
static void
the_end_of_the_body_is_no_hang_up(void **state)
{
	struct scene *s = *state;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	shut(&s->in[0]);
	shut(&s->out[1]);
	s->in[0] = dup(pair[0]);
	s->out[1] = pair[0];
	shut(&s->out[0]);
	s->out[0] = pair[1];
	assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
	say(s, "PATH_INFO=/echo");
	expect(s, 200);
	assert_string_equal(body(s), "0 /echo ");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_body_of_its_length_is_read_without_an_end),
		TEST(no_more_than_the_length_is_taken),
		TEST(a_body_cut_short_is_refused),
		TEST(a_body_that_does_not_come_is_refused_in_time),
		TEST(a_length_that_is_none_is_refused),
		TEST(a_body_without_length_is_refused),
		TEST(a_chunked_body_goes_to_its_end),
		TEST(a_body_over_the_limit_is_drained_and_refused),
		TEST(variables_over_the_limit_are_refused),
		TEST(without_variables_nothing_is_taken_for_a_method),
		TEST(a_closed_input_is_an_empty_body),
		TEST(a_slow_reader_gets_all_of_a_reply),
		TEST(a_reader_that_does_not_read_is_given_up),
		TEST(a_reader_that_is_gone_ends_it),
		TEST(a_hang_up_ends_what_is_parked),
		TEST(the_end_of_the_body_is_no_hang_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
