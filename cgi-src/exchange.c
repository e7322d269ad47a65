/*
 * exchange: see exchange.h.
 */
#include "exchange.h"

#include <assert.h>
#include <string.h>

#define HEAD_MAX 4096

/* clang-format off */
#define TO(state) (1u << EXCHANGE_##state)

/* Where each state may lead. */
static const unsigned transitions[EXCHANGE__MAX] = {
	[EXCHANGE_READING] = TO(HANDLING) | TO(DONE),
	[EXCHANGE_HANDLING] = TO(COMMITTING) | TO(PARKED) | TO(REPLYING) |
	    TO(DONE),
	[EXCHANGE_COMMITTING] = TO(PARKED) | TO(REPLYING) | TO(DONE),
	[EXCHANGE_PARKED] = TO(COMMITTING) | TO(REPLYING) | TO(DONE),
	[EXCHANGE_REPLYING] = TO(DONE),
	[EXCHANGE_DONE] = 0,
};
/* clang-format on */

static void
set_state(struct exchange *ex, enum exchange_state state)
{
	assert(transitions[ex->state] & (1u << state));
	ex->state = state;
}

void
exchange_init(struct exchange *ex, const struct transport *transport,
    const struct dialect *dialect, void *mount)
{
	memset(ex, 0, sizeof(*ex));
	ex->state = EXCHANGE_READING;
	ex->transport = transport;
	ex->dialect = dialect;
	ex->mount = mount;
	buf_init(&ex->head, HEAD_MAX);
}

void
exchange_handle(struct exchange *ex)
{
	set_state(ex, EXCHANGE_HANDLING);
	ex->dialect->handle(ex->mount, ex);
}

void
exchange_pass(struct exchange *ex, const struct dialect *dialect, void *mount)
{
	ex->dialect = dialect;
	ex->mount = mount;
	dialect->handle(mount, ex);
}

/* Frees what hangs on a finished exchange, when no operation still may. */
static void
end(struct exchange *ex)
{
	if (ex->committing > 0)
		return;
	ex->dialect->finish(ex->mount, ex);
	ex->work = NULL;
	buf_reset(&ex->head);
	ex->transport->release(ex);
}

void
exchange_commit(struct exchange *ex)
{
	if (ex->state != EXCHANGE_COMMITTING)
		set_state(ex, EXCHANGE_COMMITTING);
	ex->committing++;
}

int
exchange_committed(struct exchange *ex)
{
	ex->committing--;
	if (ex->state != EXCHANGE_DONE)
		return 1;
	end(ex);
	return 0;
}

void
exchange_park(struct exchange *ex)
{
	set_state(ex, EXCHANGE_PARKED);
	ex->transport->parked(ex);
	ex->request = NULL;
}

/* Status and headers common to all replies. */
static void
print_head(struct exchange *ex, struct buf *out, int status, const char *type)
{
	buf_str(out, "Status: ");
	buf_int(out, status);
	buf_char(out, ' ');
	buf_str(out, ex->phrase != NULL ? ex->phrase : http_phrase(status));
	buf_str(out, "\r\nCache-Control: ");
	buf_str(out, ex->cache != NULL ? ex->cache : "no-store");
	buf_str(out,
	    "\r\nX-Content-Type-Options: nosniff\r\n"
	    "Referrer-Policy: no-referrer\r\n");
	/* A reply is data, whatever a browser may think of it; a page has a
	 * policy of its own, which a 304 must not replace. */
	if (status != 304 &&
	    (type == NULL || !slice_starts(slice_of(type), "text/html")))
		buf_str(out,
		    "Content-Security-Policy: default-src 'none'; "
		    "frame-ancestors 'none'\r\n");
	if (type != NULL) {
		buf_str(out, "Content-Type: ");
		buf_str(out, type);
		buf_str(out, "\r\n");
	}
	buf_slice(out, buf_as_slice(&ex->head));
}

void
exchange_reply(struct exchange *ex, const struct reply *reply)
{
	const struct slice no_memory = SLICE("Status: 503 Service Unavailable"
					     "\r\nRetry-After: 1\r\n"
					     "Content-Length: 0\r\n\r\n");
	struct slice parts[2];
	struct buf head;

	buf_init(&head, 2 * HEAD_MAX);
	print_head(ex, &head, reply->status, reply->type);
	if (reply->status != 204 && reply->status != 304) {
		buf_str(&head, "Content-Length: ");
		buf_int(&head, (int64_t)reply->body.n);
		buf_str(&head, "\r\n");
	}
	buf_str(&head, "\r\n");
	parts[0] = buf_as_slice(&head);
	parts[1] = reply->body;
	if (head.failed || ex->head.failed) {
		/* Half a head is no reply. */
		parts[0] = no_memory;
		parts[1].n = 0;
	}
	set_state(ex, EXCHANGE_REPLYING);
	ex->transport->send(ex, parts, parts[1].n > 0 ? 2 : 1, 1);
	buf_reset(&head);
}

void
exchange_stream(struct exchange *ex, const char *type)
{
	struct slice part;
	struct buf head;

	buf_init(&head, 2 * HEAD_MAX);
	print_head(ex, &head, 200, type);
	/* nginx passes a stream on unbuffered when it is told so. */
	buf_str(&head, "X-Accel-Buffering: no\r\n\r\n");
	part = buf_as_slice(&head);
	if (ex->state != EXCHANGE_PARKED)
		exchange_park(ex);
	ex->transport->send(ex, &part, 1, 0);
	buf_reset(&head);
}

void
exchange_write(struct exchange *ex, struct slice bytes, int last)
{
	if (last)
		set_state(ex, EXCHANGE_REPLYING);
	ex->transport->send(ex, &bytes, 1, last);
}

void
exchange_sent(struct exchange *ex)
{
	set_state(ex, EXCHANGE_DONE);
	end(ex);
}

void
exchange_hangup(struct exchange *ex)
{
	if (ex->state == EXCHANGE_DONE)
		return;
	set_state(ex, EXCHANGE_DONE);
	end(ex);
}
