/*
 * stage: see stage.h.
 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */

#include "stage.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utlist.h>

#define PATIENCE 10000 /* ms before a test has failed */

/* What the dialect keeps of an exchange that waits. */
struct stage_work {
	struct stage *stage;
	struct exchange *exchange; /* NULL: it ended during the commit */
	enum { COMMIT, COLLECT, PARK, STREAM } what;
	struct stage_work *prev, *next;
};

static void
reply(struct exchange *ex, int status, struct slice body)
{
	const struct reply r = { status, "text/plain", body };

	exchange_reply(ex, &r);
}

static void
wait_for(struct stage *s, struct exchange *ex, int what)
{
	struct stage_work *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->stage = s;
	w->exchange = ex;
	w->what = what;
	ex->work = w;
	DL_APPEND(s->works, w);
	if (what == COMMIT || what == COLLECT)
		exchange_commit(ex);
	else if (what == PARK)
		exchange_park(ex);
}

static void
reply_big(struct exchange *ex)
{
	char *big = malloc(STAGE_BIG);
	size_t i;

	assert_non_null(big);
	for (i = 0; i < STAGE_BIG; i++)
		big[i] = (char)('a' + i % 23);
	reply(ex, 200, (struct slice){ big, STAGE_BIG });
	free(big);
}

static void
reply_echo(struct exchange *ex)
{
	struct buf b;

	buf_init(&b, 1 << 21);
	buf_slice(&b,
	    slice_of(ex->request->method == HTTP_POST ? "POST " : "GET "));
	buf_slice(&b, ex->request->path);
	buf_char(&b, ' ');
	buf_slice(&b, ex->request->body);
	reply(ex, 200, buf_as_slice(&b));
	buf_reset(&b);
}

static void
handle(void *mount, struct exchange *ex)
{
	struct stage *s = mount;
	struct slice path = ex->request->path, body = ex->request->body;

	s->handled++;
	if (ex->request->refused != LB_OK)
		reply(ex, err_words(ex->request->refused)->status,
		    slice_of(""));
	else if (slice_is(path, "/commit"))
		wait_for(s, ex, COMMIT);
	else if (slice_is(path, "/collect"))
		wait_for(s, ex, COLLECT);
	else if (slice_is(path, "/park"))
		wait_for(s, ex, PARK);
	else if (slice_is(path, "/big"))
		reply_big(ex);
	else if (slice_is(path, "/stream")) {
		wait_for(s, ex, STREAM);
		exchange_stream(ex, "text/event-stream");
		if (body.n > 0)
			exchange_write(ex, SLICE("begun"), 0);
	} else if (slice_is(path, "/other")) {
		stage_answer(s, "other");
		reply_echo(ex);
	} else
		reply_echo(ex);
}

static void
drop(struct stage_work *w)
{
	DL_DELETE(w->stage->works, w);
	free(w);
}

static void
finish(void *mount, struct exchange *ex)
{
	struct stage *s = mount;

	s->finished++;
	if (ex->work != NULL)
		drop(ex->work);
}

static const struct dialect dialect = { "stage", handle, finish };

/* What the commit of a turn calls back. */
static void
commit(struct stage *s)
{
	struct stage_work *w, *next;
	struct exchange *ex;

	for (w = s->works; w != NULL; w = next) {
		next = w->next;
		ex = w->exchange;
		if (w->what > COLLECT || !exchange_committed(ex))
			continue;
		if (w->what == COLLECT) {
			w->what = PARK;
			exchange_park(ex);
		} else
			reply(ex, 201, SLICE("committed"));
	}
}

static int64_t
turn(void *arg, const struct clock *now)
{
	struct stage *s = arg;

	(void)now;
	s->turns++;
	if (!s->hold)
		commit(s);
	if (s->late || s->done(s->arg))
		loop_stop(s->loop);
	return -1;
}

static void
lose_patience(struct loop_timer *timer)
{
	LOOP_OWNER(timer, struct stage, patience)->late = 1;
}

void
stage_until(struct stage *s, int (*done)(void *arg), void *arg)
{
	s->done = done;
	s->arg = arg;
	s->late = 0;
	loop_timer_start(s->loop, &s->patience, PATIENCE);
	loop_run(s->loop);
	loop_timer_stop(s->loop, &s->patience);
	assert_false(s->late);
}

static void
wake_up(struct loop_timer *timer)
{
	(void)timer;
}

static int
has_napped(void *arg)
{
	return !loop_timer_active(&((struct stage *)arg)->nap);
}

unsigned
stage_nap(struct stage *s, int64_t ms)
{
	s->turns = 0;
	loop_timer_start(s->loop, &s->nap, ms);
	stage_until(s, has_napped, s);
	return s->turns;
}

void
stage_answer(struct stage *s, const char *text)
{
	struct stage_work *w, *next;

	for (w = s->works; w != NULL; w = next) {
		next = w->next;
		if (w->what == PARK)
			reply(w->exchange, 200, slice_of(text));
		else if (w->what == STREAM)
			exchange_write(w->exchange, slice_of(text), 1);
	}
}

void
stage_write(struct stage *s, struct slice text)
{
	struct stage_work *w, *next;

	for (w = s->works; w != NULL; w = next) {
		next = w->next;
		if (w->what == STREAM)
			exchange_write(w->exchange, text, 0);
	}
}

struct wanted {
	struct stage *stage;
	const struct webside *front;
	uint16_t id;
	size_t count;
};

static int
has_ended(void *arg)
{
	const struct wanted *w = arg;

	return webside_find(w->front, FCGI_END_REQUEST, w->id).p != NULL;
}

void
stage_reply(struct stage *s, const struct webside *front, uint16_t id,
    struct webside_reply *reply)
{
	struct wanted w = { s, front, id, 0 };

	stage_until(s, has_ended, &w);
	webside_reply(front, id, reply);
}

static int
is_closed(void *arg)
{
	return ((const struct webside *)arg)->closed;
}

void
stage_closed(struct stage *s, struct webside *front)
{
	stage_until(s, is_closed, front);
}

static int
are_waiting(void *arg)
{
	const struct wanted *w = arg;
	const struct stage_work *one;
	size_t n;

	DL_COUNT(w->stage->works, one, n);
	return n == w->count;
}

void
stage_waiting(struct stage *s, size_t count)
{
	struct wanted w = { s, NULL, 0, count };

	stage_until(s, are_waiting, &w);
}

struct fcgi_stats
stage_stats(struct stage *s)
{
	struct fcgi_stats stats;

	transport_fcgi_stats(s->transport, &stats);
	return stats;
}

static int
are_left(void *arg)
{
	const struct wanted *w = arg;

	return stage_stats(w->stage).connections == w->count;
}

void
stage_connections(struct stage *s, size_t count)
{
	struct wanted w = { s, NULL, 0, count };

	stage_until(s, are_left, &w);
}

void
stage_start(struct stage *s, struct webside *f, uint16_t id, int keep,
    const char *path, struct slice body)
{
	struct buf b;

	buf_init(&b, 64u << 20);
	webside_open(f, s->loop, s->path);
	webside_request(&b, id, keep, path, body);
	webside_send(f, &b);
}

void
stage_expect(struct stage *s, const struct webside *f, uint16_t id, int status)
{
	struct webside_reply r;

	stage_reply(s, f, id, &r);
	assert_int_equal(r.protocol, FCGI_REQUEST_COMPLETE);
	assert_int_equal(r.status, status);
	webside_reply_reset(&r);
}

void
stage_ask(struct stage *s, const char *path, int status)
{
	struct webside f;

	stage_start(s, &f, 1, 0, path, slice_of(""));
	stage_expect(s, &f, 1, status);
	webside_close(&f);
}

static void
listen_at(struct stage *s)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(s->folder, sizeof(s->folder), "/tmp/stage-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	snprintf(s->path, sizeof(s->path), "%s/socket", s->folder);
	memcpy(sun.sun_path, s->path, strlen(s->path));
	s->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(s->listener >= 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&sun,
			     sizeof(sun)),
	    0);
	assert_int_equal(listen(s->listener, 128), 0);
}

void
stage_reopen(struct stage *s)
{
	transport_fcgi_close(s->transport);
	assert_int_equal(transport_fcgi_open(&s->transport, s->loop,
			     s->listener, &s->options),
	    LB_OK);
}

int
stage_setup(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	listen_at(s);
	assert_int_equal(loop_open(&s->loop), LB_OK);
	loop_set_turn(s->loop, turn, s);
	loop_timer_init(&s->patience, lose_patience);
	loop_timer_init(&s->nap, wake_up);
	s->options.dialect = &dialect;
	s->options.mount = s;
	s->options.body_max = 1 << 20;
	s->options.read_timeout = 150;
	s->options.write_timeout = 150;
	stage_reopen(s);
	*state = s;
	return 0;
}

int
stage_teardown(void **state)
{
	struct stage *s = *state;

	s->hold = 0;
	transport_fcgi_close(s->transport);
	commit(s);
	assert_null(s->works);
	loop_close(s->loop);
	close(s->listener);
	unlink(s->path);
	rmdir(s->folder);
	free(s);
	return 0;
}
