/*
 * transport_fcgi_conn: see transport_fcgi_conn.h.
 */
#include "transport_fcgi_conn.h"

#include <stdlib.h>
#include <unistd.h>

struct conns *
conn_conns(const struct conn *c)
{
	return loop_io_arg(&c->io);
}

int
conn_has(const struct conn *c, unsigned flags)
{
	return (c->flags & flags) != 0;
}

void
conn_set(struct conn *c, unsigned flags)
{
	c->flags = (uint8_t)(c->flags | flags);
}

void
conn_clear(struct conn *c, unsigned flags)
{
	c->flags = (uint8_t)(c->flags & ~flags);
}

int
conn_is_held(const struct conn *c)
{
	return c->intake != NULL && c->intake->rest.n > 0;
}

void
conn_watch(struct conn *c)
{
	int events = 0;

	if (conn_has(c, CONN_CLOSED))
		return;
	if (!conn_has(c, CONN_BROKEN | CONN_DEAF) && !conn_is_held(c))
		events |= LOOP_READ;
	if (!conn_has(c, CONN_BROKEN) && c->out != NULL)
		events |= LOOP_WRITE;
	loop_io_want(conn_conns(c)->loop, &c->io, events);
}

static void
shut(struct conn *c)
{
	if (conn_has(c, CONN_CLOSED))
		return;
	loop_io_want(conn_conns(c)->loop, &c->io, 0);
	close(loop_io_fd(&c->io));
	conn_set(c, CONN_CLOSED | CONN_BROKEN);
}

void
conn_free_intake(struct conn *c)
{
	if (c->intake != NULL)
		intake_reset(c->intake);
	free(c->intake);
	c->intake = NULL;
}

/* Frees the request, and the reader with it when it is between records. */
static void
end_request(struct conn *c)
{
	if (c->intake == NULL)
		return;
	intake_request_end(c->intake);
	if (intake_empty(c->intake) && !conn_is_held(c))
		conn_free_intake(c);
}

static void
destroy(struct conn *c)
{
	struct conns *s = conn_conns(c);

	shut(c);
	conns_remove(s, c);
	conn_free_intake(c);
	out_free(&c->out);
	free(c);
	s->count--;
	s->closed(s);
}

void
conn_settle(struct conn *c)
{
	struct conns *s = conn_conns(c);
	const int reading = c->exchange.state == EXCHANGE_READING;
	enum conns_list list = CONNS_ACTIVE;

	if (c->list == CONNS_LATER)
		return;
	if (c->out != NULL)
		list = CONNS_WRITING;
	else if (reading)
		list = conn_has(c, CONN_USED) && c->intake == NULL ?
		    CONNS_IDLE :
		    CONNS_READING;
	/* In the same list the term goes on. */
	if (c->list != list)
		conns_move(s, c, list);
	/* A commit ends with the turn: not worth telling the loop, unless it
	 * knows the descriptor already. */
	if (reading || c->out != NULL || c->exchange.state == EXCHANGE_PARKED ||
	    conn_has(c, CONN_USED))
		conn_watch(c);
}

/* The exchange has ended: close, or make ready for the next request. */
static int
finish(struct conn *c)
{
	struct conns *s = conn_conns(c);

	conn_clear(c, CONN_RELEASED);
	if (conn_has(c, CONN_BROKEN | CONN_DEAF) || !conn_has(c, CONN_KEEP) ||
	    s->stopping) {
		destroy(c);
		return 0;
	}
	conn_set(c, CONN_USED);
	end_request(c);
	exchange_init(&c->exchange, c->exchange.transport, s->dialect,
	    s->mount);
	return 1;
}

void
conn_enter(struct conn *c)
{
	conn_set(c, CONN_ENTERED);
}

int
conn_leave(struct conn *c)
{
	conn_clear(c, CONN_ENTERED);
	return conn_has(c, CONN_RELEASED) ? finish(c) : 1;
}

void
conn_go_on(struct conn *c)
{
	/* Not here: we may be in the middle of a turn. */
	if (conn_is_held(c))
		conns_move(conn_conns(c), c, CONNS_LATER);
	else
		conn_settle(c);
}

int
conn_hang_up(struct conn *c)
{
	if (c->exchange.state == EXCHANGE_DONE)
		return 1;
	if (c->exchange.state != EXCHANGE_READING)
		conn_conns(c)->stats.hung_up++;
	conn_enter(c);
	exchange_hangup(&c->exchange);
	return conn_leave(c);
}

void
conn_close(struct conn *c)
{
	shut(c);
	if (conn_hang_up(c) && c->list != CONNS_ACTIVE)
		conns_move(conn_conns(c), c, CONNS_ACTIVE);
}

/* A write failed, or is not worth trying. */
static void
lose(struct conn *c)
{
	conn_set(c, CONN_BROKEN);
	out_free(&c->out);
	conn_watch(c);
}

void
conn_say(struct conn *c, const void *records, size_t n)
{
	if (!conn_has(c, CONN_BROKEN) &&
	    !out_bytes(&c->out, loop_io_fd(&c->io), records, n))
		lose(c);
}

void
conn_say_end(struct conn *c)
{
	FCGI_EndRequestRecord end;

	if (c->exchange.state != EXCHANGE_COMMITTING &&
	    c->exchange.state != EXCHANGE_PARKED)
		return;
	end = record_end_request(c->id, FCGI_REQUEST_COMPLETE);
	conn_say(c, &end, sizeof(end));
}

static void
send_parts(struct exchange *ex, const struct slice *parts, size_t count,
    int last)
{
	struct conn *c = (struct conn *)ex;

	if (!conn_has(c, CONN_BROKEN) &&
	    !out_reply(&c->out, loop_io_fd(&c->io), c->id, parts, count, last))
		lose(c);
	if (last && c->out == NULL) {
		exchange_sent(ex);
		return;
	}
	/* Whoever writes a stream goes on with it when we return: its
	 * exchange must not end under its hands. */
	if (conn_has(c, CONN_BROKEN))
		conns_move(conn_conns(c), c, CONNS_LATER);
	else if (c->out != NULL && !conn_has(c, CONN_ENTERED))
		conn_settle(c);
}

static void
parked(struct exchange *ex)
{
	struct conn *c = (struct conn *)ex;

	end_request(c);
	if (conn_has(c, CONN_ENTERED))
		return;
	/* What was held may be an abort behind another request. */
	if (conn_is_held(c))
		conns_move(conn_conns(c), c, CONNS_LATER);
	conn_watch(c);
}

static void
release(struct exchange *ex)
{
	struct conn *c = (struct conn *)ex;

	if (conn_has(c, CONN_ENTERED))
		conn_set(c, CONN_RELEASED);
	else if (finish(c))
		conn_go_on(c);
}

const struct transport conn_transport = { send_parts, parked, release };
