/*
 * transport_fcgi_serve: from what is read to exchanges, and on.
 *
 * What returns int here returns 0 when the connection is freed, and then
 * nobody may touch it.
 */
#include "transport_fcgi_serve.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* The request is whole or given up. */
static int
handle(struct conn *c)
{
	struct conns *s = conn_conns(c);
	struct exchange *ex = &c->exchange;

	if (s->count > s->max)
		intake_give_up(c->intake, LB_BUSY);
	c->id = c->intake->id;
	conn_clear(c, CONN_KEEP);
	if (c->intake->keep)
		conn_set(c, CONN_KEEP);
	intake_request(c->intake, &c->intake->request);
	ex->request = &c->intake->request;
	s->stats.requests++;
	if (ex->request->refused != LB_OK)
		s->stats.refused++;
	if (c->list != CONNS_ACTIVE)
		conns_move(s, c, CONNS_ACTIVE);
	conn_enter(c);
	exchange_handle(ex);
	return conn_leave(c);
}

static int
react(struct conn *c, enum intake_event event)
{
	const struct buf *answer = &c->intake->answer;

	switch (event) {
	case INTAKE_WHOLE:
		return handle(c);
	case INTAKE_ABORT:
		conn_say_end(c);
		return conn_hang_up(c);
	case INTAKE_ANSWER:
		conn_say(c, answer->p, answer->n);
		if (!conn_has(c, CONN_BROKEN))
			return 1;
		break;
	case INTAKE_LAST:
		conn_say(c, answer->p, answer->n);
		break;
	case INTAKE_BROKEN:
		conn_conns(c)->stats.broken++;
		break;
	default:
		return 1;
	}
	conn_close(c);
	return 0;
}

static enum intake_mode
mode(const struct conn *c)
{
	switch (c->exchange.state) {
	case EXCHANGE_READING:
		return INTAKE_FREE;
	case EXCHANGE_PARKED:
		return INTAKE_BUSY;
	default:
		return INTAKE_SOON;
	}
}

static int
need_intake(struct conn *c)
{
	if (c->intake == NULL &&
	    (c->intake = malloc(sizeof(*c->intake))) != NULL)
		intake_init(c->intake, &conn_conns(c)->limits);
	return c->intake != NULL;
}

/* What was read, request by request. */
static void
feed(struct conn *c, const char *p, size_t n)
{
	enum intake_event event;
	size_t used;

	while (n > 0) {
		if (!need_intake(c)) {
			conn_close(c);
			return;
		}
		event = intake_feed(c->intake, mode(c), c->id, p, n, &used);
		p += used;
		n -= used;
		if (event == INTAKE_HELD) {
			buf_add(&c->intake->rest, p, n);
			break;
		}
		if (!react(c, event))
			return;
	}
	if (mode(c) != INTAKE_SOON && c->intake != NULL &&
	    intake_empty(c->intake) && !conn_is_held(c))
		conn_free_intake(c);
	conn_settle(c);
}

static void
receive(struct conn *c)
{
	struct conns *s = conn_conns(c);
	ssize_t n;

	n = recv(loop_io_fd(&c->io), s->scratch, sizeof(s->scratch),
	    MSG_DONTWAIT);
	if (n > 0) {
		feed(c, s->scratch, (size_t)n);
	} else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		conn_settle(c);
	} else if (n == 0 && c->exchange.state == EXCHANGE_REPLYING) {
		/* It may read on although it sends no more. */
		conn_set(c, CONN_DEAF);
		conn_watch(c);
	} else {
		conn_say_end(c);
		conn_close(c);
	}
}

void
serve_last(struct conn *c)
{
	struct conns *s = conn_conns(c);
	ssize_t n = recv(loop_io_fd(&c->io), s->scratch, sizeof(s->scratch),
	    MSG_DONTWAIT);

	if (n > 0)
		feed(c, s->scratch, (size_t)n);
	else
		conn_close(c);
}

/* The socket takes more. */
static int
flush(struct conn *c)
{
	struct conns *s = conn_conns(c);
	int moved;

	if (!out_flush(&c->out, loop_io_fd(&c->io), &moved)) {
		conn_close(c);
		return 0;
	}
	if (c->out != NULL) {
		if (moved)
			conns_move(s, c, CONNS_WRITING);
		return 1;
	}
	if (c->exchange.state == EXCHANGE_REPLYING) {
		conn_enter(c);
		exchange_sent(&c->exchange);
		if (!conn_leave(c))
			return 0;
	}
	conn_go_on(c);
	return 1;
}

static void
ready(struct loop_io *io, int events)
{
	struct conn *c = LOOP_OWNER(io, struct conn, io);

	if (events & LOOP_WRITE && c->out != NULL && !flush(c))
		return;
	if (events & LOOP_READ && !conn_is_held(c))
		receive(c);
}

void
serve_expire(struct conn *c)
{
	if (c->list != CONNS_READING || c->intake == NULL ||
	    !intake_begun(c->intake)) {
		conn_close(c);
		return;
	}
	intake_give_up(c->intake, LB_TIMEOUT);
	if (handle(c))
		conn_settle(c);
}

void
serve_resume(struct conn *c)
{
	struct buf rest;

	conns_move(conn_conns(c), c, CONNS_ACTIVE);
	if (conn_has(c, CONN_BROKEN)) {
		conn_close(c);
		return;
	}
	if (!conn_is_held(c)) {
		conn_settle(c);
		return;
	}
	rest = c->intake->rest;
	buf_init(&c->intake->rest, rest.max);
	feed(c, rest.p, rest.n);
	buf_reset(&rest);
}

void
serve_open(struct conns *s, int fd)
{
	struct conn *c;

	if ((c = calloc(1, sizeof(*c))) == NULL) {
		close(fd);
		return;
	}
	loop_io_init(&c->io, fd, ready, s);
	exchange_init(&c->exchange, &conn_transport, s->dialect, s->mount);
	conns_add(s, c, CONNS_IDLE);
	s->count++;
	s->stats.accepted++;
	receive(c);
}
