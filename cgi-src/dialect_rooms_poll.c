/*
 * dialect_rooms_poll: GET /rooms/{room}/messages, as a long poll and as a
 * stream of server-sent events (HTML, section 9.2).
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "dialect_rooms_parts.h"

#define STREAM "text/event-stream"

struct poll {
	struct rooms_work work;
	struct waiter waiter;
};

/* A lapsed peer that polls comes back first. */
struct back {
	struct room_join op;
	struct exchange *ex;
	struct rooms_mount *mount;
	struct postoffice_poll question;
};

static struct poll *
of(struct waiter *w)
{
	return (
	    struct poll *)(void *)((char *)w - offsetof(struct poll, waiter));
}

static void
finish(struct rooms_work *work)
{
	struct poll *p = (struct poll *)(void *)work;

	postoffice_forget(p->work.mount->po, &p->waiter);
	rooms_work_free(work);
}

/* ---- a long poll's answer ---- */

static void
answered(struct waiter *w, enum lb_err err)
{
	struct poll *p = of(w);
	struct buf out;

	if (err == LB_OK && w->messages.failed)
		err = LB_NO_MEMORY;
	if (err != LB_OK) {
		rooms_refuse(p->work.ex, err, NULL);
		return;
	}
	buf_init(&out, WAITER_MOST + 1024);
	buf_char(&out, '{');
	rooms_print_poll(&out, &w->pace);
	rooms_print_messages(&out, p->work.mount, w);
	rooms_print_losses(&out, w);
	buf_char(&out, '}');
	rooms_answer(p->work.ex, 200, &out);
}

/* ---- a stream's events ---- */

static void
print_event(struct waiter *w, const struct message *m)
{
	struct buf *out = &w->messages;
	size_t start;

	buf_str(out, "id: ");
	cursor_print(out, store_epoch(postoffice_store(of(w)->work.mount->po)),
	    m->seq);
	buf_str(out, "\ndata: ");
	start = out->n;
	/* A body may hold line ends between its tokens; JSON takes a space
	 * there as well, and an event's data must stand on one line. */
	message_print(out, m);
	for (size_t i = start; i < out->n; i++)
		if (out->p[i] == '\n' || out->p[i] == '\r')
			out->p[i] = ' ';
	buf_str(out, "\n\n");
}

/* How it ended, and from where to go on: unless the last messages could not be
 * written or the log is another one, since then the reader's last id says it. */
static void
print_end(struct poll *p, struct buf *out, enum lb_err err)
{
	int has_place = !p->waiter.messages.failed && err != LB_BUSY;

	buf_str(out, "event: ");
	buf_str(out, err == LB_SUPERSEDED ? "superseded" : "pause");
	if (has_place) {
		buf_str(out, "\nid: ");
		cursor_print(out,
		    store_epoch(postoffice_store(p->work.mount->po)),
		    p->waiter.sub.after);
	}
	buf_str(out, "\ndata: ");
	rooms_print_pace(out, &p->waiter.pace);
	buf_str(out, "\n\n");
}

static void
streamed(struct waiter *w, enum lb_err err)
{
	struct poll *p = of(w);
	struct exchange *ex = p->work.ex;
	struct buf out;

	if (ex->state == EXCHANGE_HANDLING || ex->state == EXCHANGE_COMMITTING)
		exchange_stream(ex, STREAM);
	if (w->gap)
		exchange_write(ex, SLICE("event: gap\ndata: {}\n\n"), 0);
	if (w->reset)
		exchange_write(ex, SLICE("event: reset\ndata: {}\n\n"), 0);
	if (w->count > 0 && !w->messages.failed)
		exchange_write(ex, buf_as_slice(&w->messages), 0);
	if (w->parked)
		return;
	buf_init(&out, 1024);
	print_end(p, &out, err);
	exchange_write(ex, buf_as_slice(&out), 1);
	buf_reset(&out);
}

/* ---- asking ---- */

static void start(struct exchange *ex, struct rooms_mount *m,
    const struct postoffice_poll *q);

static void
came_back(struct store_op *op, enum lb_err err)
{
	struct back *b = (struct back *)(void *)op;

	if (exchange_committed(b->ex)) {
		if (err == LB_OK)
			start(b->ex, b->mount, &b->question);
		else
			rooms_refuse(b->ex, err, NULL);
	}
	free(b);
}

static void
come_back(struct exchange *ex, struct rooms_mount *m,
    const struct postoffice_poll *q)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct back *b = calloc(1, sizeof(*b));
	enum lb_err err = LB_NO_MEMORY;

	if (b != NULL) {
		b->ex = ex;
		b->mount = m;
		b->question = *q;
		b->op.op.done = came_back;
		b->op.namespace = q->namespace;
		b->op.name = q->name;
		b->op.token = q->token;
		err = postoffice_join(m->po, &b->op, q->address, m->now,
		    &fault.retry_ms);
	}
	if (err == LB_OK) {
		exchange_commit(ex);
		return;
	}
	free(b);
	rooms_refuse(ex, err, &fault);
}

static void
start(struct exchange *ex, struct rooms_mount *m,
    const struct postoffice_poll *q)
{
	int is_stream = http_accepts(ex->request->accept, STREAM), parked;
	struct poll *p = rooms_work(m, ex, sizeof(*p), finish);
	enum lb_err err;

	if (p == NULL)
		return;
	waiter_init(&p->waiter, postoffice_hall(m->po));
	p->waiter.print = is_stream ? print_event : rooms_print_message;
	p->waiter.done = is_stream ? streamed : answered;
	p->waiter.is_stream = is_stream ? 1 : 0;
	err = postoffice_poll(m->po, &p->waiter, q, m->now, &parked);
	if (err == LB_NOT_FOUND) {
		ex->work = NULL;
		finish(&p->work);
		come_back(ex, m, q);
	} else if (err != LB_OK) {
		rooms_refuse(ex, err, NULL);
	} else if (parked && is_stream) {
		exchange_stream(ex, STREAM);
		exchange_write(ex, SLICE(": open\n\n"), 0);
	} else if (parked) {
		exchange_park(ex);
	}
}

int64_t
rooms_wait(struct exchange *ex)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct buf text;
	int64_t wait = 0;
	enum lb_err err;

	buf_init(&text, 64);
	err = http_query(ex->request->query, "wait", &text);
	if (err == LB_OK)
		err = text.n > 0 && text.p[0] >= '0' && text.p[0] <= '9' ?
		    json_int(buf_as_slice(&text), 0, 3600, &wait) :
		    LB_BAD_REQUEST;
	else if (err == LB_NOT_FOUND)
		wait = http_prefer_wait(ex->request->prefer);
	buf_reset(&text);
	if (err == LB_OK || err == LB_NOT_FOUND)
		return wait > 0 ? wait * 1000 : 0;
	if (err == LB_NO_MEMORY) {
		rooms_refuse(ex, err, NULL);
		return -1;
	}
	fault.member = SLICE("wait");
	fault.why = "It is a number of seconds, 0 to 3600.";
	rooms_refuse(ex, LB_BAD_REQUEST, &fault);
	return -1;
}

int
rooms_after(struct exchange *ex, struct cursor *out)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct slice text;
	struct buf after;
	enum lb_err err;

	memset(out, 0, sizeof(*out));
	buf_init(&after, 128);
	err = http_query(ex->request->query, "after", &after);
	text = err == LB_OK ? buf_as_slice(&after) : ex->request->last_event_id;
	if (err == LB_OK || (err == LB_NOT_FOUND && text.n > 0))
		err = cursor_parse(text, out);
	buf_reset(&after);
	if (err == LB_OK || err == LB_NOT_FOUND)
		return 1;
	if (err == LB_NO_MEMORY) {
		rooms_refuse(ex, err, NULL);
		return 0;
	}
	fault.member = SLICE("after");
	fault.why = "It is not a cursor that was given out.";
	rooms_refuse(ex, LB_BAD_REQUEST, &fault);
	return 0;
}

void
rooms_poll(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct slice token = http_token(ex->request);
	struct postoffice_poll q = { .namespace = ROOM_NAMESPACE };

	if (token.p == NULL || token.n != TOKEN_TEXT) {
		rooms_refuse(ex, LB_NOT_A_MEMBER, NULL);
		return;
	}
	token_sha256(&q.token, token);
	q.name = match->room;
	q.address = rooms_address(m, ex->request);
	if (!rooms_after(ex, &q.cursor))
		return;
	q.wait = rooms_wait(ex);
	if (q.wait >= 0)
		start(ex, m, &q);
}
