/*
 * dialect_channel_presence: POST /channel/presence: who has come and gone, for
 * an application that asks.  The room is held while somebody listens, or its
 * number would be another room's.
 */
#include <string.h>

#include "dialect_channel_parts.h"

enum { AFTER, WAIT };

static const char *const names[] = {
	[AFTER] = "after",
	[WAIT] = "wait",
	NULL,
};

struct presence {
	struct channel_work work;
	struct room_announce op; /* so that there is a room */
	struct waiter waiter;
	struct postoffice_poll question;
};

static void
finish(struct rooms_work *work)
{
	struct presence *p = (struct presence *)(void *)work;

	if (p->waiter.hall != NULL)
		postoffice_forget(work->mount->po, &p->waiter);
	channel_work_free(&p->work);
}

static struct presence *
of(struct waiter *w)
{
	return (struct presence *)(void *)((char *)w -
	    offsetof(struct presence, waiter));
}

/* The body is {"from":...}: its inside goes on with ours. */
static void
print_event(struct waiter *w, const struct message *m)
{
	struct buf *out = &w->messages;

	if (m->body.n < 2)
		return;
	buf_printf(out, "%s{\"seq\":%lld,\"event\":", out->n > 0 ? "," : "",
	    (long long)m->seq);
	buf_json(out, m->type);
	buf_char(out, ',');
	buf_slice(out, (struct slice){ m->body.p + 1, m->body.n - 2 });
	buf_printf(out, ",\"at\":%lld}", (long long)m->at);
}

static void
answered(struct waiter *w, enum lb_err err)
{
	struct presence *p = of(w);
	struct rooms_mount *m = p->work.base.mount;
	struct buf out;

	if (err == LB_OK && w->messages.failed)
		err = LB_NO_MEMORY;
	if (err != LB_OK) {
		rooms_refuse(p->work.base.ex, err, NULL);
		return;
	}
	buf_init(&out, WAITER_MOST + 1024);
	buf_str(&out, "{\"events\":[");
	buf_slice(&out, buf_as_slice(&w->messages));
	buf_str(&out, "],\"cursor\":\"");
	cursor_print(&out, store_epoch(postoffice_store(m->po)), w->sub.after);
	buf_str(&out, "\",");
	rooms_print_poll(&out, &w->pace);
	rooms_print_losses(&out, w);
	buf_char(&out, '}');
	rooms_answer(p->work.base.ex, 200, &out);
}

static void
committed(struct store_op *op, enum lb_err err)
{
	struct presence *p = (struct presence *)(void *)((char *)op -
	    offsetof(struct presence, op));
	struct rooms_mount *m = p->work.base.mount;
	struct exchange *ex = p->work.base.ex;
	int parked = 0;

	if (!exchange_committed(ex))
		return;
	if (err == LB_OK) {
		waiter_init(&p->waiter, postoffice_hall(m->po));
		p->waiter.print = print_event;
		p->waiter.done = answered;
		err = postoffice_listen(m->po, &p->waiter, &p->question,
		    p->op.room, p->op.floor, m->now, &parked);
	}
	if (err != LB_OK)
		rooms_refuse(ex, err, NULL);
	else if (parked)
		exchange_park(ex);
}

static int
bad(struct presence *p, const char *member, const char *why)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;

	fault.member = slice_of(member);
	fault.why = why;
	rooms_refuse(p->work.base.ex, LB_BAD_REQUEST, &fault);
	return 0;
}

static int
read_presence(struct presence *p)
{
	struct rooms_work *work = &p->work.base;
	struct channel_value v[2];
	int64_t wait = 0;

	if (!channel_read(&p->work, names, v))
		return 0;
	if (v[AFTER].is_there &&
	    (v[AFTER].text.p == NULL ||
		cursor_parse(v[AFTER].text, &p->question.cursor) != LB_OK))
		return bad(p, "after",
		    "It is not a cursor that was given out.");
	if (v[WAIT].is_there && !channel_int(&v[WAIT], 0, 3600, &wait))
		return bad(p, "wait", "It is a number of seconds, 0 to 3600.");
	p->question.wait = wait * 1000;
	p->question.address = rooms_address(work->mount, work->ex->request);
	return 1;
}

void
channel_presence(struct rooms_mount *m, struct exchange *ex)
{
	struct presence *p = channel_work(m, ex, sizeof(*p), finish);

	if (p == NULL || !read_presence(p))
		return;
	p->op.op.done = committed;
	p->op.guard = &p->work.guard.base;
	p->op.namespace = CHANNEL_HERALDS;
	p->op.name = slice_of(p->work.key.name);
	p->op.held_until = m->now->wall + p->question.wait;
	postoffice_announce(m->po, &p->op);
	exchange_commit(ex);
}
