/*
 * transport_cgi: see transport_cgi.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "transport_cgi.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define DRAIN_MAX (8 << 20) /* bytes of a body that is refused */
#define LOOK_MS 1000        /* between two looks for a hang-up */

static const struct cgi_options defaults = {
	.params_max = 65536,
	.body_max = 98304,
	.read_timeout = 10000,
	.write_timeout = 30000,
};

/* ---- the request ---- */

static void
refuse(struct transport_cgi *t, enum lb_err why)
{
	if (t->request.refused == LB_OK)
		t->request.refused = why;
}

/* What is said twice counts as in http_variable(); CONTENT_LENGTH and
 * Transfer-Encoding are for us. */
static void
read_variables(struct transport_cgi *t, char **variables, struct slice *length,
    int *chunked)
{
	size_t size = 0;

	for (; *variables != NULL; variables++) {
		struct slice all = slice_of(*variables), name = all, value;
		const char *equals = memchr(all.p, '=', all.n);

		size += all.n;
		if (equals == NULL)
			continue;
		name.n = (size_t)(equals - all.p);
		value.p = equals + 1;
		value.n = all.n - name.n - 1;
		if (slice_is(name, "CONTENT_LENGTH"))
			*length = value;
		else if (slice_is(name, "HTTP_TRANSFER_ENCODING"))
			*chunked = value.n > 0;
		else
			http_variable(&t->request, name, value);
	}
	if (size > t->options.params_max)
		refuse(t, LB_HEADERS_TOO_LARGE);
	if (http_finish(&t->request) != LB_OK)
		refuse(t, LB_BAD_REQUEST);
}

/* 1 when there is something to read by `deadline`, the end included. */
static int
wait_for(int fd, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct clock now;
	int64_t left;
	int n;

	do {
		clock_now(&now);
		left = deadline - now.mono;
		n = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

static void
keep(struct transport_cgi *t, const char *p, size_t n)
{
	if (n > t->options.body_max - t->body.n)
		refuse(t, LB_TOO_LARGE);
	if (t->request.refused != LB_OK)
		return;
	buf_add(&t->body, p, n);
	if (t->body.failed)
		refuse(t, LB_NO_MEMORY);
}

/* Reads `most` bytes, or up to the end; returns how many came.  `wait`: ms
 * for all of them; 0: takes what is there. */
static int64_t
take(struct transport_cgi *t, int64_t most, int64_t wait)
{
	char bytes[16384];
	struct clock now;
	int64_t got = 0, left;
	ssize_t n;

	clock_now(&now);
	while (got < most) {
		if (!wait_for(t->options.in, now.mono + wait)) {
			if (wait > 0)
				refuse(t, LB_TIMEOUT);
			break;
		}
		left = most - got;
		n = read(t->options.in, bytes,
		    left < (int64_t)sizeof(bytes) ? (size_t)left :
						    sizeof(bytes));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			break;
		keep(t, bytes, (size_t)n);
		got += n;
	}
	return got;
}

/*
 * A web server need not close its end behind the body (RFC 3875 section
 * 4.2), so no more is waited for than was announced.  A chunked body comes
 * without a length from servers that pass it on as it arrives: up to its end.
 */
static void
read_body(struct transport_cgi *t, struct slice length, int chunked)
{
	int64_t announced, got, wait = t->options.read_timeout;

	if (http_length(length, &announced) != LB_OK) {
		refuse(t, LB_BAD_REQUEST);
		take(t, DRAIN_MAX, 0);
	} else if (announced < 0) {
		take(t, DRAIN_MAX, chunked ? wait : 0);
		if (!chunked && t->body.n > 0)
			refuse(t, LB_BAD_REQUEST);
	} else {
		if ((uint64_t)announced > t->options.body_max)
			refuse(t, LB_TOO_LARGE);
		got = take(t, announced < DRAIN_MAX ? announced : DRAIN_MAX,
		    wait);
		if (got < announced)
			refuse(t, LB_BAD_REQUEST);
	}
	if (t->request.refused == LB_OK)
		t->request.body = buf_as_slice(&t->body);
}

void
transport_cgi_read(struct transport_cgi *t, const struct cgi_options *options,
    char **variables)
{
	struct slice length = { NULL, 0 };
	int chunked = 0;

	memset(t, 0, sizeof(*t));
	t->options = *options;
	if (t->options.params_max == 0)
		t->options.params_max = defaults.params_max;
	if (t->options.body_max == 0)
		t->options.body_max = defaults.body_max;
	if (t->options.read_timeout == 0)
		t->options.read_timeout = defaults.read_timeout;
	if (t->options.write_timeout == 0)
		t->options.write_timeout = defaults.write_timeout;
	buf_init(&t->body, t->options.body_max);
	buf_init(&t->out, SIZE_MAX);
	read_variables(t, variables, &length, &chunked);
	read_body(t, length, chunked);
}

/* ---- the reply ---- */

/* Told from the loop, never from within send(). */
static void
give_up(struct loop_task *task)
{
	exchange_hangup(
	    &LOOP_OWNER(task, struct transport_cgi, failed)->exchange);
}

static void
fail(struct transport_cgi *t)
{
	t->broken = 1;
	buf_reset(&t->out);
	loop_io_want(t->loop, &t->io, 0);
	loop_timer_stop(t->loop, &t->patience);
	loop_defer(t->loop, &t->failed);
}

static void
flush(struct transport_cgi *t)
{
	size_t at = 0;
	ssize_t n;

	while (at < t->out.n) {
		n = write(t->options.out, t->out.p + at, t->out.n - at);
		if (n >= 0)
			at += (size_t)n;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR) {
			fail(t);
			return;
		}
	}
	if (at < t->out.n) {
		memmove(t->out.p, t->out.p + at, t->out.n - at);
		t->out.n -= at;
		loop_io_want(t->loop, &t->io, LOOP_WRITE);
		if (at > 0 || !loop_timer_active(&t->patience))
			loop_timer_start(t->loop, &t->patience,
			    t->options.write_timeout);
		return;
	}
	t->out.n = 0;
	loop_io_want(t->loop, &t->io, 0);
	loop_timer_stop(t->loop, &t->patience);
	if (t->last)
		exchange_sent(&t->exchange);
}

static void
writable(struct loop_io *io, int events)
{
	(void)events;
	flush(loop_io_arg(io));
}

static void
impatient(struct loop_timer *timer)
{
	fail(LOOP_OWNER(timer, struct transport_cgi, patience));
}

static void
send_parts(struct exchange *ex, const struct slice *parts, size_t count,
    int last)
{
	struct transport_cgi *t = LOOP_OWNER(ex, struct transport_cgi,
	    exchange);

	if (t->broken)
		return;
	for (size_t i = 0; i < count; i++)
		buf_slice(&t->out, parts[i]);
	t->last = last;
	if (t->out.failed)
		fail(t); /* half a reply is none */
	else
		flush(t);
}

/*
 * Nothing tells when the web server lets go while nothing is written: a socket
 * of it is readable at its end as soon as the body was sent.  So look.
 */
static void
look(struct loop_timer *timer)
{
	struct transport_cgi *t = LOOP_OWNER(timer, struct transport_cgi, look);
	struct pollfd p = { .fd = t->options.out };

	if (poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP)) != 0)
		fail(t);
	else
		loop_timer_start(t->loop, timer, LOOK_MS);
}

static void
parked(struct exchange *ex)
{
	struct transport_cgi *t = LOOP_OWNER(ex, struct transport_cgi,
	    exchange);

	loop_timer_start(t->loop, &t->look, LOOK_MS);
}

static void
release(struct exchange *ex)
{
	struct transport_cgi *t = LOOP_OWNER(ex, struct transport_cgi,
	    exchange);

	loop_timer_stop(t->loop, &t->look);
	loop_timer_stop(t->loop, &t->patience);
	loop_io_want(t->loop, &t->io, 0);
	loop_stop(t->loop);
}

/* In the loop, so that a reply at once stops it, and a turn follows. */
static void
begin(struct loop_task *task)
{
	exchange_handle(
	    &LOOP_OWNER(task, struct transport_cgi, begun)->exchange);
}

static const struct transport transport = { send_parts, parked, release };

enum lb_err
transport_cgi_serve(struct transport_cgi *t, struct loop *loop,
    const struct dialect *dialect, void *mount)
{
	int flags = fcntl(t->options.out, F_GETFL);

	t->loop = loop;
	loop_io_init(&t->io, t->options.out, writable, t);
	loop_timer_init(&t->patience, impatient);
	loop_timer_init(&t->look, look);
	loop_task_init(&t->failed, give_up);
	loop_task_init(&t->begun, begin);
	if (flags >= 0)
		fcntl(t->options.out, F_SETFL, flags | O_NONBLOCK);
	exchange_init(&t->exchange, &transport, dialect, mount);
	t->exchange.request = &t->request;
	loop_defer(loop, &t->begun);
	loop_run(loop);
	/* It may be of whoever started us. */
	if (flags >= 0)
		fcntl(t->options.out, F_SETFL, flags);
	return t->broken ? LB_IO : LB_OK;
}

void
transport_cgi_close(struct transport_cgi *t)
{
	if (t->loop != NULL) {
		exchange_hangup(&t->exchange);
		loop_undefer(t->loop, &t->failed);
	}
	buf_reset(&t->body);
	buf_reset(&t->out);
}
