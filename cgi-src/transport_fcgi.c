/*
 * transport_fcgi: the listener.  What becomes of a connection is the matter of
 * transport_fcgi_serve.
 */
#define _GNU_SOURCE /* accept4 */

#include "transport_fcgi.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "log.h"
#include "transport_fcgi_serve.h"

#define PARAMS_MAX 65536    /* bytes */
#define BODY_MAX 98304      /* bytes */
#define READ_TIMEOUT 10000  /* ms */
#define WRITE_TIMEOUT 30000 /* ms */
#define REST 1000           /* ms without accepting when starved */
#define OTHERS 24           /* descriptors that are not connections */
#define ACCEPTS 64          /* in one go: what may share a commit */

struct transport_fcgi {
	struct conns conns;
	struct loop_io listener;
	struct loop_timer rest;
	int starved; /* the listener rests */
	int closing; /* free when the last connection has gone */
	uint64_t starvations;
};

static void
listen_again(struct transport_fcgi *t)
{
	t->starved = 0;
	loop_timer_stop(t->conns.loop, &t->rest);
	if (!t->conns.stopping)
		loop_io_want(t->conns.loop, &t->listener, LOOP_READ);
}

static void
rested(struct loop_timer *timer)
{
	listen_again(LOOP_OWNER(timer, struct transport_fcgi, rest));
}

/* A listener that cannot accept stays readable: watching it would spin. */
static void
starve(struct transport_fcgi *t, int error)
{
	if (t->starvations++ == 0)
		log_event(LOG_ERROR, "accept",
		    "why=descriptors errno=%d "
		    "connections=%zu",
		    error, t->conns.count);
	t->starved = 1;
	loop_io_want(t->conns.loop, &t->listener, 0);
	loop_timer_start(t->conns.loop, &t->rest, REST);
}

static void
closed(struct conns *conns)
{
	struct transport_fcgi *t = LOOP_OWNER(conns, struct transport_fcgi,
	    conns);

	if (t->starved)
		listen_again(t);
	if (t->closing && conns->count == 0)
		free(t);
}

static void
acceptable(struct loop_io *io, int events)
{
	struct transport_fcgi *t = loop_io_arg(io);
	int i, fd;

	(void)events;
	for (i = 0; i < ACCEPTS; i++) {
		fd = accept4(loop_io_fd(io), NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			serve_open(&t->conns, fd);
			continue;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
		/* Gone before it was accepted; the next one may be fine. */
		if (errno == ECONNABORTED || errno == EINTR)
			continue;
		starve(t, errno);
		return;
	}
}

/* How many connections the descriptors allow. */
static size_t
descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return OTHERS;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		/* Where that is refused the old one holds. */
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur > INT32_MAX)
		limit.rlim_cur = INT32_MAX;
	return limit.rlim_cur > 2 * (rlim_t)OTHERS ?
	    (size_t)limit.rlim_cur - OTHERS :
	    (size_t)limit.rlim_cur / 2;
}

static int64_t
or_default(int64_t value, int64_t otherwise)
{
	return value > 0 ? value : otherwise;
}

static void
configure(struct conns *s, struct loop *loop, const struct fcgi_options *o)
{
	s->loop = loop;
	s->dialect = o->dialect;
	s->mount = o->mount;
	s->limits.params_max = o->params_max > 0 ? o->params_max : PARAMS_MAX;
	s->limits.body_max = o->body_max > 0 ? o->body_max : BODY_MAX;
	s->max = descriptors();
	if (o->connections_max > 0 && o->connections_max < s->max)
		s->max = o->connections_max;
	s->limits.connections = s->max;
	s->term[CONNS_READING] = or_default(o->read_timeout, READ_TIMEOUT);
	s->term[CONNS_WRITING] = or_default(o->write_timeout, WRITE_TIMEOUT);
	s->expire = serve_expire;
	s->resume = serve_resume;
	s->closed = closed;
	conns_init(s);
}

enum lb_err
transport_fcgi_open(struct transport_fcgi **out, struct loop *loop,
    int listen_fd, const struct fcgi_options *options)
{
	struct transport_fcgi *t;
	int flags;

	flags = fcntl(listen_fd, F_GETFL);
	if (flags < 0 || fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return LB_IO;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return LB_NO_MEMORY;
	configure(&t->conns, loop, options);
	loop_timer_init(&t->rest, rested);
	loop_io_init(&t->listener, listen_fd, acceptable, t);
	loop_io_want(loop, &t->listener, LOOP_READ);
	*out = t;
	return LB_OK;
}

int64_t
transport_fcgi_seats(const struct transport_fcgi *t, int64_t wanted)
{
	int64_t most = (int64_t)(t->conns.max - t->conns.max / 4);

	return wanted < most ? wanted : most;
}

void
transport_fcgi_stop_accepting(struct transport_fcgi *t)
{
	struct conns *s = &t->conns;

	s->stopping = 1;
	loop_io_want(s->loop, &t->listener, 0);
	loop_timer_stop(s->loop, &t->rest);
	while (s->lists[CONNS_IDLE] != NULL)
		serve_last(s->lists[CONNS_IDLE]);
}

/* One whose socket is open still; those whose commit is under way stay,
 * closed, in ACTIVE. */
static struct conn *
any_open(const struct conns *s)
{
	struct conn *c;
	int i;

	for (i = 0; i < CONNS__MAX; i++)
		for (c = s->lists[i]; c != NULL; c = c->next)
			if (!conn_has(c, CONN_CLOSED))
				return c;
	return NULL;
}

void
transport_fcgi_close(struct transport_fcgi *t)
{
	struct conn *c;

	if (t == NULL)
		return;
	transport_fcgi_stop_accepting(t);
	while ((c = any_open(&t->conns)) != NULL)
		conn_close(c);
	conns_stop(&t->conns);
	t->closing = 1;
	if (t->conns.count == 0)
		free(t);
}

void
transport_fcgi_stats(const struct transport_fcgi *t, struct fcgi_stats *out)
{
	const struct conns_stats *s = &t->conns.stats;

	*out = (struct fcgi_stats){
		.accepted = s->accepted,
		.requests = s->requests,
		.refused = s->refused,
		.expired = s->expired,
		.broken = s->broken,
		.hung_up = s->hung_up,
		.starved = t->starvations,
		.connections = t->conns.count,
	};
}
